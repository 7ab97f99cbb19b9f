//! Lines of any length, of which only so much is kept as a document may have.

use std::io::{BufRead, BufReader, Read};

use super::DOCUMENT_LIMIT;
use crate::commands::CommandError;

/// The longest line that is read, in bytes: a document whose every byte is escaped, and some more.
pub const LINE_LIMIT: usize = 2 * DOCUMENT_LIMIT;

/// The lines of an input, one after another, in one buffer.
pub struct Lines<R> {
    input: BufReader<R>,
    line: Vec<u8>,
    name: String,
    number: u64,
}

/// A line.
pub struct Line<'l> {
    /// Which it is, from 1.
    pub number: u64,
    /// What it says; of a line that is too long, only the beginning.
    pub bytes: &'l [u8],
    /// False where there was more than [`LINE_LIMIT`] bytes.
    pub is_whole: bool,
}

impl<R: Read> Lines<R> {
    /// The lines of `input`, which is called `name` where it cannot be read.
    pub fn of(input: R, name: impl Into<String>) -> Self {
        Self {
            input: BufReader::with_capacity(64 * 1024, input),
            line: Vec::new(),
            name: name.into(),
            number: 0,
        }
    }

    /// The next line that says something; None at the end. The rest of a line that is too long is skipped.
    pub fn next(&mut self) -> Result<Option<Line<'_>>, CommandError> {
        let mut is_whole = true;
        loop {
            self.line.clear();
            let unreadable = |cause| CommandError::failed(&self.name, cause);
            let mut head = (&mut self.input).take(LINE_LIMIT as u64 + 1);
            if head.read_until(b'\n', &mut self.line).map_err(unreadable)? == 0 {
                return Ok(None);
            }
            self.number += 1;
            if self.line.len() > LINE_LIMIT && self.line.last() != Some(&b'\n') {
                self.input.skip_until(b'\n').map_err(unreadable)?;
                is_whole = false;
            }
            if !self.line.trim_ascii().is_empty() {
                break;
            }
        }
        Ok(Some(Line {
            number: self.number,
            bytes: &self.line,
            is_whole,
        }))
    }

    /// True where whoever writes has to be waited for: then those who read should have what there is.
    pub fn must_wait(&self) -> bool {
        self.input.buffer().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_cut_and_the_next_one_read() {
        let input = format!("a\n\n{}\nb", "x".repeat(LINE_LIMIT + 10));
        let mut lines = Lines::of(input.as_bytes(), "test");
        let mut found = Vec::new();
        while let Some(line) = lines.next().unwrap() {
            found.push((line.number, line.bytes.len(), line.is_whole));
        }
        assert_eq!(
            found,
            [(1, 2, true), (3, LINE_LIMIT + 1, false), (4, 1, true)]
        );
    }
}
