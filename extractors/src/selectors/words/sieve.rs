//! A sieve in front of a table of words: most words of a text stand in none, and are told apart without a look-up.

/// How many bits there are for each word: three in a hundred others go through.
const BITS: usize = 32;

/// What is left of a word once its letters have gone by: a number that other words seldom share. It is taken letter by
/// letter, so the beginnings of a word cost nothing beside the word. Capitals are small letters here.
#[derive(Clone, Copy, Default)]
pub(in crate::selectors) struct Trace(u64);

impl Trace {
    #[inline]
    pub fn of(word: &[u8]) -> Self {
        word.iter()
            .fold(Self::default(), |trace, byte| trace.with(*byte))
    }

    /// The trace of the word with one more byte.
    #[inline]
    pub fn with(self, byte: u8) -> Self {
        // The bit by which a capital differs is set in all, which also makes some signs alike; that is a sieve's right.
        let byte = u64::from(byte | 0x20);
        Self((self.0.rotate_left(5) ^ byte).wrapping_mul(0x517c_c1b7_2722_0a95))
    }
}

/// The traces of a table's words.
#[derive(Default)]
pub(in crate::selectors) struct Sieve {
    /// Empty where there are no words; else a power of two of bits.
    bits: Box<[u64]>,
    /// By how much a trace is shifted to be the index of a bit.
    shift: u32,
}

impl Sieve {
    pub fn of<'w>(words: impl Iterator<Item = &'w str> + Clone) -> Self {
        Self::of_traces(words.map(|word| Trace::of(word.as_bytes())))
    }

    pub fn of_traces(traces: impl Iterator<Item = Trace> + Clone) -> Self {
        let size = (traces.clone().count() * BITS).next_power_of_two().max(64);
        let mut sieve = Self {
            bits: vec![0; size / 64].into(),
            shift: u64::BITS - size.trailing_zeros(),
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
        self.bits
            .get(index / 64)
            .is_some_and(|bits| bits >> (index % 64) & 1 == 1)
    }

    fn index(&self, trace: Trace) -> usize {
        (trace.0 >> self.shift) as usize
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
            assert!(
                sieve.may_hold(Trace::of(word.to_uppercase().as_bytes())),
                "{word}"
            );
        }
        let others = (0..10_000).map(|number| format!("other{number}"));
        let passed = others.filter(|other| sieve.may_hold(Trace::of(other.as_bytes())));
        assert!(passed.count() < 500);
    }
}
