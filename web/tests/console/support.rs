//! A console over a store of its own with one alert in it, and whoever asks it: a browser with its cookie, or a program
//! with its token.

use std::{path::PathBuf, sync::Arc, time::Duration};

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{HeaderMap, Method, Request, StatusCode, header},
};
use sightline_model::*;
use sightline_pipeline::{desk::Desk, files::SourceFiles, instance::Instance};
use sightline_proof::{
    case::{Exporter, Notes},
    checkpoint::Ledger,
    key::SigningKey,
};
use sightline_store::{
    Store, StoreSettings, Tx, accounts,
    explain::Plans,
    forgetting::Forgetting,
    sessions::{self, Session},
    tokens::{self, Token},
};
use sightline_watchlists::WarningLists;
use sightline_web::{
    Console, Parts, WebSettings,
    access::Permission,
    app,
    sign_in::{Secret, digest},
};
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;
use url::Url;

use crate::{
    machinery,
    world::{WORDS, Words},
};

/// The instant at which stories begin: 2026-11-23T10:00:00Z.
pub const START: Timestamp = Timestamp(1_795_428_000_000);
/// What whoever wrote the ad disguised, and what it would do to a page that did not escape it.
pub const RAW: &str = "2O2-<b>555</b>-O1\u{202e}23";

/// What stands beside it in every ad.
pub const COMPANION: &str = "lotus@example.com";

/// A console, and what it stands on.
pub struct Place {
    pub console: Console,
    pub instance: Arc<Instance>,
    pub clock: ManualClock,
    pub mint: Arc<Mint>,
    pub store: Store,
    /// How the statements were gone about that this place was asked.
    pub plans: Plans,
    pub organisation: OrganisationId,
    pub stop: CancellationToken,
    app: Router,
    folder: Arc<TempDir>,
}

/// What consoles of several organisations may share.
struct Ground {
    store: Store,
    plans: Plans,
    clock: ManualClock,
    mint: Arc<Mint>,
    folder: Arc<TempDir>,
}

impl Ground {
    fn over(folder: TempDir, mut store: Store) -> Self {
        Self {
            plans: store.explain(),
            store,
            clock: ManualClock::at(START),
            mint: Arc::new(Mint::seeded(5)),
            folder: Arc::new(folder),
        }
    }
}

/// What was answered.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// A header, or nothing.
    pub fn header(&self, name: header::HeaderName) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().unwrap())
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Whoever asks.
#[derive(Clone, Default)]
pub struct Asker {
    pub cookie: Option<String>,
    pub token: Option<String>,
}

/// A password's digest, as it is stored, that no password has.
const NO_PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

impl Place {
    pub async fn open() -> Self {
        Self::open_with(None, |_| ()).await
    }

    pub async fn open_with(public_url: Option<&str>, set: impl Fn(&mut WebSettings)) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = StoreSettings {
            url: format!("sqlite:{}", folder.path().join("store.db").display()),
            ..StoreSettings::default()
        };
        let mut web = WebSettings::default();
        set(&mut web);
        let ground = Ground::over(folder, Store::open(&settings, None).await.unwrap());
        Self::of("Lotus", ground, public_url, web).await
    }

    /// A console over a store that is open already, of whichever engine.
    pub async fn over(store: Store) -> Self {
        let ground = Ground::over(TempDir::new().unwrap(), store);
        Self::of("Lotus", ground, None, WebSettings::default()).await
    }

    /// The console of another organisation, over the same store and in the same folder.
    pub async fn beside(&self, name: &str) -> Self {
        Self::of(name, self.ground(), None, WebSettings::default()).await
    }

    /// Our own console once more, whose statements forget whose rows they are for.
    pub async fn forgetful(&self, forgetting: &Forgetting) -> Self {
        let mut ground = self.ground();
        ground.store.forget(forgetting.clone());
        Self::of("Lotus", ground, None, WebSettings::default()).await
    }

    fn ground(&self) -> Ground {
        Ground {
            plans: self.plans.clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            mint: Arc::clone(&self.mint),
            folder: Arc::clone(&self.folder),
        }
    }

    async fn of(name: &str, ground: Ground, public_url: Option<&str>, web: WebSettings) -> Self {
        let Ground {
            plans,
            store,
            clock,
            mint,
            folder,
        } = ground;
        let organisation = store.organisation(name, START, &mint).await.unwrap();
        let stop = CancellationToken::new();
        let channels = machinery::channels(folder.path());
        let instance =
            machinery::instance(folder.path(), &store, organisation, &clock, &mint).await;
        let key = SigningKey::open_or_make(folder.path(), &Mint::seeded(9)).unwrap();
        let console = Console::new(Parts {
            instance: Arc::clone(&instance),
            desk: Desk {
                files: SourceFiles::of(folder.path().join("sources")),
                has_contact: true,
                folder: folder.path().to_owned(),
                variable: |_| None,
            },
            channels,
            unusable: [("lost".to_owned(), "its secret is missing".to_owned())].into(),
            store: store.clone(),
            organisation,
            organisation_name: name.to_owned(),
            clock: Arc::new(clock.clone()),
            mint: Arc::clone(&mint),
            exporter: Exporter {
                store: store.clone(),
                organisation,
                organisation_name: name.to_owned(),
                folder: folder.path().to_owned(),
                mint: Arc::clone(&mint),
                ledger: Ledger::at(folder.path().join("audit-checkpoints.txt")),
                authority: None,
                notes: Notes::Included,
            },
            digester: key.digester().clone(),
            settings: web,
            warnings: Arc::new(WarningLists::built_in()),
            public_url: public_url.map(|url| Url::parse(url).unwrap()),
            stop: stop.clone(),
        });
        Self {
            app: app(&console),
            console,
            instance,
            clock,
            mint,
            store,
            organisation,
            stop,
            plans,
            folder,
        }
    }

    /// Where the store lies.
    pub fn store_file(&self) -> PathBuf {
        self.folder.path().join("store.db")
    }

    /// Where a source's file lies.
    pub fn source_file(&self, name: &str) -> PathBuf {
        let folder = self.folder.path().join("sources");
        std::fs::create_dir_all(&folder).unwrap();
        folder.join(format!("{name}.toml"))
    }

    /// The messages that were sent: the lines of the channel `desk`, and the letters.
    pub fn messages(&self) -> (String, Vec<String>) {
        let lines = std::fs::read_to_string(self.folder.path().join("desk.jsonl"));
        let letters = std::fs::read_dir(self.folder.path().join("letters")).unwrap();
        let read = |letter: std::fs::DirEntry| std::fs::read_to_string(letter.path()).unwrap();
        let letters = letters.map(|letter| read(letter.unwrap()));
        (lines.unwrap_or_default(), letters.collect())
    }

    pub async fn write(&self) -> Tx {
        self.store.write(self.organisation).await.unwrap()
    }

    pub fn advance(&self, by: Duration) {
        self.clock.advance(by);
    }

    /// Asks, with a whole request, and gives the answer before its body is read.
    pub async fn begin(&self, request: Request<Body>) -> axum::response::Response {
        self.app.clone().oneshot(request).await.unwrap()
    }

    /// Asks for what is no text.
    pub async fn take(&self, who: &Asker, path: &str) -> (StatusCode, HeaderMap, Vec<u8>) {
        let asked = who.request(Method::GET, path, Body::empty(), "");
        let (parts, body) = self.begin(asked).await.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        (parts.status, parts.headers, body.to_vec())
    }

    pub async fn send(&self, request: Request<Body>) -> Answer {
        let (parts, body) = self.begin(request).await.into_parts();
        let body = to_bytes(body, 10_000_000).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    pub async fn get(&self, who: &Asker, path: &str) -> Answer {
        self.send(who.request(Method::GET, path, Body::empty(), ""))
            .await
    }

    /// Sends a form, as a browser does from one of our own pages.
    pub async fn post(&self, who: &Asker, path: &str, form: &[(&str, &str)]) -> Answer {
        let mut body = url::form_urlencoded::Serializer::new(String::new());
        body.extend_pairs(form);
        let form = "application/x-www-form-urlencoded";
        let mut request = who.request(Method::POST, path, Body::from(body.finish()), form);
        request
            .headers_mut()
            .insert("sec-fetch-site", "same-origin".parse().unwrap());
        self.send(request).await
    }

    /// Sends JSON, as a program does.
    pub async fn call(&self, who: &Asker, path: &str, body: serde_json::Value) -> Answer {
        let body = Body::from(body.to_string());
        self.send(who.request(Method::POST, path, body, "application/json"))
            .await
    }

    /// Sends JSON under a condition; an empty one is none.
    pub async fn call_if(
        &self,
        who: &Asker,
        path: &str,
        tag: &str,
        body: serde_json::Value,
    ) -> Answer {
        let body = Body::from(body.to_string());
        let mut request = who.request(Method::POST, path, body, "application/json");
        if !tag.is_empty() {
            let headers = request.headers_mut();
            headers.insert(header::IF_MATCH, tag.parse().unwrap());
        }
        self.send(request).await
    }

    /// Somebody of this role who has signed in, without the work of a password.
    pub async fn somebody(&self, role: Role) -> Asker {
        self.known(&self.account(role).await, Stage::SignedIn).await
    }

    pub async fn account(&self, role: Role) -> Account {
        let account = Account {
            id: self.mint.id(START),
            name: format!("{role} {}", self.mint.id::<AccountId>(START)),
            role,
            created_at: START,
            enrolled_at: Some(START),
            disabled_at: None,
        };
        let mut tx = self.write().await;
        assert!(accounts::add(&mut tx, &account, NO_PASSWORD).await.unwrap());
        tx.commit().await.unwrap();
        account
    }

    pub async fn known(&self, account: &Account, stage: Stage) -> Asker {
        let secret = Secret::draw(&self.mint);
        let now = self.console.now();
        let session = Session {
            id: self.mint.id(now),
            account: account.id,
            stage,
            created_at: now,
            seen_at: now,
            address: None,
            agent: None,
            failures: 0,
        };
        let mut tx = self.write().await;
        sessions::begin(&mut tx, &session, &secret.digest())
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Asker {
            cookie: Some(format!("sightline={}", secret.expose())),
            token: None,
        }
    }

    /// A program of somebody of this role, with all permissions of its owner.
    pub async fn program(&self, role: Role) -> Asker {
        let account = self.account(role).await;
        let scopes = Permission::all().map(|one| one.to_string()).collect();
        self.token(&account, scopes).await
    }

    pub async fn token(&self, account: &Account, scopes: Vec<String>) -> Asker {
        let secret = Secret::draw(&self.mint);
        let now = self.console.now();
        let token = Token {
            id: self.mint.id(now),
            account: account.id,
            name: "test".to_owned(),
            scopes,
            created_at: now,
            expires_at: now + Duration::from_secs(86_400),
            used_at: None,
            ended_at: None,
            parent: None,
        };
        let mut tx = self.write().await;
        tokens::add(&mut tx, &token, &digest(secret.expose()))
            .await
            .unwrap();
        tx.commit().await.unwrap();
        Asker {
            cookie: None,
            token: Some(secret.expose().to_owned()),
        }
    }

    /// Raises an alert: an entry that reappeared after 41 days.
    pub async fn alert(&self, severity: Severity) -> Alert {
        self.alert_of(severity, &WORDS).await
    }

    /// The same of an ad of these words.
    pub async fn alert_of(&self, severity: Severity, words: &Words<'_>) -> Alert {
        let (mut tx, now) = (self.write().await, self.console.now());
        let alert = crate::world::raise(&mut tx, &self.mint, severity, now, words).await;
        tx.commit().await.unwrap();
        alert
    }
}

impl Asker {
    /// Nobody that is known.
    pub fn nobody() -> Self {
        Self::default()
    }

    pub fn request(
        &self,
        method: Method,
        path: &str,
        body: Body,
        media_type: &str,
    ) -> Request<Body> {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:8787");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        if let Some(token) = &self.token {
            request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
        }
        if !media_type.is_empty() {
            request = request.header(header::CONTENT_TYPE, media_type);
        }
        request.body(body).unwrap()
    }

    /// Keeps the cookie that an answer gives.
    pub fn keep(&mut self, answer: &Answer) {
        let cookie = answer.header(header::SET_COOKIE);
        assert!(!cookie.is_empty(), "no cookie was given: {}", answer.body);
        self.cookie = Some(cookie.split(';').next().unwrap().to_owned());
    }
}
