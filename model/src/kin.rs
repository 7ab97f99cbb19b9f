//! Kin: what selectors have in common that may be one and the same. The store indexes it and the matcher looks it up, so
//! that a hunt finds what a crawl would have found.

use std::borrow::Cow;

use crate::{Kind, Selector};

/// The fewest national digits of a telephone number that are compared.
pub const LEAST_DIGITS: usize = 8;

/// What is common to the addresses of one mailbox, as the provider itself explains.
struct Provider {
    /// The domains whose addresses are interchangeable. The first stands for all of them.
    domains: &'static [&'static str],
    /// Characters of the local part that make no difference.
    ignored: &'static [char],
}

/// Providers of public mailboxes that leave out what follows a plus sign, each with the page that says so.
const PROVIDERS: [Provider; 8] = [
    // Dots make no difference: support.google.com/mail/answer/7436150; the domains are one: answer/10313.
    Provider {
        domains: &["gmail.com", "googlemail.com"],
        ignored: &['.'],
    },
    // learn.microsoft.com/exchange/recipients-in-exchange-online/plus-addressing-in-exchange-online. Each domain has
    // mailboxes of its own, and dots count.
    Provider {
        domains: &["outlook.com"],
        ignored: &[],
    },
    Provider {
        domains: &["hotmail.com"],
        ignored: &[],
    },
    Provider {
        domains: &["live.com"],
        ignored: &[],
    },
    // A name is one person's on all four: proton.me/support/addresses-and-aliases.
    Provider {
        domains: &["proton.me", "protonmail.com", "protonmail.ch", "pm.me"],
        ignored: &[],
    },
    // www.fastmail.help/hc/en-us/articles/360060591053.
    Provider {
        domains: &["fastmail.com"],
        ignored: &[],
    },
    Provider {
        domains: &["fastmail.fm"],
        ignored: &[],
    },
    // A name is one person's on all of them: yandex.com/support/id/authorization/email.html.
    Provider {
        domains: &["yandex.ru", "yandex.com", "ya.ru", "yandex.by", "yandex.kz"],
        ignored: &[],
    },
];

impl Selector {
    /// What this selector shares with those that may be the same identifier, if there can be any: the last
    /// [`LEAST_DIGITS`] digits of a telephone number, the mailbox of an e-mail address, the name of a handle, the
    /// host of a URL.
    pub fn kin(&self) -> Option<Cow<'_, str>> {
        match self.kind {
            Kind::Phone => {
                let digits = self.value.trim_start_matches('+');
                let last = digits.len().checked_sub(LEAST_DIGITS)?;
                digits.get(last..).map(Cow::Borrowed)
            }
            Kind::Email => mailbox(&self.value).map(Cow::Owned),
            Kind::Handle => {
                let (_, name) = self.value.split_once('/')?;
                Some(Cow::Borrowed(name))
            }
            Kind::Url => url_host(&self.value).map(Cow::Borrowed),
            Kind::Domain | Kind::Wallet | Kind::Image | Kind::Phrase | Kind::Pattern => None,
        }
    }
}

/// The mailbox that an address leads to, where its provider is known to give one mailbox many spellings.
fn mailbox(address: &str) -> Option<String> {
    let (local, domain) = address.rsplit_once('@')?;
    let provider = PROVIDERS
        .iter()
        .find(|provider| provider.domains.contains(&domain))?;
    let (name, _tag) = local.split_once('+').unwrap_or((local, ""));
    let mut mailbox = name.replace(provider.ignored, "");
    if mailbox.is_empty() {
        return None;
    }
    mailbox.push('@');
    mailbox.push_str(provider.domains.first()?);
    Some(mailbox)
}

/// The host of a URL, without its port; an address of IPv6 keeps its brackets.
pub fn url_host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority
        .rsplit_once('@')
        .map_or(authority, |(_, host)| host);
    let host = match host.starts_with('[') {
        true => host.split_inclusive(']').next()?,
        false => host.split_once(':').map_or(host, |(host, _)| host),
    };
    (!host.is_empty()).then_some(host)
}

/// The digits of an E.164 number behind its country code, without leading zeros; all of them where the number has no
/// plus sign, since its country is unknown then. Country codes are those of ITU-T E.164: none is the beginning of
/// another.
pub fn national_digits(number: &str) -> &str {
    let Some(digits) = number.strip_prefix('+') else {
        return number.trim_start_matches('0');
    };
    let code = match digits.as_bytes() {
        [b'1' | b'7', ..] => 1,
        [b'2', b'0' | b'7', ..]
        | [b'3', b'0'..=b'4' | b'6' | b'9', ..]
        | [b'4', b'0' | b'1' | b'3'..=b'9', ..]
        | [b'5', b'1'..=b'8', ..]
        | [b'6', b'0'..=b'6', ..]
        | [b'8', b'1' | b'2' | b'4' | b'6', ..]
        | [b'9', b'0'..=b'5' | b'8', ..] => 2,
        _ => 3,
    };
    digits.get(code..).unwrap_or("").trim_start_matches('0')
}

/// How many last digits two numbers share, if that is enough to be one number in two countries: the national digits of
/// one end those of the other, at least nine of them, or eight where neither has more.
pub fn same_last_digits(one: &str, other: &str) -> Option<usize> {
    let (one, other) = (national_digits(one), national_digits(other));
    let (short, long) = match one.len() <= other.len() {
        true => (one, other),
        false => (other, one),
    };
    let is_enough =
        short.len() > LEAST_DIGITS || short.len() == LEAST_DIGITS && long.len() == short.len();
    (is_enough && long.ends_with(short)).then_some(short.len())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn kin() {
        for (kind, value, kin) in [
            (Kind::Phone, "+442079460123", Some("79460123")),
            (Kind::Phone, "7700900123", Some("00900123")),
            (Kind::Phone, "+112", None),
            (Kind::Email, "lo.tus+ads@gmail.com", Some("lotus@gmail.com")),
            (Kind::Email, "lotus@googlemail.com", Some("lotus@gmail.com")),
            (
                Kind::Email,
                "lo.tus+ads@outlook.com",
                Some("lo.tus@outlook.com"),
            ),
            (Kind::Email, "lo.tus+ads@example.com", None),
            (Kind::Email, "+x@gmail.com", None),
            (Kind::Handle, "instagram/lotus", Some("lotus")),
            (Kind::Url, "https://ads.example/a/b", Some("ads.example")),
            (
                Kind::Url,
                "https://me@ads.example:8443?x",
                Some("ads.example"),
            ),
            (Kind::Url, "http://[2001:db8::1]:80/", Some("[2001:db8::1]")),
            (Kind::Domain, "ads.example", None),
        ] {
            assert_eq!(Selector::new(kind, value).kin().as_deref(), kin, "{value}");
        }
    }

    #[test]
    fn last_digits() {
        for (one, other, shared) in [
            ("+442079460123", "+492079460123", Some(10)),
            // The zero that Italy keeps, and the country that nobody wrote.
            ("+390612345678", "+33612345678", Some(9)),
            ("07700900123", "+447700900123", Some(10)),
            ("7700900123", "+17700900123", Some(10)),
            ("+12025550123", "+12025550124", None),
            ("+12025550123", "+443025550123", None),
            // Eight digits are enough where neither number has more.
            ("+4532123456", "+4732123456", Some(8)),
            ("+4532123456", "+33632123456", None),
            ("+3545551234", "+2975551234", None),
        ] {
            assert_eq!(same_last_digits(one, other), shared, "{one} {other}");
            assert_eq!(same_last_digits(other, one), shared, "{other} {one}");
        }
    }

    #[test]
    fn what_shares_its_last_digits_is_kin() {
        let numbers = [
            "+442079460123",
            "+492079460123",
            "2079460123",
            "+4532123456",
            "+4732123456",
        ];
        for (one, other) in numbers
            .iter()
            .flat_map(|one| numbers.map(|other| (*one, other)))
        {
            let kin = |number| {
                Selector::new(Kind::Phone, number)
                    .kin()
                    .map(Cow::into_owned)
            };
            assert!(same_last_digits(one, other).is_none() || kin(one) == kin(other));
        }
    }

    #[test]
    fn a_domain_is_of_one_provider() {
        let domains: Vec<_> = PROVIDERS.iter().flat_map(|one| one.domains).collect();
        assert_eq!(domains.iter().collect::<BTreeSet<_>>().len(), domains.len());
    }
}
