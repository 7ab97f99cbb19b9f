//! An exchange as its bytes lie in the archive, to be copied whole into another file.

use std::{io, os::unix::fs::FileExt, path::Path};

use flate2::bufread::GzDecoder;
use memchr::memmem;
use sightline_model::Evidence;

use super::{
    ArchiveError,
    read::{self, Record},
};

/// Within how many bytes before its answer a request's record begins: nearly always within the first.
const REQUEST_WITHIN: [u64; 2] = [4 << 10, LONGEST_REQUEST];

/// A request's record is far smaller than this, compressed or not.
const LONGEST_REQUEST: u64 = 1 << 20;

/// The records of an exchange, verified, and the gzip members that hold them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Whole {
    /// What was answered, or that it was what had been answered before.
    pub answer: Record,
    /// What was asked; none where the answer names no request.
    pub request: Option<Record>,
    /// The members, the request's first: a WARC file by themselves.
    pub bytes: Vec<u8>,
}

pub(super) fn whole(folder: &Path, evidence: &Evidence) -> Result<Whole, ArchiveError> {
    let (answer, member) = read::member(folder, evidence)?;
    let Some(asked) = answer.field("WARC-Concurrent-To") else {
        return Ok(Whole {
            answer,
            request: None,
            bytes: member,
        });
    };
    let (request, mut bytes) = request(folder, evidence, asked)?;
    bytes.extend_from_slice(&member);
    Ok(Whole {
        answer,
        request: Some(request),
        bytes,
    })
}

/// The request's record, which is kept right before its answer, stays there when a file is rewritten, and is named by it as
/// `wanted`. So one that is not to be found there is damaged.
fn request(
    folder: &Path,
    evidence: &Evidence,
    wanted: &str,
) -> Result<(Record, Vec<u8>), ArchiveError> {
    let path = folder.join(&evidence.file);
    let file = read::open(&path)?;
    // The offset was verified when the answer was read.
    let end = u64::try_from(evidence.offset).unwrap_or(0);
    for within in REQUEST_WITHIN {
        let begin = end.saturating_sub(within);
        let mut bytes = vec![0; (end - begin) as usize];
        file.read_exact_at(&mut bytes, begin)
            .map_err(ArchiveError::while_("reading", &path))?;
        if let Some((record, at)) = last_in(&bytes, wanted) {
            return Ok((record, bytes.split_off(at)));
        }
    }
    Err(ArchiveError::DamagedRequest {
        path,
        offset: evidence.offset,
        record: wanted.trim_matches(['<', '>']).to_owned(),
    })
}

/// The `wanted` record, where the last member of these bytes holds it, and where that begins. Its beginning is not known: it is
/// the one that unpacks to the record and ends where the bytes do.
fn last_in(bytes: &[u8], wanted: &str) -> Option<(Record, usize)> {
    memmem::rfind_iter(bytes, &[0x1f, 0x8b, 0x08]).find_map(|at| {
        let mut member = GzDecoder::new(&bytes[at..]);
        let mut text = Vec::new();
        let mut bounded = io::Read::take(&mut member, LONGEST_REQUEST);
        io::Read::read_to_end(&mut bounded, &mut text).ok()?;
        if !member.into_inner().is_empty() {
            return None;
        }
        let record = read::parse(&text)?;
        let is_it = record.field("WARC-Record-ID") == Some(wanted) && read::verify(&record).is_ok();
        is_it.then_some((record, at))
    })
}
