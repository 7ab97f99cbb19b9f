//! What elements keep in their data until somebody presses them: numbers behind "show", and what a button copies.

use std::borrow::Cow;

use scraper::node::Element;

use url::Url;

use super::{
    contact::{Carries, WRITTEN, holds, plain, written_out},
    scripts::{Place, What, is_pressing, of_event},
};

/// How much an element says, in bytes, that shows a number when it is pressed: a button, and no whole ad.
const SHOWN: usize = 80;

/// What an element shows to whoever presses it, or copies for them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Kept<'e> {
    /// A telephone number.
    Number(Cow<'e, str>),
    /// Anything else that is one word: an address, a name, a wallet.
    Word(Cow<'e, str>),
    /// The address to which it leads.
    Leads(Cow<'e, str>),
    /// A few words with a number or an address among them.
    Said(String),
}

impl Kept<'_> {
    /// The same, by itself.
    fn owned(self) -> Kept<'static> {
        match self {
            Self::Number(text) => Kept::Number(text.into_owned().into()),
            Self::Word(text) => Kept::Word(text.into_owned().into()),
            Self::Leads(text) => Kept::Leads(text.into_owned().into()),
            Self::Said(text) => Kept::Said(text),
        }
    }
}

/// What a button or its like shows to whoever presses it: it stands in the element's data, under a name that says so, or in
/// what pressing writes there. A number elsewhere in a script, or under another name, is nothing that a reader sees.
pub(crate) fn shown_on_click(element: &Element) -> Option<Kept<'_>> {
    const NAMES: [&str; 26] = [
        "phone",
        "phone-number",
        "phonenumber",
        "phone-no",
        "full-phone",
        "show-phone",
        "tel",
        "tel-number",
        "telephone",
        "telefon",
        "telefono",
        "telefone",
        "tlf",
        "mobile",
        "mobile-number",
        "cell",
        "whatsapp",
        "whatsapp-number",
        "viber",
        "sms",
        "call",
        "contact",
        "contact-number",
        "msisdn",
        "number",
        "reveal",
    ];
    /// Names of what a button puts on the clipboard.
    const COPIED: [&str; 5] = [
        "clipboard-text",
        "clipboard",
        "copy",
        "copy-text",
        "copytext",
    ];
    const MAIL: [&str; 5] = ["email", "mail", "e-mail", "mailto", "email-address"];
    if !matches!(
        &*element.name.local,
        "a" | "button"
            | "span"
            | "div"
            | "p"
            | "b"
            | "strong"
            | "li"
            | "i"
            | "em"
            | "td"
            | "dd"
            | "label"
            | "u"
            | "font"
            | "input"
            | "img"
            | "tr"
            | "small"
            | "code"
            | "mark"
            | "section"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "abbr"
            | "data"
            | "textarea"
    ) {
        return None;
    }
    let data = |names: &[&str]| {
        element.attrs.iter().find_map(|(name, value)| {
            let name = name.local.strip_prefix("data-")?;
            names.contains(&name).then_some(&**value)
        })
    };
    let has_data = element
        .attrs
        .iter()
        .any(|(name, _)| name.local.starts_with("data-"));
    if has_data {
        if let Some(number) = data(&NAMES).filter(|value| is_number(value)) {
            return Some(Kept::Number(number.into()));
        }
        if let Some(number) = of_contact(element) {
            return Some(Kept::Number(number.into()));
        }
        if let Some(copied) = data(&COPIED) {
            return kept(copied);
        }
        if let Some(address) = data(&MAIL).filter(|value| value.contains('@')) {
            return kept(address);
        }
        let (user, host) = (
            data(&[
                "user",
                "name",
                "u",
                "local",
                "mail-user",
                "email-user",
                "mail-name",
                "username",
                "login",
                "account",
                "mailbox",
                "part1",
                "first",
                "box",
            ]),
            data(&[
                "domain",
                "host",
                "d",
                "mail-domain",
                "email-domain",
                "mail-host",
                "server",
                "provider",
                "site",
                "at",
                "part2",
            ]),
        );
        let ending = data(&["tld", "suffix", "ending", "zone", "t", "dot", "part3"]);
        if let (Some(user), Some(host)) = (user, host)
            && is_word(user)
            && is_word(host)
            && (host.contains('.') || ending.is_some_and(is_word))
        {
            let ending = ending.filter(|_| !host.contains('.'));
            let dot = if ending.is_some() { "." } else { "" };
            let address = format!("{user}@{host}{dot}{}", ending.unwrap_or_default());
            return Some(Kept::Word(address.into()));
        }
    }
    done_by(element).or_else(|| told_beside(element))
}

/// The number in the data of an element whose class or id speaks of telephones: `<span class="phone" data-full="…">`.
fn of_contact(element: &Element) -> Option<&str> {
    const SPEAKING: [&str; 8] = [
        "phone", "tel", "call", "mobile", "whatsapp", "handy", "movil", "contact",
    ];
    let speaks = element.attrs.iter().any(|(name, value)| {
        let value = value.to_ascii_lowercase();
        matches!(&*name.local, "class" | "id") && SPEAKING.iter().any(|word| value.contains(word))
    });
    let mut data = element.attrs.iter().filter(|(name, value)| {
        let name = name.local.strip_prefix("data-");
        name.is_some_and(|name| !name.ends_with("id")) && is_number(value)
    });
    let number = data.next()?;
    speaks.then_some(&*number.1)
}

/// What an element leads to, or shows, when it is pressed: by its script, or by an address in its data.
fn done_by(element: &Element) -> Option<Kept<'_>> {
    /// Names of addresses in an element's data.
    const ADDRESSES: [&str; 6] = ["href", "url", "link", "action", "location", "target-url"];
    let mut kept = None;
    for (name, value) in &element.attrs {
        let name = &*name.local;
        let is_address = name == "formaction"
            || name
                .strip_prefix("data-")
                .is_some_and(|name| ADDRESSES.contains(&name));
        if is_address && value.contains(':') {
            return Some(Kept::Leads(Cow::Borrowed(value)));
        }
        let script = match name {
            "href" => value.trim_start().strip_prefix("javascript:"),
            name if is_pressing(name) => Some(&**value),
            _ => None,
        };
        for write in script
            .into_iter()
            .flat_map(|script| of_event(script, element))
        {
            let found = match (write.place, write.what) {
                (Place::Here | Place::This, What::Leads(address)) => {
                    Some(Kept::Leads(address.into()))
                }
                (_, What::Text(text) | What::Adds(text)) => {
                    self::kept(&text).map(Kept::owned).or_else(|| said(&text))
                }
                _ => None,
            };
            kept = kept.or(found);
        }
    }
    kept
}

/// A sentence that holds a number or an address: "Call 202 555 0123".
fn said(text: &str) -> Option<Kept<'static>> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let fits = text.len() <= SHOWN && ((7..=15).contains(&digits) || text.contains('@'));
    (fits && !text.contains(['<', '{', '='])).then(|| Kept::Said(text.trim().to_owned()))
}

/// What is told of an element to who points at it, or cannot see it: a number with its signs, or an address. What a field
/// shows until it is filled is an example, and no one's.
fn told_beside(element: &Element) -> Option<Kept<'static>> {
    const NAMES: [&str; 3] = ["title", "aria-label", "alt"];
    element.attrs.iter().find_map(|(name, value)| {
        let is_value = &*name.local == "value" && &*element.name.local == "data";
        if !(is_value || NAMES.contains(&&*name.local)) || value.len() > SHOWN {
            return None;
        }
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        // What is in one piece may be anything's number.
        let is_number = (9..=15).contains(&digits)
            && (is_value || value.contains(['-', ' ', '+', '.', '(']))
            && value
                .chars()
                .filter(|letter| letter.is_alphabetic())
                .count()
                <= 24;
        let is_address = || value.contains('@') && value.contains('.');
        (is_number || is_address()).then(|| Kept::Said(value.trim().to_owned()))
    })
}

/// What may be shown: a number, or one word that is no word of a language.
fn kept(value: &str) -> Option<Kept<'_>> {
    let value = value.trim();
    match () {
        () if is_number(value) => Some(Kept::Number(value.into())),
        () if is_word(value)
            && value.len() >= 6
            && value.bytes().any(|byte| !byte.is_ascii_alphabetic()) =>
        {
            Some(Kept::Word(value.into()))
        }
        () => None,
    }
}

fn is_word(value: &str) -> bool {
    (1..=WRITTEN).contains(&value.len())
        && value.bytes().all(|byte| {
            byte.is_ascii_graphic()
                && !matches!(byte, b'<' | b'>' | b'{' | b'}' | b'(' | b')' | b'#')
        })
}

/// True for nothing but the digits of one number, and signs that numbers are written with.
fn is_number(value: &str) -> bool {
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits)
        && value.bytes().all(|byte| {
            byte.is_ascii_digit() || matches!(byte, b' ' | b'+' | b'-' | b'.' | b'(' | b')' | b'/')
        })
}

/// What is to be written out behind an element that shows something when it is pressed. None where it shows one already:
/// the other is not what a reader sees, and may be there to be found by programs alone.
pub(crate) fn revealed(kept: &Kept<'_>, shown: &str, base: &Url) -> Option<String> {
    if shown.len() > SHOWN {
        return None;
    }
    match kept {
        Kept::Number(number) => {
            let digits = shown.bytes().filter(u8::is_ascii_digit).count();
            (digits < 7).then(|| format!("<tel:{}>", plain(number, Carries::Number)))
        }
        Kept::Word(word) => (!holds(shown, word)).then(|| format!("({word})")),
        Kept::Said(said) => {
            let digits =
                |text: &str| -> String { text.chars().filter(char::is_ascii_digit).collect() };
            let holds = holds(shown, said)
                || digits(said).len() > 6 && digits(shown).contains(&digits(said));
            (!holds).then(|| format!("({said})"))
        }
        Kept::Leads(address) => {
            written_out(address, shown, base).map(|written| format!("<{written}>"))
        }
    }
}

#[cfg(test)]
mod tests {
    use url::Url;

    /// What a reader sees of a page.
    fn page(html: &str) -> String {
        let url = Url::parse("https://ads.example.com/1").unwrap();
        crate::page_text(&crate::RawPage {
            url: &url,
            kind: sightline_model::VisitKind::Detail,
            content_type: None,
            body: html.as_bytes(),
            fetched_at: sightline_model::Timestamp::default(),
        })
    }

    #[test]
    fn a_button_shows_the_number_of_its_data_and_no_other() {
        for (html, shown) in [
            (
                r#"<button data-phone="202 555 0123">Show number</button>"#,
                true,
            ),
            (
                r##"<a href="#" data-tel="+12025550123">202 55X XXXX</a>"##,
                true,
            ),
            // What is shown is the number; what stands in the data is for programs.
            (
                r#"<span data-phone="2025550123">202 555 0199</span>"#,
                false,
            ),
            (
                r#"<button style="display:none" data-phone="2025550123">Show</button>"#,
                false,
            ),
            (
                r#"<button data-id="2025550123">Show number</button>"#,
                false,
            ),
            (r#"<button data-phone="rose">Show number</button>"#, false),
            (
                r#"<span class="phone" data-full="202-555-0123">(···) ···</span>"#,
                true,
            ),
            (r#"<span data-full="202-555-0123">(···) ···</span>"#, false),
            (
                r##"<a href="#" onclick="this.innerHTML='202-555-0123';return false">***</a>"##,
                true,
            ),
            (
                r##"<a href="#" onclick="track('2025550123')">more</a>"##,
                false,
            ),
        ] {
            assert_eq!(page(html).contains("tel:"), shown, "{html}");
        }
    }

    #[test]
    fn a_button_shows_what_it_copies() {
        for (html, shown) in [
            (
                r#"<button data-clipboard-text="rose_22@example.com">copy</button>"#,
                "copy (rose_22@example.com)",
            ),
            (
                r#"<span data-user="rose" data-domain="example.com">mail</span>"#,
                "mail (rose@example.com)",
            ),
            (
                r#"<button data-clipboard-text="Thank you for reading">copy</button>"#,
                "copy",
            ),
            (
                r#"<button data-clipboard-text="rose_22">rose_22</button>"#,
                "rose_22",
            ),
        ] {
            assert_eq!(page(html), shown, "{html}");
        }
    }
}
