//! What stands in a world beside its alert, so that every form that there is stands on some page; and the doors by which
//! people come to them.

use std::{slice::from_ref, time::Duration};

use sightline_model::*;
use sightline_store::{
    accounts, attempts, endpoints, entries, images,
    invitations::{self, Invitation},
    reset_links::{self, ResetLink},
    seen,
    sessions::{self, Session},
    tokens::{self, Token},
};
use sightline_web::sign_in::{SecondFactor, Secret, of_strangers};
use url::Url;

use crate::support::{Asker, Place, START};

/// As whom somebody comes, and so which pages are theirs alone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Door {
    /// Whoever may do everything.
    Administrator,
    /// The same, about to move to another phone.
    Moving,
    /// Somebody who sets up their second factor.
    Enrolling,
    /// Somebody who is not known, with the links that they were given.
    Nobody,
}

impl Door {
    pub const ALL: [Self; 4] = [
        Self::Administrator,
        Self::Moving,
        Self::Enrolling,
        Self::Nobody,
    ];
}

/// Long enough for all that a story does.
const HOLDS: Duration = Duration::from_secs(9_999_999);

/// Puts into a place what has forms of its own: pictures, a draft, somebody who is kept out and somebody whom strangers keep
/// waiting, an invitation, a token, a channel that is switched off. What people and machines say of it says `value`.
pub async fn furnish(place: &Place, alert: &Alert, value: &str) {
    let kept_out = place.account(Role::Analyst).await;
    let waiting = place.account(Role::Analyst).await;
    let mut tx = place.write().await;
    let entry = entries::get(&mut tx, &[alert.entry])
        .await
        .unwrap()
        .remove(0);
    let draft = Entry {
        id: place.mint.id(START),
        selector: Selector::new(Kind::Email, "draft@example.com"),
        state: EntryState::Draft,
        ..entry
    };
    entries::add(&mut tx, from_ref(&draft)).await.unwrap();

    let seen = seen::sightings(&mut tx, alert.entry, None, 1)
        .await
        .unwrap();
    let listing = seen[0].listing;
    let link = Url::parse("https://ads.example/1.png").unwrap();
    let picture = Image {
        id: tx.reserve(1).await.unwrap()[0],
        digest: Digest("ab".repeat(32)),
        media_type: "image/png".to_owned(),
        width: 64,
        height: 32,
        length: 1,
        capture: seen[0].explanation.capture,
        first_seen: START,
    };
    let stored = images::insert(&mut tx, from_ref(&picture)).await.unwrap();
    let shown = [(listing, vec![link.clone()])];
    images::set_of_listings(&mut tx, &shown).await.unwrap();
    let links = [(listing, link, stored[0])];
    images::link(&mut tx, &links).await.unwrap();

    accounts::set_disabled(&mut tx, kept_out.id, Some(START))
        .await
        .unwrap();
    let strangers = [of_strangers(&waiting.name)];
    attempts::count(&mut tx, &strangers, START, START)
        .await
        .unwrap();
    endpoints::disable(&mut tx, "desk", value, START)
        .await
        .unwrap();
    invite(place, &mut tx, value).await;
    tx.commit().await.unwrap();
    give_a_token(place, &waiting, value).await;
}

async fn invite(place: &Place, tx: &mut sightline_store::Tx, value: &str) -> Secret {
    let secret = Secret::draw(&place.mint);
    let invitation = Invitation {
        id: place.mint.id(START),
        role: Role::Auditor,
        author: value.to_owned(),
        created_at: START,
        expires_at: START + HOLDS,
    };
    invitations::add(tx, &invitation, &secret.digest())
        .await
        .unwrap();
    secret
}

async fn give_a_token(place: &Place, account: &Account, value: &str) {
    let token = Token {
        id: place.mint.id(START),
        account: account.id,
        name: value.to_owned(),
        scopes: vec!["metrics.read".to_owned()],
        created_at: START,
        expires_at: START + HOLDS,
        used_at: None,
        ended_at: None,
        parent: None,
    };
    let mut tx = place.write().await;
    let digest = Secret::draw(&place.mint).digest();
    tokens::add(&mut tx, &token, &digest).await.unwrap();
    tx.commit().await.unwrap();
}

/// Somebody new who comes by a door, and the pages that it leads to. Their browser says `value` of itself.
pub async fn enter(place: &Place, door: Door, value: &str) -> (Asker, Vec<String>) {
    let pages = |pages: &[&str]| pages.iter().map(|page| (*page).to_owned()).collect();
    match door {
        Door::Administrator => {
            let account = place.account(Role::Administrator).await;
            give_a_token(place, &account, value).await;
            // In another browser as well.
            begin(place, &account, Stage::SignedIn, value).await;
            let who = begin(place, &account, Stage::SignedIn, value).await;
            (who, pages(&super::FROM))
        }
        Door::Moving => {
            let account = place.account(Role::Administrator).await;
            let mut tx = place.write().await;
            let secret = SecondFactor::draw(&place.mint);
            accounts::set_pending(&mut tx, account.id, &secret, place.console.now())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let who = begin(place, &account, Stage::SignedIn, value).await;
            (who, pages(&["/account/second-factor"]))
        }
        Door::Enrolling => {
            let account = place.account(Role::Analyst).await;
            let mut tx = place.write().await;
            let secret = SecondFactor::draw(&place.mint);
            accounts::reset_factor(&mut tx, account.id, &secret)
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let who = begin(place, &account, Stage::Enrolling, value).await;
            (who, pages(&["/enrol"]))
        }
        Door::Nobody => {
            let forgetful = place.account(Role::Analyst).await;
            let mut tx = place.write().await;
            let invited = invite(place, &mut tx, value).await;
            let back = Secret::draw(&place.mint);
            let link = ResetLink {
                account: forgetful.id,
                factor: false,
                author: value.to_owned(),
                created_at: START,
                expires_at: START + HOLDS,
            };
            reset_links::put(&mut tx, &link, &back.digest())
                .await
                .unwrap();
            tx.commit().await.unwrap();
            let welcome = format!("/welcome/{}", invited.expose());
            let reset = format!("/reset/{}", back.expose());
            let led = ["/sign-in".to_owned(), welcome, reset];
            (Asker::nobody(), led.into())
        }
    }
}

async fn begin(place: &Place, account: &Account, stage: Stage, value: &str) -> Asker {
    let secret = Secret::draw(&place.mint);
    let now = place.console.now();
    let session = Session {
        id: place.mint.id(now),
        account: account.id,
        stage,
        created_at: now,
        seen_at: now,
        address: None,
        agent: Some(value.to_owned()),
        failures: 0,
    };
    let mut tx = place.write().await;
    sessions::begin(&mut tx, &session, &secret.digest())
        .await
        .unwrap();
    tx.commit().await.unwrap();
    Asker {
        cookie: Some(format!("sightline={}", secret.expose())),
        token: None,
    }
}
