//! Other spellings of number words: what a hand or an ear makes of them, and Latin letters for Cyrillic ones.

/// The most spellings that are made of one word.
const MOST: usize = 240;

/// What a hand or an ear does to a word: a letter left out, doubled, or changed with its neighbour, and letters for
/// others that sound like them. The first letter stays, unless another sounds the same.
pub(super) fn slips(word: &str) -> Vec<String> {
    let mut slips = Vec::new();
    for at in 1..word.len() {
        let (front, behind) = word.split_at(at);
        let letter = &behind[..1];
        if word.len() > 3 {
            slips.push(format!("{front}{}", &behind[1..]));
        }
        slips.push(format!("{front}{letter}{behind}"));
        if let Some(next) = behind.get(1..2) {
            slips.push(format!("{front}{next}{letter}{}", &behind[2..]));
        }
    }
    let heard: Vec<String> = SOUNDS
        .iter()
        .flat_map(|(sound, others)| {
            word.match_indices(sound).flat_map(move |(at, _)| {
                others.iter().map(move |other| {
                    format!("{}{other}{}", &word[..at], &word[at + sound.len()..])
                })
            })
        })
        .collect();
    // Whoever writes `nyne` also writes `nyn`.
    let silent = heard.iter().filter_map(|word| word.strip_suffix('e'));
    slips.extend(silent.map(str::to_owned).collect::<Vec<_>>());
    slips.extend(heard);
    slips
}

/// Letters, and others that sound like them, in English number words.
const SOUNDS: [(&str, &[&str]); 13] = [
    ("f", &["ph"]),
    ("ee", &["i", "ea", "ie"]),
    ("e", &["ee", "ea", "a"]),
    ("i", &["y", "ii", "ai", "igh"]),
    ("ei", &["a", "ai", "ay"]),
    ("igh", &["y", "ey", "ai"]),
    ("ght", &["t", "te"]),
    ("one", &["wan", "wone", "wun", "wunn"]),
    ("wo", &["oo", "ew", "ue"]),
    ("our", &["oe", "or", "ore", "oar", "aw"]),
    ("x", &["ks", "cks", "xs", "xe"]),
    ("v", &["f", "b", "ph", "vv"]),
    ("thr", &["tr", "fr", "dr"]),
];

/// Behind a digit, these are measures, hours and endings of ordinal numbers.
const BEHIND_DIGITS: [&str; 28] = [
    "am", "pm", "st", "nd", "rd", "th", "cm", "mm", "km", "kg", "gb", "mb", "er", "en", "eme",
    "de", "te", "ra", "ro", "er", "hr", "hrs", "min", "ml", "ft", "in", "ans", "an",
];

/// With the digit for its own word's beginning: `5ive`, `3hree`, `3ree`, `4uatro`, `7емь`. What is
/// left of the word has so many letters at least.
pub(super) fn headed(word: &str, value: u16, least: usize) -> Vec<String> {
    let rest = |count: usize, least: usize| {
        let rest: String = word.chars().skip(count).collect();
        let is_plain = rest.chars().count() >= least && !BEHIND_DIGITS.contains(&rest.as_str());
        is_plain.then(|| format!("{value}{rest}"))
    };
    rest(1, least).into_iter().chain(rest(2, 3)).collect()
}

/// Rules for those who spell by ear: a part of a word, and what is written for it. `^` and `$` are the word's ends.
pub(super) type Sounds = Vec<(String, Vec<String>)>;

/// The rules of a line: `qu=k,c h=`.
pub(super) fn sounds(line: &str) -> Sounds {
    line.split_whitespace()
        .filter_map(|rule| rule.split_once('='))
        .map(|(part, others)| {
            let others = others
                .split(',')
                .map(|other| super::fold(other).into_owned());
            (part.to_owned(), others.collect())
        })
        .collect()
}

/// What a word becomes by one rule or two.
pub(super) fn heard(word: &str, sounds: &Sounds) -> Vec<String> {
    let mut made = vec![word.to_owned()];
    let mut from = 0;
    for _ in 0..2 {
        let to = made.len();
        for at in from..to {
            let word = format!("^{}$", made[at]);
            for (part, others) in sounds {
                for (place, _) in word.match_indices(part.as_str()) {
                    for other in others {
                        let new =
                            format!("{}{other}{}", &word[..place], &word[place + part.len()..]);
                        let new = new.trim_start_matches('^').trim_end_matches('$').to_owned();
                        if new.chars().count() > 1 && !made.contains(&new) && made.len() < MOST {
                            made.push(new);
                        }
                    }
                }
            }
        }
        from = to;
    }
    made.remove(0);
    made
}

/// With each letter once where it stands several times in a row: `thre` for `threee`.
pub(super) fn squeezed(word: &str) -> String {
    let mut last = None;
    word.chars()
        .filter(|letter| last.replace(*letter) != Some(*letter))
        .collect()
}

/// What people write in Latin letters for a Cyrillic word: `chetyre`, `4etire`.
pub(super) fn latin(word: &str) -> Vec<String> {
    let mut made = vec![String::new()];
    for letter in word.chars() {
        let others: &[&str] = match letter {
            'а' => &["a"],
            'б' => &["b"],
            'в' => &["v", "w"],
            'г' => &["g"],
            'ґ' => &["g"],
            'д' => &["d"],
            'е' => &["e", "ye", "ie"],
            'є' => &["e", "ye"],
            'ж' => &["zh", "j"],
            'з' => &["z"],
            'и' => &["i", "y"],
            'і' | 'ї' => &["i"],
            'й' => &["y", "i"],
            'к' => &["k"],
            'л' => &["l"],
            'м' => &["m"],
            'н' => &["n"],
            'о' => &["o"],
            'п' => &["p"],
            'р' => &["r"],
            'с' => &["s"],
            'т' => &["t"],
            'у' => &["u"],
            'ф' => &["f"],
            'х' => &["h", "kh"],
            'ц' => &["ts", "c", "tz"],
            'ч' => &["ch", "4", "tch"],
            'ш' => &["sh", "w"],
            'щ' => &["sch", "shch"],
            'ъ' => &["a", ""],
            'ы' => &["y", "i"],
            'ь' => &[""],
            'ю' => &["yu", "u"],
            'я' => &["ya", "ia", "ja", "a"],
            _ => return Vec::new(),
        };
        let others = match made.len() * others.len() <= MOST {
            true => others,
            false => &others[..1],
        };
        made = made
            .iter()
            .flat_map(|front| others.iter().map(move |other| format!("{front}{other}")))
            .collect();
    }
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_spelled_by_ear_and_in_latin_letters() {
        let rules = sounds("c=k,s z=s s=z ^o=ho $=x");
        for (word, spelling) in [
            ("cero", "sero"),
            ("cinco", "sinko"),
            ("ocho", "hocho"),
            ("dos", "doz"),
        ] {
            assert!(
                heard(word, &rules).contains(&spelling.to_owned()),
                "{spelling}"
            );
        }
        for (word, spelling) in [("четыре", "4etire"), ("пять", "pyat"), ("девять", "deviat")]
        {
            assert!(latin(word).contains(&spelling.to_owned()), "{spelling}");
        }
        assert_eq!(squeezed("ssevvven"), "seven");
    }
}
