//! The demonstration's board of job and room offers: sixty invented ones, and how they change from pass to pass.
//!
//! Nobody in it is real: telephone numbers are from the range that is kept for fiction (NANP 555-01xx), mail goes to
//! example domains (RFC 2606), and towns and people are made up.

use std::collections::BTreeMap;

/// Offers on the board when it opens.
pub const OFFERS: u32 = 60;
/// Offers on one page of the board.
pub const PER_PAGE: usize = 10;

/// What the demonstration's analyst looks for.
pub mod watched {
    /// The number of a recruiter: on the board at first, then gone, then back under another offer.
    pub const PHONE: &str = "+1 202 555 0147";
    /// A mail address that a changed offer shows from the second pass on.
    pub const EMAIL: &str = "lotus.staff@example.com";
    /// A name on Telegram that stays on the board all the time.
    pub const HANDLE: &str = "telegram/harbour_jobs_demo";
    /// Words that offers of forced labour often hold.
    pub const PHRASE: &str = "we keep your passport";
}

/// One offer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Offer {
    /// Its number in the board's addresses.
    pub number: u32,
    /// Its title.
    pub title: String,
    /// Its text, paragraph by paragraph.
    pub text: Vec<String>,
    /// What it pays or costs, as the board shows it.
    pub price: String,
    /// Where.
    pub town: &'static str,
    /// How to answer it.
    pub contact: String,
}

/// The board at one time.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Board {
    offers: BTreeMap<u32, Offer>,
}

impl Board {
    /// The board as it opens: sixty offers, among them one with the watched number and one with the watched name.
    pub fn opened() -> Self {
        let mut board = Self {
            offers: (1..=OFFERS)
                .map(|number| (number, invented(number)))
                .collect(),
        };
        board.change(17, |offer| {
            offer.title = "Hotel staff wanted abroad, housing included".to_owned();
            offer.contact = "Ask for Mr Gray, (202) 555-0147".to_owned();
        });
        board.change(31, |offer| {
            offer.contact = "Telegram: @harbour_jobs_demo".to_owned();
        });
        board
    }

    /// Three weeks later: the offer with the watched number is gone, another shows the watched mail address.
    pub fn three_weeks_on(&mut self) {
        self.offers.remove(&17);
        self.change(23, |offer| {
            offer
                .text
                .push("New office! Write to us at Lotus.Staff@Example.com for details.".to_owned());
        });
    }

    /// After 41 days: the watched number is back under a new offer, disguised with a letter and with words; an offer now holds the
    /// watched words; one that is of no interest is taken off, and one costs less.
    pub fn six_weeks_on(&mut self) {
        let mut back = invented(61);
        back.title = "Waitresses for summer season, travel paid".to_owned();
        back.contact = "Call or text 2O2 555 zero one four seven day and night".to_owned();
        self.offers.insert(61, back);
        self.change(40, |offer| {
            offer
                .text
                .push("No papers needed. We keep your passport in the office safe.".to_owned());
        });
        self.offers.remove(&52);
        self.change(8, |offer| offer.price = "$ 310".to_owned());
    }

    /// The offer of this number.
    pub fn offer(&self, number: u32) -> Option<&Offer> {
        self.offers.get(&number)
    }

    /// How many pages the board has.
    pub fn pages(&self) -> usize {
        self.offers.len().div_ceil(PER_PAGE)
    }

    /// The offers of a page, newest first; the first page is 1. None where there is no such page.
    pub fn page(&self, page: usize) -> Option<Vec<&Offer>> {
        let skipped = page.checked_sub(1)?.checked_mul(PER_PAGE)?;
        let offers: Vec<&Offer> = self
            .offers
            .values()
            .rev()
            .skip(skipped)
            .take(PER_PAGE)
            .collect();
        if offers.is_empty() {
            None
        } else {
            Some(offers)
        }
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut Offer)) {
        if let Some(offer) = self.offers.get_mut(&number) {
            change(offer);
        }
    }
}

const TOWNS: [&str; 7] = [
    "Port Ellery",
    "Harbour Mills",
    "Saint Orrin",
    "Lower Fenwick",
    "Brackwater",
    "Aldersea",
    "Northquay",
];
const TITLES: [&str; 12] = [
    "Kitchen help for a family restaurant",
    "Room to let near the station",
    "Cleaner for offices, early mornings",
    "Harvest workers from May to August",
    "Live-in carer for an elderly couple",
    "Nail salon looks for two assistants",
    "Driver with own van",
    "Shared flat, one room free",
    "Packers for a fish factory",
    "Massage studio, evenings",
    "Building site helpers, start at once",
    "Au pair with two small children",
];
const OPENINGS: [&str; 6] = [
    "We are a small and friendly team.",
    "Start whenever you like.",
    "References are welcome but not needed.",
    "Paid every week.",
    "Quiet house, ten minutes from the harbour.",
    "Training is given on the first day.",
];
const CLOSINGS: [&str; 5] = [
    "Please write a few words about yourself.",
    "Come and have a look on Saturday from 10 to 14.",
    "Speaking a second language helps.",
    "Only serious answers, please.",
    "No agencies.",
];
/// Area codes before 555-01xx.
const AREAS: [u32; 6] = [206, 312, 415, 504, 617, 718];

/// The offer of a number, the same at every start. Its telephone number is never the watched one: no area above is.
fn invented(number: u32) -> Offer {
    let pick = |count: usize, salt: u32| {
        (number.wrapping_mul(2_654_435_761).rotate_left(salt) % 9_973) as usize % count
    };
    let area = AREAS[pick(AREAS.len(), 7)];
    let contact = match number % 3 {
        0 => format!("Call ({area}) 555-01{:02}", number % 100),
        1 => format!("Mail to offer{number}@example.org"),
        _ => format!(
            "{area}-555-01{:02} or offer{number}@example.net",
            number % 100
        ),
    };
    Offer {
        number,
        title: TITLES[pick(TITLES.len(), 3)].to_owned(),
        text: vec![
            OPENINGS[pick(OPENINGS.len(), 5)].to_owned(),
            CLOSINGS[pick(CLOSINGS.len(), 11)].to_owned(),
        ],
        price: format!("$ {}", 180 + 20 * pick(40, 13)),
        town: TOWNS[pick(TOWNS.len(), 17)],
        contact,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_board_fills_six_pages_and_then_six_offers_change() {
        let mut board = Board::opened();
        assert_eq!(
            (board.pages(), board.page(6).map(|page| page.len())),
            (6, Some(10))
        );
        assert_eq!(board.page(0), None);
        assert_eq!(board.page(7), None);
        let opened = board.clone();
        board.three_weeks_on();
        board.six_weeks_on();
        let changed: Vec<u32> = (1..=61)
            .filter(|&number| board.offer(number) != opened.offer(number))
            .collect();
        assert_eq!(changed, [8, 17, 23, 40, 52, 61]);
    }

    #[test]
    fn no_filler_holds_what_is_watched_and_every_number_is_fictional() {
        for number in 1..=100 {
            let offer = invented(number);
            assert!(!offer.contact.contains("202"), "{offer:?}");
            assert!(
                offer.contact.contains("555-01") || offer.contact.contains("@example."),
                "{offer:?}"
            );
        }
    }
}
