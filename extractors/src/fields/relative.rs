//! Relative dates: "2 hours ago", "hace 3 días", "vor einer Woche", "yesterday".
//!
//! They are resolved as coarsely as they are written, and before a listing is compared with what it was, amounts are covered
//! over, and the element of a date field that says one is left out: a page that only grew older has not changed.

use std::{borrow::Cow, sync::LazyLock};

use chrono::{DateTime, Days, Months, NaiveDate, TimeDelta, Utc};
use regex::Regex;
use sightline_model::Timestamp;

/// Units by the words for them, in several languages. A unit's words are matched whole.
const UNITS: [(Unit, &str); 7] = [
    (
        Unit::Second,
        "seconds?|secs?|s|secondes?|sekunden?|segundos?|second[oi]|seconden?|sekund[aęyć]?|секунд[аыу]?|saniye|sekunder?|secunde",
    ),
    (
        Unit::Minute,
        "minutes?|mins?|minuten?|minutos?|minut[oi]|minuuttia|minut[aęyć]?|минут[аыу]?|dakika|minutter|minuter|хвилин[аиу]?|min|m",
    ),
    (
        Unit::Hour,
        "hours?|hrs?|heures?|stunden?|std|horas?|or[ae]|uur|uren|godzin[aęy]?|час(?:а|ов)?|saat|timmar|timm?e|timer|ore|oră|годин[аиу]?|hodin(?:ami|ou)?|tuntia|h",
    ),
    (
        Unit::Day,
        "days?|jours?|tage?n?|d[ií]as?|giorn[oi]|dag(?:en|ar|er)?|dzień|dni|dnem|дн(?:я|ей|і|ів)|день|gün|zile|zi|päivää|d",
    ),
    (
        Unit::Week,
        "weeks?|wks?|semaines?|wochen?|semanas?|settiman[ae]|we(?:ek|ken)|tydzień|tygodni[ea]?|недел[юиь]|недель|hafta|veckor|vecka|uker?|săptămân[iă]|w",
    ),
    (
        Unit::Month,
        "months?|mois|monate?n?|mes(?:es)?|m[eê]s|mes[ei]|maand(?:en)?|miesiąc[ea]?|miesięcy|месяц(?:а|ев)?|ay|månad(?:er)?|måned(?:er)?|luni|lună",
    ),
    (
        Unit::Year,
        "years?|yrs?|an(?:s|née|nées)?|jahre?n?|años?|anos?|ann[oi]|jaar|jaren|rok|lata?|лет|год(?:а)?|yıl|år|ani|y",
    ),
];

/// Words that say, before an amount, that it is past.
const BEFORE: &str = r"il\s+y\s+a|vor|hace|h[áà]|acum|för|for|před";
/// Words that say so behind it.
const BEHIND: &str = "ago|atrás|geleden|fa|temu|назад|тому|önce|sedan|siden|sitten|zpět|earlier";
/// One, in words.
const ONE: &str = "an?|one|une?|uno?|una|uma?|ein(?:e[mnr]?)?|een|en|ett?|jed(?:en|ną)|bir|o";

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// An amount with its sign before or behind: the sign's groups are `before` and `behind`, the whole amount is `amount`.
static PHRASE: LazyLock<Regex> = LazyLock::new(|| {
    let units: Vec<_> = UNITS.iter().map(|(_, words)| *words).collect();
    let units = units.join("|");
    let one_amount = format!(r"(?:\d{{1,4}}\s*|(?:{ONE})\s+)(?:{units})\b\.?");
    let amounts =
        format!(r"{one_amount}(?:(?:\s*,\s*|\s+(?:and|und|et|y|e|en|i|и)?\s*){one_amount}){{0,2}}");
    let cjk = r"(?P<cjk>\d{1,4})\s*(?P<cjk_unit>秒|分钟|分鐘|分|小时|小時|時間|天|日|周|週間|个月|個月|か月|年)(?:之)?前|(?P<ko>\d{1,4})\s*(?P<ko_unit>초|분|시간|일|주|개월|년)\s*전";
    let pattern = format!(
        r"(?i)(?:\b(?P<before>{BEFORE})\s+)(?P<early>{amounts})(?:\s+(?:{BEHIND})\b)?|\b(?P<late>{amounts})\s*(?P<behind>{BEHIND})\b|{cjk}"
    );
    compiled(&pattern)
});

/// One amount of a phrase.
static AMOUNT: LazyLock<Regex> = LazyLock::new(|| {
    let units: Vec<_> = UNITS
        .iter()
        .enumerate()
        .map(|(index, (_, words))| format!("(?P<u{index}>{words})"))
        .collect();
    compiled(&format!(
        r"(?i)\b(?:(?P<number>\d{{1,4}})\s*|(?:{ONE})\s+)(?:{})\b",
        units.join("|")
    ))
});

/// A day by name, with the days that have gone by since.
const DAYS: [(&str, u64); 36] = [
    ("today", 0),
    ("yesterday", 1),
    ("heute", 0),
    ("gestern", 1),
    ("vorgestern", 2),
    ("aujourd'hui", 0),
    ("aujourd’hui", 0),
    ("hier", 1),
    ("avant-hier", 2),
    ("hoy", 0),
    ("ayer", 1),
    ("anteayer", 2),
    ("hoje", 0),
    ("ontem", 1),
    ("anteontem", 2),
    ("oggi", 0),
    ("ieri", 1),
    ("vandaag", 0),
    ("gisteren", 1),
    ("eergisteren", 2),
    ("dzisiaj", 0),
    ("dziś", 0),
    ("wczoraj", 1),
    ("сегодня", 0),
    ("вчера", 1),
    ("позавчера", 2),
    ("сьогодні", 0),
    ("вчора", 1),
    ("bugün", 0),
    ("dün", 1),
    ("idag", 0),
    ("igår", 1),
    ("azi", 0),
    ("今天", 0),
    ("昨天", 1),
    ("昨日", 1),
];

/// Words for the present moment.
const NOW: [&str; 14] = [
    "now",
    "just now",
    "moments ago",
    "a moment ago",
    "gerade eben",
    "à l'instant",
    "ahora",
    "ahora mismo",
    "agora",
    "adesso",
    "zojuist",
    "только что",
    "przed chwilą",
    "刚刚",
];

/// What a relative date refers to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Past {
    /// An instant, cut to the unit that was written: a minute or an hour.
    Instant(DateTime<Utc>),
    /// Some days or more ago, counted in whole days.
    Days(DateTime<Utc>),
    /// A day by name: that many days ago. What follows the name, perhaps a time of day, begins at this byte.
    Named(u64, usize),
}

/// Reads a text that is, or begins with, a relative date.
pub(super) fn read(text: &str, now: DateTime<Utc>) -> Option<Past> {
    let lower = text.to_lowercase();
    let lower = lower.trim();
    if NOW.contains(&lower.trim_end_matches('.')) {
        return Some(Past::Instant(cut(now, Unit::Minute)));
    }
    if let Some(found) = PHRASE.captures(lower) {
        return ago(&found, now);
    }
    DAYS.iter().find_map(|(word, days)| {
        let at = lower.find(word)?;
        let behind = at + word.len();
        let starts = !lower[..at].ends_with(char::is_alphanumeric);
        let ends = !lower[behind..].starts_with(char::is_alphanumeric);
        (starts && ends).then_some(Past::Named(*days, behind))
    })
}

/// True where a text says how long ago something was.
pub(crate) fn is_in(text: &str, now: Timestamp) -> bool {
    read(text, now.to_utc()).is_some()
}

fn ago(found: &regex::Captures<'_>, now: DateTime<Utc>) -> Option<Past> {
    let mut at = now;
    let mut finest = Unit::Year;
    let mut back = |count: u32, unit: Unit| -> Option<()> {
        finest = finest.min(unit);
        at = match unit {
            Unit::Second => at.checked_sub_signed(TimeDelta::seconds(count.into())),
            Unit::Minute => at.checked_sub_signed(TimeDelta::minutes(count.into())),
            Unit::Hour => at.checked_sub_signed(TimeDelta::hours(count.into())),
            Unit::Day => at.checked_sub_days(Days::new(count.into())),
            Unit::Week => at.checked_sub_days(Days::new(u64::from(count) * 7)),
            Unit::Month => at.checked_sub_months(Months::new(count)),
            Unit::Year => at.checked_sub_months(Months::new(count.checked_mul(12)?)),
        }?;
        Some(())
    };
    match found.name("early").or_else(|| found.name("late")) {
        Some(amounts) => {
            for amount in AMOUNT.captures_iter(amounts.as_str()) {
                let count = match amount.name("number") {
                    Some(digits) => digits.as_str().parse().ok()?,
                    None => 1,
                };
                let unit = (0..UNITS.len())
                    .find(|index| amount.name(&format!("u{index}")).is_some())
                    .map(|index| UNITS[index].0)?;
                back(count, unit)?;
            }
        }
        None => {
            let count = found.name("cjk").or_else(|| found.name("ko"))?;
            let unit = found.name("cjk_unit").or_else(|| found.name("ko_unit"))?;
            back(count.as_str().parse().ok()?, asian_unit(unit.as_str())?)?;
        }
    }
    Some(match finest {
        Unit::Second | Unit::Minute => Past::Instant(cut(at, Unit::Minute)),
        Unit::Hour => Past::Instant(cut(at, Unit::Hour)),
        _ => Past::Days(at),
    })
}

fn asian_unit(word: &str) -> Option<Unit> {
    Some(match word {
        "秒" | "초" => Unit::Second,
        "分" | "分钟" | "分鐘" | "분" => Unit::Minute,
        "小时" | "小時" | "時間" | "시간" => Unit::Hour,
        "天" | "日" | "일" => Unit::Day,
        "周" | "週間" | "주" => Unit::Week,
        "个月" | "個月" | "か月" | "개월" => Unit::Month,
        "年" | "년" => Unit::Year,
        _ => return None,
    })
}

fn cut(at: DateTime<Utc>, unit: Unit) -> DateTime<Utc> {
    let seconds = match unit {
        Unit::Hour => 3_600,
        _ => 60,
    };
    let whole = at.timestamp().div_euclid(seconds) * seconds;
    DateTime::from_timestamp(whole, 0).unwrap_or(at)
}

/// The text with every relative date covered over, for comparison with another version of itself.
pub(crate) fn covered(text: &str) -> Cow<'_, str> {
    PHRASE.replace_all(text, "~")
}

/// The day that lies some days before an instant's local date.
pub(super) fn days_before(date: NaiveDate, days: u64) -> Option<NaiveDate> {
    date.checked_sub_days(Days::new(days))
}

fn compiled(pattern: &str) -> Regex {
    Regex::new(pattern).expect("the pattern is made of constants, and a test compiles it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_dates_are_read_as_coarsely_as_they_are_written() {
        let now = Timestamp::parse("2026-11-23T10:20:30Z").unwrap().to_utc();
        for (text, read_as) in [
            ("Posted: 11 minutes ago", "instant 2026-11-23T10:09:00"),
            ("2 hours ago", "instant 2026-11-23T08:00:00"),
            ("an hour ago", "instant 2026-11-23T09:00:00"),
            ("1 hour, 5 minutes ago", "instant 2026-11-23T09:15:00"),
            ("5h ago", "instant 2026-11-23T05:00:00"),
            ("3 days ago", "days 2026-11-20"),
            ("2 weeks and 1 day ago", "days 2026-11-08"),
            ("il y a 2 heures", "instant 2026-11-23T08:00:00"),
            ("vor einer Stunde", "instant 2026-11-23T09:00:00"),
            ("vor 2 Tagen", "days 2026-11-21"),
            ("hace 3 días", "days 2026-11-20"),
            ("há 2 semanas", "days 2026-11-09"),
            ("2 giorni fa", "days 2026-11-21"),
            ("3 dagen geleden", "days 2026-11-20"),
            ("5 minut temu", "instant 2026-11-23T10:15:00"),
            ("2 часа назад", "instant 2026-11-23T08:00:00"),
            ("3 gün önce", "days 2026-11-20"),
            ("för 2 timmar sedan", "instant 2026-11-23T08:00:00"),
            ("acum 2 ore", "instant 2026-11-23T08:00:00"),
            ("1 month ago", "days 2026-10-23"),
            ("3小时前", "instant 2026-11-23T07:00:00"),
            ("2 시간 전", "instant 2026-11-23T08:00:00"),
            ("just now", "instant 2026-11-23T10:20:00"),
            ("Yesterday, 14:30", "named 1 , 14:30"),
            ("heute", "named 0 "),
        ] {
            let shown = match read(text, now) {
                Some(Past::Instant(at)) => format!("instant {}", at.format("%FT%T")),
                Some(Past::Days(at)) => format!("days {}", at.format("%F")),
                Some(Past::Named(days, rest)) => {
                    format!("named {days} {}", &text.to_lowercase()[rest..])
                }
                None => "nothing".to_owned(),
            };
            assert_eq!(shown, read_as, "{text}");
        }
        for text in [
            "2 hours",
            "available for 2",
            "24 years old",
            "",
            "9999 years ago and more",
        ] {
            let far = read(text, now);
            assert!(matches!(far, None | Some(Past::Days(_))), "{text}: {far:?}");
        }
    }

    #[test]
    fn growing_older_changes_nothing() {
        let one = covered("Posted: 11 minutes ago. Call me within 2 hours.");
        let two = covered("Posted: 2 hours ago. Call me within 2 hours.");
        assert_eq!(one, two);
        assert_ne!(one, covered("Posted: 2 hours ago. Call me within 3 hours."));
    }
}
