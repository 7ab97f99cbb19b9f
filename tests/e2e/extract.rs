//! `sightline extract`: the shapes that scripts rely on.

use std::{
    io::{BufRead, BufReader, Write},
    process::Stdio,
};

use serde_json::json;

use crate::program::{Place, command, lines};

#[test]
fn a_document_a_line_in_and_an_answer_a_line_out() {
    let place = Place::empty();
    let input = concat!(
        "{\"id\":\"a\",\"text\":\"call (202) 555-0123 or mail Lotus@Example.com\"}\n",
        "{\"id\":7,\"html\":\"<p>call <b>0121 496 0123</b></p>\",\"region\":\"GB\",\"url\":\"https://ads.example/1\"}\n",
    );
    let answers = place
        .run_with(input, ["extract", "--jsonl", "--region", "US"])
        .records();
    assert_eq!(answers.len(), 2);
    assert_eq!(answers[0]["id"], "a");
    let found = answers[0]["selectors"].as_array().unwrap();
    let kinds: Vec<_> = found
        .iter()
        .map(|find| (&find["kind"], &find["value"]))
        .collect();
    assert!(
        kinds.contains(&(&json!("phone"), &json!("+12025550123"))),
        "{kinds:?}"
    );
    assert!(
        kinds.contains(&(&json!("email"), &json!("lotus@example.com"))),
        "{kinds:?}"
    );
    for find in found {
        let mut keys: Vec<_> = find
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        keys.sort_unstable();
        assert_eq!(
            keys,
            [
                "confidence",
                "disguised",
                "end",
                "kind",
                "raw",
                "start",
                "steps",
                "value"
            ]
        );
    }
    assert_eq!(answers[1]["id"], 7);
    let text = answers[1]["text"].as_str().unwrap();
    let phone = &answers[1]["selectors"][0];
    assert_eq!(phone["value"], "+441214960123");
    let (start, end) = (
        phone["start"].as_u64().unwrap() as usize,
        phone["end"].as_u64().unwrap() as usize,
    );
    assert_eq!(&text[start..end], phone["raw"].as_str().unwrap());
}

#[test]
fn a_bad_line_is_told_of_and_the_rest_goes_on() {
    let ended = Place::empty().run_with(
        "{\"id\":1}\nrubbish\n{\"id\":2,\"text\":\"hi\"}\n{\"id\":3,\"text\":\"\"}\n{\"id\":4,\"text\":\"hi\",\"region\":\"XX\"}\n",
        ["extract", "--jsonl"],
    );
    assert_eq!(ended.status, 1);
    let answers = lines(&ended.out);
    assert_eq!(
        (&answers[0]["id"], answers[0]["error"].is_string()),
        (&json!(1), true)
    );
    assert!(answers[1]["error"].is_string() && answers[1].get("id").is_none());
    assert_eq!(answers[2], json!({"id": 2, "selectors": []}));
    assert!(answers[3]["error"].as_str().unwrap().contains("empty"));
    assert!(answers[4]["error"].as_str().unwrap().contains("XX"));
}

#[test]
fn whoever_waits_for_an_answer_gets_it() {
    let place = Place::empty();
    let mut child = command(&place.path("."))
        .args(["extract", "--jsonl"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut asks = child.stdin.take().unwrap();
    let mut answers = BufReader::new(child.stdout.take().unwrap()).lines();
    for id in 0..3 {
        writeln!(asks, "{{\"id\":{id},\"text\":\"hi\"}}").unwrap();
        assert_eq!(
            answers.next().unwrap().unwrap(),
            format!("{{\"id\":{id},\"selectors\":[]}}")
        );
    }
    drop(asks);
    assert!(child.wait().unwrap().success());
}

#[test]
fn a_reader_that_leaves_early_is_no_error() {
    let place = Place::empty();
    let text = "mail a@example.com ".repeat(20_000);
    place.write("ads.txt", &text);
    let mut child = command(&place.path("."))
        .args(["extract", "ads.txt"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let ended = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "");
    assert!(ended.status.success());
}

#[test]
fn a_page_can_not_act_on_the_terminal() {
    let place = Place::empty();
    place.write(
        "ad.html",
        "<p>Telegram: @lotus_demo \u{1b}[2J\u{202e}</p><p>call +1 202\u{200f} 555 0123</p>",
    );
    for arguments in [
        vec!["extract", "ad.html"],
        vec!["extract", "ad.html", "--json"],
    ] {
        let out = place.run(&arguments).ok();
        assert!(
            !out.contains('\u{1b}') && !out.contains('\u{202e}') && !out.contains('\u{200f}'),
            "{out}"
        );
    }
}

#[test]
fn files_that_can_not_be_read_do_not_hide_the_others() {
    let place = Place::empty();
    place.write("ad.txt", "mail a@example.com");
    let ended = place.run(["extract", "missing.txt", "ad.txt", "--json"]);
    assert_eq!(ended.status, 1);
    assert!(ended.err.contains("missing.txt"), "{}", ended.err);
    assert_eq!(lines(&ended.out)[0]["id"], "ad.txt");
}
