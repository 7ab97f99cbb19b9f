//! What is stored: the engine's own checks, messages that do not get through, and times that lie ahead.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
    time::Duration,
};

use sightline_alerts::{notices::reviews::AHEAD as DIGESTED_AHEAD, rules::Rules};
use sightline_casework::Names;
use sightline_casework::outbox::Unknown;
use sightline_model::{EntryId, Timestamp, Told, WatchlistId, counted};
use sightline_store::{
    Filter, MEND, Tx, ahead, audit as log, captures, deliveries, endpoints,
    entries::{self, ChangeMark, ending},
    health, hosts, sources, watchlists,
};
use sightline_watchlists::Watched;

use super::Finding;
use crate::{
    app::App,
    commands::{CommandError, audit::in_words, furniture::standing, records::notices::what},
    outbox::{self, Channels},
    output::{inert, when},
};

/// A clock that was this far ahead once is worth a word.
const AHEAD: Duration = Duration::from_secs(60);
/// Captures, and deeds, that are looked at for the newest.
const LATEST: u32 = 100;
/// Entries that are read by one statement.
const AT_ONCE: u32 = 20_000;

pub(super) async fn examine(app: &App) -> Result<Vec<Finding>, CommandError> {
    let mut findings = vec![integrity(app).await?];
    findings.push(clock(app).await?);
    findings.push(audit(app).await);
    findings.extend(channels(app).await?);
    findings.extend(unknown_channels(app).await?);
    findings.extend(shared_channels(app).await?);
    findings.push(dead(app).await?);
    findings.extend(notices(app).await?);
    findings.extend(held_up(app).await?);
    findings.extend(furniture(app).await?);
    findings.extend(unheard_owners(app).await?);
    findings.extend(run_out(app).await?);
    Ok(findings)
}

/// Entries that are counted at most, to tell whose reviews nobody hears of.
const MOST_DUE: u32 = 10_000;

/// Owners whose entries are due for review, or end, within the week, and who are told nowhere.
async fn unheard_owners(app: &App) -> Result<Vec<Finding>, CommandError> {
    let now = app.clock.now();
    let reviews = &app.configuration.settings.reviews;
    let mut tx = app.read().await?;
    let mut due = entries::due_for_review(&mut tx, now, now + DIGESTED_AHEAD, MOST_DUE).await?;
    let known: HashSet<EntryId> = due.iter().map(|entry| entry.id).collect();
    let mut ends = ending::between(&mut tx, now, now + DIGESTED_AHEAD, MOST_DUE).await?;
    ends.retain(|entry| !known.contains(&entry.id));
    due.extend(ends);
    let mut unheard = BTreeMap::<String, usize>::new();
    for entry in due {
        if reviews.channels_of(&entry.owner).is_empty() {
            *unheard.entry(entry.owner).or_default() += 1;
        }
    }
    let findings = unheard.into_iter().map(|(owner, count)| {
        Finding::warning(
            "reviews",
            format!(
                "{} of {} due for review or about to end, and no channel of theirs is named: nobody is told",
                counted(count, "entry", "entries"),
                match count {
                    1 => format!("{} is", inert::cut(&owner, 60)),
                    _ => format!("{} are", inert::cut(&owner, 60)),
                }
            ),
            "name one under [reviews.owners], or channels under [reviews] for all owners",
        )
    });
    Ok(findings.collect())
}

/// Channels over which operators are told, and alerts go out too: what is wrong with sources reaches investigators there.
async fn shared_channels(app: &App) -> Result<Vec<Finding>, CommandError> {
    let operators = &app.configuration.settings.operators.channels;
    let mut tx = app.read().await?;
    let mut lists = BTreeMap::<String, BTreeSet<String>>::new();
    for watchlist in watchlists::all(&mut tx).await? {
        let Ok(rules) = Rules::read(&watchlist.rules) else {
            continue;
        };
        let others = rules.escalate.into_iter().flat_map(|to| to.channels);
        for channel in rules.channels.into_iter().chain(others) {
            if operators.contains(&channel) {
                let lists = lists.entry(channel).or_default();
                lists.insert(inert::cut(&watchlist.name, 60));
            }
        }
    }
    let findings = lists.into_iter().map(|(channel, lists)| {
        let lists: Vec<String> = lists.into_iter().collect();
        Finding::warning(
            "channel",
            format!(
                "{} tells operators what is wrong, and carries the alerts of {} too: who reads the one reads the other",
                inert::line(&channel),
                lists.join(", ")
            ),
            "name a channel of their own under [operators], or leave this one out of those lists' rules",
        )
    });
    Ok(findings.collect())
}

/// Watchlists that look for nothing any more, since all that they looked for has expired.
async fn run_out(app: &App) -> Result<Vec<Finding>, CommandError> {
    let mut tx = app.read().await?;
    let run_out = ending::run_out(&mut tx, app.clock.now()).await?;
    let names = Names::read(&mut tx).await?;
    let finding = |(list, count): (WatchlistId, i64)| {
        let name = names.watchlist(list);
        let expired = match count {
            1 => "its one entry has expired".to_owned(),
            _ => format!("all of its {count} entries have expired"),
        };
        Finding::warning(
            "watchlist",
            format!(
                "'{}' looks for nothing any more: {expired}",
                inert::cut(&name, 60)
            ),
            format!(
                "`sightline watchlist show '{}' --state expired` lists them; `sightline watchlist edit ENTRY --expiry DAY` has one \
                 looked for until another day, and `sightline watchlist remove ENTRY` says that it is over",
                inert::cut(&name, 60)
            ),
        )
    };
    Ok(run_out.into_iter().map(finding).collect())
}

/// What operators were told of and is not over.
async fn notices(app: &App) -> Result<Vec<Finding>, CommandError> {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let open = sightline_store::notices::open(&mut tx).await?;
    let findings = open.iter().filter_map(|notice| match &notice.told {
        Told::Review(_) => None,
        Told::Fault(fault) => Some(Finding::warning(
            "notice",
            format!(
                "{}, known since {}",
                what(notice),
                when::words(notice.opened_at, now)
            ),
            inert::lines(&fault.remedy),
        )),
    });
    Ok(findings.collect())
}

/// Sources whose runs their sites hold up. Of those that operators were told of, the notice speaks.
async fn held_up(app: &App) -> Result<Vec<Finding>, CommandError> {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let held = sightline_pipeline::notices::held(&mut tx, now).await;
    let held = held.map_err(|error| CommandError::Failed(error.to_string()))?;
    let open = sightline_store::notices::open(&mut tx).await?;
    let sources = sources::all(&mut tx).await?.into_iter();
    let findings = sources.filter_map(|source| {
        let held = held.get(&source.id)?;
        let subject = source.id.to_string();
        let is_told = open.iter().any(|notice| notice.subject == subject);
        (!is_told).then(|| {
            let name = inert::cut(&source.definition.name, 60);
            Finding::warning(
                "sources",
                format!(
                    "{name} is held up: its site asks to be left alone until {}; its run is of {}",
                    when::words(held.until, now),
                    when::words(held.run.planned_at, now)
                ),
                format!(
                    "nothing, if it passes; `sightline visits --source {name}` says how the site answers"
                ),
            )
        })
    });
    Ok(findings.collect())
}

/// The audit log is what was done, and what was signed.
async fn audit(app: &App) -> Finding {
    const CHECK: &str = "audit log";
    let verified = async {
        let notary = app.notary().map_err(|error| error.to_string())?;
        let report = notary.verify(None, &[]).await;
        Ok::<_, String>((report.map_err(|error| error.to_string())?, notary))
    };
    match verified.await {
        Ok((verdict, notary)) => {
            let report = verdict.report;
            let said = in_words(&report, &notary.ledger.path().display().to_string());
            match report.fault {
                None if !verdict.passed_over.is_empty() => Finding::warning(
                    CHECK,
                    format!(
                        "{said}\n{} in the file by no key that is known",
                        counted(
                            verdict.passed_over.len(),
                            "checkpoint is",
                            "checkpoints are"
                        )
                    ),
                    "`sightline audit verify` names them: they are of an earlier key, or others wrote to the file",
                ),
                None => Finding::good(CHECK, said),
                Some(_) => Finding::bad(
                    CHECK,
                    said,
                    "see there; `sightline audit verify` tells the same",
                ),
            }
        }
        Err(error) => Finding::bad(
            CHECK,
            error,
            "until this is put right, a log that was changed may not show",
        ),
    }
}

async fn integrity(app: &App) -> Result<Finding, CommandError> {
    let wrong = health::integrity(&app.store).await?;
    if let Some(first) = wrong.first() {
        let more = wrong.len() - 1;
        return Ok(Finding::bad(
            "store",
            format!("{} is damaged: {first}, and {more} more", app.store.place()),
            MEND,
        ));
    }
    if health::is_above_the_policies(&app.store).await? {
        return Ok(Finding::bad(
            "store",
            "the database's role is superuser or BYPASSRLS, so row-level security does not keep organisations apart",
            "give Sightline a role that is neither; it may own the tables",
        ));
    }
    let mut tx = app.read().await?;
    let sizes = health::sizes(&mut tx).await?;
    let words: Vec<String> = sizes
        .iter()
        .map(|size| rows_of(size.rows, size.table))
        .collect();
    Ok(Finding::good(
        "store",
        format!("{} is sound: {}", app.store.place(), words.join(", ")),
    ))
}

/// How many rows there are, in words: `1 run`, `2 deliveries`.
fn rows_of(rows: i64, word: &str) -> String {
    let many = match word.strip_suffix('y') {
        // A site's own things have no plural.
        _ if word == "furniture" => word.to_owned(),
        Some(stem) => format!("{stem}ies"),
        None => format!("{word}s"),
    };
    counted(rows, word, &many)
}

/// What was done last, by its own time: among the last captures and deeds, for a command logs its own deed by a clock that is wrong.
async fn newest(tx: &mut Tx) -> Result<Option<(&'static str, Timestamp)>, CommandError> {
    fn last<A>() -> Filter<A> {
        Filter {
            limit: LATEST,
            ..Filter::default()
        }
    }
    let captures = captures::list(tx, &last()).await?.into_iter();
    let deeds = log::list(tx, &last()).await?.into_iter();
    let all = captures
        .map(|one| ("capture", one.fetched_at))
        .chain(deeds.map(|one| ("deed in the audit log", one.deed.at)));
    Ok(all.max_by_key(|(_, at)| *at))
}

/// Schedules and gaps are counted by the clock: one that went back makes them wrong.
async fn clock(app: &App) -> Result<Finding, CommandError> {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let newest = newest(&mut tx).await?;
    let furthest = app.configuration.settings.work.furthest();
    let ahead = hosts::too_far_ahead(&mut tx, furthest, now).await?;
    if let Some((host, until)) = ahead.first() {
        let what = format!(
            "{} would not be asked for longer than politeness wants, {host} until {}: the clock was set back",
            match ahead.len() {
                1 => "1 host".to_owned(),
                hosts => format!("{hosts} hosts"),
            },
            when::exact(*until)
        );
        let remedy = "keep the machine's clock right with NTP (timedatectl); the next crawl, or serve within a minute, \
                      has them wait no longer than politeness asks";
        return Ok(Finding::bad("clock", what, remedy));
    }
    let waiting = ahead::waiting(&mut tx, furthest.lease, now).await?;
    if waiting > 0 {
        let what = format!(
            "{} put into the outbox while the clock was ahead, and would wait for it: the clock was set back",
            counted(waiting, "message was", "messages were")
        );
        let remedy = "keep the machine's clock right with NTP (timedatectl); the next crawl or delivery, or serve within a \
                      minute, has them wait no longer than they were to";
        return Ok(Finding::bad("clock", what, remedy));
    }
    Ok(match newest {
        Some((what, at)) if at > now + AHEAD => Finding::bad(
            "clock",
            format!(
                "the newest {what} is of {}, and it is {} now",
                when::exact(at),
                when::exact(now)
            ),
            "set the machine's clock right (timedatectl), and keep it so with NTP",
        ),
        _ => Finding::good("clock", format!("it is {}", when::exact(now))),
    })
}

async fn channels(app: &App) -> Result<Vec<Finding>, CommandError> {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let endpoints = endpoints::all(&mut tx).await?;
    let configured = app.configuration.channels();
    // Of those that can't be used on this machine, it was said already.
    let unusable = Channels::build(&app.configuration)
        .map(|channels| channels.reasons())
        .unwrap_or_default();
    Ok(endpoints
        .into_iter()
        .filter(|endpoint| {
            configured.contains(endpoint.channel.as_str())
                && (endpoint.disabled.is_some() || !unusable.contains_key(&endpoint.channel))
        })
        .map(|endpoint| {
            let name = inert::line(&endpoint.channel).into_owned();
            match (endpoint.disabled, endpoint.failures) {
                (Some((at, why)), _) => Finding::bad(
                    "channel",
                    format!(
                        "{name} is switched off since {}: {}",
                        when::words(at, now),
                        inert::cut(&why, 200)
                    ),
                    "put the receiver right, then `sightline channel enable NAME`; `sightline channel test NAME` tries it",
                ),
                (None, 0) if endpoint.partly.is_some() => Finding::warning(
                    "channel",
                    format!(
                        "{name} took its last message, and not for all of its recipients: {}",
                        inert::cut(&endpoint.partly.unwrap_or_default(), 200)
                    ),
                    "correct its recipients in the configuration, then `sightline channel test NAME`",
                ),
                (None, 0) => Finding::good(
                    "channel",
                    match endpoint.last_success {
                        Some(at) => {
                            format!("{name} took its last message, {}", when::words(at, now))
                        }
                        None => format!("{name} was sent nothing yet"),
                    },
                ),
                (None, failures) => Finding::warning(
                    "channel",
                    format!(
                        "{name} has failed {}: {}",
                        match failures {
                            1 => "once".to_owned(),
                            _ => format!("{failures} times"),
                        },
                        inert::cut(&endpoint.last_error.unwrap_or_default(), 200)
                    ),
                    "look at the receiver; what it missed is tried again. `sightline channel test NAME` tries it",
                ),
            }
        })
        .collect())
}

/// A channel that was renamed or taken out: whatever is due to it waits for ever, and nobody notices.
async fn unknown_channels(app: &App) -> Result<Vec<Finding>, CommandError> {
    let unknown = outbox::read(app).await?.unknown;
    Ok(unknown
        .iter()
        .map(|(name, unknown)| {
            Finding::bad("channel", unknown.finding(name), Unknown::remedy(name))
        })
        .collect())
}

async fn dead(app: &App) -> Result<Finding, CommandError> {
    let mut tx = app.read().await?;
    let filter = Filter {
        state: Some("dead"),
        limit: 1_000,
        ..Filter::default()
    };
    Ok(match deliveries::list(&mut tx, &filter).await?.len() {
        0 => Finding::good("messages", "none was given up"),
        count => Finding::warning(
            "messages",
            match count {
                1 => "1 was given up".to_owned(),
                _ => format!("{count} were given up"),
            },
            "`sightline deliveries --state dead` lists them; `sightline deliver --replay ID` sends one again",
        ),
    })
}

/// An entry that is a site's own raises nothing there: nobody may take its silence for an answer.
async fn furniture(app: &App) -> Result<Vec<Finding>, CommandError> {
    let now = app.clock.now();
    let mut tx = app.read().await?;
    let names = Names::read(&mut tx).await?;
    let (mut entries, mut mark) = (Vec::new(), ChangeMark::FIRST);
    loop {
        let part = entries::changed(&mut tx, now, mark, AT_ONCE).await?;
        let Some(last) = part.last() else { break };
        mark = ChangeMark::after(last);
        entries.extend(part.into_iter().filter(|entry| entry.is_looked_for));
    }
    let lists: HashMap<EntryId, WatchlistId> =
        entries.iter().map(|one| (one.id, one.watchlist)).collect();
    let watched = entries.into_iter().map(|one| Watched {
        id: one.id,
        watchlist: one.watchlist,
        selector: one.selector,
        way: one.way,
        expires_at: one.expires_at,
        despite_warning: one.despite_warning,
    });
    let standing = standing(&mut tx, watched, &names, now).await?;
    if standing.is_empty() {
        return Ok(vec![Finding::good(
            "furniture",
            "no entry of a watchlist is a site's own",
        )]);
    }
    let mut findings: Vec<Finding> = standing
        .into_iter()
        .flat_map(|(entry, found)| found.into_iter().map(move |one| (entry, one)))
        .map(|(entry, one)| {
            let list = lists.get(&entry).map(|list| names.watchlist(*list));
            let finding = format!(
                "entry {entry} on '{}' is {}",
                inert::line(&list.unwrap_or_default()),
                one.in_words()
            );
            let remedy = match one.is_withheld() {
                true => "if that is wrong: `sightline furniture release`; else withdraw the entry, or leave it for the other sources",
                false => "say what it is: `sightline furniture declare`, or `release`",
            };
            Finding::warning("furniture", finding, remedy)
        })
        .collect();
    findings.sort_by(|one, other| one.finding.cmp(&other.finding));
    Ok(findings)
}

#[cfg(test)]
mod tests {
    use super::rows_of;

    #[test]
    fn rows_are_counted_in_words() {
        for (rows, word, expected) in [
            (0, "run", "0 runs"),
            (1, "run", "1 run"),
            (2, "delivery", "2 deliveries"),
            (1, "entry", "1 entry"),
            (3, "furniture", "3 furniture"),
        ] {
            assert_eq!(rows_of(rows, word), expected);
        }
    }
}
