//! A sieve in front of a table of words: most words of a text stand in none, and are told apart without a look-up.

/// How many bits there are for each word: three in a hundred others go through.
const BITS: usize = 32;
/// The bit by which a capital differs from its small letter, in all bytes.
const SMALL: u64 = 0x2020_2020_2020_2020;

/// What is left of a word that went by: a number that other words seldom share. Capitals are small letters here; some
/// signs look alike, too, as they may in a sieve.
#[derive(Clone, Copy)]
pub(in crate::selectors) struct Trace(u64);

impl Trace {
    #[inline]
    pub fn of(word: &[u8]) -> Self {
        let (whole, rest) = word.as_chunks::<8>();
        let mut trace = word.len() as u64;
        for bytes in whole {
            trace = mixed(trace, u64::from_le_bytes(*bytes));
        }
        // The rest in two halves that may overlap, which is quicker than byte by byte.
        let last = match *rest {
            [] => return Self(trace),
            [a] => u64::from(a),
            [a, b] => u64::from(u16::from_le_bytes([a, b])),
            [a, b, c] => u64::from(u32::from_le_bytes([a, b, c, 0])),
            [a, b, c, d, ..] => {
                let first = u64::from(u32::from_le_bytes([a, b, c, d]));
                let end = rest.last_chunk::<4>().copied().unwrap_or_default();
                first | u64::from(u32::from_le_bytes(end)) << 32
            }
        };
        Self(mixed(trace, last))
    }
}

fn mixed(trace: u64, bytes: u64) -> u64 {
    let mixed = (trace.rotate_left(29) ^ (bytes | SMALL)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ mixed >> 32
}

/// The traces of a table's words.
#[derive(Default)]
pub(in crate::selectors) struct Sieve {
    /// Empty where there are no words; else a power of two of bits.
    bits: Box<[u64]>,
}

impl Sieve {
    pub fn of<'w>(words: impl Iterator<Item = &'w str> + Clone) -> Self {
        Self::of_traces(words.map(|word| Trace::of(word.as_bytes())))
    }

    pub fn of_traces(traces: impl Iterator<Item = Trace> + Clone) -> Self {
        let size = (traces.clone().count() * BITS).next_power_of_two().max(64);
        let mut sieve = Self {
            bits: vec![0; size / 64].into(),
        };
        for trace in traces {
            let index = sieve.index(trace);
            sieve.bits[index / 64] |= 1 << (index % 64);
        }
        sieve
    }

    /// False where no word of the table left this trace.
    #[inline]
    pub fn may_hold(&self, trace: Trace) -> bool {
        let index = self.index(trace);
        let bits = self.bits.get(index / 64);
        bits.is_some_and(|bits| bits >> (index % 64) & 1 == 1)
    }

    fn index(&self, trace: Trace) -> usize {
        let size = self.bits.len() * 64;
        trace.0 as usize & size.wrapping_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_of_a_table_pass_and_few_others() {
        let words: Vec<String> = (0..1_000).map(|number| format!("word{number}")).collect();
        let sieve = Sieve::of(words.iter().map(String::as_str));
        for word in &words {
            assert!(sieve.may_hold(Trace::of(word.as_bytes())), "{word}");
            let capitals = word.to_uppercase();
            assert!(sieve.may_hold(Trace::of(capitals.as_bytes())), "{word}");
        }
        let others = (0..10_000).map(|number| format!("other{number}"));
        let passed = others.filter(|other| sieve.may_hold(Trace::of(other.as_bytes())));
        assert!(passed.count() < 500);
        assert!(!Sieve::default().may_hold(Trace::of(b"word1")));
    }
}
