//! What the attributes of MISP are, as kinds of selector.

use sightline_model::Kind;

/// What an attribute means here.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Meaning {
    /// The kind.
    pub kind: Kind,
    /// What stands before the value where it is an account: its platform.
    pub platform: Option<&'static str>,
    /// Read only where `to_ids` is set: without it, such an attribute tells of the event, and names nothing.
    pub only_flagged: bool,
}

const fn of(kind: Kind) -> Meaning {
    Meaning {
        kind,
        platform: None,
        only_flagged: false,
    }
}

const fn flagged(kind: Kind) -> Meaning {
    Meaning {
        only_flagged: true,
        ..of(kind)
    }
}

const fn on(platform: &'static str) -> Meaning {
    Meaning {
        platform: Some(platform),
        ..of(Kind::Handle)
    }
}

/// Types of attributes (MISP's describeTypes).
const TYPES: [(&str, Meaning); 24] = [
    ("phone-number", of(Kind::Phone)),
    ("whois-registrant-phone", of(Kind::Phone)),
    ("email", of(Kind::Email)),
    ("email-src", of(Kind::Email)),
    ("email-dst", of(Kind::Email)),
    ("email-reply-to", of(Kind::Email)),
    ("target-email", of(Kind::Email)),
    ("whois-registrant-email", of(Kind::Email)),
    ("dns-soa-email", of(Kind::Email)),
    ("url", of(Kind::Url)),
    ("uri", of(Kind::Url)),
    ("link", flagged(Kind::Url)),
    ("domain", of(Kind::Domain)),
    ("hostname", of(Kind::Domain)),
    ("onion-address", of(Kind::Domain)),
    ("twitter-id", on("twitter")),
    ("btc", of(Kind::Wallet)),
    ("xmr", of(Kind::Wallet)),
    ("sha256", of(Kind::Image)),
    ("full-name", of(Kind::Phrase)),
    ("text", flagged(Kind::Phrase)),
    ("comment", flagged(Kind::Phrase)),
    ("other", flagged(Kind::Phrase)),
    ("pattern-in-file", flagged(Kind::Phrase)),
];

/// Relations in objects (MISP's object templates) that say more than the type of their attribute.
const RELATIONS: [(&str, &str, Meaning); 13] = [
    ("telegram-account", "username", on("telegram")),
    ("telegram-account", "phone", of(Kind::Phone)),
    ("telegram-bot", "username", on("telegram")),
    ("twitter-account", "name", on("twitter")),
    ("facebook-account", "account-name", on("facebook")),
    ("instagram-account", "account-name", on("instagram")),
    ("phone", "msisdn", of(Kind::Phone)),
    ("phone-number", "phone-number", of(Kind::Phone)),
    ("person", "handle", on("any")),
    ("user-account", "username", on("any")),
    ("coin-address", "address-crypto", of(Kind::Wallet)),
    ("coin-address", "address", of(Kind::Wallet)),
    ("coin-address", "address-xmr", of(Kind::Wallet)),
];

/// The meaning of an attribute of this type, in an object and a relation where it stands in one.
pub(super) fn meaning(kind: &str, place: Option<(&str, &str)>) -> Option<Meaning> {
    let relation = place.and_then(|(object, relation)| {
        RELATIONS
            .iter()
            .find(|(name, part, _)| *name == object && *part == relation)
    });
    let plain = || {
        TYPES
            .iter()
            .find(|(name, _)| *name == kind)
            .map(|(_, meaning)| *meaning)
    };
    relation.map(|(_, _, meaning)| *meaning).or_else(plain)
}
