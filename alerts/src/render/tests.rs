//! Messages as they read, and templates with mistakes.

use std::fs;

use super::*;
use crate::{message::Event, sample::sample_reminder};

fn render(view: &AlertView, detail: Detail) -> Message {
    Templates::embedded()
        .unwrap()
        .render(
            DeliveryId(Uuid::from_u128(9)),
            view,
            letter(detail),
            view.opened_at,
        )
        .unwrap()
}

fn letter(detail: Detail) -> Style {
    Style {
        detail,
        dialect: None,
    }
}

#[test]
fn a_thin_mail_reads_as_documented_and_names_nobody() {
    let message = render(&sample_view(), Detail::Thin);
    let documented = include_str!("../../../docs/messages.md")
        .split("```text\n")
        .nth(1)
        .and_then(|rest| rest.split("\n```").next())
        .unwrap();
    let written = format!("Subject: {}\n\n{}", message.subject, message.text);
    assert_eq!(written, documented, "docs/messages.md shows another");
    for secret in ["5550123", "555-0123", "Massage", "ads", "Rose", "duty desk"] {
        assert!(
            !message.html.contains(secret),
            "{secret} in {}",
            message.html
        );
    }
}

#[test]
fn a_full_mail_shows_the_match_with_its_links_broken() {
    let message = render(&sample_view(), Detail::Full);
    for part in [
        "Looked for: phone +12025550123 (victim or possible victim)",
        "Call or text >>(202) 555-0123<< ask for Rose",
        "Read as:  +12025550123: written with separators",
        "Where:    hxxps://ads[.]example/oakland/812?from=list (listing 812)",
        "Title:    Massage: calm hands near www[.]studio[.]example",
        "Before:   13 October 2026, 10:00 UTC on board-east",
        "2 more are not shown here.",
        "capture 90017, SHA-256 9f86d081",
    ] {
        assert!(
            message.text.contains(part),
            "{part} is not in\n{}",
            message.text
        );
    }
    assert!(message.html.contains("<mark>(202) 555-0123</mark>"));
    assert!(!message.subject.contains("555"));
}

#[test]
fn html_is_inert_whatever_was_crawled() {
    let mut view = sample_view();
    let hostile =
        "<img src=https://evil.example/x onerror=alert(1)>\u{202e}\r\nBcc: x@evil.example";
    view.watchlist_name = hostile.into();
    view.case_reference = Some(hostile.into());
    view.why = vec![hostile.into()];
    view.note = Some(hostile.into());
    let sighting = &mut view.sightings[0];
    for text in [
        &mut sighting.raw,
        &mut sighting.before,
        &mut sighting.after,
        &mut sighting.source,
        &mut sighting.why,
    ] {
        *text = hostile.into();
    }
    sighting.title = Some(hostile.into());
    sighting.url = "https://evil.example/%3Cscript%3E?\"><script>"
        .parse()
        .unwrap();
    let message = render(&view, Detail::Full);
    assert!(!message.html.contains("<img") && !message.html.contains("<script"));
    assert_eq!(
        message.html.matches("href=").count(),
        1,
        "our own link alone"
    );
    assert!(!message.subject.chars().any(char::is_control));
    for part in [&message.html, &message.text, &message.subject] {
        assert!(!part.contains('\u{202e}'));
    }
}

#[test]
fn each_event_has_its_words_and_a_missing_link_a_way_on() {
    for (event, words) in [
        (Event::Opened, "was sighted"),
        (Event::Updated, "There is more"),
        (Event::Reminder, "Nobody has acknowledged"),
        (Event::Escalated, "so it comes to you"),
        (Event::Forgotten, "has not been closed"),
    ] {
        let mut view = sample_view();
        view.event = event;
        view.link = None;
        view.why.clear();
        let message = render(&view, Detail::Thin);
        assert!(message.text.contains(words) && message.html.contains(words));
        assert!(
            message
                .text
                .contains(&format!("sightline alert ack {}", view.alert))
        );
        let reminds = message.subject.contains("Reminder");
        let is_reminder = matches!(event, Event::Reminder | Event::Forgotten);
        assert_eq!(reminds, is_reminder, "{}", message.subject);
        let escalated = message.subject.contains("Escalated, grave");
        assert_eq!(escalated, event == Event::Escalated, "{}", message.subject);
        assert!(
            message
                .subject
                .contains(": an entry of your watchlist was sighted"),
            "{}",
            message.subject
        );
    }
}

#[test]
fn what_is_possible_and_what_others_look_for_is_in_the_subject_and_the_text() {
    let view = AlertView {
        possible: true,
        also_on: vec!["Night watch".into()],
        ..sample_view()
    };
    let message = render(&view, Detail::Thin);
    let subject = "Grave: possible, back after 41 days";
    assert!(message.subject.contains(subject), "{}", message.subject);
    assert!(
        message.text.contains("Also on:    Night watch\n"),
        "{}",
        message.text
    );
    assert!(message.html.contains("Night watch"));
}

#[test]
fn a_reminder_says_what_of_since_when_and_which_it_is() {
    let view = sample_reminder();
    let at = view.opened_at + std::time::Duration::from_secs(3 * 86_400);
    let rendered = |detail| {
        let message = Templates::embedded().unwrap().render(
            DeliveryId(Uuid::from_u128(9)),
            &view,
            letter(detail),
            at,
        );
        message.unwrap()
    };
    let thin = rendered(Detail::Thin);
    let documented = include_str!("../../../docs/messages.md")
        .split("```text\n")
        .find(|text| text.contains("Reminder 3"))
        .and_then(|rest| rest.split("\n```").next())
        .unwrap();
    let written = format!("Subject: {}\n\n{}", thin.subject, thin.text);
    assert_eq!(written, documented, "docs/messages.md shows another");
    for secret in ["5550123", "555-0123", "Massage", "ads", "Rose", "oakland"] {
        assert!(!thin.html.contains(secret), "{secret} in {}", thin.html);
    }
    let full = rendered(Detail::Full);
    for part in [
        "reminder 3: open for 3 days, and nobody has taken it",
        "back after 41 days, on a new site",
        "Last seen:  23 November 2026, 10:00 UTC on classified-oakland",
        "Call or text >>(202) 555-0123<< ask for Rose",
    ] {
        assert!(full.text.contains(part), "{part} is not in {}", full.text);
    }
    assert!(full.html.contains("<mark>(202) 555-0123</mark>"));
    // News that a reminder takes along is told as both.
    let with_news = AlertView {
        event: Event::Updated,
        ..view.clone()
    };
    let subject = Templates::embedded()
        .unwrap()
        .render(
            DeliveryId(Uuid::nil()),
            &with_news,
            letter(Detail::Thin),
            at,
        )
        .unwrap()
        .subject;
    assert!(
        subject.contains("Reminder 3, with news, grave"),
        "{subject}"
    );
}

#[test]
fn own_templates_replace_those_of_their_name_and_mistakes_are_found_at_start() {
    let folder = tempfile::tempdir().unwrap();
    let with = |name: &str, text: &str| {
        fs::write(folder.path().join(name), text).unwrap();
        let made = Templates::from_folder(folder.path());
        fs::remove_file(folder.path().join(name)).unwrap();
        made
    };
    let own = with(
        "subject.txt",
        "Alert {{ data.alert }}\r\nBcc: x@example.com",
    )
    .unwrap();
    let view = sample_view();
    let message = own
        .render(
            DeliveryId(Uuid::nil()),
            &view,
            letter(Detail::Thin),
            view.opened_at,
        )
        .unwrap();
    assert_eq!(
        message.subject,
        format!("Alert {} Bcc: x@example.com", view.alert)
    );
    assert!(
        message.text.contains("Operation Lantern"),
        "the others stay"
    );
    // What no sample shows goes out in the built-in words, and not never.
    let odd = with(
        "subject.txt",
        "{% if data.watchlist_name == 'Rose' %}{{ data.nothing }}{% endif %}Mine",
    )
    .unwrap();
    let rose = AlertView {
        watchlist_name: "Rose".to_owned(),
        ..sample_view()
    };
    for (view, is_built_in) in [(sample_view(), false), (rose, true)] {
        let style = letter(Detail::Thin);
        let message = odd.render(DeliveryId(Uuid::nil()), &view, style, view.opened_at);
        let subject = message.unwrap().subject;
        assert_eq!(subject.contains("[Sightline]"), is_built_in, "{subject}");
        assert_eq!(subject == "Mine", !is_built_in);
    }
    for (text, part) in [
        ("one\n{{ data.alrt }}", "at line 2"),
        ("{% if %}", "subject.txt"),
        ("{{ data.full.value }}", "subject.txt"),
        // What a reminder has not.
        ("{{ data.why[0] }}", "subject.txt is wrong at line 1"),
        (
            "{% for a in range(10000) %}{% for b in range(10000) %}{% for c in range(10000) %}{% endfor %}{% endfor %}{% endfor %}",
            "subject.txt is wrong at line 1: it takes too many steps; look for a loop within a loop",
        ),
        (
            &format!(
                "{{% for a in range(2000) %}}{}{{% endfor %}}",
                "x".repeat(10_000)
            ),
            "subject.txt is wrong: it makes more than 8 MiB of text",
        ),
    ] {
        let error = with("subject.txt", text).err().unwrap().to_string();
        assert!(
            error.contains(part) && error.contains("correct it"),
            "{error}"
        );
    }
    // What makes nothing, of any sort of message, would be sent as that, and refused with all that it carries.
    let all = Templates::names().map(|name| (name, ""));
    let others = ["\n{# later #}\n", "{% if false %}x{% endif %}"].map(|text| (HTML, text));
    for (name, text) in all.chain(others) {
        let error = with(name, text).err().unwrap().to_string();
        let part = format!("{name} is wrong: it makes no text; correct it");
        assert!(error.contains(&part), "{error}");
    }
    let error = with(
        "subject.txt",
        "{% if data.reminding is not defined %}News{% endif %}",
    );
    let error = error.err().unwrap().to_string();
    assert!(error.contains("it makes no text"), "{error}");
    // Nor does one in which nothing is left of what a page says.
    let unseen = with("digest_subject.txt", "\u{7}").unwrap();
    let digest = unseen.render_digest(
        DeliveryId(Uuid::nil()),
        view.alert,
        &sample_digest(),
        view.opened_at,
    );
    assert_eq!(digest.unwrap().subject, "Sightline");
    for name in ["subject.text", "README", ".hidden"] {
        fs::write(folder.path().join(name), "x").unwrap();
    }
    assert_eq!(
        Templates::strangers(folder.path()),
        ["README", "subject.text"]
    );
    let error = Templates::from_folder(&folder.path().join("absent"))
        .err()
        .unwrap();
    assert!(error.to_string().contains("correct the path"), "{error}");
    for (name, text) in [
        ("alert.txt", "{{ data.nothing }}"),
        ("slack.mrkdwn", "{{ data.full.value }}"),
        ("teams.md", "fine: {{ data.severity }}"),
    ] {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let faults: Vec<_> = Templates::faults(folder.path())
        .iter()
        .map(|fault| fault.problem("templates").message)
        .collect();
    let [text, slack] = &faults[..] else {
        panic!("two are wrong: {faults:?}");
    };
    assert!(text.contains("alert.txt is wrong at line 1"), "{text}");
    assert!(slack.contains("slack.mrkdwn is wrong at line 1"), "{slack}");
}
