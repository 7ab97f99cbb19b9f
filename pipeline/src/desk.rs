//! The desk at which a source's file is written: judged, kept with what it said before, written whole, and taken up by the
//! process that serves it.

use std::{io, path::PathBuf};

use sightline_config::Located;
use sightline_crawler::proxy::ProxySettings;
use sightline_egress::Secrets;
use sightline_model::{Problem, SourceId, Timestamp};
use sightline_store::{
    StoreError, Tx,
    audit::{self, Deed},
    source_texts::{self, SourceText},
    sources,
};

use crate::{
    PipelineError,
    files::{self, LARGEST, NotWritten, ReadSource, SourceFile, SourceFiles, digest},
    instance::{Instance, Watched},
    source::Source,
};

/// Who wrote what was found in a file and not written here.
pub const BY_HAND: &str = "by hand";

/// The longest file that is judged, in lines.
const MOST_LINES: usize = 2_000;

/// What a source's file needs to be written and taken up.
pub struct Desk {
    /// The files.
    pub files: SourceFiles,
    /// Whether the settings name somebody who answers for the crawl. Without, a source is crawled that names one itself.
    pub has_contact: bool,
    /// The folder that files of secrets are relative to.
    pub folder: PathBuf,
    /// Variables of the environment, for secrets.
    pub variable: fn(&str) -> Option<String>,
}

/// What somebody has a source's file say.
#[derive(Clone, Copy, Debug)]
pub struct Wish<'w> {
    /// The source.
    pub source: SourceId,
    /// The digest of the file as they read it.
    pub was: &'w str,
    /// What it is to say.
    pub text: &'w str,
    /// Why; may be empty.
    pub why: &'w str,
    /// Who wishes it.
    pub who: &'w str,
}

/// What came of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Saved {
    /// It says that already; nothing was done.
    Unchanged,
    /// It is in force in this process, from the next page on that is asked for.
    InForce,
    /// It is written, and nothing is crawled by it: nobody answers for the crawl.
    Unanswered,
}

/// Why a source's file was not written: it is as it was.
#[derive(Debug, thiserror::Error)]
pub enum NotSaved {
    /// There is no such source, or it has no file.
    #[error("there is no file of this source")]
    Gone,
    /// It was changed since it was read: as it stands now.
    #[error("it was changed by other hands meanwhile")]
    Changed(SourceFile),
    /// What it would say is wrong.
    #[error("it has {} problems", .0.len())]
    Wrong(Vec<Located>),
    /// It can't be read.
    #[error("its file can't be read: {0}; make it a plain file in UTF-8 that Sightline may read")]
    Unreadable(io::Error),
    /// It can't be written.
    #[error(transparent)]
    Failed(NotWritten),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It can't be taken up.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
}

impl Desk {
    /// The file of a source, as it stands.
    ///
    /// # Errors
    /// Where there is none, or it can't be read.
    pub fn file(&self, name: &str) -> Result<SourceFile, NotSaved> {
        let found = self.files.find(name).map_err(NotSaved::Unreadable)?;
        found.ok_or(NotSaved::Gone)
    }

    fn secrets(&self) -> Secrets<'_> {
        Secrets {
            folder: &self.folder,
            environment: &self.variable,
        }
    }

    /// The source that a file would be with this text; or everything that is wrong with it. Its name stays: another name
    /// would be another source, and everything that was seen on this one would look as if it were gone. So does what is
    /// said of a password: whoever may edit a source must not have this machine's secrets sent to where they like.
    ///
    /// # Errors
    /// Every problem, at its line.
    pub fn judge(
        &self,
        instance: &Instance,
        name: &str,
        file: &SourceFile,
        text: &str,
    ) -> (Result<Source, Vec<Located>>, Option<Located>) {
        let path = std::path::Path::new(file.path.file_name().unwrap_or_default());
        if text.len() > LARGEST || text.lines().count() > MOST_LINES {
            let message = format!(
                "it is larger than {} KiB or {MOST_LINES} lines",
                LARGEST / 1024
            );
            let told = Located::in_file(
                path.display().to_string(),
                message,
                "watch less with one file",
            );
            return (Err(vec![told]), None);
        }
        let ReadSource {
            name: said,
            source,
            advice,
            ..
        } = files::judge(path, text.to_owned());
        let source = source.and_then(|source| {
            let whole = |message: String, remedy: &str| {
                vec![Located::in_file(
                    path.display().to_string(),
                    message,
                    remedy,
                )]
            };
            if said != name {
                let message = format!("it would be another source, '{said}' in place of '{name}'");
                let problems = whole(
                    message,
                    "leave `name` as it is; to watch another site, write another file",
                );
                return Err(problems.into_iter().map(|one| one.of_key("name")).collect());
            }
            if let Some(proxy) = &source.settings.proxy
                && (proxy.password_env.is_some() || proxy.password_file.is_some())
                && proxy_of(path, file).as_ref() != Some(proxy)
            {
                let problems = whole(
                    "its proxy is given a password of this machine".to_owned(),
                    "have whoever keeps the machine write [proxy] into the file itself",
                );
                return Err(problems
                    .into_iter()
                    .map(|one| one.of_key("proxy"))
                    .collect());
            }
            match instance.try_open(&source, self.secrets()) {
                Ok(()) => Ok(source),
                Err(error) => Err(whole(error.to_string(), "put that right, then save again")),
            }
        });
        (source, advice)
    }

    /// Opens a source as [`Self::judge`] read it, for an errand of one page: nothing of it is registered, and nothing crawled.
    ///
    /// # Errors
    /// Where nobody answers for the crawl, or it can't be opened.
    pub fn open(
        &self,
        instance: &Instance,
        id: SourceId,
        source: &Source,
    ) -> Result<Watched, Problem> {
        if !self.is_answered_for(source) {
            return Err(Problem::new(
                "contact",
                "names nobody who answers for the crawl, and neither do the settings",
                "write `contact` into it, such as a mail address",
            ));
        }
        let session = instance.open_source(source, self.secrets());
        let session =
            session.map_err(|error| Problem::new("", error.to_string(), "put that right first"))?;
        Ok(Watched {
            id,
            source: source.clone(),
            created_at: instance.clock.now(),
            session,
        })
    }

    fn is_answered_for(&self, source: &Source) -> bool {
        self.has_contact || source.settings.contact.is_some()
    }

    /// Has a source's file say something else, keeps what it said and who changed it, and takes it up.
    ///
    /// # Errors
    /// Where it is not to be written: the file is then as it was.
    pub async fn save(&self, instance: &Instance, wish: &Wish<'_>) -> Result<Saved, NotSaved> {
        let now = instance.clock.now();
        let mut tx = instance.read().await?;
        let row = sources::get(&mut tx, wish.source).await?;
        drop(tx);
        let name = row.ok_or(NotSaved::Gone)?.definition.name;
        let file = self.file(&name)?;
        if file.digest().0 != wish.was {
            return Err(NotSaved::Changed(file));
        }
        let text = as_before(&file.text, wish.text);
        // Before anything is held: judging takes its time, and others write meanwhile.
        let source = self
            .judge(instance, &name, &file, &text)
            .0
            .map_err(NotSaved::Wrong)?;
        if text == file.text {
            return Ok(Saved::Unchanged);
        }
        let mut tx = instance.write().await?;
        // Two who save at once do so one after the other, and the second finds what the first wrote.
        sources::hold(&mut tx, wish.source).await?;
        let file = self.file(&name)?;
        if file.digest().0 != wish.was {
            return Err(NotSaved::Changed(file));
        }
        keep_found(&mut tx, wish.source, &file, now).await?;
        let said = SourceText {
            at: now,
            who: wish.who.to_owned(),
            why: wish.why.trim().to_owned(),
            text: text.clone(),
        };
        source_texts::append(&mut tx, wish.source, &said).await?;
        let deed = Deed {
            at: now,
            who: wish.who.to_owned(),
            what: "source.edit".to_owned(),
            subject: name,
            detail: said.why,
        };
        audit::append(&mut tx, &deed).await?;
        self.files
            .write(&file, &text)
            .map_err(|error| match error {
                NotWritten::Changed(file) => NotSaved::Changed(file),
                error => NotSaved::Failed(error),
            })?;
        tx.commit().await?;
        if !self.is_answered_for(&source) {
            return Ok(Saved::Unanswered);
        }
        instance.take_up(source, self.secrets()).await?;
        Ok(Saved::InForce)
    }
}

/// The proxy that a file names as it stands.
fn proxy_of(path: &std::path::Path, file: &SourceFile) -> Option<ProxySettings> {
    let source = files::judge(path, file.text.clone()).source.ok()?;
    source.settings.proxy
}

/// Keeps what stands in a file where that is not what was last kept of it: it was written by hand.
async fn keep_found(
    tx: &mut Tx,
    source: SourceId,
    file: &SourceFile,
    now: Timestamp,
) -> Result<(), StoreError> {
    let last = source_texts::of_source(tx, source, None, 1).await?.pop();
    if last.is_some_and(|last| digest(&last.text.text) == file.digest()) {
        return Ok(());
    }
    let found = SourceText {
        at: now,
        who: BY_HAND.to_owned(),
        why: "as it was found".to_owned(),
        text: file.text.clone(),
    };
    source_texts::append(tx, source, &found).await
}

/// A text with the line breaks that its file has: forms send others.
fn as_before(before: &str, text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    match before.contains("\r\n") {
        true => text.replace('\n', "\r\n"),
        false => text,
    }
}
