//! Rewriting a closed file without some of its records. What stays is copied byte for byte, each record as the gzip member
//! that it is, so that it reads back as it was kept; only its place moves.
//!
//! A rewriting is three files' worth of steps that its caller has to order: write the new file and sync it, move what the
//! store says of places, and only then take the old file away. Whoever is killed in between leaves one file too many, and
//! never one too few.

use std::{
    collections::BTreeSet,
    fs::{self, File, OpenOptions},
    io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write},
    path::Path,
};

use flate2::bufread::GzDecoder;
use sha2::{Digest as _, Sha256};
use sightline_model::{Digest, Timestamp};

use super::{Archive, ArchiveError, in_sql, read::field_of, repair::is_damage, segment};

/// A record's own header fields are short: no more of it is kept in memory.
const LONGEST_HEAD: usize = 64 << 10;

/// What became of the records of a file.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Rewritten {
    /// Those that stay: where each was, and where it is.
    pub moved: Vec<Moved>,
    /// Those that were left out.
    pub gone: Vec<Gone>,
    /// Bytes that the file had, and has.
    pub bytes: (u64, u64),
}

/// A record at its new place.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Moved {
    /// Where it was.
    pub from: i64,
    /// Where it is.
    pub to: i64,
}

/// A record that was left out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Gone {
    /// Its `WARC-Record-ID`, without the brackets.
    pub record: String,
    /// SHA-256 of the whole record as it stood in the file, unpacked.
    pub digest: Digest,
}

/// The right to rewrite or copy the folder, until it is dropped.
#[derive(Debug)]
pub struct FolderLock {
    _held: File,
}

impl Archive {
    /// Keeps other rewriters away; none where there is one, or where somebody copies the folder.
    ///
    /// # Errors
    /// The folder can't be opened or locked.
    pub fn try_to_rewrite(&self) -> Result<Option<FolderLock>, ArchiveError> {
        let file = lock_file(&self.folder)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(FolderLock { _held: file })),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => {
                Err(ArchiveError::while_("locking", &self.folder)(error))
            }
        }
    }

    /// Gives the file that this process writes its final name, if it is this one, so that it can be rewritten.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub fn close_file(&self, name: &str) -> Result<(), ArchiveError> {
        let is_open = self
            .state()
            .open
            .as_ref()
            .is_some_and(|open| open.name() == name);
        match is_open {
            true => self.close(),
            false => Ok(()),
        }
    }

    /// True where a closed file of this name is in the folder.
    pub fn has(&self, name: &str) -> bool {
        is_name(name) && self.folder.join(name).is_file()
    }

    /// A name that no file has, for what `old` is rewritten as: it begins like it, so that files stay in the order of time.
    pub fn another_name(&self, old: &str, now: Timestamp) -> String {
        let begin = old.get(..26).unwrap_or("sightline-rewritten");
        format!(
            "{begin}-{}.warc.gz",
            self.mint.id::<uuid::Uuid>(now).simple()
        )
    }

    /// Writes the file `old` anew as `new`, with what it begins with and those records at the offsets `stay`, each with the
    /// request before it. All is on the disk when this returns; `old` is as it was. Without `new` nothing is written: for a
    /// file of which nothing stays, of which it is told what goes.
    ///
    /// # Errors
    /// The folder fails, or `old` is damaged, or has no record at one of the offsets: then there is no `new`.
    pub fn rewrite(
        &self,
        old: &str,
        new: Option<&str>,
        stay: &BTreeSet<i64>,
    ) -> Result<Rewritten, ArchiveError> {
        let Some(new) = new else {
            return self.rewrite_into(old, Path::new("/dev/null"), io::sink(), stay);
        };
        let to = self.folder.join(new);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&to)
            .map_err(ArchiveError::while_("making", &to))?;
        let done = self.rewrite_into(old, &to, BufWriter::new(&file), stay);
        let done = done.and_then(|done| {
            file.sync_all()
                .map_err(ArchiveError::while_("syncing", &to))?;
            segment::sync_folder(&self.folder)?;
            Ok(done)
        });
        if done.is_err() {
            // Half a file is nobody's. If this fails too, the next rewriting does it.
            let _gone = fs::remove_file(&to);
        }
        done
    }

    fn rewrite_into(
        &self,
        old: &str,
        to: &Path,
        mut target: impl Write,
        stay: &BTreeSet<i64>,
    ) -> Result<Rewritten, ArchiveError> {
        let from = self.folder.join(old);
        let source = File::open(&from).map_err(ArchiveError::while_("reading", &from))?;
        let damaged = |offset: u64, what: &str| ArchiveError::Damaged {
            path: from.clone(),
            offset: in_sql(offset),
            what: what.to_owned(),
        };
        let members = members(&source).map_err(|(at, error)| match is_damage(&error) {
            true => damaged(at, "it does not unpack, so the file is not rewritten"),
            false => ArchiveError::while_("reading", &from)(error),
        })?;
        let mut wanted = stay.clone();
        let mut done = Rewritten::default();
        let mut end = 0_u64;
        for (nth, member) in members.iter().enumerate() {
            let stays = match member.kind.as_str() {
                "warcinfo" => true,
                // It stands right before what answered it.
                "request" => members
                    .get(nth + 1)
                    .is_some_and(|answer| stay.contains(&in_sql(answer.begin))),
                _ => stay.contains(&in_sql(member.begin)),
            };
            if !stays {
                done.gone.push(Gone {
                    record: member.record.clone(),
                    digest: member.digest.clone(),
                });
                continue;
            }
            copy(&source, member, &mut target).map_err(ArchiveError::while_("writing", to))?;
            if wanted.remove(&in_sql(member.begin)) {
                done.moved.push(Moved {
                    from: in_sql(member.begin),
                    to: in_sql(end),
                });
            }
            end += member.end - member.begin;
        }
        if let Some(&missing) = wanted.first() {
            let missing = u64::try_from(missing).unwrap_or_default();
            return Err(damaged(
                missing,
                "no record begins here, so the file is not rewritten",
            ));
        }
        done.bytes = (members.last().map_or(0, |last| last.end), end);
        target
            .flush()
            .map_err(ArchiveError::while_("writing", to))?;
        Ok(done)
    }

    /// Takes a file out of the folder, for good when this returns. One that is not there is gone already.
    ///
    /// # Errors
    /// The folder fails, or the name is not that of a WARC file.
    pub fn remove(&self, name: &str) -> Result<(), ArchiveError> {
        let path = self.folder.join(name);
        if !is_name(name) {
            return Err(ArchiveError::Damaged {
                path,
                offset: 0,
                what: "its name is not that of a WARC file".to_owned(),
            });
        }
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ArchiveError::while_("removing", &path)(error))
            }
            _ => segment::sync_folder(&self.folder),
        }
    }

    /// The names of the files in the folder that are not being written, in order.
    ///
    /// # Errors
    /// The folder can't be read.
    pub fn closed_files(&self) -> Result<Vec<String>, ArchiveError> {
        let reading = |error| ArchiveError::while_("reading", &self.folder)(error);
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder).map_err(reading)? {
            let name = entry.map_err(reading)?.file_name().into_string();
            names.extend(name.ok().filter(|name| is_name(name)));
        }
        names.sort_unstable();
        Ok(names)
    }
}

/// Keeps rewriters away from a folder while it is copied as a whole: no file may vanish between the look and the copy.
/// Waits for one that is at work.
///
/// # Errors
/// The folder can't be opened or locked.
pub fn lock_for_copy(folder: &Path) -> Result<FolderLock, ArchiveError> {
    let file = lock_file(folder)?;
    file.lock_shared()
        .map_err(ArchiveError::while_("locking", folder))?;
    Ok(FolderLock { _held: file })
}

/// The folder itself is what is locked, so that no file of ours stands among the evidence.
fn lock_file(folder: &Path) -> Result<File, ArchiveError> {
    File::open(folder).map_err(ArchiveError::while_("opening", folder))
}

fn is_name(name: &str) -> bool {
    !name.contains(['/', '\\']) && name.ends_with(".warc.gz")
}

/// A record in a file.
struct Member {
    begin: u64,
    end: u64,
    kind: String,
    record: String,
    digest: Digest,
}

/// Every record of a file, in order; where the first bad one begins, and why.
fn members(file: &File) -> Result<Vec<Member>, (u64, io::Error)> {
    let length = file.metadata().map_err(|error| (0, error))?.len();
    let mut reader = BufReader::with_capacity(256 << 10, file);
    reader
        .seek(SeekFrom::Start(0))
        .map_err(|error| (0, error))?;
    let mut members = Vec::new();
    let mut begin = 0;
    while begin < length {
        let member = next(&mut reader, begin).map_err(|error| (begin, error))?;
        begin = member.end;
        members.push(member);
    }
    Ok(members)
}

fn next(reader: &mut BufReader<&File>, begin: u64) -> io::Result<Member> {
    let mut decoder = GzDecoder::new(&mut *reader);
    let (mut head, mut hash) = (Vec::new(), Sha256::new());
    let mut block = vec![0; 64 << 10];
    loop {
        let read = decoder.read(&mut block)?;
        if read == 0 {
            break;
        }
        hash.update(&block[..read]);
        let room = LONGEST_HEAD.saturating_sub(head.len()).min(read);
        head.extend_from_slice(&block[..room]);
    }
    let end = reader.stream_position()?;
    let named = |name| field_of(&head, name);
    let (Some(kind), Some(record)) = (named("WARC-Type"), named("WARC-Record-ID")) else {
        let none = "it is no WARC record";
        return Err(io::Error::new(io::ErrorKind::InvalidData, none));
    };
    Ok(Member {
        begin,
        end,
        kind,
        record: record.trim_matches(['<', '>']).to_owned(),
        digest: Digest::of_hash(&hash.finalize()),
    })
}

fn copy(mut from: &File, member: &Member, to: &mut impl Write) -> io::Result<()> {
    from.seek(SeekFrom::Start(member.begin))?;
    let length = member.end - member.begin;
    match io::copy(&mut from.take(length), to)? == length {
        true => Ok(()),
        false => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}
