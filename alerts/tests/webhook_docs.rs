//! docs/webhooks.schema.json is the schema of what is sent; `SIGHTLINE_BLESS=1` writes it anew.

use std::{fs, path::PathBuf};

use sightline_alerts::digest::Body;

#[test]
fn the_schema_in_the_docs_is_that_of_the_payload() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/webhooks.schema.json");
    let schema = serde_json::to_value(schemars::schema_for!(Body)).unwrap();
    if std::env::var_os("SIGHTLINE_BLESS").is_some() {
        let written = serde_json::to_string_pretty(&schema).unwrap() + "\n";
        fs::write(&file, written).unwrap();
    }
    let documented: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(
        documented, schema,
        "docs/webhooks.schema.json is stale; run SIGHTLINE_BLESS=1 cargo test -p sightline-alerts --test webhook_docs"
    );
}
