//! Watchlists and entries are edited in forms: what is wrong is told at its field, what was typed is kept, and nobody
//! overwrites what a colleague changed meanwhile.

use axum::http::{StatusCode, header};
use sightline_model::*;
use sightline_store::{audit, watchlists};

use crate::support::{Answer, Asker, Place};

/// What a colleague would do to a page that did not escape it.
const HOSTILE: &str = "\"><script>alert(1)</script>\u{202e}";

/// The fields of the form that a page shows, as a browser would send them back.
fn form_of(page: &Answer) -> Vec<(String, String)> {
    let body = page.body.split("<main").nth(1).unwrap();
    let form = body.split("<form method=\"post\"").nth(1).unwrap();
    let form = form.split("</form>").next().unwrap();
    let attribute = |tag: &str, name: &str| {
        let at = tag.find(&format!(" {name}=\""))? + name.len() + 3;
        Some(unescaped(tag[at..].split('"').next()?))
    };
    let mut fields = Vec::new();
    for part in form.split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        let Some(name) = attribute(tag, "name") else {
            if let Some((name, _)) = fields.last().filter(|_| tag.contains(" selected")) {
                let name = String::clone(name);
                fields.pop();
                fields.push((name, attribute(tag, "value").unwrap()));
            }
            continue;
        };
        let is_ticked = !tag.contains("type=\"checkbox\"") || tag.contains(" checked");
        if tag.starts_with("select") {
            fields.push((name, String::new()));
        } else if tag.starts_with("textarea") {
            fields.push((name, unescaped(text)));
        } else if is_ticked {
            fields.push((name, attribute(tag, "value").unwrap_or_default()));
        }
    }
    fields
}

fn unescaped(text: &str) -> String {
    let mut text = text.to_owned();
    for (code, sign) in [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#38;", "&"),
    ] {
        text = text.replace(code, sign);
    }
    text
}

/// The same form with other words in some fields; none leaves one out.
fn but(form: &[(String, String)], changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut form = form.to_vec();
    for (name, value) in changes {
        form.retain(|(field, _)| field != name);
        form.push(((*name).to_owned(), (*value).to_owned()));
    }
    form
}

async fn send(place: &Place, who: &Asker, path: &str, form: &[(String, String)]) -> Answer {
    let form: Vec<(&str, &str)> = form
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    place.post(who, path, &form).await
}

/// The value that a form shows in a field.
fn value<'f>(form: &'f [(String, String)], name: &str) -> &'f str {
    let found = form.iter().find(|(field, _)| field == name);
    &found
        .unwrap_or_else(|| panic!("no field {name}: {form:?}"))
        .1
}

#[tokio::test]
async fn a_list_is_called_something_else_and_goes_where_nothing_ever_stood_on_it() {
    let place = Place::open().await;
    let analyst = place.somebody(Role::Analyst).await;
    let alert = place.alert(Severity::Grave).await;
    let blank = form_of(&place.get(&analyst, "/watchlists/new").await);
    let named = but(&blank, &[("name", "Jade")]);
    let made = send(&place, &analyst, "/watchlists/new", &named).await;
    let list = made.header(header::LOCATION).to_owned();
    let edit = format!("{list}/edit");
    for (name, status) in [
        // Another list is called Operation Lotus.
        ("operation LOTUS", StatusCode::UNPROCESSABLE_ENTITY),
        ("JADE", StatusCode::SEE_OTHER),
        ("Operation Jade", StatusCode::SEE_OTHER),
    ] {
        let form = form_of(&place.get(&analyst, &edit).await);
        let said = send(&place, &analyst, &edit, &but(&form, &[("name", name)])).await;
        assert_eq!(said.status, status, "{name}: {}", said.body);
    }
    let gone = place.post(&analyst, &format!("{list}/delete"), &[]).await;
    assert_eq!(gone.header(header::LOCATION), "/watchlists");
    let asked = place.get(&analyst, &list).await;
    assert_eq!(asked.status, StatusCode::NOT_FOUND);

    let kept = format!("/watchlists/{}", alert.watchlist);
    let refused = place.post(&analyst, &format!("{kept}/delete"), &[]).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(
        refused.body.contains("withdraw its entries"),
        "{}",
        refused.body
    );
    assert_eq!(place.get(&analyst, &kept).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_list_is_made_and_every_rule_of_it_is_changed() {
    let place = Place::open().await;
    let analyst = place.somebody(Role::Analyst).await;
    let blank = form_of(&place.get(&analyst, "/watchlists/new").await);
    assert_eq!(value(&blank, "gap_days"), "14");
    assert_eq!(value(&blank, "group_wait_seconds"), "30 s");
    let filled = but(
        &blank,
        &[
            ("name", "Operation Jade"),
            ("purpose", "find people"),
            ("legal_basis", "order 12/26"),
            ("owner", "R. Analyst"),
            ("category", "suspect"),
            ("review_after_days", "90"),
            ("channels", "desk"),
            ("repeat_seconds", "2 h"),
            ("digest.every", "daily"),
            ("digest.zone", "Europe/Paris"),
            ("quiet_hours.from", "22:00"),
            ("quiet_hours.to", "07:00"),
            ("escalate.after_seconds", "1 h"),
            ("escalate.channels", "lost"),
        ],
    );
    let made = send(&place, &analyst, "/watchlists/new", &filled).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let list = made.header(header::LOCATION).to_owned();
    let page = place.get(&analyst, &list).await;
    for part in [
        "<bdi>Operation Jade</bdi>",
        "desk is told, of: new_source, reappeared, first, historic.",
        "A daily digest at 08:00, Europe/Paris; from grave on, at once.",
        "Quiet from 22:00 to 07:00, UTC",
        "Reminded every 2 hours until somebody acknowledges.",
        "lost is told where nobody acknowledges within 1 hour.",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    // What it gives reaches an entry that says nothing itself.
    let entry = [("kind", "email"), ("value", "jade@example.com")];
    let added = place.post(&analyst, &format!("{list}/add"), &entry).await;
    assert_eq!(added.status, StatusCode::SEE_OTHER, "{}", added.body);

    let edit = format!("{list}/edit");
    let shown = form_of(&place.get(&analyst, &edit).await);
    assert_eq!(value(&shown, "repeat_seconds"), "2 h");
    let done = send(
        &place,
        &analyst,
        &edit,
        &but(
            &shown,
            &[
                ("severity", "grave"),
                ("digest.every", ""),
                ("escalate.after_seconds", ""),
            ],
        ),
    )
    .await;
    assert_eq!(
        done.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "others are named, and nothing says when"
    );
    assert!(
        done.body.contains("id=\"escalate.after_seconds-fault\""),
        "{}",
        done.body
    );
    let shown = form_of(&done);
    assert_eq!(value(&shown, "severity"), "grave", "what was typed stays");
    let rest: Vec<_> = shown
        .iter()
        .filter(|(name, _)| name != "escalate.channels")
        .cloned()
        .collect();
    let done = send(&place, &analyst, &edit, &rest).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = place.get(&analyst, &edit).await;
    assert!(
        page.body
            .contains("severity: &#34;normal&#34; → &#34;grave&#34;"),
        "{}",
        page.body
    );
    let mut tx = place.write().await;
    let deeds = audit::list(&mut tx, &Default::default()).await.unwrap();
    let deeds: Vec<_> = deeds.iter().map(|one| one.deed.what.as_str()).collect();
    assert!(
        deeds.contains(&"watchlist.create") && deeds.contains(&"watchlist.set"),
        "{deeds:?}"
    );
}

#[tokio::test]
async fn what_is_wrong_in_a_list_is_told_at_its_field_and_nothing_typed_is_lost() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let analyst = place.somebody(Role::Analyst).await;
    let blank = form_of(&place.get(&analyst, "/watchlists/new").await);
    let sound = [("name", "Jade"), ("owner", HOSTILE)];
    for (field, text, at) in [
        ("name", "", "name"),
        ("name", "Jade\u{202e}", "name"),
        ("name", "Operation Lotus", "name"),
        ("review_after_days", "731", "review_after_days"),
        ("review_after_days", HOSTILE, "review_after_days"),
        ("category", "guilty", "category"),
        ("reasons", "continued", "reasons"),
        ("channels", "nobody", "channels"),
        ("gap_days", "0", "gap_days"),
        ("stale_days", "3", "stale_days"),
        ("ceiling_per_day", "0", "ceiling_per_day"),
        ("group_wait_seconds", "2 d", "group_wait_seconds"),
        ("repeat_seconds", "1 s", "repeat_seconds"),
        ("quiet_hours.from", "25:00", "quiet_hours.from"),
        ("quiet_hours.to", "07:00", "quiet_hours.from"),
        ("escalate.after_seconds", "1 h", "escalate.channels"),
    ] {
        let form = but(&but(&blank, &sound), &[(field, text)]);
        let answer = send(&place, &analyst, "/watchlists/new", &form).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field} {text}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("id=\"{at}-fault\"")),
            "{field} {text}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("href=\"#{at}\""))
                && answer.body.contains(&format!("id=\"{at}\""))
        );
        assert!(!answer.body.contains("<script>alert"), "{field}");
        assert_eq!(value(&form_of(&answer), "owner"), HOSTILE, "{field} {text}");
    }
    let mut tx = place.write().await;
    assert_eq!(
        watchlists::all(&mut tx).await.unwrap().len(),
        1,
        "none was made"
    );
}

#[tokio::test]
async fn nobody_overwrites_what_a_colleague_changed_of_a_list() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    let mut tx = place.write().await;
    let list = watchlists::all(&mut tx).await.unwrap().remove(0);
    drop(tx);
    let edit = format!("/watchlists/{}/edit", list.id);
    let (one, other) = (
        place.somebody(Role::Analyst).await,
        place.somebody(Role::Analyst).await,
    );
    let form = form_of(&place.get(&one, &edit).await);
    let theirs = but(&form, &[("owner", "Their owner"), ("gap_days", "21")]);
    assert_eq!(
        send(&place, &other, &edit, &theirs).await.status,
        StatusCode::SEE_OTHER
    );
    let ours = but(
        &form,
        &[("owner", "Our owner"), ("purpose", "find more people")],
    );
    let met = send(&place, &one, &edit, &ours).await;
    assert_eq!(met.status, StatusCode::CONFLICT);
    assert!(
        met.body
            .contains("Meanwhile it was changed by <bdi>analyst"),
        "{}",
        met.body
    );
    assert!(met.body.contains("you wrote something else"));
    let again = form_of(&met);
    assert_eq!(value(&again, "owner"), "Our owner", "what was typed stays");
    assert_eq!(
        value(&again, "gap_days"),
        "21",
        "what was not touched follows"
    );
    assert_eq!(value(&again, "purpose"), "find more people");
    assert_eq!(
        send(&place, &one, &edit, &again).await.status,
        StatusCode::SEE_OTHER
    );
    let last = form_of(&place.get(&other, &edit).await);
    assert_eq!(
        (value(&last, "owner"), value(&last, "gap_days")),
        ("Our owner", "21")
    );
}

#[tokio::test]
async fn what_is_said_of_an_entry_is_changed_and_its_history_tells() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let analyst = place.somebody(Role::Analyst).await;
    let path = format!("/entries/{}", alert.entry);
    let edit = format!("{path}/edit");
    let form = form_of(&place.get(&analyst, &edit).await);
    let changes = [
        ("purpose", "find her again"),
        ("category", "victim"),
        ("review_at", "2027-05-23"),
        ("expires_at", "2027-06-30"),
        ("case_reference", HOSTILE),
        ("tlp", "red"),
        ("severity", "low"),
        ("note", "tall;\nseen in spring"),
        ("tags", "north, lorry parks"),
        ("reason", "the order was renewed"),
    ];
    let done = send(&place, &analyst, &edit, &but(&form, &changes)).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    let page = place.get(&analyst, &path).await;
    for part in [
        "find her again",
        "TLP:RED",
        "tall;\nseen in spring",
        "lorry parks, north",
        "edited it:",
        "→ find her again",
        "the order was renewed",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }
    assert!(!page.body.contains("<script>alert"));
    // What is sent back as it was shown changes nothing, and is no change in the history.
    let form = form_of(&place.get(&analyst, &edit).await);
    assert_eq!(
        (value(&form, "review_at"), value(&form, "expires_at")),
        ("2027-05-23", "2027-06-30")
    );
    let before = page.body.matches("edited it:").count();
    let same = send(&place, &analyst, &edit, &form).await;
    assert_eq!(same.status, StatusCode::SEE_OTHER, "{}", same.body);
    let page = place.get(&analyst, &path).await;
    assert_eq!(page.body.matches("edited it:").count(), before);
}

#[tokio::test]
async fn what_is_wrong_of_an_entry_is_told_at_its_field() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let analyst = place.somebody(Role::Analyst).await;
    let edit = format!("/entries/{}/edit", alert.entry);
    let form = form_of(&place.get(&analyst, &edit).await);
    for (field, text) in [
        ("purpose", " "),
        ("legal_basis", ""),
        ("owner", ""),
        ("category", "guilty"),
        ("review_at", "2020-01-01"),
        ("review_at", ""),
        ("expires_at", HOSTILE),
        ("tlp", "pink"),
        ("severity", "dire"),
        ("match", "anything"),
    ] {
        let changed = but(&form, &[("note", HOSTILE), (field, text)]);
        let answer = send(&place, &analyst, &edit, &changed).await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{field}: {}",
            answer.body
        );
        assert!(
            answer.body.contains(&format!("id=\"{field}-fault\"")),
            "{field}: {}",
            answer.body
        );
        assert!(!answer.body.contains("<script>alert"), "{field}");
        assert_eq!(value(&form_of(&answer), "note"), HOSTILE, "{field}");
    }
    let why = [("reason", "it is over")];
    let gone = place
        .post(
            &analyst,
            &format!("/entries/{}/withdraw", alert.entry),
            &why,
        )
        .await;
    assert_eq!(gone.status, StatusCode::SEE_OTHER);
    // Its alert is open still, and both pages say that nobody is reminded of it.
    let entry = place
        .get(&analyst, &format!("/entries/{}", alert.entry))
        .await;
    let link = format!("href=\"/alerts/{}\"", alert.id);
    assert!(entry.body.contains(&link), "{}", entry.body);
    let page = place.get(&analyst, &format!("/alerts/{}", alert.id)).await;
    let said = "what was looked for was withdrawn from its list";
    assert!(page.body.contains(said), "{}", page.body);
    assert_eq!(
        place.get(&analyst, &edit).await.status,
        StatusCode::CONFLICT
    );
    assert_eq!(
        send(&place, &analyst, &edit, &form).await.status,
        StatusCode::CONFLICT
    );
}

#[tokio::test]
async fn nobody_overwrites_what_a_colleague_changed_of_an_entry() {
    let place = Place::open().await;
    let alert = place.alert(Severity::Grave).await;
    let edit = format!("/entries/{}/edit", alert.entry);
    let (one, other) = (
        place.somebody(Role::Analyst).await,
        place.somebody(Role::Analyst).await,
    );
    let form = form_of(&place.get(&one, &edit).await);
    let theirs = but(&form, &[("note", "theirs"), ("tags", "north")]);
    assert_eq!(
        send(&place, &other, &edit, &theirs).await.status,
        StatusCode::SEE_OTHER
    );
    let ours = but(&form, &[("note", "ours"), ("owner", "Our owner")]);
    let met = send(&place, &one, &edit, &ours).await;
    assert_eq!(met.status, StatusCode::CONFLICT);
    assert!(
        met.body
            .contains("Meanwhile it was changed by <bdi>analyst"),
        "{}",
        met.body
    );
    assert!(
        met.body.contains("<bdi>nothing</bdi> → <bdi>theirs</bdi>")
            || met.body.contains("→ <bdi>theirs</bdi>")
    );
    let again = form_of(&met);
    assert_eq!(
        (
            value(&again, "note"),
            value(&again, "tags"),
            value(&again, "owner")
        ),
        ("ours", "north", "Our owner")
    );
    assert_eq!(
        send(&place, &one, &edit, &again).await.status,
        StatusCode::SEE_OTHER
    );
    let last = form_of(&place.get(&other, &edit).await);
    assert_eq!(
        (value(&last, "note"), value(&last, "tags")),
        ("ours", "north")
    );
}
