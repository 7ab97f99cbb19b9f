//! Gzip members, made one after the other: a compressor is some 300 KB, so it serves again instead of being made anew.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use flate2::{Compress, Compression, FlushCompress, Status};

/// The largest window that gzip knows.
const WINDOW: u8 = 15;
/// How much room is made at a time, at least.
const ROOM: usize = 4 << 10;

/// The compressors that are not in use: as many as were ever in use at once.
#[derive(Default)]
pub(super) struct Gzip {
    idle: Mutex<Vec<(Compression, Compress)>>,
}

impl Gzip {
    /// Appends a member that holds `pieces`, one behind the other.
    pub fn member(&self, pieces: &[&[u8]], level: Compression, to: &mut Vec<u8>) -> io::Result<()> {
        let mut compress = self.take(level);
        for piece in pieces {
            run(&mut compress, piece, to, FlushCompress::None)?;
        }
        run(&mut compress, b"", to, FlushCompress::Finish)?;
        compress.reset();
        self.idle().push((level, compress));
        Ok(())
    }

    fn take(&self, level: Compression) -> Compress {
        let mut idle = self.idle();
        let found = idle.iter().position(|(of, _)| *of == level);
        found.map(|at| idle.swap_remove(at).1).unwrap_or_else(|| {
            drop(idle);
            Compress::new_gzip(level, WINDOW)
        })
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<(Compression, Compress)>> {
        // What is in it was reset before it came there.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compresses all of a piece; with [`FlushCompress::Finish`], to the member's end.
fn run(
    compress: &mut Compress,
    mut piece: &[u8],
    to: &mut Vec<u8>,
    flush: FlushCompress,
) -> io::Result<()> {
    loop {
        to.reserve(ROOM.max(piece.len() / 4));
        let before = compress.total_in();
        let status = compress.compress_vec(piece, to, flush)?;
        // No more than the piece was taken.
        piece = &piece[(compress.total_in() - before) as usize..];
        let is_done = match flush {
            FlushCompress::Finish => status == Status::StreamEnd,
            _ => piece.is_empty(),
        };
        if is_done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use flate2::read::MultiGzDecoder;

    use super::*;

    #[test]
    fn members_are_read_back_whichever_compressor_made_them() {
        let gzip = Gzip::default();
        // Hardly to be compressed, and longer than the room that is made at a time.
        let mut state = 1_u32;
        let noise = std::iter::repeat_with(|| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        });
        let noise: Vec<u8> = noise.take(100_000).collect();
        let mut expected = Vec::new();
        let mut members = Vec::new();
        for level in [1, 0, 6, 1, 1, 0] {
            for pieces in [&[b"head: ".as_slice(), b"", &noise][..], &[b"x"], &[]] {
                expected.extend(pieces.concat());
                let level = Compression::new(level);
                gzip.member(pieces, level, &mut members).unwrap();
            }
        }
        let mut read = Vec::new();
        MultiGzDecoder::new(&*members)
            .read_to_end(&mut read)
            .unwrap();
        assert!(read == expected);
        assert_eq!(gzip.idle().len(), 3);
    }
}
