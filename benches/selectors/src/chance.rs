//! Chance from a seed: the same draws on every machine and with every library, so that a published figure can be repeated.

/// SplitMix64 (Steele, Lea and Flood, 2014). Libraries may change their generators from one version to the next, and with
/// them every document; this one is seven lines and stays.
#[derive(Clone, Debug)]
pub struct Chance(u64);

impl Chance {
    /// The draws of one named thing under a seed. What is drawn for one family does not shift when another is added.
    pub fn of(seed: u64, name: &str) -> Self {
        // FNV-1a, for the same reason.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash ^ seed.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    /// Any number.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        let width = high.saturating_sub(low) as u64 + 1;
        low + (self.draw() % width) as usize
    }

    /// True in this share of cases, from 0 to 1.
    pub fn happens(&mut self, share: f64) -> bool {
        ((self.draw() >> 11) as f64) < share * (1_u64 << 53) as f64
    }

    /// One of several. `of` has at least one.
    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.between(0, of.len() - 1)]
    }

    /// One of several texts. `of` has at least one.
    pub fn text<'a, S: AsRef<str>>(&mut self, of: &'a [S]) -> &'a str {
        self.pick(of).as_ref()
    }

    /// One of several patterns, filled.
    pub fn fill_one(&mut self, patterns: &[String]) -> String {
        let pattern = self.text(patterns);
        self.fill(pattern)
    }

    /// Bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        std::array::from_fn(|_| self.draw() as u8)
    }

    /// A pattern with its signs drawn: `#` a digit, `^` a capital, `~` a digit or a letter from a to f. What follows a
    /// backslash stands for itself.
    pub fn fill(&mut self, pattern: &str) -> String {
        let mut filled = String::with_capacity(pattern.len());
        let mut signs = pattern.chars();
        while let Some(sign) = signs.next() {
            filled.push(match sign {
                '#' => char::from(b'0' + self.between(0, 9) as u8),
                '^' => char::from(b'A' + self.between(0, 25) as u8),
                '~' => char::from(b"0123456789abcdef"[self.between(0, 15)]),
                '\\' => signs.next().unwrap_or('\\'),
                other => other,
            });
        }
        filled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_draws_for_ever() {
        let draws: Vec<_> = (0..3).map(|_| Chance(7).draw()).collect();
        assert_eq!(draws, [7_191_089_600_892_374_487; 3]);
        let filled = Chance::of(1, "x").fill("##-^^-~~ \\#");
        assert_eq!(filled, Chance::of(1, "x").fill("##-^^-~~ \\#"));
        assert_ne!(filled, Chance::of(2, "x").fill("##-^^-~~ \\#"));
        assert!(filled.ends_with('#'), "{filled}");
    }

    #[test]
    fn shares_are_kept() {
        let mut chance = Chance::of(1, "shares");
        let times = (0..10_000).filter(|_| chance.happens(0.25)).count();
        assert!((2_300..2_700).contains(&times), "{times}");
        assert!((0..100).all(|_| chance.happens(1.0) && !chance.happens(0.0)));
    }
}
