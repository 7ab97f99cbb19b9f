//! Lines of bounded length, with the way back: lines that a broken row took are read again as rows of their own.

use std::{
    collections::VecDeque,
    io::{self, BufRead},
};

/// The longest row that is read, in bytes, over all its lines.
pub(super) const LONGEST_ROW: usize = 64 * 1024;

/// One line, without its end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Line {
    /// Its number; the first is 1.
    pub number: u64,
    /// Its bytes; of a longer line than a row may be, one byte more than that.
    pub bytes: Vec<u8>,
}

impl Line {
    /// True where the line is longer than a row may be, and was cut.
    pub fn is_too_long(&self) -> bool {
        self.bytes.len() > LONGEST_ROW
    }
}

/// The lines of an input. They end with LF, CR LF, or CR.
pub(super) struct Lines<R> {
    input: R,
    read: u64,
    /// The last line ended with CR: an LF that follows belongs to it.
    after_cr: bool,
    returned: VecDeque<Line>,
}

impl<R: BufRead> Lines<R> {
    pub fn new(input: R) -> Self {
        Self {
            input,
            read: 0,
            after_cr: false,
            returned: VecDeque::new(),
        }
    }

    /// The next line; none at the end. A byte order mark before the first is left out.
    pub fn next(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.returned.pop_front() {
            return Ok(Some(line));
        }
        let mut bytes = Vec::new();
        let mut is_ended = false;
        let mut is_empty = true;
        while !is_ended {
            let buffer = self.input.fill_buf()?;
            if buffer.is_empty() {
                break;
            }
            if std::mem::take(&mut self.after_cr) && buffer[0] == b'\n' {
                self.input.consume(1);
                continue;
            }
            is_empty = false;
            let end = buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let part = &buffer[..end.unwrap_or(buffer.len())];
            let room = (LONGEST_ROW + 1).saturating_sub(bytes.len());
            bytes.extend_from_slice(&part[..part.len().min(room)]);
            if let Some(end) = end {
                is_ended = true;
                self.after_cr = buffer[end] == b'\r';
            }
            let used = part.len() + usize::from(is_ended);
            self.input.consume(used);
        }
        if is_empty {
            return Ok(None);
        }
        self.read += 1;
        if self.read == 1 && bytes.starts_with(b"\xef\xbb\xbf") {
            bytes.drain(..3);
        }
        Ok(Some(Line {
            number: self.read,
            bytes,
        }))
    }

    /// Gives lines back, to be read again in this order before all others.
    pub fn give_back(&mut self, lines: Vec<Line>) {
        for line in lines.into_iter().rev() {
            self.returned.push_front(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;

    #[test]
    fn lines_end_in_every_way() {
        for (text, expected) in [
            ("", vec![]),
            ("a", vec!["a"]),
            ("a\n", vec!["a"]),
            ("a\r\nb\rc\nd", vec!["a", "b", "c", "d"]),
            ("\u{feff}a\n\nb\r\r\n", vec!["a", "", "b", ""]),
        ] {
            for capacity in [1, 2, 8_192] {
                let mut lines = Lines::new(BufReader::with_capacity(capacity, text.as_bytes()));
                let mut read = Vec::new();
                while let Some(line) = lines.next().unwrap() {
                    assert_eq!(line.number as usize, read.len() + 1);
                    read.push(String::from_utf8(line.bytes).unwrap());
                }
                assert_eq!(read, expected, "{text:?} by {capacity}");
            }
        }
    }

    #[test]
    fn a_long_line_is_cut_and_the_next_is_whole() {
        let text = format!("{}\nnext\n", "x".repeat(LONGEST_ROW * 3));
        let mut lines = Lines::new(text.as_bytes());
        assert!(lines.next().unwrap().unwrap().is_too_long());
        assert_eq!(lines.next().unwrap().unwrap().bytes, b"next");
    }
}
