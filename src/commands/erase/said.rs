//! What an erasure says of what it does not reach, and of what else it takes.

use sightline_alerts::channels::ChannelSettings;
use sightline_model::{Alert, AlertState, counted};
use sightline_pipeline::retention::Lists;
use sightline_store::erasures::Found;

use crate::{app::App, commands::Context, output::inert};

/// Captures of lists, and alerts, that are named at most.
const NAMED: usize = 20;

/// Whether it is still to be done.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tense {
    Before,
    After,
}

/// Says whose evidence goes with it.
pub(super) fn beside(found: &Found, alerts: &[Alert], tense: Tense, context: &Context) {
    if !found.beside.is_empty() {
        context.out.note(format_args!(
            "{} read from the same captures: what it says stays, and the evidence for it {}.",
            counted(
                found.beside.len(),
                "other listing was",
                "other listings were"
            ),
            match tense {
                Tense::Before => "would go",
                Tense::After => "is gone",
            }
        ));
    }
    if !alerts.is_empty() {
        let is_open = |alert: &&Alert| alert.state != AlertState::Closed;
        context.out.note(format_args!(
            "{} {} evidence by it, {} of them not closed: {}.{}",
            counted(alerts.len(), "other alert", "other alerts"),
            match (tense, alerts.len()) {
                (Tense::Before, _) => "would lose",
                (Tense::After, 1) => "has lost",
                (Tense::After, _) => "have lost",
            },
            alerts.iter().filter(is_open).count(),
            named(alerts.iter().map(|alert| alert.id)),
            match tense {
                Tense::Before =>
                    " To keep it, export them first (`sightline evidence export`), or place a hold (`sightline hold place`).",
                Tense::After => " Their bundles say so.",
            }
        ));
    }
}

/// Says which pages it shares with others: these are fetched as ever.
pub(super) fn shared(found: &Found, tense: Tense, context: &Context) {
    if found.shared.is_empty() {
        return;
    }
    context.out.note(format_args!(
        "It stood on {} with others: captures of these from before it was first seen {}. As long as the site shows it there, what is \
         captured of these from now on holds it again, and goes by captures_days under [retention]; nothing of it is read there.",
        counted(found.shared.len(), "page", "pages"),
        match tense {
            Tense::Before => "would stay",
            Tense::After => "stay",
        }
    ));
}

/// Says which captures of lists show what is erased.
pub(super) fn lists(lists: &Lists, is_with: bool, context: &Context) {
    if !lists.show.is_empty() && !is_with {
        context.out.note(format_args!(
            "{} it: {}. --with-pages takes these too, and with them the evidence for what else was read there. As long as the \
             site's lists show it, so will those that are captured from now on.",
            counted(
                lists.show.len(),
                "capture of a list shows",
                "captures of lists show"
            ),
            named(lists.show.iter())
        ));
    }
    if !lists.unread.is_empty() {
        context.out.note(format_args!(
            "{} can't be read anew, for their source has no profile any more or they are damaged, and may show it: {}.",
            counted(
                lists.unread.len(),
                "capture of a list",
                "captures of lists"
            ),
            named(lists.unread.iter())
        ));
    }
}

/// Names the files that messages were put into by us: they may tell of it, and nothing is taken out of them.
pub(super) fn messages(app: &App, context: &Context) {
    let configuration = &app.configuration;
    let channels = configuration.settings.channels.iter();
    let files: Vec<String> = channels
        .filter_map(|(name, channel)| {
            let path = match channel {
                ChannelSettings::File(file) => &file.path,
                ChannelSettings::Email(mail) => mail.folder.as_ref()?,
                ChannelSettings::Webhook(_)
                | ChannelSettings::Slack(_)
                | ChannelSettings::Teams(_)
                | ChannelSettings::Matrix(_)
                | ChannelSettings::Splunk(_) => return None,
            };
            let path = configuration.folder.join(path);
            let path = path.exists().then(|| path.display().to_string())?;
            Some(format!("{} (the channel '{name}')", inert::line(&path)))
        })
        .collect();
    if !files.is_empty() {
        context.out.note(format_args!(
            "Messages that were put into these files stay there, and may tell of it: {}. Take them out by hand.",
            files.join(", ")
        ));
    }
}

fn named<Id: ToString>(ids: impl ExactSizeIterator<Item = Id>) -> String {
    let more = match ids.len() > NAMED {
        true => ", …",
        false => "",
    };
    let some: Vec<String> = ids.take(NAMED).map(|id| id.to_string()).collect();
    format!("{}{more}", some.join(", "))
}
