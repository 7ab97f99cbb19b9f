//! What may be in the product, held against all that Cargo resolves: licences, sources and bans, by the same `deny.toml` that
//! scripts/supply has cargo-deny judge. Nothing is built for it, so it runs with every test.

use std::{collections::BTreeSet, env, fs, path::Path, process::Command};

use serde_json::{Value, json};

/// Where crates may come from, as Cargo writes it.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// The part of deny.toml that is judged here.
struct Rules {
    licences: Vec<String>,
    banned: Vec<String>,
}

impl Rules {
    fn read() -> Self {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("deny.toml");
        let rules: toml::Value = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
        let licences = rules["licenses"]["allow"].as_array().unwrap();
        let banned = rules["bans"]["deny"].as_array().unwrap();
        assert!(!licences.is_empty() && !banned.is_empty());
        for (table, key) in [
            ("bans", "wildcards"),
            ("sources", "unknown-registry"),
            ("sources", "unknown-git"),
        ] {
            assert_eq!(rules[table][key].as_str(), Some("deny"), "{table}.{key}");
        }
        Self {
            licences: licences.iter().map(text).collect(),
            banned: banned.iter().map(|one| text(&one["crate"])).collect(),
        }
    }

    /// Whether an SPDX expression can be met with what is allowed. Old manifests write `/` for `OR`.
    fn allow(&self, licence: &str) -> bool {
        let spaced = licence
            .replace('/', " OR ")
            .replace('(', " ( ")
            .replace(')', " ) ");
        let mut words = spaced.split_whitespace().peekable();
        let allowed = self.either(&mut words);
        allowed && words.next().is_none()
    }

    fn either<'w>(&self, words: &mut Words<impl Iterator<Item = &'w str>>) -> bool {
        let mut allowed = self.all(words);
        while words.next_if_eq(&"OR").is_some() {
            // Each side is read, whichever is enough.
            allowed |= self.all(words);
        }
        allowed
    }

    fn all<'w>(&self, words: &mut Words<impl Iterator<Item = &'w str>>) -> bool {
        let mut allowed = self.one(words);
        while words.next_if_eq(&"AND").is_some() {
            allowed &= self.one(words);
        }
        allowed
    }

    fn one<'w>(&self, words: &mut Words<impl Iterator<Item = &'w str>>) -> bool {
        if words.next_if_eq(&"(").is_some() {
            let allowed = self.either(words);
            return words.next() == Some(")") && allowed;
        }
        let mut name = words.next().unwrap_or_default().to_owned();
        if words.next_if_eq(&"WITH").is_some() {
            name = format!("{name} WITH {}", words.next().unwrap_or_default());
        }
        self.licences.contains(&name)
    }

    /// Everything that may not be, in words.
    fn faults(&self, metadata: &Value) -> Vec<String> {
        let mut faults = Vec::new();
        let linked = linked(metadata);
        for package in metadata["packages"].as_array().unwrap() {
            let name = package["name"].as_str().unwrap();
            let licence = package["license"].as_str().unwrap_or_default();
            let is_linked = linked.contains(package["id"].as_str().unwrap());
            if is_linked && !self.allow(licence) {
                faults.push(format!("{name} is under '{licence}'"));
            }
            match package["source"].as_str() {
                None | Some(REGISTRY) => {}
                Some(source) => faults.push(format!("{name} comes from {source}")),
            }
            if self.banned.iter().any(|banned| banned == name) {
                faults.push(format!("{name} is banned"));
            }
            // Ours alone: what others ask of theirs is resolved by Cargo.lock.
            let ours = package["source"].is_null();
            let asked = package["dependencies"].as_array().unwrap().iter();
            for wild in asked.filter(|one| ours && one["req"] == "*" && one["path"].is_null()) {
                faults.push(format!("{name} takes any version of {}", wild["name"]));
            }
        }
        faults
    }
}

type Words<I> = std::iter::Peekable<I>;

/// What ends up in the product, or builds it: all but what tests alone need, whose licence binds nobody who is given it.
fn linked(metadata: &Value) -> BTreeSet<&str> {
    let nodes = metadata["resolve"]["nodes"].as_array().unwrap();
    let members = metadata["workspace_members"].as_array().unwrap();
    let mut waiting: Vec<&str> = members.iter().filter_map(Value::as_str).collect();
    let mut linked = BTreeSet::new();
    while let Some(id) = waiting.pop() {
        if !linked.insert(id) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == id);
        let uses = node.unwrap()["deps"].as_array().unwrap().iter();
        let is_more = |one: &&Value| {
            let kinds = one["dep_kinds"].as_array().unwrap();
            kinds.iter().any(|kind| kind["kind"] != "dev")
        };
        waiting.extend(uses.filter(is_more).map(|one| one["pkg"].as_str().unwrap()));
    }
    linked
}

/// All that is resolved, for every platform, as `Cargo.lock` has it.
fn metadata() -> Value {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{err}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn all_that_is_resolved_is_what_deny_toml_allows() {
    let metadata = metadata();
    let count = metadata["packages"].as_array().unwrap().len();
    assert!(count > 300, "{count} packages");
    let faults = Rules::read().faults(&metadata);
    eprintln!("{count} packages, {} faults", faults.len());
    assert_eq!(faults, [""; 0]);
}

#[test]
fn what_may_not_be_is_found_out() {
    let wild = json!([{"name": "wild", "req": "*"}, {"name": "near", "req": "*", "path": "/near"}]);
    let registry = json!(REGISTRY);
    let git = json!("git+https://example.org/fork");
    let packages = [
        ("ours", json!("MIT/Apache-2.0"), &Value::Null),
        ("sound", json!("MIT OR GPL-3.0-only"), &registry),
        (
            "both",
            json!("(MIT OR Apache-2.0) AND GPL-3.0-only"),
            &registry,
        ),
        ("unsaid", Value::Null, &registry),
        ("half", json!("(MIT OR Apache-2.0"), &registry),
        (
            "excepted",
            json!("GPL-2.0 WITH Classpath-exception-2.0"),
            &registry,
        ),
        ("forked", json!("MIT"), &git),
        ("openssl-sys", json!("MIT"), &registry),
        ("tests-alone", json!("GPL-3.0-only"), &registry),
    ];
    let names = packages.iter().map(|(name, ..)| *name).skip(1);
    let uses = names.map(|name| {
        let kind = (name == "tests-alone").then_some("dev");
        json!({"pkg": name, "dep_kinds": [{"kind": kind}]})
    });
    let mut nodes = vec![json!({"id": "ours", "deps": uses.collect::<Vec<_>>()})];
    nodes.extend(
        packages
            .iter()
            .skip(1)
            .map(|(name, ..)| json!({"id": name, "deps": []})),
    );
    let packages = packages.iter().map(|(name, licence, source)| {
        let asked = if *name == "ours" { &wild } else { &json!([]) };
        json!({"id": name, "name": name, "license": licence, "source": source, "dependencies": asked})
    });
    let metadata = json!({
        "packages": packages.collect::<Vec<_>>(),
        "workspace_members": ["ours"],
        "resolve": {"nodes": nodes},
    });
    let faults = Rules::read().faults(&metadata);
    assert_eq!(
        faults,
        [
            "ours takes any version of \"wild\"",
            "both is under '(MIT OR Apache-2.0) AND GPL-3.0-only'",
            "unsaid is under ''",
            "half is under '(MIT OR Apache-2.0'",
            "excepted is under 'GPL-2.0 WITH Classpath-exception-2.0'",
            "forked comes from git+https://example.org/fork",
            "openssl-sys is banned",
        ]
    );
}
