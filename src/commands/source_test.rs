//! `sightline source test`: one page, fetched as a crawl would fetch it, or read from a file; nothing is stored but how patient its host
//! wants us to be.

use std::{path::PathBuf, pin::pin, sync::Arc, time::Duration};

use clap::Args;
use serde::Serialize;
use sightline_casework::{field, outcome::explain_tried};
use sightline_extractors::{RawPage, ReadListing, Reading, read};
use sightline_model::{Clock, Find, Outcome, PageLink, Problem, SystemClock, VisitKind, counted};
use sightline_pipeline::{
    bench::{Came, Errand, Failed, Stored},
    source::Source,
};
use tokio::time::sleep;
use url::Url;

use super::{CommandError, Context, Ended, Status, operand};
use crate::{
    app::{self, App},
    output::{Output, inert},
};

/// How often to look whether the page waits for its turn, and which waits are told of.
const LOOK: Duration = Duration::from_millis(100);
const WORTH_TELLING: Duration = Duration::from_secs(2);

/// Links of each kind, and selectors and images of each listing, that people are shown.
const FEW: usize = 12;

/// Fetch or read one page of a source and show what is found on it
///
/// Fetches as a crawl does: within the source's scope, by robots.txt, at its pace, and not while its host asks to be left alone.
/// Of all this the store keeps when the host may be asked again, and its robots.txt; the archive keeps nothing. The exit status is 1 where the page can't be had, or something on it was looked for and not found.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline source test classified\n  \
    sightline source test classified --url https://ads.example/post/17 --as detail\n  \
    sightline source test classified --file saved.html --as detail")]
pub struct Test {
    /// The source
    name: String,
    /// The page to fetch, or where the file came from; without it the source's first start page
    #[arg(long, value_parser = page_address)]
    url: Option<Url>,
    /// Read this file instead of fetching
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// What the page is: list or detail; without it a start page is a list, and any other a detail
    #[arg(long = "as", value_name = "KIND", value_parser = page_kind)]
    kind: Option<VisitKind>,
}

fn page_address(text: &str) -> Result<Url, String> {
    text.parse().map_err(|_| {
        "write the whole address of a page, such as https://ads.example/post/17".to_owned()
    })
}

fn page_kind(word: &str) -> Result<VisitKind, String> {
    match word.parse() {
        Ok(VisitKind::Image) | Err(_) => Err("write list or detail".to_owned()),
        Ok(kind) => Ok(kind),
    }
}

/// What was found, as programs are given it.
#[derive(Serialize)]
struct Found<'a> {
    url: &'a Url,
    kind: VisitKind,
    status: Option<u16>,
    outcome: Outcome,
    /// Why there is no page; none where there is one.
    detail: Option<&'a str>,
    login_page: bool,
    links: &'a [PageLink],
    listings: Vec<Listing<'a>>,
    problems: &'a [Problem],
}

#[derive(Serialize)]
struct Listing<'a> {
    key: &'a str,
    url: &'a Url,
    title: &'a str,
    body: &'a str,
    fields: &'a std::collections::BTreeMap<String, serde_json::Value>,
    images: &'a [Url],
    text: &'a str,
    selectors: &'a [Find],
}

/// Runs the command.
pub async fn run(test: Test, context: &Context) -> Ended {
    let configuration = app::configuration(&context.config)?;
    let sources = configuration.sources().map_err(app::AppError::from)?;
    let source = sources
        .named(&test.name)
        .map_err(|error| CommandError::Usage(error.to_string()))?;
    let first = source.start.first();
    let url = test.url.as_ref().or(first).cloned().ok_or_else(|| {
        CommandError::Usage(format!(
            "source '{}' has no start page; name one with --url",
            source.name
        ))
    })?;
    let usual = if source.start.contains(&url) {
        VisitKind::List
    } else {
        VisitKind::Detail
    };
    let kind = test.kind.unwrap_or(usual);
    let came = match &test.file {
        Some(file) => Ok(Came {
            body: operand::read(file, operand::Dash::Name, u64::MAX)?,
            url: url.clone(),
            status: None,
            content_type: None,
            at: SystemClock.now(),
        }),
        None => {
            configuration
                .answered_for([source])
                .map_err(app::AppError::from)?;
            let app = App::open(context).await?;
            let came = fetch(&app, source, &url, kind, context.out).await;
            app.store.close().await;
            came?
        }
    };
    match came {
        Ok(came) => {
            let page = RawPage {
                url: &came.url,
                kind,
                content_type: came.content_type.as_deref(),
                body: &came.body,
                fetched_at: came.at,
            };
            let mut reading = read(&page, &source.profile);
            reading.problems.extend(source.kept_out(&reading.links));
            show(&came, kind, &reading, context.out)?;
            if let Some(advice) = source.settings.advice() {
                context.out.note(format_args!("\nnote: {advice}"));
            }
            let is_empty = reading.listings.is_empty() && reading.links.is_empty();
            let is_sound = reading.problems.is_empty() && !reading.login_page && !is_empty;
            Ok(if is_sound {
                Status::Done
            } else {
                Status::Problems
            })
        }
        Err(failed) => {
            refuse(&url, kind, &failed, context.out)?;
            Ok(Status::Problems)
        }
    }
}

/// The longest that somebody who can see that it waits, and can end it, is kept waiting: a Crawl-delay is kept up to five minutes,
/// and robots.txt is asked for first.
const PATIENCE: Duration = Duration::from_secs(15 * 60);

/// Fetches a page as a crawl does, at the turn that the store has for its host, and leaves the next turn there.
async fn fetch(
    app: &App,
    source: &Source,
    url: &Url,
    kind: VisitKind,
    out: Output,
) -> Result<Result<Came, Failed>, CommandError> {
    let (clock, mint) = (Arc::clone(&app.clock), Arc::clone(&app.mint));
    let crawler = app::crawler(&app.configuration, clock, mint)?;
    let access = source
        .access(app::secrets(&app.configuration))
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let session = crawler
        .open(access)
        .map_err(|error| CommandError::Failed(error.to_string()))?;
    let errand = Errand {
        store: &app.store,
        organisation: app.organisation,
        crawler: &crawler,
        session: &session,
        clock: app.clock.as_ref(),
        memory: Stored::of(&app.store, app.organisation, &source.name).await?,
        patience: PATIENCE,
        furthest: app.configuration.settings.work.furthest(),
    };
    let gate = errand.gate(url).await?;
    let mut fetching = pin!(errand.fetch(url, kind, &gate));
    let mut is_told = false;
    let fetched = loop {
        tokio::select! {
            fetched = &mut fetching => break fetched?,
            () = sleep(LOOK) => {
                let wait = gate.next_at().since(app.clock.now());
                let delay = gate.delay();
                let pause = delay.map_or(wait, |delay| delay.kept);
                if !wait.is_zero() && pause > WORTH_TELLING && !is_told {
                    is_told = true;
                    let why = delay.map(|delay| format!(": {delay}")).unwrap_or_default();
                    out.note(format_args!("Waits {:.0} s for its turn{why}.", pause.as_secs_f64()));
                }
            }
        }
    };
    if let Some(delay) = gate.delay() {
        out.note(format_args!("A crawl is slow here: {delay}."));
    }
    Ok(fetched)
}

fn refuse(url: &Url, kind: VisitKind, failed: &Failed, out: Output) -> Result<(), CommandError> {
    out.record(&Found {
        url,
        kind,
        status: failed.status,
        outcome: failed.outcome,
        detail: Some(&failed.detail),
        login_page: false,
        links: &[],
        listings: Vec::new(),
        problems: &[],
    })?;
    let (meaning, remedy) = explain_tried(failed.outcome);
    out.say(format_args!(
        "{}\n  {}: {meaning}",
        inert::line(url.as_str()),
        failed.outcome
    ))?;
    out.say(format_args!("  {}", inert::line(&failed.detail)))?;
    if !remedy.is_empty() {
        out.say(format_args!("  → {remedy}"))?;
    }
    Ok(())
}

fn show(came: &Came, kind: VisitKind, reading: &Reading, out: Output) -> Result<(), CommandError> {
    out.record(&Found {
        url: &came.url,
        kind,
        status: came.status,
        outcome: match reading.no_page {
            None => Outcome::Fetched,
            Some(_) => Outcome::WrongType,
        },
        detail: reading.no_page.as_deref(),
        login_page: reading.login_page,
        links: &reading.links,
        listings: reading.listings.iter().map(as_record).collect(),
        problems: &reading.problems,
    })?;
    if out.is_json() {
        return Ok(());
    }
    let status = came.status.map_or_else(
        || "from a file".to_owned(),
        |status| format!("status {status}"),
    );
    out.say(format_args!(
        "{}\n  {status}, {}, read as a {kind} page",
        inert::line(came.url.as_str()),
        counted(came.body.len(), "byte", "bytes")
    ))?;
    if reading.login_page {
        out.say("  It asks to log in instead of showing what was looked for.")?;
    }
    for kind in [VisitKind::List, VisitKind::Detail] {
        let links: Vec<&PageLink> = reading
            .links
            .iter()
            .filter(|link| link.kind == kind)
            .collect();
        if !links.is_empty() {
            let count = counted(links.len(), "link", "links");
            out.say(format_args!("\n{count} to {kind} pages"))?;
            for link in links.iter().take(FEW) {
                out.say(format_args!("  {}", inert::line(link.url.as_str())))?;
            }
            and_more(links.len(), out)?;
        }
    }
    let count = counted(reading.listings.len(), "listing", "listings");
    out.say(format_args!("\n{count}"))?;
    for listing in &reading.listings {
        out.say(listing_words(listing).join("\n"))?;
    }
    if !reading.problems.is_empty() {
        let count = counted(reading.problems.len(), "problem", "problems");
        out.say(format_args!("\n{count}"))?;
        for problem in &reading.problems {
            out.say(format_args!("  {}", inert::line(&problem.to_string())))?;
        }
    }
    Ok(())
}

fn and_more(count: usize, out: Output) -> Result<(), CommandError> {
    if count > FEW {
        out.say(format_args!(
            "  … and {} more; --json shows all",
            count - FEW
        ))?;
    }
    Ok(())
}

fn as_record(listing: &ReadListing) -> Listing<'_> {
    Listing {
        key: &listing.key,
        url: &listing.url,
        title: &listing.title,
        body: &listing.body,
        fields: &listing.fields,
        images: &listing.images,
        text: &listing.text,
        selectors: &listing.finds,
    }
}

fn listing_words(listing: &ReadListing) -> Vec<String> {
    let mut lines = vec![
        format!("  {}", inert::cut(&listing.title, 100)),
        format!("    key    {}", inert::line(&listing.key)),
        format!("    url    {}", inert::line(listing.url.as_str())),
        format!("    body   {}", inert::cut(&listing.body, 200)),
    ];
    let fields = listing.fields.iter();
    lines.extend(fields.map(|(name, value)| {
        format!(
            "    field  {} = {}",
            inert::line(name),
            inert::cut(&field::in_words(value), 160)
        )
    }));
    lines.extend(
        listing
            .images
            .iter()
            .take(FEW)
            .map(|image| format!("    image  {}", inert::line(image.as_str()))),
    );
    lines.extend(listing.finds.iter().take(FEW).map(|find| {
        let steps: Vec<&str> = find.steps.iter().map(|step| &*step.0).collect();
        format!(
            "    found  {} from »{}« ({}; {})",
            inert::line(&find.selector.to_string()),
            inert::line(&find.raw),
            find.confidence,
            inert::line(&steps.join(", ")),
        )
    }));
    lines
}
