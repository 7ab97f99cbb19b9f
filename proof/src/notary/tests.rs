//! Signing, doubting and purging, by a notary of its own in each test.

use std::time::Duration;

use sightline_model::AlertId;
use sightline_store::{
    StoreSettings,
    holds::{Hold, Lifted},
};

use super::*;

const START: Timestamp = Timestamp(1_795_428_000_000);

fn day(nth: u64) -> Timestamp {
    START + Duration::from_secs(nth * 24 * 3_600)
}

async fn notary(folder: &std::path::Path) -> Notary {
    let settings = StoreSettings {
        url: format!("sqlite:{}", folder.join("store.db").display()),
        ..StoreSettings::default()
    };
    let store = Store::open(&settings, None).await.unwrap();
    let mint = Mint::seeded(5);
    let organisation = store.organisation("Lotus", START, &mint).await.unwrap();
    Notary {
        store,
        organisation,
        folder: folder.to_owned(),
        mint: Arc::new(mint),
        ledger: Ledger::at(folder.join("checkpoints.txt")),
        witness: None,
    }
}

async fn done(notary: &Notary, nth: u64) -> By {
    let by = By {
        who: "R. Analyst".to_owned(),
        at: day(nth),
    };
    let mut tx = notary.store.write(notary.organisation).await.unwrap();
    let subject = nth.to_string();
    by.log(&mut tx, "alert.read", subject, "").await.unwrap();
    tx.commit().await.unwrap();
    by
}

#[tokio::test]
async fn what_is_old_goes_up_to_where_it_was_signed_and_the_log_tells() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    let mut by = done(&notary, 0).await;
    assert_eq!(
        notary.purge(day(9), &by).await.unwrap(),
        Went::default(),
        "nothing is signed"
    );
    // The key is made with the first checkpoint, and is a deed, too; so is that it is signed.
    assert_eq!(notary.sign(day(0)).await.unwrap().unwrap().size, 3);
    assert_eq!(notary.sign(day(0)).await.unwrap(), None);
    for nth in 1..4 {
        by = done(&notary, nth).await;
    }
    assert_eq!(notary.sign(day(3)).await.unwrap().unwrap().size, 7);
    by = By { at: day(5), ..by };
    assert_eq!(
        notary.purge(day(0), &by).await.unwrap(),
        Went::default(),
        "nothing is old"
    );
    // Days 1 and 2 are old, too, and no checkpoint lies between them.
    let purged = notary.purge(day(3), &by).await.unwrap().purged.unwrap();
    assert_eq!((purged.first, purged.end), (0, 3));
    let report = notary.verify(None, &[]).await.unwrap().report;
    assert_eq!((report.start, report.size, report.fault), (3, 9, None));
    // Without the file that says so, a log that begins late is not believed; nor is it purged further.
    std::fs::remove_file(notary.ledger.path()).unwrap();
    let report = notary.verify(None, &[]).await.unwrap().report;
    assert_eq!(report.fault, Some(Fault::Start { size: 3 }));
    assert!(matches!(
        notary.purge(day(9), &by).await,
        Err(NotSigned::Unsound(_))
    ));
}

#[tokio::test]
async fn no_deed_goes_from_the_first_on_that_is_on_something_held() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    let mut by = done(&notary, 0).await;
    notary.sign(day(0)).await.unwrap();
    // Somebody reads an alert that is held later: from here on the log stays.
    let alert: AlertId = notary.mint.id(START);
    let mut tx = notary.store.write(notary.organisation).await.unwrap();
    let read = By { at: day(1), ..by };
    let subject = alert.to_string();
    read.log(&mut tx, "alert.read", subject, "").await.unwrap();
    tx.commit().await.unwrap();
    notary.sign(day(1)).await.unwrap();
    let hold = Hold {
        id: notary.mint.id(START),
        of: holds::Held::Alert(alert),
        placed_at: day(2),
        placed_by: "R. Analyst".to_owned(),
        reason: "letter 1/27".to_owned(),
        lifted: None,
    };
    let mut tx = notary.store.write(notary.organisation).await.unwrap();
    holds::place(&mut tx, &hold).await.unwrap();
    by = By { at: day(2), ..read };
    let subject = hold.id.to_string();
    by.log(&mut tx, "hold.place", subject, "").await.unwrap();
    tx.commit().await.unwrap();
    notary.sign(day(2)).await.unwrap();
    by = By { at: day(9), ..by };
    let went = notary.purge(day(8), &by).await.unwrap();
    assert_eq!((went.purged.unwrap().end, went.held_from), (3, Some(3)));
    let mut tx = notary.store.read(notary.organisation).await.unwrap();
    let kept = audit::kept(&mut tx).await.unwrap();
    assert_eq!((kept.place, kept.since), (3, Some(day(1))));
    drop(tx);
    notary.sign(day(9)).await.unwrap();
    let went = notary.purge(day(8), &by).await.unwrap();
    assert_eq!((went.purged, went.held_from), (None, Some(3)));
    // Once it is lifted, nothing keeps them.
    let mut tx = notary.store.write(notary.organisation).await.unwrap();
    let lifted = Lifted {
        at: day(9),
        by: by.who.clone(),
        why: "over".to_owned(),
    };
    assert!(holds::lift(&mut tx, hold.id, &lifted).await.unwrap());
    tx.commit().await.unwrap();
    let went = notary.purge(day(8), &by).await.unwrap();
    assert!(went.purged.unwrap().end > 3 && went.held_from.is_none());
}

#[tokio::test]
async fn a_file_of_checkpoints_that_is_lost_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    let by = done(&notary, 0).await;
    notary.sign(day(0)).await.unwrap();
    let first = std::fs::read(notary.ledger.path()).unwrap();
    done(&notary, 1).await;
    notary.sign(day(1)).await.unwrap();
    done(&notary, 2).await;
    notary.sign(day(2)).await.unwrap();
    let whole = std::fs::read(notary.ledger.path()).unwrap();
    done(&notary, 3).await;
    // Gone, emptied, or put back as it was.
    for left in [None, Some(&b""[..]), Some(&first[..])] {
        match left {
            None => std::fs::remove_file(notary.ledger.path()).unwrap(),
            Some(bytes) => std::fs::write(notary.ledger.path(), bytes).unwrap(),
        }
        let fault = notary.verify(None, &[]).await.unwrap().report.fault;
        assert!(matches!(fault, Some(Fault::Behind { .. })), "{fault:?}");
        let signed = notary.sign(day(3)).await;
        assert!(matches!(
            signed,
            Err(NotSigned::Checkpoint(CheckpointError::Behind { .. }))
        ));
    }
    std::fs::write(notary.ledger.path(), &whole).unwrap();
    assert!(notary.sign(day(3)).await.unwrap().is_some());
    // Lost for good: somebody says so, and that is a deed.
    std::fs::remove_file(notary.ledger.path()).unwrap();
    let by = By { at: day(4), ..by };
    let signed = notary.sign_despite("the disk died", &by).await.unwrap();
    let report = notary.verify(None, &[]).await.unwrap().report;
    assert_eq!((report.fault, report.vouched), (None, signed.unwrap().size));
    done(&notary, 5).await;
    assert!(notary.sign(day(5)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_copy_of_the_checkpoints_that_has_none_is_no_proof() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    done(&notary, 0).await;
    let none = Ledger::at("/dev/null");
    let report = notary.verify(Some(&none), &[]).await.unwrap().report;
    assert_eq!(report.fault, None, "nothing was signed yet");
    notary.sign(day(0)).await.unwrap();
    let copy = Ledger::at(folder.path().join("copy.txt"));
    std::fs::copy(notary.ledger.path(), copy.path()).unwrap();
    done(&notary, 1).await;
    notary.sign(day(1)).await.unwrap();
    for (ledger, is_sound) in [(&copy, true), (&none, false)] {
        let fault = notary.verify(Some(ledger), &[]).await.unwrap().report.fault;
        let is_missed = matches!(fault, Some(Fault::Behind { found: None, .. }));
        assert!(
            is_missed != is_sound && fault.is_none() == is_sound,
            "{fault:?}"
        );
    }
}

#[tokio::test]
async fn a_file_that_is_emptied_after_the_first_checkpoint_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    done(&notary, 0).await;
    notary.sign(day(0)).await.unwrap();
    std::fs::write(notary.ledger.path(), "").unwrap();
    let fault = notary.verify(None, &[]).await.unwrap().report.fault;
    assert!(matches!(fault, Some(Fault::Behind { .. })), "{fault:?}");
    let signed = notary.sign(day(1)).await;
    assert!(matches!(signed, Err(NotSigned::Checkpoint(_))));
}

/// That the log is in doubt for this reason, nothing is signed, and nobody makes a key for that.
async fn is_doubted(notary: &Notary, wanted: Fault) {
    let had_key = notary.folder.join("signing.key").exists();
    let fault = notary.verify(None, &[]).await.unwrap().report.fault;
    assert_eq!(fault, Some(wanted.clone()));
    match notary.sign(day(1)).await {
        Err(NotSigned::Doubted(fault)) => assert_eq!(fault, wanted),
        other => panic!("{other:?}"),
    }
    assert_eq!(notary.folder.join("signing.key").exists(), had_key);
}

#[tokio::test]
async fn an_instance_whose_key_is_gone_signs_nothing_with_another_until_somebody_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    let by = done(&notary, 0).await;
    notary.sign(day(0)).await.unwrap();
    let key = folder.path().join("signing.key");
    let kept = std::fs::read(&key).unwrap();
    std::fs::remove_file(&key).unwrap();
    is_doubted(&notary, Fault::KeyGone).await;
    // Something else has made one, for digests: that it is there proves nothing.
    notary.key(day(1)).await.unwrap();
    is_doubted(&notary, Fault::KeyAnew).await;
    // Brought back, it is as before.
    std::fs::write(&key, kept).unwrap();
    assert!(notary.sign(day(1)).await.unwrap().is_some());
    // Lost for good: somebody says so.
    std::fs::remove_file(&key).unwrap();
    notary.sign_despite("the disk died", &by).await.unwrap();
    assert_eq!(notary.verify(None, &[]).await.unwrap().report.fault, None);
    done(&notary, 2).await;
    assert!(notary.sign(day(2)).await.unwrap().is_some());
}

#[tokio::test]
async fn a_key_is_missed_though_the_deed_of_its_making_was_purged() {
    for has_another in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let notary = notary(folder.path()).await;
        let by = done(&notary, 0).await;
        notary.sign(day(0)).await.unwrap();
        let key = folder.path().join("signing.key");
        if has_another {
            // Made while the key was away, and put aside as it came back: its deed stays.
            let kept = std::fs::read(&key).unwrap();
            std::fs::remove_file(&key).unwrap();
            notary.key(day(5)).await.unwrap();
            std::fs::write(&key, kept).unwrap();
        }
        done(&notary, 6).await;
        notary.sign(day(6)).await.unwrap();
        let by = By { at: day(9), ..by };
        let went = notary.purge(day(3), &by).await.unwrap();
        assert_eq!(went.purged.unwrap().end, 3);
        let fault = notary.verify(None, &[]).await.unwrap().report.fault;
        assert_eq!(fault, None, "{has_another}");
        assert!(notary.sign(day(9)).await.unwrap().is_some());
        std::fs::remove_file(&key).unwrap();
        assert!(matches!(
            notary.sign(day(9)).await,
            Err(NotSigned::Doubted(Fault::KeyGone))
        ));
        let (store, organisation) = (&notary.store, notary.organisation);
        let made = doubts::undoubted(store, organisation, folder.path(), &notary.mint, day(9));
        assert!(matches!(made.await, Ok(Err(Fault::KeyGone))));
        assert!(!key.exists());
    }
}

#[tokio::test]
async fn what_is_no_checkpoint_keeps_nobody_from_signing_first() {
    let folder = tempfile::tempdir().unwrap();
    let notary = notary(folder.path()).await;
    done(&notary, 0).await;
    let origin = checkpoint::origin(notary.organisation);
    for foreign in [
        format!("{origin}\n"),
        format!("{origin}\n9\nAAAA\n\n\u{2014} {origin} AAAA\n"),
        format!("{origin}\n9\n{}=\n", "A".repeat(43)),
        format!(
            "{origin}\n9\n{}=\n\n\u{2014} {origin} AAAA\n",
            "A".repeat(43)
        ),
    ] {
        std::fs::write(notary.ledger.path(), &foreign).unwrap();
        let filed = notary.filed(&notary.ledger, &[]).await.unwrap();
        assert!(filed.is_there && !filed.is_strange, "{foreign}");
    }
    assert!(notary.sign(day(0)).await.unwrap().is_some());
    assert_eq!(notary.verify(None, &[]).await.unwrap().report.fault, None);
}

#[tokio::test]
async fn a_log_that_was_written_anew_without_the_key_is_not_what_was_signed() {
    let (ours, theirs) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let sound = notary(ours.path()).await;
    done(&sound, 0).await;
    sound.sign(day(0)).await.unwrap();
    // Of the same organisation, without a word of the key: what was signed is there, and nobody to know it.
    let forged = Notary {
        mint: Arc::new(Mint::seeded(6)),
        ..notary(theirs.path()).await
    };
    assert_eq!(forged.organisation, sound.organisation);
    let by = done(&forged, 0).await;
    std::fs::copy(sound.ledger.path(), forged.ledger.path()).unwrap();
    is_doubted(&forged, Fault::Strange).await;
    forged.sign_despite("a new beginning", &by).await.unwrap();
    assert_eq!(forged.verify(None, &[]).await.unwrap().report.fault, None);
}
