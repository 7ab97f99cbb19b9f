//! Tidiness as tests: what the documents promise of the code's shape, held against the code.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use regex::Regex;
use serde_json::Value;

/// Lines that a file of ours may have.
const LONGEST_FILE: usize = 500;

/// Folders that hold nothing that we wrote.
const FOREIGN: [&str; 5] = ["target", ".git", "node_modules", ".venv", "data"];

/// Panics with all findings, one a line.
fn none(what: &str, findings: Vec<String>) {
    assert!(findings.is_empty(), "{what}:\n  {}", findings.join("\n  "));
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file of ours with this ending, relative to the root, in order.
fn files(ending: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && !path.is_symlink() && !FOREIGN.contains(&name.as_str()) {
                folders.push(path);
            } else if path
                .extension()
                .is_some_and(|extension| extension == ending)
            {
                found.push(path.strip_prefix(root()).unwrap().to_owned());
            }
        }
    }
    found.sort();
    assert!(!found.is_empty(), "no .{ending} file was found");
    found
}

fn read(path: &Path) -> String {
    fs::read_to_string(root().join(path))
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Lines of code that a pattern matches, as `file:line`.
fn lines(files: &[PathBuf], pattern: &str) -> Vec<String> {
    let pattern = Regex::new(pattern).unwrap();
    let mut found = Vec::new();
    for file in files {
        for (at, line) in read(file).lines().enumerate() {
            if pattern.is_match(line) {
                found.push(format!("{}:{}: {}", file.display(), at + 1, line.trim()));
            }
        }
    }
    found
}

fn metadata() -> Value {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--no-deps",
            "--offline",
            "--format-version",
            "1",
        ])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Each crate of ours, by its name without `sightline-`, with what it uses outside its tests.
fn dependencies() -> BTreeMap<String, BTreeSet<String>> {
    let short = |name: &str| name.strip_prefix("sightline-").unwrap_or(name).to_owned();
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap();
    let used = |package: &Value| {
        let all = package["dependencies"].as_array().unwrap().iter();
        all.filter(|dependency| dependency["kind"].is_null())
            .map(|dependency| dependency["name"].as_str().unwrap().to_owned())
            .collect()
    };
    packages
        .iter()
        .map(|package| (short(package["name"].as_str().unwrap()), used(package)))
        .collect()
}

#[test]
fn crates_use_each_other_as_the_architecture_says() {
    let page = read(Path::new("docs/ARCHITECTURE.md"));
    let table = page
        .split("<!-- arrows -->")
        .nth(1)
        .expect("docs/ARCHITECTURE.md marks its table of arrows");
    let code = Regex::new("`([a-z-]+)`").unwrap();
    let words = |cell: &str| -> BTreeSet<String> {
        code.captures_iter(cell)
            .map(|found| found[1].to_owned())
            .collect()
    };
    let mut promised = BTreeMap::new();
    for row in table.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = row.split('|').collect();
        let name = words(cells[1]).pop_first().unwrap();
        promised.insert(name, words(cells[2]));
    }
    let ours = |uses: BTreeSet<String>| -> BTreeSet<String> {
        uses.iter()
            .filter_map(|name| name.strip_prefix("sightline-"))
            .map(str::to_owned)
            .collect()
    };
    let actual: BTreeMap<_, _> = dependencies()
        .into_iter()
        .map(|(name, uses)| (name, ours(uses)))
        .collect();
    assert_eq!(
        actual, promised,
        "left: Cargo.toml, right: docs/ARCHITECTURE.md"
    );
}

#[test]
fn some_libraries_stay_in_their_room() {
    let rooms: [(&str, &[&str]); 4] = [
        ("sqlx", &["store"]),
        ("reqwest", &["alerts", "crawler", "egress", "proof"]),
        ("hickory-resolver", &["egress"]),
        ("lettre", &["alerts", "egress"]),
    ];
    let dependencies = dependencies();
    for (library, rooms) in rooms {
        let users: Vec<_> = dependencies
            .iter()
            .filter(|(_, uses)| uses.contains(library))
            .map(|(name, _)| name)
            .collect();
        assert!(
            users.iter().all(|user| rooms.contains(&user.as_str())),
            "{library} is used by {users:?}"
        );
    }
}

#[test]
fn every_crate_takes_the_common_lints() {
    let workspace = read(Path::new("Cargo.toml"));
    assert!(workspace.contains("unsafe_code = \"forbid\""));
    let manifests = files("toml")
        .into_iter()
        .filter(|path| path.ends_with("Cargo.toml"));
    // Folders that the workspace leaves out (fuzzing, benchmarks of others) have rules of their own.
    let metadata = metadata();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let members: BTreeSet<_> = packages
        .map(|package| Path::new(package["manifest_path"].as_str().unwrap()))
        .map(|manifest| manifest.strip_prefix(root()).unwrap().to_owned())
        .collect();
    // One crate calls a library of C; what else it needs `unsafe` for, it has to say.
    let talks_to_c = Path::new("allocator/Cargo.toml");
    assert!(read(talks_to_c).contains("[lints.rust]\nunsafe_code = \"deny\""));
    let missing = manifests
        .filter(|path| members.contains(path) && path != talks_to_c)
        .filter(|path| !read(path).contains("[lints]\nworkspace = true"))
        .map(|path| path.display().to_string());
    none("manifests without the common lints", missing.collect());
}

/// Licences and bans are judged by `scripts/supply`; where everything comes from is told by the locks alone.
#[test]
fn every_dependency_is_of_the_registry_and_has_a_checksum() {
    const REGISTRY: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";
    let mut strange = Vec::new();
    for lock in ["Cargo.lock", "fuzz/Cargo.lock"] {
        let lock = read(Path::new(lock));
        let packages: Vec<&str> = lock.split("[[package]]").skip(1).collect();
        assert!(packages.len() > 100, "the lock is not read");
        let is_known = |package: &&&str| {
            let is_ours =
                package.starts_with("\nname = \"sightline") && !package.contains("source = ");
            is_ours || package.contains(REGISTRY) && package.contains("checksum = ")
        };
        let others = packages.iter().filter(|package| !is_known(package));
        strange.extend(others.map(|package| package.trim().replace('\n', ", ")));
    }
    none("from elsewhere", strange);
}

#[test]
fn no_file_is_too_long() {
    let long = files("rs").into_iter().filter_map(|path| {
        let lines = read(&path).lines().count();
        (lines > LONGEST_FILE).then(|| format!("{}: {lines} lines", path.display()))
    });
    none("files to be split by what they own", long.collect());
}

#[test]
fn every_file_opens_with_what_it_owns() {
    let silent = files("rs")
        .into_iter()
        .filter(|path| !read(path).starts_with("//! "));
    none(
        "files without an opening line",
        silent.map(|path| path.display().to_string()).collect(),
    );
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file isn't found.
    let later = [
        concat!("to", "do!"),
        concat!("unimpl", "emented!"),
        concat!("FIX", "ME"),
        concat!("#\\[ign", "ore"),
    ];
    none(
        "things left for later",
        lines(&files("rs"), &later.join("|")),
    );
}

#[test]
fn sql_stays_in_the_store() {
    let elsewhere: Vec<_> = files("rs")
        .into_iter()
        .filter(|path| path.components().any(|part| part.as_os_str() == "src"))
        // A benchmark under scripts/ speaks to the database as others would, to be compared with.
        .filter(|path| !path.starts_with("store") && !path.starts_with("scripts"))
        .collect();
    let pattern = r#""\s*(SELECT \w|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE TABLE|ALTER TABLE|PRAGMA )"#;
    none("SQL outside the store", lines(&elsewhere, pattern));
}

#[test]
fn migrations_have_a_number_each_and_the_same_on_both_engines() {
    let names = |engine: &str| -> Vec<String> {
        let folder = Path::new("store/migrations").join(engine);
        let found = files("sql");
        let of_engine = found
            .iter()
            .filter_map(|file| file.strip_prefix(&folder).ok());
        of_engine.map(|name| name.display().to_string()).collect()
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    let expected: Vec<String> = (1..=sqlite.len()).map(|nth| format!("{nth:04}_")).collect();
    let wrong = sqlite.iter().zip(expected);
    let wrong = wrong.filter(|(name, number)| !name.starts_with(number.as_str()));
    none(
        "migrations that have not the next number",
        wrong
            .map(|(name, number)| format!("{name}, not {number}…"))
            .collect(),
    );
}

#[test]
fn what_sites_answer_is_not_logged_one_by_one() {
    // What runs for each request, page and image. What these few say is of the disk, or once for each source's session.
    let may = ["crawler/src/archive/", "crawler/src/visit/mod.rs"];
    let mut of_visits = files("rs");
    of_visits.retain(|path| {
        let is_of_visits = [
            "crawler/src",
            "extractors/src",
            "pipeline/src/commit/visits.rs",
        ];
        is_of_visits.iter().any(|part| path.starts_with(part))
            && !may
                .iter()
                .any(|part| path.display().to_string().starts_with(part))
    });
    let pattern = r"tracing::(info|warn|error)!";
    none("logged at the default level", lines(&of_visits, pattern));
}

#[test]
fn what_the_promises_count_is_what_there_is() {
    let promises = read(Path::new("docs/trust.md"));
    let mut said: Vec<(String, usize)> = Vec::new();
    let count = |file: &str, pattern: &str| lines(&[PathBuf::from(file)], pattern).len();
    let migrations = files("sql");
    let migrations = migrations
        .iter()
        .filter(|file| file.starts_with("store/migrations/sqlite"));
    said.push((r"its (\d+) migrations".to_owned(), migrations.count()));
    said.push((
        r"(\d+) crates that Cargo resolves".to_owned(),
        count("Cargo.lock", "^name = "),
    ));
    said.push((
        r"the (\d+) that do not stand in `store/tests/contract/tenancy/unseen.txt`".to_owned(),
        count("store/tests/contract/tenancy/unseen.txt", r"^[^#\s]"),
    ));
    // Patterns are not crawled.
    let mut crawled = 0;
    let corpus = read(Path::new("tests/hostile/corpus/corpus.toml"));
    for group in corpus.split("\n[").skip(1) {
        let (name, inputs) = group.split_once(']').expect("a group has a name");
        let inputs = inputs.lines().filter(|line| line.contains(" = {")).count();
        said.push((format!(r"(?m)^\| `{name}` \| (\d+) \|"), inputs));
        crawled += if name == "pattern" { 0 } else { inputs };
    }
    said.push((r"in 512 MiB: (\d+) inputs".to_owned(), crawled));
    let wrong = said.into_iter().filter_map(|(pattern, there_are)| {
        let found = Regex::new(&pattern).unwrap().captures(&promises);
        let found = found.map(|found| found[1].to_owned());
        (found.as_deref() != Some(&there_are.to_string()))
            .then(|| format!("{pattern}: it says {found:?}, there are {there_are}"))
    });
    none("docs/trust.md counts wrongly", wrong.collect());
}

#[test]
fn nothing_knows_the_machine_it_was_written_on() {
    // Put together here, so that this file isn't found.
    let places = [
        concat!("/wo", "rk/"),
        concat!("/ro", "ot/"),
        concat!("/ho", "me/"),
    ]
    .join("|");
    none("paths of one machine", lines(&texts(), &places));
}

#[test]
fn no_address_or_number_is_a_real_persons() {
    let numbers = Regex::new(r"\+1[ .-]?\(?\d{3}\)?[ .-]?555[ .-]?(\d{4})").unwrap();
    let mut found = Vec::new();
    for path in texts() {
        for number in numbers.captures_iter(&read(&path)) {
            // NANP keeps 555-0100 to 555-0199 for fiction.
            if !number[1].starts_with("01") {
                found.push(format!("{}: {}", path.display(), &number[0]));
            }
        }
    }
    none("numbers outside the range for fiction", found);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let link = Regex::new(r"\]\(([^)\s]+)\)").unwrap();
    let mut broken = Vec::new();
    for page in files("md") {
        let text = read(&page);
        for target in link.captures_iter(&text).map(|found| found[1].to_owned()) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((&target, ""));
            let path = match file {
                "" => page.clone(),
                file => page.parent().unwrap().join(file),
            };
            let leads = root().join(&path).exists()
                && (heading.is_empty() || headings(&read(&path)).contains(&heading.to_owned()));
            if !leads {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    none("links that lead nowhere", broken);
}

/// The anchors that a page's headings get.
fn headings(page: &str) -> Vec<String> {
    let heading = |line: &str| {
        let title = line.trim_start_matches('#').trim().to_lowercase();
        let kept = title
            .chars()
            .filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign));
        kept.collect::<String>().replace(' ', "-")
    };
    page.lines()
        .filter(|line| line.starts_with('#'))
        .map(heading)
        .collect()
}

#[test]
fn the_documents_are_there() {
    let changelog = read(Path::new("CHANGELOG.md"));
    assert!(
        changelog.contains("## [Unreleased]"),
        "CHANGELOG.md has no section [Unreleased]"
    );
    for page in [
        "README.md",
        "CONTRIBUTING.md",
        "LICENSE-MIT",
        "LICENSE-APACHE",
        "docs/config.md",
        "docs/cli.md",
    ] {
        assert!(root().join(page).exists(), "{page} is missing");
    }
    let decisions = fs::read_dir(root().join("docs/decisions")).unwrap();
    let index = read(Path::new("docs/decisions/README.md"));
    let forgotten = decisions
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name != "README.md" && !index.contains(name.as_str()));
    none(
        "decisions that docs/decisions/README.md does not list",
        forgotten.collect(),
    );
}

#[test]
fn every_end_to_end_test_is_run() {
    let main = read(Path::new("tests/e2e/main.rs"));
    let forgotten = fs::read_dir(root().join("tests/e2e"))
        .unwrap()
        .filter_map(|entry| {
            let path = entry.unwrap().path();
            let stem = path.file_stem()?.to_string_lossy().into_owned();
            let is_module =
                path.is_dir() || path.extension().is_some_and(|extension| extension == "rs");
            (is_module && stem != "main" && !main.contains(&format!("mod {stem};"))).then_some(stem)
        });
    none(
        "files that tests/e2e/main.rs does not name",
        forgotten.collect(),
    );
}

/// Everything of ours that is text and can be read.
fn texts() -> Vec<PathBuf> {
    let endings = ["rs", "md", "toml"];
    endings.into_iter().flat_map(files).collect()
}
