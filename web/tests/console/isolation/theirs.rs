//! Another organisation in the same store, with a canary in all that its people write and in all that it crawls.

use std::{collections::BTreeMap, fs, path::Path};

use axum::http::StatusCode;
use serde_json::{Value, json};
use sightline_egress::Secrets;
use sightline_model::*;
use sightline_pipeline::{crawl::crawl, files, progress::Progress};
use sightline_store::{
    Filter, accounts, alerts, captures, deliveries, images, listings, runs,
    sessions::{self, Session},
    sightings,
};
use sightline_web::sign_in::Secret;
use tokio_util::sync::CancellationToken;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

use crate::support::{Asker, Place, START};

/// A number that theirs has and no page has to name, so that whoever asks for it says no canary.
pub const KNOWN: &str = "+12025550177";

/// All that must never be told to others: words that somebody wrote, and a number, as its last digits.
pub const CANARIES: [&str; 25] = [
    "5550186",
    "wisteria-account",
    "wisteria-agent",
    "wisteria-basis",
    "wisteria-case",
    "wisteria-comment",
    "wisteria-error",
    "wisteria-file",
    "wisteria-furniture",
    "wisteria-hold",
    "wisteria-link",
    "wisteria-list",
    "wisteria-mail@example.org",
    "wisteria-note",
    "wisteria-owner",
    "wisteria-picture",
    "wisteria-purpose",
    "wisteria-silence",
    "wisteria-source",
    "wisteria-tag",
    "wisteria-text",
    "wisteria-title",
    "wisteria-token",
    "wisteria-verdict",
    "wisteria-why",
];

/// The canaries that stand in these bytes.
pub fn heard(bytes: &[u8]) -> Vec<&'static str> {
    let text = String::from_utf8_lossy(bytes).to_lowercase();
    let digits = text.replace(['-', ' '], "");
    let is_there = |canary: &&&str| match canary.starts_with(|sign: char| sign.is_ascii_digit()) {
        true => digits.contains(**canary),
        false => text.contains(**canary),
    };
    CANARIES.iter().filter(is_there).copied().collect()
}

/// Identifiers, each by the part of a path that it comes behind.
pub type Ids = BTreeMap<&'static str, String>;

/// Identifiers of theirs, or of nothing.
pub fn of_nothing() -> Ids {
    let unknown = "ffffffff-ffff-7fff-bfff-ffffffffffff".to_owned();
    let number = "987654321".to_owned();
    let mut ids: Ids = NAMED.iter().map(|part| (*part, unknown.clone())).collect();
    for part in ["listings", "captures"] {
        ids.insert(part, number.clone());
    }
    ids.insert("images", "0".repeat(64));
    for part in ["welcome", "reset"] {
        ids.insert(part, "none".to_owned());
    }
    ids
}

const NAMED: [&str; 13] = [
    "alerts",
    "sightings",
    "silences",
    "watchlists",
    "entries",
    "sources",
    "runs",
    "deliveries",
    "accounts",
    "invitations",
    "holds",
    "sessions",
    "tokens",
];

/// The other organisation.
pub struct Theirs {
    pub place: Place,
    pub ids: Ids,
    /// Somebody of theirs: by a session, and by a token.
    pub session: Asker,
    pub program: Asker,
}

const NAME: &str = "wisteria-source";

const PAGE: &str = "<h1>wisteria-title</h1><p>wisteria-text lilac, call +1 202-555-0186 or +1 202-555-0177, write to \
                    wisteria-mail@example.org</p><img src=/wisteria-picture.png>";

fn picture() -> Vec<u8> {
    let mut bytes = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(64, 32, |x, _| image::Rgb([x as u8 * 3, 10, 10]))
        .write_to(&mut bytes, image::ImageFormat::Png)
        .unwrap();
    bytes.into_inner()
}

/// Crawls a site with one ad by a source's file, and says which source it is.
async fn crawled(place: &Place) -> SourceId {
    let server = MockServer::start().await;
    for (at, body, media_type) in [
        (
            "/",
            b"<a class=ad href=/wisteria-link/1>one</a>".to_vec(),
            "text/html",
        ),
        ("/wisteria-link/1", PAGE.into(), "text/html"),
        ("/wisteria-picture.png", picture(), "image/png"),
    ] {
        let answer = ResponseTemplate::new(200).set_body_raw(body, media_type);
        Mock::given(path(at))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let text = format!(
        "# wisteria-file\nstart = [\"{}/\"]\nregion = \"US\"\npoliteness.unlimited = true\nlist.links = [\"a.ad\"]\n\
         detail.title = \"h1\"\ndetail.body = \"p\"\ndetail.images.css = [\"img\"]\n",
        server.uri()
    );
    let file = place.source_file(NAME);
    fs::write(&file, text).unwrap();
    let source = files::read(&file)
        .source
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let secrets = Secrets {
        folder: Path::new(""),
        environment: &|_| None,
    };
    let known = place.instance.register(vec![source], secrets).await;
    let watched = known.unwrap().watched;
    let stop = CancellationToken::new();
    let who = "R. Operator";
    crawl(&place.instance, &watched, who, &Progress::default(), &stop)
        .await
        .unwrap();
    watched[0].id
}

async fn done(place: &Place, who: &Asker, path: &str, body: Value) -> Value {
    let answer = place
        .call_if(who, &format!("/api/v1/{path}"), "*", body)
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.body);
    answer.json()
}

fn id_of(thing: &Value) -> String {
    thing["id"].as_str().expect("an identifier").to_owned()
}

impl Theirs {
    /// Moves in beside us.
    pub async fn beside(us: &Place) -> Self {
        let place = us.beside("Wisteria Hall").await;
        let program = place.program(Role::Administrator).await;
        let mut ids = of_nothing();
        looked_for(&place, &program, &mut ids).await;
        ids.insert("sources", crawled(&place).await.to_string());
        // A run by hand is another than the one that was.
        place.advance(std::time::Duration::from_secs(60));
        found(&place, &mut ids).await;
        said(&place, &program, &mut ids).await;
        // The review of what is looked for falls due.
        place.advance(std::time::Duration::from_secs(20 * 3_600));
        let (session, token) = people(&place, &program, &mut ids).await;
        Self {
            place,
            ids,
            session,
            program: token,
        }
    }
}

/// A list with an entry that is looked for.
async fn looked_for(place: &Place, program: &Asker, ids: &mut Ids) {
    let list = json!({"name": "wisteria-list", "rules": {"severity": "grave"}});
    let list = id_of(&done(place, program, "watchlists", list).await);
    let entry = json!({
        "kind": "phone", "value": "+12025550186", "purpose": "wisteria-purpose", "legal_basis": "wisteria-basis",
        "owner": "wisteria-owner", "category": "victim", "review_at": "2026-11-24", "expires_at": "2026-11-28",
        "case_reference": "wisteria-case", "note": "wisteria-note", "tags": "wisteria-tag",
    });
    let added = done(place, program, &format!("watchlists/{list}/entries"), entry).await;
    ids.insert("entries", id_of(&added["entry"]));
    ids.insert("watchlists", list);
}

/// What the crawl left.
async fn found(place: &Place, ids: &mut Ids) {
    let mut tx = place.write().await;
    let alert = alerts::list(&mut tx, &Filter::default()).await.unwrap();
    let alert = alert.first().expect("the number on the page is looked for");
    let listing = listings::list(&mut tx, &Filter::default()).await.unwrap();
    let listing = listing[0].listing.id;
    let shown = images::of_listings(&mut tx, &[listing]).await.unwrap();
    let shown: Vec<ImageId> = shown.iter().filter_map(|one| one.image).collect();
    let image = images::get(&mut tx, &shown).await.unwrap().remove(0);
    let capture = captures::list(&mut tx, &Filter::default()).await.unwrap();
    let capture = capture
        .iter()
        .find(|one| one.url.path() == "/wisteria-link/1");
    let seen = sightings::list(&mut tx, &Filter::default()).await.unwrap();
    let run = runs::list(&mut tx, &Filter::default()).await.unwrap();
    ids.insert("alerts", alert.id.to_string());
    ids.insert("listings", listing.to_string());
    ids.insert("images", image.digest.to_string());
    ids.insert("captures", capture.expect("the ad was kept").id.to_string());
    ids.insert("sightings", seen[0].id.to_string());
    ids.insert("runs", run[0].id.to_string());
    // One message that was given up, and one that falls due.
    for channel in ["desk", "letters"] {
        let delivery = Delivery {
            id: place.mint.id(START),
            topic: Topic::Alert(alert.id),
            batch: 1,
            channel: channel.to_owned(),
            purpose: Purpose::News,
            waits: None,
            carrier: None,
            state: DeliveryState::Pending,
            attempts: 0,
            next_at: START,
            last_error: None,
            message: None,
            progress: None,
            created_at: START,
            delivered_at: None,
        };
        let all = std::slice::from_ref(&delivery);
        deliveries::insert(&mut tx, all).await.unwrap();
        if channel == "desk" {
            let error = "550 wisteria-error".to_owned();
            let end = deliveries::DeliveryEnd::Dead { error };
            deliveries::finish(&mut tx, delivery.id, &end, START)
                .await
                .unwrap();
            ids.insert("deliveries", delivery.id.to_string());
        }
    }
    tx.commit().await.unwrap();
}

/// What people said of it.
async fn said(place: &Place, program: &Asker, ids: &mut Ids) {
    let of = |part: &str, deed: &str| format!("{part}/{}/{deed}", ids[part]);
    let comment = json!({"text": "wisteria-comment"});
    done(place, program, &of("alerts", "comments"), comment).await;
    let verdict = json!({"verdict": "confirmed", "why": "wisteria-verdict"});
    done(place, program, &of("sightings", "verdict"), verdict).await;
    let own = json!({"kind": "email", "value": "wisteria-mail@example.org", "state": "declared", "reason": "wisteria-furniture"});
    done(place, program, &of("sources", "furniture"), own).await;
    let file = of("sources", "file");
    let text = place.get(program, &format!("/api/v1/{file}")).await.json();
    let text = format!("{}# another line\n", text["text"].as_str().unwrap());
    let edit = json!({"text": text, "why": "wisteria-why"});
    done(place, program, &format!("{file}/edit"), edit).await;
    let silence = json!({"covers": {"kind": "email"}, "until": "2026-12-24T00:00:00Z", "reason": "wisteria-silence"});
    let silence = id_of(&done(place, program, "silences", silence).await);
    let person = place.somebody(Role::Investigator).await;
    let form = [
        ("of", "alert"),
        ("name", &*ids["alerts"]),
        ("reason", "wisteria-hold"),
    ];
    let placed = place.post(&person, "/holds", &form).await;
    assert_eq!(placed.status, StatusCode::SEE_OTHER, "{}", placed.body);
    let page = place.get(&person, "/holds").await.body;
    let hold = page.split("/holds/").nth(1).expect("a hold to be lifted");
    let hold = hold.split('/').next().unwrap().to_owned();
    ids.insert("silences", silence);
    ids.insert("holds", hold);
}

/// Accounts, and ways in.
async fn people(place: &Place, program: &Asker, ids: &mut Ids) -> (Asker, Asker) {
    let now = place.console.now();
    let account = Account {
        id: place.mint.id(now),
        name: "wisteria-account".to_owned(),
        role: Role::Administrator,
        created_at: now,
        enrolled_at: Some(now),
        disabled_at: None,
    };
    let secret = Secret::draw(&place.mint);
    let session = Session {
        id: place.mint.id(now),
        account: account.id,
        stage: Stage::SignedIn,
        created_at: now,
        seen_at: now,
        address: None,
        agent: Some("wisteria-agent".to_owned()),
        failures: 0,
    };
    let mut tx = place.write().await;
    assert!(accounts::add(&mut tx, &account, "$none").await.unwrap());
    sessions::begin(&mut tx, &session, &secret.digest())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    let cookie = Asker {
        cookie: Some(format!("sightline={}", secret.expose())),
        token: None,
    };
    let token = place.token(&account, vec!["account.own".to_owned()]).await;
    let wanted = json!({"name": "wisteria-token", "days": 9, "scopes": ["account.own"]});
    let made = done(place, program, "me/tokens", wanted).await;
    ids.insert("tokens", id_of(&made["token"]));
    ids.insert("accounts", account.id.to_string());
    ids.insert("sessions", session.id.to_string());
    let open = async || place.get(program, "/api/v1/invitations").await.json();
    let behind = |link: &Value, word: &str| {
        let (_, secret) = link["link"].as_str().unwrap().split_once(word).unwrap();
        secret.to_owned()
    };
    // One to be withdrawn, and one to be followed.
    done(place, program, "invitations", json!({"role": "auditor"})).await;
    ids.insert("invitations", id_of(&open().await["items"][0]));
    let invited = done(place, program, "invitations", json!({"role": "auditor"})).await;
    ids.insert("welcome", behind(&invited, "/welcome/"));
    let reset = format!("accounts/{}/reset-link", account.id);
    let link = done(place, program, &reset, json!({})).await;
    ids.insert("reset", behind(&link, "/reset/"));
    (cookie, token)
}
