//! The rows that both sides of the ingest benchmark store: plain values, the same for the same count.

/// What one page leaves: a capture, a listing with its text, and three identifiers seen in it.
pub struct Ad {
    pub number: i64,
    pub source: usize,
    pub url: String,
    pub title: String,
    pub body: String,
    pub digest: String,
    /// Kind and canonical value. Four in ten were seen in an earlier ad.
    pub selectors: [(&'static str, String); 3],
}

/// Sources that the ads come from.
pub const SOURCES: usize = 40;

/// `count` ads with bodies of some 1,150 bytes, as the benchmark's site has them.
pub fn ads(count: usize) -> Vec<Ad> {
    let mut dice = Dice(3);
    (0..count)
        .map(|nth| {
            let source = nth % SOURCES;
            let body: String = (0..190).map(|_| WORDS[dice.below(WORDS.len())]).collect();
            let seen = dice.below(count * 6 / 10 + 1);
            Ad {
                number: nth as i64 + 1,
                source,
                url: format!("https://site{source}.example/ad/{nth}.html"),
                title: body[..body.len().min(30)].to_owned(),
                digest: format!("{:064x}", nth + 1),
                body,
                selectors: [
                    ("phone", format!("+1{:010}", seen)),
                    ("email", format!("user{seen}@mail.example.org")),
                    ("handle", format!("any/h{seen}")),
                ],
            }
        })
        .collect()
}

const WORDS: [&str; 12] = [
    "new ",
    "in town ",
    "call ",
    "sweet ",
    "today ",
    "discreet ",
    "no texts ",
    "24/7 ",
    "visit ",
    "lovely ",
    "ask ",
    "rates ",
];

/// SplitMix64: the same throws each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(z ^ (z >> 31)) * limit as u128) >> 64) as usize
    }
}
