//! Two organisations in one store: what the other's people wrote and what its crawls found is told to nobody else, by no
//! route, to no role, under no identifier.
//!
//! The walk goes through the table of routes with the other's identifiers. Its control walks as the other itself, and has
//! to meet every canary.

mod asked;
mod engines;
mod rows;
mod theirs;

use std::{
    collections::{BTreeMap, BTreeSet},
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    body::{Body, to_bytes},
    http::{HeaderValue, Method, StatusCode, header},
};
use futures::FutureExt;
use sightline_model::{Role, Severity, Stage};
use sightline_pipeline::deliver::deliver_due;
use sightline_store::forgetting::Forgetting;
use sightline_web::{
    access::Permission,
    routes::{Face, Needs, Route, table},
};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::fmt::MakeWriter;

use crate::support::{Asker, Place};
use asked::{Ask, asks};
use rows::rows_of;
use theirs::{CANARIES, Ids, Theirs, heard, of_nothing};

/// Routes that show none of the canaries even to those whose they are, and why.
const SHOW_NONE: &[(&str, &str)] = &[
    ("GET /account", OWN),
    ("GET /account/second-factor", OWN),
    ("GET /api/v1", "the reference"),
    ("GET /api/v1/channels", "channels are the configuration's"),
    (
        "GET /api/v1/entries/{id}/days",
        "days, and how many sightings",
    ),
    ("GET /api/v1/erasures", "nothing of theirs was erased"),
    ("GET /api/v1/events", "counts alone"),
    ("GET /api/v1/images/{id}", PICTURE),
    ("GET /api/v1/invitations", "they name nobody"),
    ("GET /api/v1/me", OWN),
    ("GET /api/v1/me/sessions", OWN),
    ("GET /api/v1/me/tokens", OWN),
    ("GET /api/v1/openapi.json", "the reference"),
    ("GET /api/v1/purges", "nothing of theirs was purged"),
    ("GET /api/v1/runs", "the source is an identifier"),
    ("GET /api/v1/runs/{id}", "the source is an identifier"),
    ("GET /api/v1/selectors", "what the asked-for text may be"),
    (
        "GET /api/v1/selectors/observations",
        "the asked-for number, and nothing around it",
    ),
    ("GET /api/v1/sources/broken", "no file of theirs is wrong"),
    ("GET /api/v1/sources/{id}/politeness", "hosts and numbers"),
    ("GET /assets/{version}/{name}", "they are in the program"),
    ("GET /enrol", OWN),
    ("GET /events", "counts alone"),
    ("GET /healthz", "whether it works"),
    ("GET /images/{id}", PICTURE),
    ("GET /images/{id}/veiled", PICTURE),
    ("GET /metrics", "measurements without names"),
    ("GET /readyz", "whether it works"),
    ("GET /sign-in", "a form"),
    ("GET /watchlists/new", "a form"),
    (
        "GET /watchlists/{id}/import/refused",
        "nothing was uploaded",
    ),
    ("GET /welcome/{secret}", "an invitation names nobody"),
];

const OWN: &str = "whoever asks has an account without canaries";
const PICTURE: &str = "a picture has no words";

/// Routes that do nothing to what they are asked for here, even for those whose it is, and why.
const DO_NOTHING: &[(&str, &str)] = &[
    ("POST /account/password", FACTORS),
    ("POST /account/second-factor/codes", FACTORS),
    ("POST /account/second-factor/finish", FACTORS),
    ("POST /account/second-factor/move", FACTORS),
    ("POST /account/sessions/{id}/end", "it is another person's"),
    ("POST /account/tokens/{id}/end", "it is another person's"),
    (
        "POST /api/v1/me/sessions/{id}/end",
        "it is another person's",
    ),
    ("POST /api/v1/me/tokens/{id}/end", "it is another person's"),
    ("POST /enrol", FACTORS),
    ("POST /sign-in", FACTORS),
    ("POST /watchlists/new", "it names nothing that is there"),
];

const FACTORS: &str = "it takes a password or a code, and names nothing";

/// What was answered.
struct Told {
    status: StatusCode,
    to: String,
    bytes: Vec<u8>,
    /// Canaries in the body and in the headers.
    canaries: Vec<&'static str>,
}

async fn ask(place: &Place, who: &Asker, route: &Route, ask: &Ask) -> Told {
    let (media_type, body) = ask.body.clone().unwrap_or_default();
    let method = route.method.clone();
    let mut request = who.request(method, &ask.path, Body::from(body), media_type);
    let headers = request.headers_mut();
    headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
    if route.face == Face::Api {
        headers.insert(header::IF_MATCH, HeaderValue::from_static("*"));
    }
    let (parts, body) = place.begin(request).await.into_parts();
    let bytes = to_bytes(body, 50_000_000).await.unwrap().to_vec();
    let mut canaries = heard(&bytes);
    for (name, value) in &parts.headers {
        canaries.extend(heard(name.as_str().as_bytes()));
        canaries.extend(heard(value.as_bytes()));
    }
    let to = parts.headers.get(header::LOCATION);
    Told {
        status: parts.status,
        to: to.map_or("", |to| to.to_str().unwrap()).to_owned(),
        bytes,
        canaries,
    }
}

/// Somebody of this role, by what the route takes.
async fn somebody(place: &Place, role: Role, face: Face) -> Asker {
    let account = place.account(role).await;
    match face {
        Face::Page => place.known(&account, Stage::SignedIn).await,
        Face::Api => {
            let all = Permission::all().map(|one| one.to_string());
            place.token(&account, all.collect()).await
        }
    }
}

fn name(route: &Route) -> String {
    format!("{} {}", route.method, route.path)
}

/// What was answered, without the identifiers that were asked with and those of whoever asks.
fn without(told: &Told, asked: &Ask, ids: &Ids) -> (StatusCode, String) {
    let mut text = format!("{}\n{}", told.to, String::from_utf8_lossy(&told.bytes));
    let (path, _) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
    text = text.replace(path, "PATH");
    for (part, id) in ids {
        // Short numbers stand for much else.
        text = match id.len() > 10 {
            true => text.replace(id.as_str(), "ID"),
            false => text.replace(&format!("{part}/{id}"), "ID"),
        };
    }
    let is_part = |sign: char| sign.is_ascii_hexdigit() || sign == '-';
    let words = text.split(|sign: char| !is_part(sign));
    let unique: BTreeSet<&str> = words.filter(|word| word.len() == 36).collect();
    let mut bare = text.clone();
    for word in unique {
        bare = bare.replace(word, "ID");
    }
    (told.status, bare)
}

/// Two answers from where they differ, and a little before.
fn apart(one: &(StatusCode, String), other: &(StatusCode, String)) -> (String, String) {
    let pairs = one.1.chars().zip(other.1.chars());
    let same = pairs.take_while(|(one, other)| one == other).count();
    let from = |answer: &(StatusCode, String)| {
        let part: String = answer
            .1
            .chars()
            .skip(same.saturating_sub(60))
            .take(160)
            .collect();
        format!("{} …{part}", answer.0)
    };
    (from(one), from(other))
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl std::io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'l> MakeWriter<'l> for Log {
    type Writer = Self;

    fn make_writer(&'l self) -> Self {
        self.clone()
    }
}

/// Asks our console for all of these routes as this role, with what is theirs and with what is nothing. How many requests that
/// were, and what is wrong with the answers.
async fn walk(
    place: &Place,
    theirs: &Theirs,
    role: Role,
    routes: impl Iterator<Item = Route>,
) -> (usize, Vec<String>) {
    let nothing = of_nothing();
    let (mut asked, mut faults) = (0, Vec::new());
    for route in routes {
        let pairs = asks(&route, &theirs.ids).into_iter();
        for (one, none) in pairs.zip(asks(&route, &nothing)) {
            let who = somebody(place, role, route.face).await;
            let told = ask(place, &who, &route, &one).await;
            asked += 1;
            let what = format!("{role}: {} {}", route.method, one.path);
            if !told.canaries.is_empty() {
                faults.push(format!("{what} tells {:?}", told.canaries));
            }
            if told.status.is_server_error() {
                faults.push(format!("{what} fails: {}", told.status));
            }
            // With an identifier of theirs the answer is that of one that does not exist.
            if (&one.path, &one.body) == (&none.path, &none.body) {
                continue;
            }
            if route.path.contains("{id}") && told.status.is_success() {
                faults.push(format!("{what} is shown: {}", told.status));
            }
            // Who changed something may be known no more, and pages list whoever there is.
            let who = match route.method {
                Method::GET => who,
                _ => somebody(place, role, route.face).await,
            };
            let unknown = ask(place, &who, &route, &none).await;
            let told = without(&told, &one, &theirs.ids);
            let unknown = without(&unknown, &none, &nothing);
            if told != unknown {
                let (told, unknown) = apart(&told, &unknown);
                faults.push(format!("{what}: {told}, and for nothing {unknown}"));
            }
        }
    }
    (asked, faults)
}

#[tokio::test]
async fn nobody_is_told_of_another_organisation_by_any_route() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    // What is theirs came later than all that is ours, as far as one can tell by identifiers.
    place.advance(Duration::from_secs(1));
    let theirs = Theirs::beside(&place).await;
    let before = rows_of(&place, theirs.place.organisation).await;
    assert!(before.len() > 40, "{before:?}");
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::DEBUG)
        .with_writer(log.clone())
        .finish();
    let logging = tracing::subscriber::set_default(subscriber);
    place.stop.cancel();
    let (mut asked, mut faults) = (0, Vec::new());
    for role in Role::ALL {
        let (more, found) = walk(&place, &theirs, *role, table().into_iter()).await;
        asked += more;
        faults.extend(found);
        let after = rows_of(&place, theirs.place.organisation).await;
        if after != before {
            faults.push(format!("what an {role} asked changed rows of theirs"));
        }
    }
    assert_eq!(faults, [""; 0], "{} of {asked}", faults.len());
    // What falls due in our name is ours alone.
    deliver_due(&place.instance, &CancellationToken::new())
        .await
        .unwrap();
    let (lines, letters) = place.messages();
    assert_eq!(heard(lines.as_bytes()), [""; 0]);
    assert_eq!(heard(letters.concat().as_bytes()), [""; 0]);
    assert_eq!(rows_of(&place, theirs.place.organisation).await, before);
    drop(logging);
    let log = log.0.lock().unwrap();
    assert!(log.len() > 1_000, "nothing was logged");
    assert_eq!(heard(&log), [""; 0]);
    eprintln!(
        "{asked} requests over {} routes and {} roles, {} rows of theirs",
        table().len(),
        Role::ALL.len(),
        before.len()
    );
}

#[tokio::test]
async fn whoever_is_known_to_one_organisation_is_nobody_to_another() {
    let place = Place::open().await;
    let theirs = Theirs::beside(&place).await;
    for route in table() {
        if route.needs == Needs::Nobody {
            continue;
        }
        for one in asks(&route, &theirs.ids) {
            for who in [&theirs.session, &theirs.program] {
                let told = ask(&place, who, &route, &one).await;
                let is_nobody = told.status == StatusCode::UNAUTHORIZED
                    || told.status == StatusCode::SEE_OTHER && told.to.starts_with("/sign-in");
                assert!(is_nobody, "{}: {} {}", name(&route), told.status, told.to);
            }
        }
    }
}

#[tokio::test]
async fn the_other_organisation_itself_sees_every_canary() {
    let mut seen: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    let (mut shows_none, mut does_nothing) = (BTreeSet::new(), BTreeSet::new());
    let mut shows = BTreeSet::new();
    // What one face ends, the other finds ended: each has a world of its own.
    for face in [Face::Page, Face::Api] {
        let place = Place::open().await;
        let theirs = Theirs::beside(&place).await;
        if face == Face::Api {
            deliver_due(&theirs.place.instance, &CancellationToken::new())
                .await
                .unwrap();
            let (_, letters) = theirs.place.messages();
            assert_ne!(heard(letters.concat().as_bytes()), [""; 0]);
        }
        theirs.place.stop.cancel();
        let routes = || table().into_iter().filter(|route| route.face == face);
        let reads = routes().filter(|route| route.method == Method::GET);
        let changes = routes().filter(|route| route.method != Method::GET);
        let mut changes: Vec<Route> = changes.collect();
        // Who is disabled is signed in no more, and a link that was used is none.
        changes.sort_by_key(|route| {
            route.path.contains("/accounts/") || route.path.contains("{secret}")
        });
        for route in reads.chain(changes) {
            let (mut has_shown, mut has_done) = (false, false);
            for one in asks(&route, &theirs.ids) {
                let who = somebody(&theirs.place, Role::Administrator, face).await;
                let told = ask(&theirs.place, &who, &route, &one).await;
                for canary in &told.canaries {
                    seen.entry(canary).or_default().insert(name(&route));
                }
                has_shown |= !told.canaries.is_empty();
                // It was found, though something may stand against what was asked.
                has_done |= match told.status {
                    StatusCode::SEE_OTHER | StatusCode::CONFLICT => true,
                    StatusCode::UNPROCESSABLE_ENTITY => route.path.contains("{id}"),
                    status => status.is_success(),
                };
            }
            match (route.method == Method::GET, has_shown, has_done) {
                (true, true, _) => _ = shows.insert(name(&route)),
                (true, false, _) => _ = shows_none.insert(name(&route)),
                (false, _, false) => _ = does_nothing.insert(name(&route)),
                (false, _, true) => {}
            }
        }
    }
    eprintln!("{} routes show canaries: {shows:#?}", shows.len());
    let unseen: Vec<&&str> = CANARIES
        .iter()
        .filter(|one| !seen.contains_key(**one))
        .collect();
    assert!(unseen.is_empty(), "no route shows {unseen:?}");
    let known = |list: &[(&str, &str)]| -> BTreeSet<String> {
        list.iter().map(|(route, _)| (*route).to_owned()).collect()
    };
    assert_eq!(shows_none, known(SHOW_NONE));
    assert_eq!(does_nothing, known(DO_NOTHING));
}

/// What a statement says that reads by identifier.
const BY_IDENTIFIER: &str = "organisation = ? AND id ";

#[tokio::test]
async fn statements_that_forget_whose_rows_they_read_are_found_out() {
    let place = Place::open().await;
    place.alert(Severity::Grave).await;
    place.advance(Duration::from_secs(1));
    let theirs = Theirs::beside(&place).await;
    let reads = || {
        let routes = table().into_iter();
        routes.filter(|route| route.method == Method::GET && route.path.contains("{id}"))
    };
    let role = Role::Administrator;
    let nothing = Forgetting::default();
    let (_, faults) = walk(&place.forgetful(&nothing).await, &theirs, role, reads()).await;
    assert_eq!(faults, [""; 0]);
    let is_read = |statement: &String| {
        statement.trim_start().starts_with("SELECT") && statement.contains(BY_IDENTIFIER)
    };
    let met: Vec<String> = nothing.met().into_iter().filter(is_read).collect();
    let (mut tried, mut found) = (0, 0);
    for statement in &met {
        let forgetful = place.forgetful(&Forgetting::of(statement.clone())).await;
        // One row where there is one for us, and two where there are all: some say so by a panic.
        let walked = AssertUnwindSafe(walk(&forgetful, &theirs, role, reads())).catch_unwind();
        let faults = match walked.await {
            Ok((_, faults)) => faults,
            Err(_) => vec!["it panics".to_owned()],
        };
        tried += 1;
        found += usize::from(!faults.is_empty());
        let words: Vec<&str> = statement.split_whitespace().collect();
        let said = faults.first().map_or("nothing", String::as_str);
        eprintln!(
            "{}\n    {}",
            words.join(" "),
            said.lines().next().unwrap_or_default()
        );
    }
    eprintln!("{found} of {tried} statements are found out");
    assert!(tried > 5 && found * 2 > tried, "{found} of {tried}");
}
