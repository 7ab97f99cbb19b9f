//! What is made of messages of every sort.

use proptest::prelude::*;
use sightline_model::Tlp;

use super::*;
use crate::{message::Event, sample::sample_view};

/// Everything that some markup reads as more than text.
const HOSTILE: &str = "<!channel> <@U024BE7LH> @here *b* _i_ ~s~ `c` ```x``` [a](https://evil.example) \
     ![i](https://evil.example/x.png) {{DATE(2026-01-01T00:00:00Z)}} <script>alert(1)</script> <img src=x> \
     &amp; & \" ' \\ | # > - 1. \u{202e}\u{7}";

fn hostile(text: &str) -> AlertView {
    let mut view = sample_view();
    view.watchlist_name = text.into();
    view.case_reference = Some(text.into());
    view.why = vec![text.into(); 8];
    view.note = Some(text.into());
    view.standing.state = sightline_model::AlertState::Acknowledged;
    view.standing.by = Some(text.into());
    view.standing.at = Some(view.opened_at);
    view.selector.value = text.into();
    for sighting in &mut view.sightings {
        for field in [
            &mut sighting.raw,
            &mut sighting.before,
            &mut sighting.after,
            &mut sighting.source,
            &mut sighting.why,
            &mut sighting.how,
        ] {
            *field = text.into();
        }
        sighting.title = Some(text.into());
    }
    view
}

fn longest() -> AlertView {
    let mut view = hostile(&"&*<".repeat(2_000));
    view.sightings = vec![view.sightings[0].clone(); 60];
    view.new_sightings = 60;
    view
}

fn bare(event: Event) -> AlertView {
    let mut view = sample_view();
    view.event = event;
    view.link = None;
    view.case_reference = None;
    view.why.clear();
    view.sightings.clear();
    view
}

/// The JSON that this vendor is sent.
fn sent(vendor: Vendor, view: &AlertView, detail: Detail) -> Value {
    let message = message(vendor, view, detail);
    let json = match vendor {
        Vendor::Splunk => splunk_event(&message),
        _ => message.body.unwrap().json,
    };
    serde_json::from_str(&json).unwrap()
}

fn splunk_event(message: &Message) -> String {
    let settings = Vendor::Splunk.settings("https://splunk.example.org:8088", Detail::Full);
    let channel = build(&settings, "open-sesame").unwrap();
    let Way::Splunk(splunk) = &channel.way else {
        panic!("it is Splunk's");
    };
    splunk.event(message).unwrap()
}

#[test]
fn every_message_fits_the_vendors_schema() {
    let mut views = vec![sample_view(), hostile(HOSTILE), hostile(""), longest()];
    views.extend(
        [
            Event::Opened,
            Event::Updated,
            Event::Reminder,
            Event::Closed,
            Event::Test,
        ]
        .map(bare),
    );
    for vendor in Vendor::ALL {
        let schema = vendor.schema();
        for (nth, view) in views.iter().enumerate() {
            for detail in [Detail::Thin, Detail::Full] {
                let body = sent(vendor, view, detail);
                let fault = schema.fault(&body);
                assert_eq!(fault, "", "{vendor:?} {nth} {detail:?}:\n{body:#}");
                let limit = match vendor {
                    Vendor::Teams => 28_000,
                    Vendor::Splunk => 25_000,
                    Vendor::Slack => 150_000,
                    Vendor::Matrix => 60_000,
                };
                let length = body.to_string().len();
                assert!(
                    length < limit,
                    "{vendor:?} {nth} {detail:?}: {length} bytes"
                );
            }
        }
    }
}

#[test]
fn the_schemas_refuse_what_the_vendors_refuse() {
    for (vendor, path, wrong) in [
        (
            Vendor::Slack,
            "/blocks/0/text/text",
            Value::from("x".repeat(151)),
        ),
        (
            Vendor::Slack,
            "/blocks/1/text/text",
            Value::from("x".repeat(3_001)),
        ),
        (Vendor::Slack, "/blocks/1/type", "sections".into()),
        (Vendor::Teams, "/attachments/0/content/type", "Card".into()),
        (
            Vendor::Teams,
            "/attachments/0/content/body/0/wrap",
            "yes".into(),
        ),
        (Vendor::Splunk, "/event", "".into()),
        (
            Vendor::Splunk,
            "/fields/severity",
            serde_json::json!({"is": "grave"}),
        ),
        (Vendor::Matrix, "/format", "html".into()),
        (Vendor::Matrix, "/msgtype", "m.image".into()),
    ] {
        let mut body = sent(vendor, &sample_view(), Detail::Thin);
        *body.pointer_mut(path).unwrap() = wrong;
        assert_ne!(vendor.schema().fault(&body), "", "{vendor:?} {path}");
    }
}

#[test]
fn thin_and_red_messages_tell_nothing_of_the_person() {
    let mut red = sample_view();
    red.tlp = Tlp::Red;
    for vendor in Vendor::ALL {
        for (view, detail) in [(&sample_view(), Detail::Thin), (&red, Detail::Full)] {
            let body = sent(vendor, view, detail).to_string();
            for secret in [
                "5550123",
                "555-0123",
                "Massage",
                "ads.",
                "Rose",
                "duty desk",
            ] {
                assert!(!body.contains(secret), "{vendor:?}: {secret} in {body}");
            }
            for told in ["back after 41 days", "LN-2026-017", "Operation Lantern"] {
                assert!(body.contains(told), "{vendor:?}: {told} not in {body}");
            }
        }
        let full = sent(vendor, &sample_view(), Detail::Full).to_string();
        assert!(full.contains("(202) 555-0123"), "{vendor:?}: {full}");
        if vendor != Vendor::Splunk {
            assert!(
                full.contains("hxxps:") && !full.contains("https://ads"),
                "{vendor:?}: {full}"
            );
        }
    }
}

/// Every text with markup within a JSON value.
fn texts(value: &Value, out: &mut Vec<String>) {
    match value {
        Value::Object(map) if map.get("type").is_some_and(|kind| kind == "plain_text") => {}
        Value::Object(map) => map.iter().for_each(|(key, value)| match value {
            Value::String(text) if matches!(key.as_str(), "text" | "formatted_body") => {
                out.push(text.clone());
            }
            value => texts(value, out),
        }),
        Value::Array(values) => values.iter().for_each(|value| texts(value, out)),
        _ => {}
    }
}

fn check_inert(vendor: Vendor, text: &str) -> Result<(), TestCaseError> {
    check_inert_in(vendor, &sent(vendor, &hostile(text), Detail::Full))
}

fn check_inert_in(vendor: Vendor, body: &Value) -> Result<(), TestCaseError> {
    let mut found = Vec::new();
    texts(body, &mut found);
    for text in found {
        let prompt = format!("{vendor:?}: {text}");
        match vendor {
            Vendor::Slack => {
                prop_assert_eq!(text.matches('`').count() % 2, 0, "{}", prompt);
                // The one thing in angle brackets is our own link.
                let own = "<https://sightline.example.org/alerts/1|Read it in Sightline>";
                prop_assert!(!text.replace(own, "").contains('<'), "{}", prompt);
                // In code nothing is markup but its end.
                let outside: String = text.split('`').step_by(2).collect();
                prop_assert!(!outside.contains("@here"), "{}", prompt);
                prop_assert!(!outside.contains("]("), "{}", prompt);
            }
            Vendor::Teams => {
                let mut rest = text.replace(r"\\", "");
                for mark in ["[", "]", "<", ">", "{", "}", "`", "#", "|", "&", "~"] {
                    rest = rest.replace(&format!("\\{mark}"), "");
                    prop_assert!(!rest.contains(mark), "{}", prompt);
                }
            }
            Vendor::Matrix => {
                for tag in text.split('<').skip(1) {
                    let name = tag.trim_start_matches('/').split(['>', ' ']).next();
                    let known = [
                        "p",
                        "strong",
                        "br",
                        "ul",
                        "li",
                        "code",
                        "blockquote",
                        "hr",
                        "em",
                        "a",
                    ];
                    prop_assert!(known.contains(&name.unwrap_or_default()), "{}", prompt);
                }
                prop_assert_eq!(text.matches("href=").count(), 1, "{}", prompt);
            }
            Vendor::Splunk => {}
        }
        prop_assert!(!text.contains('\u{202e}'), "{}", prompt);
    }
    Ok(())
}

#[test]
fn nothing_that_was_crawled_is_read_as_markup() {
    for vendor in Vendor::ALL {
        check_inert(vendor, HOSTILE).unwrap();
    }
}

/// Slack's text beside the blocks is cut at 4,000 characters: wherever that falls, our link is whole or gone.
#[test]
fn a_text_that_is_cut_anywhere_near_its_link_is_inert() {
    let body = |length: usize, more: usize| {
        let mut view = hostile(&"&a".repeat(length));
        view.case_reference = Some("b".repeat(more));
        sent(Vendor::Slack, &view, Detail::Full)
    };
    let is_cut = |body: &Value| body["text"].as_str().unwrap().ends_with('…');
    let longest = (0..100)
        .rev()
        .find(|length| !is_cut(&body(*length, 0)))
        .unwrap();
    let mut whole = 0;
    for more in 0..200 {
        let body = body(longest, more);
        check_inert_in(Vendor::Slack, &body).unwrap();
        whole += usize::from(!is_cut(&body));
    }
    assert!(
        (1..150).contains(&whole),
        "{whole} of 200: the limit is not among them"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    #[test]
    fn whatever_was_crawled_fits_and_is_inert(text in "[ -~é\u{1f600}\n]{0,300}") {
        for vendor in [Vendor::Slack, Vendor::Teams, Vendor::Matrix] {
            let body = sent(vendor, &hostile(&text), Detail::Full);
            prop_assert_eq!(vendor.schema().fault(&body), "");
            check_inert(vendor, &text)?;
        }
    }
}

#[test]
fn a_message_made_for_another_kind_of_channel_goes_out_as_plain_text() {
    let letter = message(Vendor::Splunk, &sample_view(), Detail::Thin);
    assert_eq!(letter.body, None);
    for dialect in dialect::ALL {
        let body: Value = serde_json::from_str(&dialect.of(&letter)).unwrap();
        assert!(body.to_string().contains("back after 41 days"), "{body}");
        let mut other = letter.clone();
        other.body = Some(crate::message::Body {
            template: "other.txt".into(),
            json: "{}".into(),
        });
        assert_eq!(dialect.of(&other), dialect.of(&letter));
    }
}

#[test]
fn an_event_for_splunk_is_as_documented() {
    let event = sent(Vendor::Splunk, &sample_view(), Detail::Thin);
    assert_eq!(event["time"], 1_795_428_060.0);
    assert_eq!(event["sourcetype"], "sightline:alert");
    assert_eq!(event["source"], "sightline");
    assert_eq!(event["index"], "alerts");
    assert_eq!(event["event"]["data"]["severity"], "grave");
    let fields: Vec<_> = event["fields"].as_object().unwrap().keys().collect();
    let documented = [
        "alert",
        "case",
        "delivery",
        "entry",
        "severity",
        "tlp",
        "type",
        "watchlist",
    ];
    assert_eq!(fields, documented);
}
