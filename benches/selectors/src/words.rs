//! Other spellings for signs: the tables and lists that families bring.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Rows of other spellings for signs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Rows for the ten digits: ten spellings each, with a space between them; `|` parts alternatives.
    #[serde(default)]
    pub digits: Vec<String>,
    /// Spellings for other signs, or for some digits only. Taken before `digits`.
    #[serde(default)]
    pub signs: BTreeMap<String, Vec<String>>,
}

/// What operations are given beside the identifier.
#[derive(Clone, Copy, Debug)]
pub struct Words<'a> {
    /// By their names.
    pub tables: &'a BTreeMap<String, Table>,
    /// Lists of a hundred words, by their names.
    pub lists: &'a BTreeMap<String, Vec<String>>,
    /// The ad's language.
    pub language: &'a str,
}

impl Table {
    /// The rows that a table has for a sign.
    pub fn of(&self, sign: char) -> Vec<&str> {
        if let Some(spellings) = self.signs.get(sign.to_string().as_str()) {
            return spellings.iter().map(String::as_str).collect();
        }
        let digit = sign.to_digit(10).map(|digit| digit as usize);
        let spelling = |row| digit.and_then(|digit| str::split(row, ' ').nth(digit));
        self.digits
            .iter()
            .filter_map(|row| spelling(row.as_str()))
            .collect()
    }

    /// What is wrong with it. A bar that parts nothing is one: it would write a sign as nothing at all.
    pub fn problem(&self) -> Option<String> {
        let too_short =
            |row: &&String| row.split(' ').filter(|form| !form.is_empty()).count() != 10;
        if let Some(row) = self.digits.iter().find(too_short) {
            return Some(format!("'{row}' has not ten spellings"));
        }
        let spellings = self.digits.iter().flat_map(|row| row.split(' '));
        let mut all = spellings.chain(self.signs.values().flatten().map(String::as_str));
        all.find(|spelling| spelling.split('|').any(str::is_empty))
            .map(|spelling| format!("'{spelling}' has an empty alternative"))
    }
}

impl<'a> Words<'a> {
    /// A table, by its name.
    pub fn table(&self, name: &str) -> Result<&'a Table, String> {
        let name = name.replace("{lang}", self.language);
        self.tables
            .get(&name)
            .ok_or_else(|| format!("there is no table '{name}'"))
    }

    /// A list, by its name.
    pub fn list(&self, name: &str) -> Result<&'a [String], String> {
        let name = name.replace("{lang}", self.language);
        match self.lists.get(&name) {
            Some(list) if list.len() == 100 => Ok(list),
            Some(list) => Err(format!(
                "the list '{name}' has {} words, not 100",
                list.len()
            )),
            None => Err(format!("there is no list '{name}'")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_with_gaps_is_refused() {
        let table = |digits: &str, one: &str| Table {
            digits: vec![digits.to_owned()],
            signs: BTreeMap::from([("1".to_owned(), vec![one.to_owned()])]),
        };
        let whole = "0 1 2 3|three 4 5 6 7 8 9";
        assert_eq!(table(whole, "!|i").problem(), None);
        assert!(table("0 1 2", "!").problem().is_some());
        assert!(table(whole, "|").problem().is_some());
        assert!(table("0 1 2 3| 4 5 6 7 8 9", "!").problem().is_some());
    }
}
