//! What the dates of one column prove of each other: whether its author wrote the day first, or the month.

use sightline_model::Problem;

use super::{Place, words::Field};
use crate::dates::{Numbers, Order, Unread};

/// A column of dates, looked through before its rows are read. It keeps one witness for each order, however many rows
/// there are.
#[derive(Debug)]
pub(super) struct Days {
    /// Where it stands in its table.
    pub at: usize,
    /// Its name.
    pub name: String,
    field: Field,
    day_first: Option<Witness>,
    month_first: Option<Witness>,
    /// The first of its dates that needs a witness.
    in_doubt: Option<String>,
}

/// A date with one reading.
#[derive(Clone, Debug)]
struct Witness {
    place: Place,
    text: String,
}

impl Days {
    pub fn of(at: usize, field: Field, name: &str) -> Self {
        Self {
            at,
            name: name.trim().to_owned(),
            field,
            day_first: None,
            month_first: None,
            in_doubt: None,
        }
    }

    /// Takes a cell for what it proves.
    pub fn hear(&mut self, place: &Place, text: &str) {
        let text = text.trim();
        let Some(numbers) = Numbers::read(text) else {
            return;
        };
        let witness = match numbers.proves() {
            Some(Order::DayFirst) => &mut self.day_first,
            Some(Order::MonthFirst) => &mut self.month_first,
            None => {
                if numbers.day().is_err() {
                    self.in_doubt.get_or_insert_with(|| text.to_owned());
                }
                return;
            }
        };
        witness.get_or_insert_with(|| Witness {
            place: place.clone(),
            text: text.to_owned(),
        });
    }

    /// How its dates were read, where one of them alone would not tell.
    pub fn note(&self) -> Option<String> {
        let text = self.in_doubt.as_deref()?;
        let (order, witness) = self.settled()?;
        let day = Numbers::read(text)?.in_order(order)?;
        let first = match order {
            Order::DayFirst => "day",
            Order::MonthFirst => "month",
        };
        Some(format!(
            "The dates in '{}' are read with the {first} first, '{text}' as {day}: '{}' in {} can be nothing else.",
            self.name, witness.text, witness.place
        ))
    }

    /// A date in numbers as year-month-day, which is the same to all; none where the cell holds no such numbers. Where the
    /// column does not tell which day it is, that, and what would.
    pub fn read(&self, text: &str) -> Option<Result<String, Problem>> {
        let numbers = Numbers::read(text.trim())?;
        let day = match (numbers.day(), self.settled()) {
            (Ok(day), _) => day,
            (Err(_), Some((order, _))) => numbers.in_order(order)?,
            (Err(unread), None) => return Some(Err(self.unsettled(unread, text.trim()))),
        };
        Some(Ok(day.to_string()))
    }

    fn settled(&self) -> Option<(Order, &Witness)> {
        match (&self.day_first, &self.month_first) {
            (Some(witness), None) => Some((Order::DayFirst, witness)),
            (None, Some(witness)) => Some((Order::MonthFirst, witness)),
            _ => None,
        }
    }

    fn unsettled(&self, unread: Unread, text: &str) -> Problem {
        let (message, remedy) = unread.in_words(text);
        match (&self.day_first, &self.month_first) {
            (Some(day), Some(month)) => Problem::new(
                self.field.name(),
                format!(
                    "{message}; the column has both, '{}' in {} and '{}' in {}",
                    day.text, day.place, month.text, month.place
                ),
                format!("{remedy}, and so each date of the column"),
            ),
            _ => Problem::new(
                self.field.name(),
                format!("{message}; no other date of the column tells which"),
                format!(
                    "{remedy}; one date in the column with a day beyond the 12th, such as 31/12/2027 or 12/31/2027, would \
                     settle them all"
                ),
            ),
        }
    }
}
