//! Traffic Light Protocol in STIX: the marking definitions that everybody refers to by their identifiers.

use serde_json::Value;
use sightline_model::Tlp;

/// The extension by which a marking definition says TLP 2.0 (OASIS, STIX TLP 2.0 marking definitions).
pub(crate) const EXTENSION: &str = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

/// TLP 2.0.
pub(crate) fn id(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "marking-definition--94868c89-83c2-464b-929b-a1a8aa3c8487",
        Tlp::Green => "marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb",
        Tlp::Amber => "marking-definition--55d920b0-5e8b-4f79-9ee9-91f868d9b421",
        Tlp::AmberStrict => "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003",
        Tlp::Red => "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1",
    }
}

/// As it is printed: `amber+strict`.
pub(crate) fn word(tlp: Tlp) -> &'static str {
    match tlp {
        Tlp::Clear => "clear",
        Tlp::Green => "green",
        Tlp::Amber => "amber",
        Tlp::AmberStrict => "amber+strict",
        Tlp::Red => "red",
    }
}

/// TLP 1.0, whose identifiers STIX 2.1 itself names (section 7.2.1.4).
const FIRST: [(&str, Tlp); 4] = [
    (
        "marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9",
        Tlp::Clear,
    ),
    (
        "marking-definition--34098fce-860f-48ae-8e50-ebd3cc5e41da",
        Tlp::Green,
    ),
    (
        "marking-definition--f88d31f6-486f-44da-b317-01333bde0b82",
        Tlp::Amber,
    ),
    (
        "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed",
        Tlp::Red,
    ),
];

/// The marking of this identifier.
pub(super) fn by_id(id: &str) -> Option<Tlp> {
    let second = Tlp::ALL.iter().copied().find(|tlp| self::id(*tlp) == id);
    second.or_else(|| {
        FIRST
            .iter()
            .find(|(known, _)| *known == id)
            .map(|(_, tlp)| *tlp)
    })
}

/// The marking that a definition says, whoever made it.
pub(super) fn of_definition(definition: &Value) -> Option<Tlp> {
    let said = [
        "/extensions/extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d/tlp_2_0",
        "/definition/tlp",
        "/name",
    ]
    .iter()
    .find_map(|path| definition.pointer(path)?.as_str())?;
    by_word(said)
}

/// The marking that a word says: `TLP:AMBER+STRICT`, `white`.
pub(crate) fn by_word(said: &str) -> Option<Tlp> {
    let folded = said.trim().to_ascii_lowercase();
    match folded.strip_prefix("tlp:").unwrap_or(&folded).trim() {
        "white" => Some(Tlp::Clear),
        said => Tlp::ALL
            .iter()
            .copied()
            .find(|tlp| word(*tlp) == said || tlp.as_str() == said),
    }
}
