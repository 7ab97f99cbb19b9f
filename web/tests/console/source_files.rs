//! The file of a source is edited in the console: judged as it is written, saved whole or not at all, in force at once, and
//! everything that it said before can be brought back.

use std::{fs, path::Path, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, Method, StatusCode, header},
};
use sightline_egress::Secrets;
use sightline_model::*;
use sightline_pipeline::{files, plan::plan};
use sightline_store::{Filter, audit, runs, sources};
use url::form_urlencoded::Serializer;

use crate::support::{Answer, Asker, Place, START};

/// What its file says.
pub const ADS: &str = "# The board of the harbour; ask K. before you change it.
start = [\"https://ads.example/\"]
region = \"US\"
\u{20}
[schedule]
cron = \"30 2 * * *\" # at night
zone = \"Europe/Paris\"

[list]
links = [\"a.ad\"]

[detail]
title = \"h1\"
";

/// What a colleague would do to a page that did not escape it.
const HOSTILE: &str = "</textarea><script>alert(1)</script>\u{202e}";

/// A source that is crawled by its file.
pub async fn crawled(place: &Place, text: &str) -> SourceId {
    let file = place.source_file("harbour");
    fs::write(&file, text).unwrap();
    let source = files::read(&file)
        .source
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let secrets = Secrets {
        folder: Path::new(""),
        environment: &|_| None,
    };
    let registered = place
        .instance
        .register(vec![source], secrets)
        .await
        .unwrap();
    registered.watched[0].id
}

fn said(place: &Place) -> String {
    fs::read_to_string(place.source_file("harbour")).unwrap()
}

/// The value of a hidden field.
fn hidden(page: &Answer, name: &str) -> String {
    let field = format!("type=\"hidden\" name=\"{name}\" value=\"");
    let rest = page
        .body
        .split(&field)
        .nth(1)
        .unwrap_or_else(|| panic!("{}", page.body));
    let value = rest.split('"').next().unwrap();
    value.replace("&#34;", "\"").replace("&#38;", "&")
}

async fn save(place: &Place, who: &Asker, id: SourceId, was: &str, text: &str) -> Answer {
    // As browsers send what stands in a text field.
    let text = text.replace('\n', "\r\n");
    let form = [
        ("was", was),
        ("text", &text),
        ("why", "the board has moved"),
    ];
    place.post(who, &format!("/sources/{id}/edit"), &form).await
}

async fn live(place: &Place, who: &Asker, path: &str, form: &[(&str, &str)]) -> Answer {
    let mut body = Serializer::new(String::new());
    body.extend_pairs(form);
    let form = "application/x-www-form-urlencoded";
    let mut request = who.request(Method::POST, path, Body::from(body.finish()), form);
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    headers.insert("hx-request", HeaderValue::from_static("true"));
    place.send(request).await
}

#[tokio::test]
async fn every_problem_is_told_with_its_line_as_the_file_is_written() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let page = place.get(&operator, &format!("/sources/{id}/edit")).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "# The board of the harbour",
        "harbour.toml",
        "It is sound",
        "Tue 24 Nov 2026 02:30 UTC+1",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let wrong = ADS
        .replace("start =", "strat =")
        .replace("30 2 * * *", "61 2 * * *");
    let check = format!("/sources/{id}/check");
    let typed = live(&place, &operator, &check, &[("text", &wrong)]).await;
    for part in [
        "<strong>line 2</strong>",
        "did you mean `start`?",
        "<strong>line 6</strong>",
        "schedule.cron",
    ] {
        assert!(typed.body.contains(part), "{part}: {}", typed.body);
    }
    assert!(!typed.body.contains("<html"));
    let sound = live(
        &place,
        &operator,
        &check,
        &[("text", &ADS.replace("30 2", "30 5"))],
    )
    .await;
    assert!(
        sound.body.contains("Tue 24 Nov 2026 05:30 UTC+1"),
        "{}",
        sound.body
    );
    // Without a script: the whole page again, with everything that was typed.
    let form = [("text", HOSTILE), ("why", HOSTILE), ("was", "x")];
    let plain = place.post(&operator, &check, &form).await;
    assert!(
        plain.body.contains("<html") && plain.body.contains("&#60;/textarea&#62;"),
        "{}",
        plain.body
    );
    assert!(!plain.body.contains("<script>alert"));
    assert_eq!(said(&place), ADS, "nothing was saved");
}

#[tokio::test]
async fn what_is_saved_is_in_force_and_can_be_taken_back() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let edit = format!("/sources/{id}/edit");
    let was = hidden(&place.get(&operator, &edit).await, "was");
    let changed = ADS.replace("a.ad", "a.listing");
    let done = save(&place, &operator, id, &was, &changed).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(said(&place), changed, "to the letter");
    let watched = place.instance.watched(id).unwrap();
    assert_eq!(watched.source.settings.profile.list.links.0.len(), 1);
    let definition = watched.source.definition().to_string();
    assert!(definition.contains("a.listing"), "{definition}");
    let page = place.get(&operator, &edit).await;
    for part in [
        "by hand",
        "as it was found",
        "the board has moved",
        "links = [&#34;a.listing&#34;]",
        "in the file now",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    let back = page
        .body
        .split("?version=")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let old = place
        .get(&operator, &format!("{edit}?version={back}"))
        .await;
    assert!(
        old.body.contains("links = [&#34;a.ad&#34;]"),
        "{}",
        old.body
    );
    let done = save(&place, &operator, id, &hidden(&old, "was"), ADS).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(said(&place), ADS);
    let mut tx = place.write().await;
    let log = audit::list(&mut tx, &Filter::default()).await.unwrap();
    let edits = log.iter().filter(|one| one.deed.what == "source.edit");
    assert_eq!(edits.count(), 2);
    assert!(
        place
            .get(&operator, &format!("{edit}?version=999"))
            .await
            .status
            == StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_is_refused_leaves_the_file_untouched() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let was = hidden(
        &place.get(&operator, &format!("/sources/{id}/edit")).await,
        "was",
    );
    for (text, words) in [
        (ADS.replace("start =", "strat ="), "line 2"),
        ("start = [".to_owned(), "problem"),
        (
            format!("name = \"other\"\n{ADS}"),
            "it would be another source",
        ),
        (
            format!(
                "{ADS}\n[proxy]\nurl = \"http://proxy.example:3128\"\nusername = \"u\"\npassword_env = \"NOT_SET\"\n"
            ),
            "given a password of this machine",
        ),
        (format!("{ADS}{}", "# more\n".repeat(2_001)), "2000 lines"),
        (format!("{ADS}# {}", "x".repeat(65_536)), "64 KiB"),
        (HOSTILE.to_owned(), "problem"),
    ] {
        let answer = save(&place, &operator, id, &was, &text).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{text}: {}",
            answer.body
        );
        assert!(answer.body.contains(words), "{words}: {}", answer.body);
        assert!(!answer.body.contains("<script>alert"));
        assert_eq!(said(&place), ADS, "{text}");
    }
    // By other hands meanwhile: a conflict, and nothing of theirs is lost.
    let theirs = ADS.replace("K.", "M.");
    fs::write(place.source_file("harbour"), &theirs).unwrap();
    let ours = ADS.replace("a.ad", "a.listing");
    let met = save(&place, &operator, id, &was, &ours).await;
    assert_eq!(met.status, StatusCode::CONFLICT);
    assert_eq!(said(&place), theirs);
    assert!(
        met.body.contains("changed by other hands") && met.body.contains("a.listing"),
        "{}",
        met.body
    );
    assert!(
        met.body.contains("ask M. before") && met.body.contains("ask K. before"),
        "{}",
        met.body
    );
    let both = theirs.replace("a.ad", "a.listing");
    let done = save(&place, &operator, id, &hidden(&met, "was"), &both).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(said(&place), both);
    // What was written by hand is in the history.
    let page = place.get(&operator, &format!("/sources/{id}/edit")).await;
    assert!(page.body.contains("by hand"), "{}", page.body);
    fs::remove_file(place.source_file("harbour")).unwrap();
    let gone = save(&place, &operator, id, &was, ADS).await;
    assert_eq!(gone.status, StatusCode::CONFLICT);
    assert!(gone.body.contains("no file of the source"), "{}", gone.body);
}

#[tokio::test]
async fn a_broken_source_is_put_right_and_crawled_again() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    let broken = ADS.replace("start =", "strat =");
    fs::write(place.source_file("harbour"), &broken).unwrap();
    let known = sightline_pipeline::instance::Broken {
        name: "harbour".to_owned(),
        why: "line 2".to_owned(),
    };
    place.instance.hold(vec![known]);
    let page = place.get(&operator, &format!("/sources/{id}/edit")).await;
    assert!(page.body.contains("did you mean `start`?"), "{}", page.body);
    let schedule = place
        .get(&operator, &format!("/sources/{id}/schedule"))
        .await;
    assert_eq!(schedule.status, StatusCode::CONFLICT);
    let done = save(&place, &operator, id, &hidden(&page, "was"), ADS).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert!(place.instance.broken().is_empty());
    let page = place.get(&operator, &format!("/sources/{id}")).await;
    assert!(
        !page.body.contains("This process does not crawl it"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn a_schedule_is_changed_by_its_fields_and_counts_from_now() {
    let place = Place::open().await;
    let operator = place.somebody(Role::Operator).await;
    let id = crawled(&place, ADS).await;
    plan(&place.instance).await.unwrap();
    let path = format!("/sources/{id}/schedule");
    let page = place.get(&operator, &path).await;
    assert!(
        page.body.contains("value=\"30 2 * * *\"") && page.body.contains("Europe/Paris"),
        "{}",
        page.body
    );
    assert_eq!(
        page.body.matches("UTC+1 <span").count(),
        10,
        "{}",
        page.body
    );
    let (was, digest) = (hidden(&page, "was"), hidden(&page, "digest"));
    let form = |cron: &'static str, zone: &'static str| {
        [
            ("was", was.clone()),
            ("digest", digest.clone()),
            ("cron", cron.to_owned()),
            ("every", String::new()),
            ("zone", zone.to_owned()),
            ("jitter", "1m".to_owned()),
            ("allowed_hours", "08:00-22:00".to_owned()),
            ("days", "mon-fri, sun".to_owned()),
            ("misfire", "run_once".to_owned()),
            ("overlap", "queue".to_owned()),
        ]
    };
    fn borrowed<'f>(form: &'f [(&'static str, String)]) -> Vec<(&'static str, &'f str)> {
        form.iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect()
    }
    for (cron, zone, at) in [
        ("61 2 * * *", "Europe/Paris", "cron"),
        ("0 9 * * *", "Europe/Pariss", "zone"),
    ] {
        let wrong = form(cron, zone);
        let answer = place.post(&operator, &path, &borrowed(&wrong)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(
            answer.body.contains(&format!("id=\"{at}-fault\"")),
            "{at}: {}",
            answer.body
        );
        assert!(
            answer.body.contains("value=\"mon-fri, sun\""),
            "what was typed stays"
        );
        assert_eq!(said(&place), ADS);
    }
    // As it is typed, the next ten, with a word where the clock jumps over one, or over a later one.
    place.advance(Duration::from_secs(86_400 * 120));
    let operator = place.somebody(Role::Operator).await;
    let typed = form("0 9 * * *", "Europe/Paris");
    let preview = live(
        &place,
        &operator,
        &format!("/sources/{id}/plan"),
        &borrowed(&typed),
    )
    .await;
    assert!(
        preview.body.contains("Wed 24 Mar 2027 09:00 UTC+1"),
        "{}",
        preview.body
    );
    assert!(!preview.body.contains("the clock goes"), "{}", preview.body);
    for (cron, zone, told) in [
        (
            "30 2 * * *",
            "Europe/Paris",
            "forward by 1 h on Sun 28 Mar 2027 and skips 02:30",
        ),
        // After the ten that are shown.
        (
            "30 23 * * *",
            "America/Santiago",
            "back by 1 h on Sat 3 Apr 2027 and shows 23:30 twice",
        ),
    ] {
        let mut typed = form(cron, zone);
        let at_any_time = typed
            .iter_mut()
            .filter(|(field, _)| ["allowed_hours", "days"].contains(field));
        at_any_time.for_each(|(_, value)| value.clear());
        let plan = format!("/sources/{id}/plan");
        let preview = live(&place, &operator, &plan, &borrowed(&typed)).await;
        let told = format!("the clock goes {told}");
        assert_eq!(preview.body.matches(&told).count(), 1, "{}", preview.body);
    }
    assert_eq!(said(&place), ADS, "a preview saves nothing");
    let done = place.post(&operator, &path, &borrowed(&typed)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    assert_eq!(
        said(&place),
        ADS.replace("\"30 2 * * *\" # at night", "\"0 9 * * *\" # at night").replace(
            "zone = \"Europe/Paris\"\n",
            "zone = \"Europe/Paris\"\noverlap = \"queue\"\nallowed_hours = [\"08:00-22:00\"]\ndays = [\"mon-fri\", \"sun\"]\n"
        )
    );
    // Nothing is made up for: what the new schedule would have planned before was never missed.
    plan(&place.instance).await.unwrap();
    let mut tx = place.write().await;
    assert_eq!(runs::list(&mut tx, &Filter::default()).await.unwrap(), []);
    let row = sources::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(
        row.next_planned_at,
        Some(Timestamp::parse("2027-03-24T08:00:00Z").unwrap())
    );
    drop(tx);
    // Over a form that was shown before that, nothing is written.
    let late = form("0 10 * * *", "Europe/Paris");
    let met = place.post(&operator, &path, &borrowed(&late)).await;
    assert_eq!(met.status, StatusCode::CONFLICT, "{}", met.body);
    assert!(
        met.body.contains("30 2 * * *</bdi> → <bdi>0 9 * * *"),
        "{}",
        met.body
    );
    assert!(said(&place).contains("0 9 * * *"));
    assert_eq!(met.header(header::LOCATION), "");
    assert!(START < place.console.now());
}
