//! Exit statuses and help: what every command has in common.

use crate::program::Place;

#[test]
fn wrong_usage_ends_with_2_and_says_how() {
    let place = Place::empty();
    for arguments in [
        &["no-such-command"][..],
        &["extract", "--no-such-flag"],
        &["extract", "--region", "USA"],
        &["extract", "--jsonl", "file.txt"],
        &[],
    ] {
        let ended = place.run(arguments);
        assert_eq!(ended.status, 2, "{arguments:?}: {}", ended.err);
        assert!(
            ended.err.contains("sage") || ended.err.contains("help"),
            "{}",
            ended.err
        );
        assert_eq!(ended.out, "");
    }
}

#[test]
fn what_is_missing_or_wrong_is_told_with_what_to_write() {
    let place = Place::empty();
    for (arguments, told) in [
        ("crawl", "<NAME|--all>"),
        ("evidence show abc", "`sightline listing NUMBER` shows it"),
        ("listing abc", "`sightline listings` shows it"),
        (
            "erase listing abc --reason x",
            "`sightline listings` shows it",
        ),
        ("audit show abc", "`sightline audit list` shows it"),
        (
            "source test board --url nonsense",
            "write the whole address of a page, such as https://",
        ),
    ] {
        let ended = place.run(arguments.split(' '));
        assert_eq!(ended.status, 2, "{arguments}: {}", ended.err);
        assert!(ended.err.contains(told), "{arguments}: {}", ended.err);
    }
}

#[test]
fn help_and_version_end_with_0() {
    let place = Place::empty();
    assert!(place.run(["--help"]).ok().contains("sightline demo"));
    assert!(place.run(["--version"]).ok().starts_with("sightline "));
    assert!(place.run(["extract", "--help"]).ok().contains("--jsonl"));
}
