//! What no disguise, and no text around an ad, may change.

use proptest::{prelude::*, sample::select};
use sightline_extractors::{canonical, find_all, national_digits};
use sightline_model::{Find, Kind};

/// Numbers that are kept free, as their countries write them: region, national form, canonical form.
const NUMBERS: [(&str, &str, &str); 6] = [
    ("US", "202-555-0123", "+12025550123"),
    ("US", "(617) 555-0187", "+16175550187"),
    ("GB", "07700 900123", "+447700900123"),
    ("GB", "020 7946 0123", "+442079460123"),
    ("FR", "06 39 98 01 23", "+33639980123"),
    ("DE", "030 23125123", "+493023125123"),
];

/// Texts that have no selector and no figure.
const PROSE: [&str; 8] = [
    "New in town, come and see me.",
    "Private room near the station!",
    "Отдых и массаж.",
    "温柔体贴。",
    "Je reçois en appartement discret.",
    "Clean and quiet; no rush",
    "♥ ♥ ♥",
    "One of the best, for you",
];

fn values(finds: &[Find], kind: Kind) -> Vec<&str> {
    finds
        .iter()
        .filter(|find| find.selector.kind == kind)
        .map(|find| find.selector.value.as_str())
        .collect()
}

/// The zeros of styles of digits.
const ZEROS: [char; 8] = ['0', '０', '𝟎', '𝟘', '𝟶', '٠', '०', '๐'];

/// The commonest words of ten languages, without those that are numbers.
const COMMON: [(&str, &str); 10] = [
    (
        "en",
        "the to and of a in is for that you it on with this was be as are have at he not by but from my or we all so if \
         me what out up about can just has like your they when will no there how do his who see go need now here new",
    ),
    (
        "fr",
        "de la le et à les est en des que pas pour dans qui il je sur ce ne par au plus avec se tu on mais vous elle du \
         ou son tout moi nous même ici très bien si sans ses toi quand comme aussi cette entre notre",
    ),
    (
        "es",
        "de la que el en y a los no se por con para las lo es del al como más pero sus le ya o este si porque esta entre \
         cuando muy sin sobre ser tu te mi yo todo hay aquí eso nada hasta",
    ),
    (
        "pt",
        "de a o que e do em da é para não os com as no se na por mais dos como mas ao ele das à seu sua ou ser quando \
         muito há nos já está eu também só pelo até isso ela entre",
    ),
    (
        "de",
        "die der und in das ich ist nicht zu den von mit es sie auf für sich ein dem im wir auch er an als so bei wie oder \
         noch nur aus du hat wenn mir kann sein diese nach",
    ),
    (
        "it",
        "di e che il la a in non per è del si i con le da lo mi ma una sono come su al più ha se della anche nel ci io \
         questo alla dei tutti gli bene poi qui cui",
    ),
    (
        "nl",
        "de van het en in is op ik dat voor je die met te niet zijn aan er was om ook als dan maar bij of uit nog naar \
         heeft hij door wat over ze tot kan deze geen",
    ),
    (
        "ru",
        "в и на не с что я по а как из это за для он от все так его но к то мы у вы же только или бы о еще был до мне если \
         уже мой где",
    ),
    (
        "ro",
        "de în și a la să din pe cu nu mai că o este care pentru sunt au se ce fi dar am sa ca al sau eu fost după \
         când foarte până aici",
    ),
    (
        "pl",
        "w i nie na się z do jest że o jak ale po co tak za od to dla czy już tylko jego ma by mnie tym był pan mi może \
         przez przy ze być też",
    ),
];

/// Numbers in words, in look-alikes and plain: the language of the words around them, region, as written, canonical.
const DISGUISED: [(&str, &str, &str, &str); 18] = [
    (
        "en",
        "US",
        "two zero two five five five zero one four three",
        "+12025550143",
    ),
    (
        "en",
        "GB",
        "oh seven seven double zero nine double zero one two three",
        "+447700900123",
    ),
    ("en", "US", "2O2-5S5-Ol43", "+12025550143"),
    ("en", "US", "202-555-0143", "+12025550143"),
    (
        "fr",
        "FR",
        "zéro six trente-neuf quatre-vingt-dix-huit zéro un vingt-trois",
        "+33639980123",
    ),
    ("fr", "FR", "06 39 98 O1 23", "+33639980123"),
    ("fr", "FR", "06 39 98 01 23", "+33639980123"),
    (
        "es",
        "US",
        "dos cero dos cinco cinco cinco cero uno cuatro tres",
        "+12025550143",
    ),
    ("es", "US", "2O2-555-O143", "+12025550143"),
    (
        "pt",
        "US",
        "dois zero dois cinco cinco cinco zero um quatro três",
        "+12025550143",
    ),
    (
        "de",
        "DE",
        "null drei null zwei drei eins zwei fünf eins zwei drei",
        "+493023125123",
    ),
    ("de", "DE", "O3O 23I25 123", "+493023125123"),
    (
        "it",
        "US",
        "due zero due cinque cinque cinque zero uno quattro tre",
        "+12025550143",
    ),
    (
        "nl",
        "US",
        "twee nul twee vijf vijf vijf nul een vier drie",
        "+12025550143",
    ),
    (
        "ru",
        "US",
        "два ноль два пять пять пять ноль один четыре три",
        "+12025550143",
    ),
    (
        "ro",
        "US",
        "doi zero doi cinci cinci cinci zero unu patru trei",
        "+12025550143",
    ),
    (
        "pl",
        "US",
        "dwa zero dwa pięć pięć pięć zero jeden cztery trzy",
        "+12025550143",
    ),
    ("pl", "US", "2O2 555 O143", "+12025550143"),
];

#[test]
fn no_common_word_beside_a_number_changes_it() {
    let mut wrong = Vec::new();
    for (language, region, written, value) in DISGUISED {
        let (_, words) = COMMON.iter().find(|(of, _)| *of == language).unwrap();
        for word in words.split_whitespace() {
            for text in [format!("{word} {written}"), format!("{written} {word}")] {
                let finds = find_all(&text, Some(region));
                if values(&finds, Kind::Phone) != [value] {
                    wrong.push(format!("{text}: {:?}", values(&finds, Kind::Phone)));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

/// The signs of direction of Unicode (UAX #9): marks, embeddings, overrides and isolates, and their ends.
const DIRECTIONS: [char; 12] = [
    '\u{61c}', '\u{200e}', '\u{200f}', '\u{202a}', '\u{202b}', '\u{202c}', '\u{202d}', '\u{202e}',
    '\u{2066}', '\u{2067}', '\u{2068}', '\u{2069}',
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn no_style_and_nothing_invisible_hides_a_number(
        (region, written, value) in select(&NUMBERS[..]),
        styles in prop::collection::vec(select(&ZEROS[..]), 16),
        hidden in prop::collection::vec(select(&["", "\u{200b}", "\u{200d}", "\u{ad}", "\u{2060}", "\u{feff}"][..]), 16),
    ) {
        let mut text = "call ".to_owned();
        for (at, letter) in written.chars().enumerate() {
            match letter.to_digit(10) {
                Some(digit) => {
                    let styled = char::from_u32(styles[at] as u32 + digit).unwrap();
                    text.push(styled);
                    text.push_str(hidden[at]);
                }
                None => text.push(letter),
            }
        }
        let finds = find_all(&text, Some(region));
        prop_assert_eq!(values(&finds, Kind::Phone), [value], "{}", text);
    }

    #[test]
    fn no_sign_of_direction_removes_a_find(
        (region, written, value) in select(&NUMBERS[..]),
        signs in prop::collection::vec((0_usize..64, select(&DIRECTIONS[..])), 0..6),
    ) {
        let mut ad: Vec<char> = format!("Call {written}, mail rose@example.com, ig: rose_lane22").chars().collect();
        for (at, sign) in signs {
            ad.insert(at.min(ad.len()), sign);
        }
        let text: String = ad.into_iter().collect();
        let finds = find_all(&text, Some(region));
        for (kind, wanted) in [
            (Kind::Phone, value),
            (Kind::Email, "rose@example.com"),
            (Kind::Handle, "instagram/rose_lane22"),
        ] {
            prop_assert!(values(&finds, kind).contains(&wanted), "{:?}: {}", text, wanted);
        }
    }

    #[test]
    fn no_text_around_an_ad_removes_a_find(
        (region, written, value) in select(&NUMBERS[..]),
        before in select(&PROSE[..]),
        behind in select(&PROSE[..]),
    ) {
        let ad = format!("Call {written}, mail rose (at) example (dot) com, ig: rose_lane22");
        let text = format!("{before}\n{ad}\n{behind}");
        let finds = find_all(&text, Some(region));
        prop_assert_eq!(values(&finds, Kind::Phone), [value], "{}", text);
        prop_assert_eq!(values(&finds, Kind::Email), ["rose@example.com"], "{}", text);
        prop_assert_eq!(values(&finds, Kind::Handle), ["instagram/rose_lane22"], "{}", text);
    }

    #[test]
    fn what_was_found_is_found_in_its_canonical_form(
        pieces in prop::collection::vec(select(&[
            "two oh two ", "five five five ", "oh one two three ", "2O2 ", "202✨555✨0123 ", "rose (at) example dot com ",
            "ig: rose_lane ", "hxxps://rose[.]example.com/a ", "call ", "\n", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed ",
            "null drei null ", "seven ", "r o s e @ e x a m p l e . c o m ",
        ][..]), 0..10),
    ) {
        let text = pieces.concat();
        for find in find_all(&text, Some("US")) {
            // A number of no country is its digits, which are what they are; alone, they may be anything.
            if find.selector.lacks_country() {
                let again = national_digits(&find.selector.value);
                prop_assert_eq!(again.as_ref(), Some(&find.selector.value), "{}", text);
                continue;
            }
            let again = canonical(find.selector.kind, &find.selector.value, Some("US"));
            prop_assert_eq!(again.as_ref(), Ok(&find.selector), "{}", text);
            if find.selector.kind == Kind::Phone {
                let finds = find_all(&find.selector.value, Some("US"));
                prop_assert_eq!(values(&finds, Kind::Phone), [find.selector.value.as_str()]);
            }
        }
    }
}
