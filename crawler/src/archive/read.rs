//! Reading a record back, and making sure that it is the one that was kept.

use std::{
    fs::File,
    io::{self, Read},
    os::unix::fs::FileExt,
    path::{Path, PathBuf},
};

use bytes::Bytes;
use flate2::bufread::GzDecoder;
use http::{HeaderMap, HeaderName, HeaderValue};
use memchr::memmem;
use sha2::{Digest as _, Sha256};
use sightline_egress::Failure;
use sightline_model::{Capture, Digest, Evidence};

use super::{ArchiveError, ReadBy, read_by, segment::OPEN};
use crate::decode::{Limits, decode};

/// A record as it was kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Record {
    /// The WARC header fields, in order.
    pub fields: Vec<(String, String)>,
    /// The HTTP head: status line, header lines, and the empty line.
    pub head: Vec<u8>,
    /// The body as it came over the wire, content encodings still on it. Empty in a revisit record.
    pub body: Vec<u8>,
}

impl Record {
    /// The first WARC header field of this name, whatever the case.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields
            .iter()
            .find(|(other, _)| other.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    /// True for a record whose body is that of an earlier one, named by `WARC-Refers-To`.
    pub fn is_revisit(&self) -> bool {
        self.field("WARC-Type") == Some("revisit")
    }

    /// What it was read with; none where nothing of it is read, and where it was kept before that was noted.
    pub fn read_by(&self) -> Option<ReadBy> {
        ReadBy::parse(self.field(read_by::FIELD)?)
    }

    /// The digest of the body; in a revisit record, of the body that it stands for.
    pub fn digest(&self) -> Option<Digest> {
        let value = self.field("WARC-Payload-Digest")?.strip_prefix("sha256:")?;
        Some(Digest(value.to_owned()))
    }

    /// The headers of the HTTP head; a line that is none is passed over.
    pub fn headers(&self) -> HeaderMap {
        let lines = self.head.split(|&byte| byte == b'\n').skip(1);
        lines
            .filter_map(|line| {
                let colon = line.iter().position(|&byte| byte == b':')?;
                let name = HeaderName::from_bytes(&line[..colon]).ok()?;
                let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii()).ok()?;
                Some((name, value))
            })
            .collect()
    }

    /// The body behind its content encodings.
    ///
    /// # Errors
    /// As [`decode`]'s: it grows beyond `limits`, or is not what the head says.
    pub fn decoded(&self, limits: Limits) -> Result<Bytes, Failure> {
        decode(&Bytes::copy_from_slice(&self.body), &self.headers(), limits)
    }
}

/// The record that holds a capture's body.
pub(super) fn holder(
    folder: &Path,
    capture: &Capture,
    earlier: Option<&Capture>,
) -> Result<Record, ArchiveError> {
    let record = read(folder, &capture.evidence)?;
    let Some(earlier) = earlier.filter(|_| record.is_revisit()) else {
        return Ok(record);
    };
    let record = read(folder, &earlier.evidence)?;
    if record
        .digest()
        .is_some_and(|digest| digest != capture.digest)
    {
        return Err(ArchiveError::Damaged {
            path: folder.join(&earlier.evidence.file),
            offset: earlier.evidence.offset,
            what: format!(
                "capture {} repeats the body of capture {}, but their digests differ",
                capture.id, earlier.id
            ),
        });
    }
    Ok(record)
}

/// The longest compressed record that is read; what we keep is limited far below.
const LONGEST: i64 = 1 << 30;

pub(super) fn read(folder: &Path, evidence: &Evidence) -> Result<Record, ArchiveError> {
    Ok(member(folder, evidence)?.0)
}

/// A record, and the gzip member that holds it.
pub(super) fn member(
    folder: &Path,
    evidence: &Evidence,
) -> Result<(Record, Vec<u8>), ArchiveError> {
    let path = folder.join(&evidence.file);
    let damaged = |what: &str| ArchiveError::Damaged {
        path: path.clone(),
        offset: evidence.offset,
        what: what.to_owned(),
    };
    // Evidence comes from a database; a name with a folder in it would lead out of the archive.
    if evidence.file.contains(['/', '\\']) || !evidence.file.ends_with(".warc.gz") {
        return Err(damaged("its name is not that of a WARC file"));
    }
    let (Ok(offset), true) = (
        u64::try_from(evidence.offset),
        (1..=LONGEST).contains(&evidence.length),
    ) else {
        return Err(damaged("its place is not one in a file"));
    };
    let file = open(&path)?;
    let mut member = vec![0; evidence.length as usize];
    file.read_exact_at(&mut member, offset)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged("the file ends before it"),
            _ => ArchiveError::while_("reading", &path)(error),
        })?;
    let mut text = Vec::new();
    let mut decoder = GzDecoder::new(member.as_slice());
    decoder
        .read_to_end(&mut text)
        .map_err(|error| damaged(&format!("it does not unpack ({error})")))?;
    if !decoder.into_inner().is_empty() {
        return Err(damaged("it is shorter than it was"));
    }
    let record = parse(&text).ok_or_else(|| damaged("it is no WARC record"))?;
    if record.field("WARC-Record-ID") != Some(&format!("<{}>", evidence.record)) {
        return Err(damaged("it is another record"));
    }
    verify(&record).map_err(damaged)?;
    Ok((record, member))
}

/// The file, whether it is still being written, closed, or renamed just now.
pub(super) fn open(path: &Path) -> Result<File, ArchiveError> {
    let mut open = path.as_os_str().to_owned();
    open.push(OPEN);
    for candidate in [path, &PathBuf::from(open), path] {
        match File::open(candidate) {
            Ok(file) => return Ok(file),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(ArchiveError::while_("opening", candidate)(error)),
        }
    }
    Err(ArchiveError::Missing(path.to_owned()))
}

pub(super) fn parse(text: &[u8]) -> Option<Record> {
    let (fields, rest) = split_after(text, b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(fields).ok()?.split("\r\n");
    if !lines.next()?.starts_with("WARC/1.") {
        return None;
    }
    let fields = lines
        .filter(|line| !line.is_empty())
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_owned(), value.trim().to_owned()))
        })
        .collect::<Option<Vec<_>>>()?;
    let mut record = Record {
        fields,
        head: Vec::new(),
        body: Vec::new(),
    };
    let length: usize = record.field("Content-Length")?.parse().ok()?;
    let block = rest.get(..length)?;
    if rest.get(length..) != Some(b"\r\n\r\n") {
        return None;
    }
    let (head, body) = split_after(block, b"\r\n\r\n")?;
    record.head = head.to_vec();
    record.body = body.to_vec();
    Some(record)
}

/// The first WARC header field of this name in a record's beginning, whatever the case.
pub(super) fn field_of(begin: &[u8], name: &str) -> Option<String> {
    let (fields, _) = split_after(begin, b"\r\n\r\n")?;
    let mut lines = std::str::from_utf8(fields).ok()?.split("\r\n");
    if !lines.next()?.starts_with("WARC/1.") {
        return None;
    }
    lines
        .filter_map(|line| line.split_once(':'))
        .find(|(other, _)| other.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}

pub(super) fn verify(record: &Record) -> Result<(), &'static str> {
    let digest = |pieces: &[&[u8]]| {
        let hash = pieces
            .iter()
            .fold(Sha256::new(), |hash, piece| hash.chain_update(piece));
        format!("sha256:{}", Digest::of_hash(&hash.finalize()))
    };
    if record.field("WARC-Block-Digest") != Some(&digest(&[&record.head, &record.body])) {
        return Err("its block is not what its digest says");
    }
    // A request has no payload; a revisit's is elsewhere.
    if record.field("WARC-Type") == Some("response")
        && record.field("WARC-Payload-Digest") != Some(&digest(&[&record.body]))
    {
        return Err("its body is not what its digest says");
    }
    Ok(())
}

fn split_after<'a>(text: &'a [u8], end: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(text, end)? + end.len();
    Some(text.split_at(at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_from_a_head_as_kept() {
        let record = Record {
            fields: Vec::new(),
            head: b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nbroken line\r\nX: \xe9\r\n\r\n"
                .to_vec(),
            body: b"no gzip".to_vec(),
        };
        let headers = record.headers();
        assert_eq!(headers.len(), 2);
        assert_eq!(headers["content-encoding"], "gzip");
        let limits = Limits {
            bytes: 100,
            ratio: 10,
        };
        assert!(record.decoded(limits).is_err());
    }
}
