//! Sites of every sort, and what of them is learned.

use proptest::prelude::*;
use sightline_model::{Kind, Mint, Way};

use super::*;

const NOW: Timestamp = Timestamp(1_795_428_000_000);
/// The number that stands everywhere.
const HOTLINE: SelectorId = SelectorId(1);

/// A listing of a site, by what it shows: numbers of selectors.
type Ad = Vec<i64>;

fn selector(id: SelectorId) -> Selector {
    Selector::new(Kind::Phone, format!("+1202555{:04}", id.0))
}

fn source() -> SourceId {
    Mint::seeded(1).id(NOW)
}

/// What the store would count of these ads, given what is known.
fn survey_of(ads: &[Ad], known: &[Furniture]) -> (Vec<Tally>, Vec<(ListingId, SelectorId)>) {
    let mut counts = BTreeMap::<i64, i64>::new();
    for ad in ads {
        for &id in ad {
            *counts.entry(id).or_default() += 1;
        }
    }
    let least = fewest(ads.len() as i64);
    let mut tallies: Vec<Tally> = counts
        .iter()
        .filter(|(id, count)| **count >= least || known.iter().any(|one| one.selector_id.0 == **id))
        .map(|(&id, &count)| Tally {
            selector_id: SelectorId(id),
            selector: selector(SelectorId(id)),
            shown_on: count,
        })
        .collect();
    for one in known {
        if !counts.contains_key(&one.selector_id.0) {
            tallies.push(Tally {
                selector_id: one.selector_id,
                selector: one.selector.clone(),
                shown_on: 0,
            });
        }
    }
    let shown = ads
        .iter()
        .enumerate()
        .flat_map(|(nth, ad)| {
            ad.iter()
                .map(move |&id| (ListingId(nth as i64), SelectorId(id)))
        })
        .collect();
    (tallies, shown)
}

fn judged(ads: &[Ad], known: &[Furniture]) -> Judged {
    judged_while(&[], ads, known)
}

/// The same while somebody looks for these.
fn judged_while(watched: &[SelectorId], ads: &[Ad], known: &[Furniture]) -> Judged {
    let (tallies, shown) = survey_of(ads, known);
    let survey = Survey {
        source: source(),
        listings: ads.len() as i64,
        tallies: &tallies,
        shown: &shown,
        watched: &watched.iter().copied().collect(),
    };
    judge(known, &survey, NOW)
}

/// The state that the hotline comes into on a site of these ads; none where it is an ordinary selector.
fn hotline(ads: &[Ad]) -> Option<FurnitureState> {
    let found = judged(ads, &[]).changed;
    let of_hotline = found.iter().find(|one| one.selector_id == HOTLINE);
    of_hotline.map(|one| one.state)
}

fn standing(state: FurnitureState) -> Furniture {
    Furniture {
        source: source(),
        selector_id: HOTLINE,
        selector: selector(HOTLINE),
        state,
        shown_on: 0,
        listings: 0,
        sellers: 0,
        since: Timestamp(0),
        who: "A. Analyst".to_owned(),
        why: "because".to_owned(),
    }
}

/// So many ads, the first `with` of which show the hotline, of so many sellers in turn.
fn site(ads: usize, with: usize, sellers: usize) -> Vec<Ad> {
    (0..ads)
        .map(|nth| {
            let seller = 100 + (nth % sellers) as i64;
            match nth < with {
                true => vec![HOTLINE.0, seller],
                false => vec![seller],
            }
        })
        .collect()
}

#[test]
fn what_is_learned_of_sites_of_every_sort() {
    use FurnitureState::{Learned, Suspected};
    let alone: Vec<Ad> = (0..40).map(|_| vec![HOTLINE.0]).collect();
    let nearly_alone: Vec<Ad> = (0..100)
        .map(|nth| match nth {
            // One seller posts 85 of a hundred ads, and now and then names an address as well.
            0..12 => vec![HOTLINE.0, 200 + nth],
            12..85 => vec![HOTLINE.0],
            _ => vec![300 + nth],
        })
        .collect();
    let one_partner: Vec<Ad> = (0..40)
        .map(|nth| match nth % 2 {
            0 => vec![HOTLINE.0, 2],
            _ => vec![HOTLINE.0, 100 + nth],
        })
        .collect();
    let two_hotlines: Vec<Ad> = (0..40).map(|nth| vec![HOTLINE.0, 2, 100 + nth]).collect();
    for (name, ads, expected) in [
        ("a footer on every page", site(40, 40, 40), Some(Learned)),
        ("a footer on most pages", site(40, 33, 20), Some(Learned)),
        ("a small site", site(20, 20, 12), Some(Learned)),
        ("too few listings to say", site(19, 19, 19), None),
        ("a seller with half of the ads", site(40, 20, 40), None),
        ("a seller with three of four ads", site(40, 30, 40), None),
        ("few sellers", site(40, 40, 9), Some(Suspected)),
        ("one seller's own site", alone, Some(Suspected)),
        ("one seller and some others", nearly_alone, Some(Suspected)),
        ("a partner on every second ad", one_partner, Some(Suspected)),
        ("two hotlines side by side", two_hotlines, Some(Learned)),
    ] {
        assert_eq!(hotline(&ads), expected, "{name}");
    }
}

#[test]
fn links_and_pictures_are_nobodys_company() {
    // Every ad has the hotline and a link that six of ten have: the link is no seller, and keeps nothing from being one.
    let ads: Vec<Ad> = (0..40)
        .map(|nth| match nth % 10 {
            0..6 => vec![HOTLINE.0, 2, 100 + nth],
            _ => vec![HOTLINE.0, 100 + nth],
        })
        .collect();
    let (mut tallies, shown) = survey_of(&ads, &[]);
    for (kind, expected) in [
        (Kind::Url, FurnitureState::Learned),
        (Kind::Email, FurnitureState::Suspected),
    ] {
        for tally in &mut tallies {
            if tally.selector_id == SelectorId(2) {
                tally.selector = Selector::new(kind, "x");
            }
        }
        let survey = Survey {
            source: source(),
            listings: 40,
            tallies: &tallies,
            shown: &shown,
            watched: &HashSet::new(),
        };
        assert_eq!(
            judge(&[], &survey, NOW).changed[0].state,
            expected,
            "{kind}"
        );
    }
}

#[test]
fn what_stood_out_lapses_only_when_most_listings_are_without_it() {
    use FurnitureState::{Learned, Suspected};
    for (state, with, stays) in [
        (Learned, 60, true),
        (Learned, 50, true),
        (Learned, 49, false),
        (Learned, 0, false),
        (Suspected, 60, true),
        (Suspected, 49, false),
    ] {
        let known = [standing(state)];
        let judged = judged(&site(100, with, 50), &known);
        assert_eq!(judged.lapsed.is_empty(), stays, "{state} {with}");
        assert!(judged.changed.is_empty(), "{state} {with}");
        if stays {
            let recounted = &judged.recounted[0];
            assert_eq!((recounted.state, recounted.shown_on), (state, with as i64));
            assert_eq!(recounted.since, Timestamp(0), "it stood before");
        }
    }
    // A site that is nearly empty says nothing.
    let known = [standing(Learned)];
    assert_eq!(judged(&site(5, 0, 5), &known), Judged::default());
    // What was suspected is learned once sellers show.
    let known = [standing(Suspected)];
    let found = judged(&site(40, 40, 40), &known);
    assert_eq!(
        (found.changed[0].state, found.changed[0].since),
        (Learned, NOW)
    );
}

#[test]
fn what_somebody_looks_for_is_suspected_at_most() {
    use FurnitureState::{Declared, Learned, Released, Suspected};
    let everywhere = site(40, 40, 40);
    for (before, with, expected) in [
        (None, 40, Some(Suspected)),
        (None, 31, None),
        (Some(Suspected), 40, Some(Suspected)),
        (Some(Suspected), 25, Some(Suspected)),
        (Some(Suspected), 19, None),
        // Learned before anybody looked for it: whoever adds it is told.
        (Some(Learned), 40, Some(Learned)),
        (Some(Learned), 19, None),
        (Some(Declared), 40, Some(Declared)),
        (Some(Released), 40, Some(Released)),
    ] {
        let known: Vec<Furniture> = before.map(standing).into_iter().collect();
        let found = judged_while(&[HOTLINE], &site(40, with, 40), &known);
        let stands = found.changed.iter().chain(&found.recounted);
        let mut state = stands
            .filter(|one| one.selector_id == HOTLINE)
            .map(|one| one.state);
        assert_eq!(state.next_back(), expected, "{before:?} {with}");
    }
    // Once nobody does, the counts decide again; and they say why they do not.
    let suspected = judged_while(&[HOTLINE], &everywhere, &[]).changed;
    assert_eq!(suspected[0].sellers, 40);
    assert!(
        suspected[0].why.contains("many sellers") && suspected[0].why.contains("a person decides"),
        "{}",
        suspected[0].why
    );
    assert_eq!(judged(&everywhere, &suspected).changed[0].state, Learned);
}

#[test]
fn what_is_settled_is_not_stored_again() {
    let ads = site(40, 40, 40);
    let known = judged(&ads, &[]).changed;
    assert_eq!(judged(&ads, &known), Judged::default());
}

#[test]
fn entries_are_told_of_by_what_would_be_recognised_as_them() {
    let mint = Mint::seeded(2);
    let watchlist = mint.id(NOW);
    let entry = |kind, value: &str| Watched {
        id: mint.id(NOW),
        watchlist,
        selector: Selector::new(kind, value),
        way: Way::usual(kind),
        expires_at: None,
        despite_warning: false,
    };
    let entries = [
        entry(Kind::Phone, &selector(HOTLINE).value),
        entry(Kind::Domain, "ads.example"),
        entry(Kind::Phone, "+12025550177"),
    ];
    let support = Furniture {
        selector: Selector::new(Kind::Email, "support@ads.example"),
        shown_on: 97,
        listings: 100,
        ..standing(FurnitureState::Learned)
    };
    let furniture = [standing(FurnitureState::Declared), support];
    let over = over(entries.clone(), &furniture, NOW).unwrap();
    assert_eq!(over.len(), 2);
    assert_eq!(over[&entries[0].id], [&furniture[0]]);
    assert_eq!(over[&entries[1].id], [&furniture[1]]);
    assert_eq!(
        in_words(&furniture[1], "board"),
        "the site's own on source 'board': it stands on 97 % of the listings of 'board' and raises nothing there"
    );
    let released = [standing(FurnitureState::Released)];
    assert!(super::over(entries, &released, NOW).unwrap().is_empty());
}

proptest! {
    #[test]
    fn a_person_s_word_stands_whatever_the_counts_say(
        ads in proptest::collection::vec(proptest::collection::vec(1_i64..40, 0..4), 0..80),
        released in any::<bool>(),
    ) {
        let state = if released { FurnitureState::Released } else { FurnitureState::Declared };
        let known = [standing(state)];
        let judged = judged(&ads, &known);
        let touched = judged.changed.iter().chain(&judged.lapsed);
        prop_assert!(touched.into_iter().all(|one| one.selector_id != HOTLINE));
        prop_assert!(judged.recounted.iter().all(|one| one.state == state));
    }

    #[test]
    fn nothing_that_four_of_five_listings_lack_is_learned(
        (with, ads) in (20_usize..100).prop_flat_map(|ads| (0..(ads * 80).div_ceil(100), Just(ads))),
        sellers in 1_usize..100,
    ) {
        prop_assert_eq!(hotline(&site(ads, with, sellers)), None);
    }
}
