//! A month: 300 sources, 5,000 ads a day, 2,000 entries on five lists with different rules, and the people who are told.
//! The matcher, the judgement, the decisions, the store, the outbox and the sender are the real ones; the clock is moved by
//! hand, the ads are drawn from a seed, and each person's messages are lines in a file. A ledger of its own holds what was
//! owed against what came.

mod ledger;
mod looks;
mod world;

use std::{fmt::Write, fs, path::PathBuf, time::Duration};

use sightline_model::{AlertState, Clock, Closed};
use sightline_store::{Filter, alerts};
use tokio_util::sync::CancellationToken;

use self::{
    ledger::Ledger,
    world::{PEOPLE, World},
};
use crate::{deliver::deliver_due, sweep::follow_up_all, wake::tell_what_was_silenced};

const MINUTE: Duration = Duration::from_secs(60);
const DAYS: u32 = 30;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_a_month_nothing_is_lost_and_nothing_told_twice() {
    let world = World::new().await;
    let mut ledger = Ledger::default();
    for hour in 0..24 * DAYS {
        if hour == 24 * 9 {
            world.silence("Harbour", 24 * 60 * MINUTE).await;
        }
        world.crawl(&mut ledger).await;
        world.clock.advance(MINUTE);
        tell_what_was_silenced(&world.instance).await.unwrap();
        follow_up_all(&world.instance).await.unwrap();
        // On the fifteenth day nothing is sent for twenty hours; it waits.
        if !(14 * 24 + 2..14 * 24 + 22).contains(&hour) {
            let stop = CancellationToken::new();
            let sent = deliver_due(&world.instance, &stop).await.unwrap();
            assert_eq!((sent.again, sent.dead), (0, 0));
            ledger.receive(&world).await;
            // What waited for the machine waits for the end of quiet hours, too.
            if !(14 * 24 + 2..14 * 24 + 34).contains(&hour) {
                ledger.check_reminders(&world).await;
            }
        }
        answer(&world, hour).await;
        world.clock.advance(59 * MINUTE);
    }
    // What waits for the last digest comes, and whatever was held.
    for _ in 0..8 * 24 {
        world.clock.advance(60 * MINUTE);
        let stop = CancellationToken::new();
        deliver_due(&world.instance, &stop).await.unwrap();
        ledger.receive(&world).await;
    }
    ledger.balance(&world).await;
    documented(&table(&ledger));
}

/// People look three times a day: most of what was told to them they acknowledge by the next day, and close some days
/// later; some they leave, and some they forget. While a number is posted everywhere, nobody comes to it.
async fn answer(world: &World, hour: u32) {
    if ![8, 12, 16].contains(&(hour % 24)) {
        return;
    }
    let now = world.clock.now();
    let mut tx = world.instance.write().await.unwrap();
    for state in [AlertState::Open, AlertState::Acknowledged] {
        let filter = Filter {
            state: Some(state.as_str()),
            limit: 10_000,
            ..Filter::default()
        };
        let mut unclosed = alerts::list(&mut tx, &filter).await.unwrap();
        unclosed.sort_by_key(|alert| (alert.opened_at, alert.group.clone()));
        for alert in unclosed {
            // Each alert has its own fate, whatever else goes on.
            let lazy = world.is_of(&alert, "Night watch");
            match state {
                // The one that floods waits until somebody has the time.
                AlertState::Open if world.is_flooding(&alert, hour) => {}
                AlertState::Open
                    if alert.told_at.is_some_and(|told| told <= now)
                        && world.chance(if lazy { 0.05 } else { 0.35 }) =>
                {
                    alerts::acknowledge(&mut tx, alert.id, "duty", now)
                        .await
                        .unwrap();
                }
                AlertState::Acknowledged if world.chance(0.05) => {
                    alerts::close(&mut tx, alert.id, Closed::Confirmed, now)
                        .await
                        .unwrap();
                }
                _ => {}
            }
        }
    }
    tx.commit().await.unwrap();
}

/// What each person got, as a table.
fn table(ledger: &Ledger) -> String {
    let mut table = String::from(
        "| who | told | how | messages | alerts | news | more of the same | reminders | escalations |\n\
         | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for person in PEOPLE {
        let got = ledger.of(person.channel);
        let (news, continued) = ledger.told_to(person.channel);
        writeln!(
            table,
            "| {} | {} | {} | {} | {} | {news} | {continued} | {} | {} |",
            person.channel,
            person.lists,
            person.how,
            got.messages,
            got.alerts,
            got.reminders,
            got.escalations
        )
        .unwrap();
    }
    table.push('\n');
    table.push_str(&ledger.fates_in_words());
    table
}

/// The page shows what came of it; `SIGHTLINE_BLESS=1` writes that anew.
fn documented(table: &str) {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/messages.md");
    let page = fs::read_to_string(&file).unwrap();
    let mut parts = page.split("<!-- a month -->\n");
    let (before, shown, after) = (parts.next(), parts.next(), parts.next());
    let (before, shown, after) = (before.unwrap(), shown.unwrap(), after.unwrap());
    if std::env::var_os("SIGHTLINE_BLESS").is_some() {
        let marked = format!("{before}<!-- a month -->\n{table}<!-- a month -->\n{after}");
        fs::write(&file, marked).unwrap();
    } else {
        assert_eq!(shown, table, "docs/messages.md shows another month");
    }
}
