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

    /// What is wrong with it.
    pub fn problem(&self) -> Option<String> {
        self.digits
            .iter()
            .find(|row| row.split(' ').filter(|form| !form.is_empty()).count() != 10)
            .map(|row| format!("'{row}' has not ten spellings"))
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
