//! The one form of a zip file that bundles have: nothing compressed, no times, nothing between the members. Whoever knows
//! names and contents can write the whole file anew, byte for byte, and so each byte of it is verified.

use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use sightline_model::Digest;

use super::{Forged, LARGEST, MOST_FILES};

const LOCAL: [u8; 4] = *b"PK\x03\x04";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const END: [u8; 4] = *b"PK\x05\x06";
/// 2.0, which every program reads.
const VERSION: u16 = 20;
/// Made on Unix, as far as the permissions are concerned.
const UNIX: u16 = 3 << 8;
/// 1980-01-01, the first day that a zip file knows.
const DAY: u16 = 0x21;
/// Read and written by its owner alone.
const MODE: u32 = 0o600 << 16;
/// The length of a member's head, without its name.
const HEAD: usize = 30;
/// The longest name of a member, in bytes.
const LONGEST_NAME: usize = 240;
/// Members that are handed out whole have this size at most.
const KEPT: u64 = 16 << 20;

/// A member: all that the file says of it.
struct Member {
    name: String,
    crc: u32,
    size: u32,
    offset: u32,
}

impl Member {
    /// What local head and directory have in common.
    fn put(&self, to: &mut Vec<u8>) {
        for half in [VERSION, 0, 0, 0, DAY] {
            to.extend(half.to_le_bytes());
        }
        for word in [self.crc, self.size, self.size] {
            to.extend(word.to_le_bytes());
        }
        // No longer than LONGEST_NAME.
        to.extend((self.name.len() as u16).to_le_bytes());
        to.extend(0_u16.to_le_bytes());
    }

    fn local(&self) -> Vec<u8> {
        let mut head = LOCAL.to_vec();
        self.put(&mut head);
        head.extend(self.name.as_bytes());
        head
    }

    fn central(&self, to: &mut Vec<u8>) {
        to.extend(CENTRAL);
        to.extend((UNIX | VERSION).to_le_bytes());
        self.put(to);
        // No comment, the first disk, no internal attributes.
        to.extend([0; 6]);
        to.extend(MODE.to_le_bytes());
        to.extend(self.offset.to_le_bytes());
        to.extend(self.name.as_bytes());
    }
}

/// What stands behind the members.
fn directory(members: &[Member], at: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        member.central(&mut bytes);
    }
    let length = bytes.len() as u32;
    // No more than MOST_FILES and LARGEST, so nothing is cut here.
    let count = members.len() as u16;
    bytes.extend(END);
    bytes.extend([0; 4]);
    bytes.extend(count.to_le_bytes());
    bytes.extend(count.to_le_bytes());
    bytes.extend(length.to_le_bytes());
    bytes.extend((at as u32).to_le_bytes());
    bytes.extend([0; 2]);
    bytes
}

/// Whether a name is one that leads nowhere but into the bundle, on any system.
pub(super) fn is_harmless(name: &str) -> bool {
    let is_fit = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'_' | b'.' | b'/');
    name.len() <= LONGEST_NAME
        && name.bytes().all(is_fit)
        && name
            .split('/')
            .all(|part| !part.is_empty() && !part.starts_with('.'))
}

/// Writes such a file.
pub(super) struct Writer<W> {
    to: W,
    at: u64,
    members: Vec<Member>,
}

impl<W: Write> Writer<W> {
    pub fn new(to: W) -> Self {
        Self {
            to,
            at: 0,
            members: Vec::new(),
        }
    }

    pub fn add(&mut self, name: &str, bytes: &[u8]) -> io::Result<()> {
        let is_full = self.members.len() >= MOST_FILES
            || self.at + (bytes.len() as u64) > LARGEST - (1 << 24);
        if is_full || !is_harmless(name) {
            let why = match is_full {
                true => "is more than a bundle holds",
                false => "is no name in a bundle",
            };
            return Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                format!("{name} {why}"),
            ));
        }
        let member = Member {
            name: name.to_owned(),
            crc: crc32fast::hash(bytes),
            size: bytes.len() as u32,
            offset: self.at as u32,
        };
        let head = member.local();
        self.to.write_all(&head)?;
        self.to.write_all(bytes)?;
        self.at += (head.len() + bytes.len()) as u64;
        self.members.push(member);
        Ok(())
    }

    /// Ends the file; gives back where it was written, and its length.
    pub fn finish(mut self) -> io::Result<(W, u64)> {
        let end = directory(&self.members, self.at);
        self.to.write_all(&end)?;
        self.to.flush()?;
        Ok((self.to, self.at + end.len() as u64))
    }
}

/// A member as it was read.
pub(super) struct Seen {
    pub name: String,
    pub digest: Digest,
    pub size: u64,
    /// Its bytes, unless they are many.
    pub bytes: Vec<u8>,
}

/// Reads such a file from its beginning to its end, holding no more of it than a member that is kept.
pub(super) struct Reader<R> {
    from: R,
    at: u64,
    members: Vec<Member>,
}

impl<R: Read> Reader<R> {
    pub fn new(from: R) -> Self {
        Self {
            from,
            at: 0,
            members: Vec::new(),
        }
    }

    /// The next member, its bytes with it if `is_kept` says so of its name; none at the end, when the whole file is known
    /// to be in the one form.
    pub fn next(&mut self, is_kept: impl Fn(&str) -> bool) -> Result<Option<Seen>, Forged> {
        let mut head = vec![0; 4];
        self.exactly(&mut head)?;
        if head != LOCAL {
            self.end(&head)?;
            return Ok(None);
        }
        head.resize(HEAD, 0);
        self.exactly(&mut head[4..])?;
        let word =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let size = word(18);
        let length = usize::from(u16::from_le_bytes([head[26], head[27]]));
        if self.members.len() >= MOST_FILES || length > LONGEST_NAME {
            return Err(Forged::Form(self.at));
        }
        let mut name = vec![0; length];
        self.exactly(&mut name)?;
        head.extend(&name);
        let name = String::from_utf8(name)
            .ok()
            .filter(|name| is_harmless(name));
        let name = name.ok_or(Forged::Form(self.at))?;
        let is_kept = is_kept(&name) && u64::from(size) <= KEPT;
        let (mut crc, mut hash, mut bytes) = (crc32fast::Hasher::new(), Sha256::new(), Vec::new());
        let mut left = u64::from(size);
        let mut block = vec![0; 64 << 10];
        while left > 0 {
            let part = &mut block[..left.min(64 << 10) as usize];
            self.from
                .read_exact(part)
                .map_err(|error| self.cut(error))?;
            crc.update(part);
            hash.update(&part);
            if is_kept {
                bytes.extend_from_slice(part);
            }
            left -= part.len() as u64;
        }
        let offset = self.at as u32;
        let member = Member {
            name,
            crc: crc.finalize(),
            size,
            offset,
        };
        if member.local() != head {
            return Err(Forged::Form(self.at));
        }
        self.at += head.len() as u64 + u64::from(size);
        if self.at > LARGEST {
            return Err(Forged::TooLarge);
        }
        let name = member.name.clone();
        self.members.push(member);
        Ok(Some(Seen {
            name,
            digest: Digest::of_hash(&hash.finalize()),
            size: u64::from(size),
            bytes,
        }))
    }

    /// The rest of the file, which begins with `begun`, is the directory of what was read, and nothing follows.
    fn end(&mut self, begun: &[u8]) -> Result<(), Forged> {
        let expected = directory(&self.members, self.at);
        let mut rest = begun.to_vec();
        let most = expected.len() as u64 + 1;
        let read = (&mut self.from).take(most).read_to_end(&mut rest);
        read.map_err(|error| self.cut(error))?;
        match rest == expected {
            true => Ok(()),
            false => Err(Forged::Form(self.at)),
        }
    }

    fn exactly(&mut self, bytes: &mut [u8]) -> Result<(), Forged> {
        let read = self.from.read_exact(bytes);
        read.map_err(|error| self.cut(error))
    }

    fn cut(&self, error: io::Error) -> Forged {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Forged::Form(self.at),
            _ => Forged::Unreadable(error),
        }
    }
}
