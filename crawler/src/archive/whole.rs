//! An exchange as its bytes lie in the archive, to be copied whole into another file.

use std::{io, os::unix::fs::FileExt, path::Path};

use flate2::bufread::GzDecoder;
use memchr::memmem;
use sightline_model::Evidence;

use super::{
    ArchiveError,
    read::{self, Record},
};

/// A request's record is far smaller than this, compressed or not.
const LONGEST_REQUEST: u64 = 1 << 20;

/// The records of an exchange, verified, and the gzip members that hold them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whole {
    /// What was answered, or that it was what had been answered before.
    pub answer: Record,
    /// What was asked; none where it does not stand before the answer any more.
    pub request: Option<Record>,
    /// The members, the request's first: a WARC file by themselves.
    pub bytes: Vec<u8>,
}

pub(super) fn whole(folder: &Path, evidence: &Evidence) -> Result<Whole, ArchiveError> {
    let (answer, member) = read::member(folder, evidence)?;
    let asked = before(folder, evidence, &answer)?;
    let (request, mut bytes) = asked.unzip();
    let bytes = match &mut bytes {
        Some(bytes) => [&**bytes, &member].concat(),
        None => member,
    };
    Ok(Whole {
        answer,
        request,
        bytes,
    })
}

/// The request's record, which is kept right before its answer. Where that member begins is not known: it is the one that
/// unpacks to the named record and ends where the answer begins.
fn before(
    folder: &Path,
    evidence: &Evidence,
    answer: &Record,
) -> Result<Option<(Record, Vec<u8>)>, ArchiveError> {
    let Some(wanted) = answer.field("WARC-Concurrent-To") else {
        return Ok(None);
    };
    let path = folder.join(&evidence.file);
    let file = read::open(&path)?;
    // The offset was verified when the answer was read.
    let end = u64::try_from(evidence.offset).unwrap_or(0);
    let begin = end.saturating_sub(LONGEST_REQUEST);
    let mut bytes = vec![0; (end - begin) as usize];
    file.read_exact_at(&mut bytes, begin)
        .map_err(ArchiveError::while_("reading", &path))?;
    for at in memmem::rfind_iter(&bytes, &[0x1f, 0x8b, 0x08]) {
        let mut member = GzDecoder::new(&bytes[at..]);
        let mut text = Vec::new();
        let unpacked =
            io::Read::read_to_end(&mut io::Read::take(&mut member, LONGEST_REQUEST), &mut text);
        if unpacked.is_err() || !member.into_inner().is_empty() {
            continue;
        }
        let record = read::parse(&text).filter(|record| {
            record.field("WARC-Record-ID") == Some(wanted) && read::verify(record).is_ok()
        });
        if let Some(record) = record {
            return Ok(Some((record, bytes[at..].to_vec())));
        }
    }
    Ok(None)
}
