//! Who is let in: accounts and what proves them, sessions, tokens, invitations, and failures that are counted.

use sightline_model::*;
use sightline_store::{
    Tx, accounts,
    answers::{self, Answer, Content},
    attempts, audit,
    invitations::{self, Invitation},
    reset_links::{self, ResetLink},
    sessions::{self, Session},
    tokens::{self, Token},
};

use crate::support::{Place, START, at};

/// One of each.
pub struct Admitted {
    pub account: Account,
    pub session: Session,
    pub token: Token,
    pub invitation: Invitation,
}

pub fn account(name: &str, mint: &Mint) -> Account {
    Account {
        id: mint.id(START),
        name: name.to_owned(),
        role: Role::Analyst,
        created_at: START,
        enrolled_at: None,
        disabled_at: None,
    }
}

pub fn deed() -> audit::Deed {
    audit::Deed {
        at: START,
        who: "R. Analyst".to_owned(),
        what: "watchlist.create".to_owned(),
        subject: "missing".to_owned(),
        detail: String::new(),
    }
}

fn session(account: &Account, mint: &Mint) -> Session {
    Session {
        id: mint.id(START),
        account: account.id,
        stage: Stage::SignedIn,
        created_at: START,
        seen_at: START,
        address: Some("203.0.113.9".to_owned()),
        agent: None,
        failures: 0,
    }
}

fn reset_link(account: AccountId) -> ResetLink {
    ResetLink {
        account,
        factor: true,
        author: "R. Analyst".to_owned(),
        created_at: START,
        expires_at: at(100),
    }
}

impl Admitted {
    pub async fn fill(tx: &mut Tx, mint: &Mint) -> Self {
        let account = account("R. Analyst", mint);
        assert!(accounts::add(tx, &account, "$argon2id$…").await.unwrap());
        let code = ["recovery".to_owned()];
        accounts::set_recovery(tx, account.id, &code).await.unwrap();
        let session = session(&account, mint);
        sessions::begin(tx, &session, "session").await.unwrap();
        let token = Token {
            id: mint.id(START),
            account: account.id,
            name: "export".to_owned(),
            scopes: vec!["alerts.read".to_owned()],
            created_at: START,
            expires_at: at(100),
            used_at: None,
            ended_at: None,
            parent: None,
        };
        tokens::add(tx, &token, "token").await.unwrap();
        let key = (token.id, "key");
        let taken = answers::take(tx, key, "asked", START, START).await;
        assert_eq!(taken.unwrap(), None);
        let invitation = Invitation {
            id: mint.id(START),
            role: Role::Operator,
            author: "R. Analyst".to_owned(),
            created_at: START,
            expires_at: at(100),
        };
        invitations::add(tx, &invitation, "invitation")
            .await
            .unwrap();
        attempts::count(tx, &["address".to_owned()], START, START)
            .await
            .unwrap();
        attempts::was_at(tx, "place", START, START).await.unwrap();
        let link = reset_link(account.id);
        reset_links::put(tx, &link, "reset").await.unwrap();
        let moved = accounts::set_pending(tx, account.id, "pending", START).await;
        assert!(moved.unwrap());
        Self {
            account,
            session,
            token,
            invitation,
        }
    }

    /// Asks for theirs, and tries to change them, from another organisation.
    pub async fn is_not_ours(&self, tx: &mut Tx) {
        let Self {
            account,
            session,
            token,
            invitation,
        } = self;
        assert_eq!(accounts::get(tx, account.id).await.unwrap(), None);
        assert!(accounts::proof(tx, account.id).await.unwrap().is_none());
        let theirs = sessions::of_account(tx, account.id).await;
        assert_eq!(theirs.unwrap(), []);
        let theirs = tokens::of_account(tx, account.id).await;
        assert_eq!(theirs.unwrap(), []);
        let ours = invitations::all(tx).await.unwrap();
        assert!(!ours.contains(invitation));
        for changed in [
            accounts::set_password(tx, account.id, "x").await,
            accounts::set_role(tx, account.id, Role::Administrator).await,
            accounts::set_disabled(tx, account.id, Some(START)).await,
            accounts::set_secret(tx, account.id, "x").await,
            accounts::accept_step(tx, account.id, 9, START).await,
            accounts::use_recovery(tx, account.id, "recovery", START).await,
            sessions::end(tx, session.id).await,
            tokens::end(tx, account.id, token.id, START).await,
            invitations::remove(tx, invitation.id).await,
            reset_links::remove(tx, account.id).await,
            accounts::set_pending(tx, account.id, "x", START).await,
            accounts::move_factor(tx, account.id, "x", 9, START).await,
        ] {
            assert!(!changed.unwrap());
        }
        assert_eq!(sessions::end_all(tx, account.id).await.unwrap(), 0);
        let ended = tokens::end_all(tx, account.id, START).await;
        assert_eq!(ended.unwrap(), 0);
        let pending = accounts::pending(tx, account.id, START).await;
        assert_eq!(pending.unwrap(), None);
        assert_eq!(accounts::recovery_left(tx, account.id).await.unwrap(), 0);
        let holds = sessions::holds(tx, session.id, START, START).await;
        assert!(!holds.unwrap());
        assert!(!tokens::holds(tx, token.id, START).await.unwrap());
        sessions::touch(tx, session.id, at(9)).await.unwrap();
        tokens::touch(tx, token.id, at(9)).await.unwrap();
    }
}

pub async fn an_account_is_found_by_its_name_in_any_case(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    assert!(!accounts::any(&mut tx).await.unwrap());
    let zoe = account("Zoë Ng", &mint);
    assert!(accounts::add(&mut tx, &zoe, "hash").await.unwrap());
    let again = account("ZOË NG", &mint);
    assert!(!accounts::add(&mut tx, &again, "other").await.unwrap());
    let (found, proof) = accounts::by_name(&mut tx, "zoË ng").await.unwrap().unwrap();
    assert_eq!((found, proof.password.as_str()), (zoe.clone(), "hash"));
    assert!(accounts::any(&mut tx).await.unwrap());
    accounts::set_role(&mut tx, zoe.id, Role::Auditor)
        .await
        .unwrap();
    accounts::set_password(&mut tx, zoe.id, "new")
        .await
        .unwrap();
    accounts::set_disabled(&mut tx, zoe.id, Some(at(5)))
        .await
        .unwrap();
    let changed = Account {
        role: Role::Auditor,
        disabled_at: Some(at(5)),
        ..zoe
    };
    assert_eq!(accounts::all(&mut tx).await.unwrap(), [changed]);
}

pub async fn what_proves_somebody_is_accepted_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let account = account("R. Analyst", &mint);
    let id = account.id;
    accounts::add(&mut tx, &account, "hash").await.unwrap();
    assert!(accounts::set_secret(&mut tx, id, "first").await.unwrap());
    for (step, accepted) in [(7, true), (7, false), (6, false), (8, true)] {
        let now = at(step);
        let found = accounts::accept_step(&mut tx, id, step, now).await.unwrap();
        assert_eq!(found, accepted, "step {step}");
    }
    let enrolled = accounts::get(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(enrolled.enrolled_at, Some(at(7)), "the first counts");
    let again = accounts::set_secret(&mut tx, id, "second").await.unwrap();
    assert!(!again, "a second factor that is set up stays");
    let codes = ["a".to_owned(), "b".to_owned()];
    accounts::set_recovery(&mut tx, id, &codes).await.unwrap();
    for (code, accepted) in [("a", true), ("a", false), ("c", false), ("b", true)] {
        let found = accounts::use_recovery(&mut tx, id, code, at(9)).await;
        assert_eq!(found.unwrap(), accepted, "{code}");
    }
}

pub async fn sessions_begin_and_end(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let account = account("R. Analyst", &mint);
    accounts::add(&mut tx, &account, "hash").await.unwrap();
    let made: Vec<Session> = (0..4).map(|_| session(&account, &mint)).collect();
    for (nth, session) in made.iter().enumerate() {
        let digest = format!("digest {nth}");
        sessions::begin(&mut tx, session, &digest).await.unwrap();
    }
    sessions::touch(&mut tx, made[1].id, at(50)).await.unwrap();
    let found = sessions::by_digest(&mut tx, "digest 1").await.unwrap();
    let (found, owner) = found.unwrap();
    assert_eq!(
        (found.id, found.seen_at, owner),
        (made[1].id, at(50), account.clone())
    );
    assert!(sessions::end(&mut tx, made[0].id).await.unwrap());
    assert!(!sessions::end(&mut tx, made[0].id).await.unwrap());
    let forgotten = sessions::forget(&mut tx, at(10), START).await.unwrap();
    assert_eq!(forgotten, 2, "what was used stays");
    accounts::set_disabled(&mut tx, account.id, Some(at(60)))
        .await
        .unwrap();
    let found = sessions::by_digest(&mut tx, "digest 1").await.unwrap();
    assert!(found.is_none(), "disabling an account ends its sessions");
    let left = sessions::of_account(&mut tx, account.id).await.unwrap();
    assert_eq!(left, []);
}

pub async fn what_is_asked_under_a_key_is_answered_once(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let made = Admitted::fill(&mut tx, &mint).await;
    let (key, other) = ((made.token.id, "key"), (mint.id(START), "key"));
    let taken = answers::take(&mut tx, key, "else", START, at(1)).await;
    let under_way = Answer {
        asked: "asked".to_owned(),
        status: None,
        media_type: None,
        body: None,
        tag: None,
    };
    assert_eq!(taken.unwrap(), Some(under_way.clone()));
    let content = Some(Content {
        media_type: "application/json",
        body: "{}",
        tag: Some("\"1\""),
    });
    answers::keep(&mut tx, key, 200, content).await.unwrap();
    answers::let_go(&mut tx, other).await.unwrap();
    let taken = answers::take(&mut tx, key, "asked", START, at(1)).await;
    let answered = Answer {
        status: Some(200),
        media_type: Some("application/json".to_owned()),
        body: Some("{}".to_owned()),
        tag: Some("\"1\"".to_owned()),
        ..under_way
    };
    assert_eq!(taken.unwrap(), Some(answered));
    // Another token's key of the same name is another; a day later it is forgotten.
    let taken = answers::take(&mut tx, other, "asked", START, at(1)).await;
    assert_eq!(taken.unwrap(), None);
    answers::let_go(&mut tx, other).await.unwrap();
    let taken = answers::take(&mut tx, other, "asked", at(1), at(1)).await;
    assert_eq!(taken.unwrap(), None);
    let taken = answers::take(&mut tx, key, "asked", at(1), at(1)).await;
    assert_eq!(taken.unwrap(), None);
}

pub async fn tokens_and_invitations_hold_for_a_time(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let made = Admitted::fill(&mut tx, &mint).await;
    for (now, holds) in [(at(99), true), (at(100), false)] {
        let token = tokens::by_digest(&mut tx, "token", now).await.unwrap();
        assert_eq!(token.is_some(), holds);
        let invitation = invitations::by_digest(&mut tx, "invitation", now).await;
        assert_eq!(invitation.unwrap().is_some(), holds);
    }
    let (account, token) = (made.account.id, made.token.id);
    tokens::touch(&mut tx, token, at(3)).await.unwrap();
    assert!(tokens::end(&mut tx, account, token, at(4)).await.unwrap());
    assert!(!tokens::end(&mut tx, account, token, at(5)).await.unwrap());
    let found = tokens::by_digest(&mut tx, "token", at(5)).await.unwrap();
    assert!(found.is_none());
    let ended = Token {
        used_at: Some(at(3)),
        ended_at: Some(at(4)),
        ..made.token
    };
    assert_eq!(tokens::of_account(&mut tx, account).await.unwrap(), [ended]);
    let id = made.invitation.id;
    assert!(invitations::remove(&mut tx, id).await.unwrap());
    assert!(
        !invitations::remove(&mut tx, id).await.unwrap(),
        "it is used once"
    );
}

pub async fn failures_are_counted_and_forgotten(place: &Place) {
    let (store, organisation, _) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let both = ["account".to_owned(), "address".to_owned()];
    for seconds in [1, 2, 3] {
        attempts::count(&mut tx, &both, START, at(seconds))
            .await
            .unwrap();
    }
    let found = attempts::failures(&mut tx, "account", START).await.unwrap();
    assert_eq!((found.count, found.last_at), (3, at(3)));
    let of_late = attempts::failures(&mut tx, "account", at(4)).await.unwrap();
    assert_eq!(of_late.count, 0);
    attempts::clear(&mut tx, "account").await.unwrap();
    let other = &both[..1];
    attempts::count(&mut tx, other, at(4), at(9)).await.unwrap();
    attempts::take_back(&mut tx, "account").await.unwrap();
    attempts::count(&mut tx, other, at(4), at(9)).await.unwrap();
    attempts::take_back(&mut tx, "nobody").await.unwrap();
    attempts::hold(&mut tx, &both, at(9)).await.unwrap();
    for (subject, count) in [("account", 1), ("address", 0)] {
        let found = attempts::failures(&mut tx, subject, START).await.unwrap();
        assert_eq!(found.count, count, "{subject}");
    }
}

pub async fn ways_back_are_found_and_used_up(place: &Place) {
    let (store, organisation, mint) = place.inhabited().await;
    let mut tx = store.write(organisation).await.unwrap();
    let made = Admitted::fill(&mut tx, &mint).await;
    let id = made.account.id;
    // The second takes the place of the first.
    let link = ResetLink {
        factor: false,
        ..reset_link(id)
    };
    reset_links::put(&mut tx, &link, "second").await.unwrap();
    for (digest, now, found) in [
        ("reset", START, None),
        ("second", START, Some(link)),
        ("second", at(100), None),
    ] {
        let held = reset_links::by_digest(&mut tx, digest, now).await;
        assert_eq!(held.unwrap(), found, "{digest} at {now}");
    }
    assert!(reset_links::remove(&mut tx, id).await.unwrap());
    assert!(!reset_links::remove(&mut tx, id).await.unwrap());
    for (since, found) in [(START, Some("pending")), (at(1), None)] {
        let pending = accounts::pending(&mut tx, id, since).await.unwrap();
        assert_eq!(pending.as_deref(), found);
    }
    assert_eq!(accounts::recovery_left(&mut tx, id).await.unwrap(), 1);
    let (session, token) = (made.session.id, made.token.id);
    for (idle, begun, holds) in [
        (START, START, true),
        (at(1), START, false),
        (START, at(1), false),
    ] {
        let found = sessions::holds(&mut tx, session, idle, begun).await;
        assert_eq!(found.unwrap(), holds);
    }
    for (now, holds) in [(START, true), (at(100), false)] {
        assert_eq!(tokens::holds(&mut tx, token, now).await.unwrap(), holds);
    }
    let moved = accounts::move_factor(&mut tx, id, "pending", 7, at(2)).await;
    assert!(moved.unwrap());
    let proof = accounts::proof(&mut tx, id).await.unwrap().unwrap();
    assert_eq!(
        (proof.totp_secret.as_deref(), proof.totp_step),
        (Some("pending"), Some(7))
    );
    assert_eq!(accounts::pending(&mut tx, id, START).await.unwrap(), None);
    assert_eq!(sessions::of_account(&mut tx, id).await.unwrap(), []);
    let found = sessions::holds(&mut tx, session, START, START).await;
    assert!(!found.unwrap(), "it ended as the second factor moved");
    assert_eq!(tokens::end_all(&mut tx, id, at(3)).await.unwrap(), 1);
    assert!(!tokens::holds(&mut tx, token, at(3)).await.unwrap());
    assert_eq!(tokens::end_all(&mut tx, id, at(3)).await.unwrap(), 0);
    // Where somebody has signed in is known for a while.
    for (since, is_known) in [(START, true), (at(1), false)] {
        let known = attempts::is_known(&mut tx, "place", since).await;
        assert_eq!(known.unwrap(), is_known);
    }
    attempts::was_at(&mut tx, "other", at(1), at(2))
        .await
        .unwrap();
    assert!(!attempts::is_known(&mut tx, "place", START).await.unwrap());
    let subjects = ["address", "nobody"].map(str::to_owned);
    let failures = attempts::of_subjects(&mut tx, &subjects, START).await;
    let failures = failures.unwrap();
    assert_eq!((failures.len(), failures[0].1.count), (1, 1));
}
