//! Ways of matching: how far beyond its own canonical value an entry reaches. What is reached is the same identifier
//! for certain (a page under a web address, a host under a domain) or possibly (a mailbox under another spelling).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Kind, selector::words};

/// How an entry matches.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Way {
    /// Its canonical value and nothing else. The only way of wallets, images, phrases and patterns.
    Exact,
    /// Phone: also the same last digits where the country of the number found is a guess. Possible.
    Trailing,
    /// Phone: also the same last digits in any country. For a number whose own country is unknown. Possible.
    AnyCountry,
    /// E-mail: also the other spellings that its provider takes for the same mailbox. Possible.
    Mailbox,
    /// Handle: also the same name where it was found without a platform. Possible.
    Platform,
    /// Handle: also the same name on any platform. Possible.
    AnyPlatform,
    /// URL: the page, whatever the scheme, a leading `www.` and one last slash.
    Page,
    /// URL: the page, and also every address below it.
    Prefix,
    /// Domain: the registrable domain and everything under it, e-mail addresses among it.
    Subdomains,
    /// Domain: one host, which need not be registrable, and everything under it. The usual way of a host that was written
    /// with more than its domain.
    Host,
}

words!(
    Way, "way of matching",
    Exact => "exact", Trailing => "trailing", AnyCountry => "any_country", Mailbox => "mailbox",
    Platform => "platform", AnyPlatform => "any_platform", Page => "page", Prefix => "prefix", Subdomains => "subdomains",
    Host => "host",
);

impl Way {
    /// The ways of a kind, the usual one first.
    pub fn of(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Phone => &[Self::Trailing, Self::AnyCountry, Self::Exact],
            Kind::Email => &[Self::Mailbox, Self::Exact],
            Kind::Handle => &[Self::Platform, Self::AnyPlatform, Self::Exact],
            Kind::Url => &[Self::Page, Self::Prefix, Self::Exact],
            Kind::Domain => &[Self::Subdomains, Self::Host, Self::Exact],
            Kind::Wallet | Kind::Image | Kind::Phrase | Kind::Pattern => &[Self::Exact],
        }
    }

    /// The way in which an entry of a kind matches where nobody says.
    pub fn usual(kind: Kind) -> Self {
        Self::of(kind).first().copied().unwrap_or(Self::Exact)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_can_be_exact_and_every_way_is_of_a_kind() {
        for kind in Kind::ALL {
            assert!(Way::of(kind).contains(&Way::Exact), "{kind}");
            assert_eq!(Way::usual(kind), Way::of(kind)[0]);
        }
        for way in Way::ALL {
            assert!(
                Kind::ALL.iter().any(|kind| Way::of(*kind).contains(way)),
                "{way}"
            );
        }
    }
}
