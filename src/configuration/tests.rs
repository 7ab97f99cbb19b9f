//! What is said of sound and unsound configurations: the cases lie in config/testdata, each named by its mistake,
//! with what is to be said of it beside it. `SIGHTLINE_BLESS=1 cargo test` writes what is said now.

use std::{env, fs, path::Path};

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use sightline_pipeline::{files::SOURCE_DEFAULTS, source::SourceSettings};

use super::*;

const CASES: &str = "config/testdata";

#[test]
fn each_mistake_is_named_with_place_and_remedy() {
    let mut wrong = Vec::new();
    let mut cases = 0;
    for case in fs::read_dir(CASES).unwrap() {
        let folder = case.unwrap().path();
        let expected = folder.join("expected.txt");
        // The path as it stands in the repository, so that the words are the same everywhere.
        let file = folder.join("sightline.toml");
        let said = match Configuration::inspect(&file, [], &|_| None) {
            Ok(inspection) if inspection.problems.is_empty() => format!("{inspection}sound\n"),
            Ok(inspection) => inspection.to_string(),
            Err(unsound) => format!("{unsound}\n"),
        };
        if env::var_os("SIGHTLINE_BLESS").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap();
        if said != expected {
            wrong.push(format!(
                "{}:\n{said}\ninstead of\n{expected}",
                folder.display()
            ));
        }
        cases += 1;
    }
    assert!(cases >= 15, "only {cases} cases were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn no_secret_of_the_cases_is_ever_said() {
    for case in ["secret-in-toml", "proxy-password", "hidden-mistakes"] {
        let file = Path::new(CASES).join(case).join("sightline.toml");
        let inspection = Configuration::inspect(&file, [], &|_| None).unwrap();
        assert!(!inspection.problems.is_empty(), "{case}");
        let said = format!("{inspection} {:?}", inspection.problems);
        assert!(!said.contains("sesame"), "{case}: {said}");
    }
}

#[test]
fn a_password_in_a_variable_is_refused_and_not_said() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sightline.toml");
    fs::write(&file, "").unwrap();
    let url = "postgres://app:sesame@db.example/sightline";
    let variable = ("SIGHTLINE__STORE__URL".to_owned(), url.to_owned());
    let unsound = Configuration::load(&file, [variable]).unwrap_err();
    let said = format!("{unsound} {unsound:?}");
    assert!(said.contains("SIGHTLINE__STORE__URL"), "{said}");
    assert!(
        said.contains("store.password_env") && !said.contains("sesame"),
        "{said}"
    );
}

/// A pipe is waited for where it is opened, so nothing may open one, whatever name it has.
#[test]
fn a_pipe_is_told_of_and_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for inside in ["sources", "templates", "lists"] {
        fs::create_dir(at(inside)).unwrap();
    }
    let pipe = |name: &str| {
        let made = std::process::Command::new("mkfifo").arg(at(name)).status();
        assert!(made.unwrap().success());
    };
    let settings = "[instance]\ntemplates = 'templates'\nwarning_lists = 'lists'\n[egress]\nca_files = ['ca']\n\
                    [store]\npassword_file = 'password'\n[channels.lines]\nkind = 'file'\npath = 'lines'\n";
    fs::write(at("sightline.toml"), settings).unwrap();
    let names = [
        "sources/ads.toml",
        "templates/subject.txt",
        "lists/own.json",
        "ca",
        "password",
        "lines",
    ];
    names.into_iter().for_each(pipe);
    fs::write(
        at("sources/sound.toml"),
        include_str!("../../config/sources/example.toml"),
    )
    .unwrap();
    let inspection = Configuration::inspect(&at("sightline.toml"), [], &|_| None).unwrap();
    let said = inspection.to_string();
    for name in names {
        assert!(said.contains(name), "{name} in {said}");
    }
    assert!(
        said.contains("it is a named pipe, and only plain files are read"),
        "{said}"
    );
    assert!(inspection.sources.sound.contains_key("sound"));
    pipe("piped.toml");
    let unsound = Configuration::load(&at("piped.toml"), [])
        .unwrap_err()
        .to_string();
    assert!(unsound.contains("a named pipe"), "{unsound}");
}

#[test]
fn a_template_that_says_nothing_is_refused_and_one_of_a_strange_name_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for inside in ["sources", "templates"] {
        fs::create_dir(at(inside)).unwrap();
    }
    fs::write(
        at("sightline.toml"),
        "[instance]\ntemplates = 'templates'\n",
    )
    .unwrap();
    fs::write(at("templates/alert.text"), "mine").unwrap();
    let inspect = || Configuration::inspect(&at("sightline.toml"), [], &|_| None).unwrap();
    let noted = inspect();
    assert!(noted.problems.is_empty(), "{noted}");
    let said = noted.to_string();
    for part in [
        "alert.text",
        "no template has this name",
        "did you mean 'alert.txt'?",
    ] {
        assert!(said.contains(part), "{said}");
    }
    fs::write(at("templates/digest_subject.txt"), "").unwrap();
    let refused = inspect();
    let said = refused.to_string();
    let part = "the template digest_subject.txt is wrong: it makes no text";
    assert!(
        !refused.problems.is_empty() && said.contains(part),
        "{said}"
    );
}

/// The file of defaults and the defaults of the types say the same, and the file leaves none out.
fn check_defaults<T>(text: &str)
where
    T: Default + DeserializeOwned + JsonSchema + Serialize,
{
    let loaded = Layers::new()
        .defaults("defaults", text)
        .load(|_: &T| Vec::new());
    let loaded = loaded.unwrap_or_else(|problems| panic!("{}", words(&problems)));
    let expected = serde_json::to_value(T::default()).unwrap();
    assert_eq!(serde_json::to_value(loaded.value).unwrap(), expected);

    let written: toml::Table = text.parse().unwrap();
    let written = serde_json::to_value(written).unwrap();
    assert_eq!(left_out("", &expected, &written), Vec::<String>::new());
}

fn left_out(path: &str, expected: &serde_json::Value, written: &serde_json::Value) -> Vec<String> {
    let serde_json::Value::Object(table) = expected else {
        return Vec::new();
    };
    let mut missing = Vec::new();
    for (key, value) in table {
        let path = format!("{path}.{key}");
        match written.get(key) {
            Some(written) => missing.extend(left_out(&path, value, written)),
            None if value.is_null() || value.as_object().is_some_and(serde_json::Map::is_empty) => {
            }
            None => missing.push(path),
        }
    }
    missing
}

#[test]
fn the_defaults_stand_in_their_file() {
    check_defaults::<Settings>(DEFAULTS);
    check_defaults::<SourceSettings>(SOURCE_DEFAULTS);
}

#[test]
fn the_environment_overrules_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("sightline.toml");
    fs::write(
        &file,
        "[log]\nlevel = \"warn\"\n[channels.desk]\nkind = \"file\"\npath = \"a\"\n",
    )
    .unwrap();
    let variables = [
        ("SIGHTLINE__LOG__LEVEL", "debug"),
        ("SIGHTLINE__EGRESS__ALLOW_NETWORKS", "127.0.0.0/8, ::1/128"),
        ("SIGHTLINE__CHANNELS__DESK__PATH", "b"),
        (
            "SIGHTLINE__STORE__URL",
            "postgres://sightline@db.example/sightline",
        ),
        ("SIGHTLINE_SMTP_PASSWORD", "not a setting"),
    ];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let settings = Configuration::load(&file, variables).unwrap().settings;
    assert_eq!(settings.log.level, crate::settings::LogLevel::Debug);
    assert_eq!(settings.egress.allow_networks.len(), 2);
    assert_eq!(
        settings.store.store.url,
        "postgres://sightline@db.example/sightline"
    );
    assert_eq!(settings.instance.data, folder.path().join("data"));
}

#[test]
fn the_example_sources_are_sound() {
    let sources = Sources::in_folder(Path::new("config/sources")).unwrap();
    let told: Vec<_> = sources.problems().chain(&sources.advice).collect();
    assert!(told.is_empty(), "{told:?}");
    assert!(sources.sound.contains_key("example") && sources.sound.contains_key("classified"));
    assert_eq!(sources.enabled().count(), 0, "an example is enabled");
}

#[test]
fn the_example_reads_pages_as_the_extractors_tests_do() {
    let read = |path: &str| {
        fs::read_to_string(path)
            .unwrap()
            .parse::<toml::Table>()
            .unwrap()
    };
    let example = read("config/sources/classified.toml");
    let tested = read("extractors/testdata/classified.profile.toml");
    for (part, profile) in &tested {
        assert_eq!(example.get(part), Some(profile), "{part}");
    }
}

#[test]
fn a_source_that_is_wrong_keeps_no_other_from_being_crawled() {
    let folder = tempfile::tempdir().unwrap();
    let sound = "start = [\"https://ads.example/\"]\nregion = \"GB\"\n[list]\nlinks = [\"a\"]\n";
    for (file, text) in [
        ("sound.toml", sound),
        ("syntax.toml", "start = ["),
        ("named.toml", "name = \"north\"\nregion = \"Utopia\""),
        ("one.toml", &format!("name = \"twice\"\n{sound}")),
        ("two.toml", &format!("name = \"twice\"\n{sound}")),
    ] {
        fs::write(folder.path().join(file), text).unwrap();
    }
    let sources = Sources::in_folder(folder.path()).unwrap();
    let names: Vec<_> = sources.sound.keys().collect();
    assert_eq!(names, ["sound"], "which of two is meant is not guessed");
    let broken: Vec<_> = sources.broken.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(broken, ["north", "syntax", "twice"]);
    for (name, said) in [
        ("north", "is broken; correct"),
        ("nroth", "did you mean 'north'?"),
        ("elsewhere", "source list"),
    ] {
        let refusal = sources.named(name).unwrap_err().to_string();
        assert!(refusal.contains(said), "{name}: {refusal}");
    }
}

/// What is wrong within channels takes those out of use, and nothing else; what is wrong elsewhere stops everything.
#[test]
fn a_channel_that_is_wrong_is_left_out_alone() {
    let sound = "[channels.ops]\nkind = \"file\"\npath = \"ops.jsonl\"\n[operators]\nchannels = [\"ops\", \"desk\"]\n";
    for (written, expected) in [
        ("", Ok(&[][..])),
        (
            "[channels.desk]\nkind = \"splunk\"\nurl = \"http://s.example\"\ntoken_env = \"T\"\n",
            Ok(&["desk"][..]),
        ),
        ("[channels.desk]\nkind = \"emial\"\n", Ok(&["desk"][..])),
        (
            "[channels.desk]\nkind = \"file\"\npaht = \"x\"\n[channels.\"a.b\"]\nkind = \"file\"\npath = \"y\"\n",
            Ok(&["a.b", "desk"][..]),
        ),
        (
            "[channels.desk]\nkind = \"file\"\npaht = \"x\"\n[work]\nlease_seconds = 0\n",
            Err("work.lease_seconds"),
        ),
        ("[channels.desk\nkind = \"file\"\n", Err("")),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("sightline.toml");
        let desk = "[channels.desk]\nkind = \"file\"\npath = \"d\"\n";
        let more = if written.contains("desk") {
            written
        } else {
            desk
        };
        fs::write(&file, format!("{sound}{more}")).unwrap();
        match (Configuration::load(&file, []), expected) {
            (Ok(configuration), Ok(broken)) => {
                assert!(configuration.broken_channels.keys().eq(broken), "{written}");
                let used: Vec<_> = configuration.settings.channels.keys().collect();
                assert!(
                    used.iter().all(|name| !broken.contains(&name.as_str())),
                    "{written}"
                );
                assert!(
                    configuration.channels().contains("desk")
                        && configuration.channels().contains("ops")
                );
            }
            (Err(Unsound(problems)), Err(key)) => {
                assert!(
                    problems.iter().any(|problem| problem.key == key),
                    "{written}: {problems:?}"
                );
            }
            (found, _) => panic!("{written}: {found:?}"),
        }
    }
}
