//! Field values: what the texts of a page are made into.

mod currency;
mod date;
mod number;
pub(crate) mod relative;

use serde_json::{Value, json};
use sightline_model::Timestamp;
use url::Url;

use self::currency::NoPrice;
use crate::{
    page::base::address,
    profile::{Field, Transform},
};

/// What field values depend on beside their text.
#[derive(Clone, Copy)]
pub(crate) struct Setting<'p> {
    /// What URLs are relative to.
    pub base: &'p Url,
    /// What dates are relative to.
    pub fetched_at: Timestamp,
}

/// A field's value.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Made {
    pub value: Value,
    /// True where the value follows the clock: it must not make a new version.
    pub volatile: bool,
}

/// Why a text could not be made into what was asked for, in words, and what to do.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Unreadable {
    pub message: String,
    pub remedy: &'static str,
}

/// Makes the texts that were found for a field into its value. None where there is no text.
pub(crate) fn value_of(
    field: &Field,
    texts: &[String],
    setting: Setting<'_>,
) -> Result<Option<Made>, Unreadable> {
    let mut kept: Vec<String> = Vec::new();
    for text in texts {
        if let Some(part) = part_of(field, text) {
            kept.push(part);
        }
    }
    let Some(first) = kept.first() else {
        return match texts.first() {
            Some(text) => Err(unreadable(
                text,
                "does not match `regex`",
                "test the pattern against the page as it is now",
            )),
            None => Ok(None),
        };
    };
    let steady = |value: Value| {
        Some(Made {
            value,
            volatile: false,
        })
    };
    match field.transform {
        Transform::Text => Ok(steady(Value::String(first.clone()))),
        Transform::List => Ok(steady(kept.clone().into())),
        Transform::Number => match number::first(first) {
            Some(number) => Ok(steady(Value::Number(number.value))),
            None => Err(unreadable(
                first,
                "holds no number",
                "name the element more narrowly, or remove `transform`",
            )),
        },
        Transform::Price => match currency::price(first, field.currency.as_deref()) {
            Ok(price) => {
                let mut value = json!({ "amount": price.amount, "currency": price.currency });
                if let Some(up_to) = price.up_to {
                    value["up_to"] = up_to.into();
                }
                Ok(steady(value))
            }
            Err(NoPrice::Missing) => Err(unreadable(
                first,
                "holds no price",
                "name the element more narrowly, or remove `transform`",
            )),
            Err(NoPrice::Unclear) => Err(unreadable(
                first,
                "can be read as several prices",
                "name the element more narrowly, keep the part that is meant with `regex`, or remove `transform`",
            )),
        },
        Transform::Url => match address(setting.base, first) {
            Some(url) => Ok(steady(Value::String(url.into()))),
            None => Err(unreadable(
                first,
                "is not a web address",
                "name the attribute that holds it by `attr`",
            )),
        },
        Transform::Date => {
            match date::read(first, &field.formats, field.zone, setting.fetched_at) {
                Some(date) => Ok(Some(Made {
                    value: Value::String(date.written),
                    volatile: date.relative,
                })),
                None => Err(unreadable(
                    first,
                    "is not a date that is known here, or can be read in two ways",
                    "give its form by `format`, e.g. `%d/%m/%Y %H:%M`",
                )),
            }
        }
    }
}

/// The part of a text that the field's pattern keeps.
fn part_of(field: &Field, text: &str) -> Option<String> {
    let part = match &field.regex {
        None => text,
        Some(pattern) => {
            let found = pattern.captures(text)?;
            found.get(1).or_else(|| found.get(0))?.as_str()
        }
    };
    let part = part.trim();
    (!part.is_empty()).then(|| part.to_owned())
}

fn unreadable(text: &str, what: &str, remedy: &'static str) -> Unreadable {
    let short: String = text.chars().take(60).collect();
    Unreadable {
        message: format!("`{short}` {what}"),
        remedy,
    }
}
