//! A TOML file edited by its keys: what else stands in it stays as it was written, comments and order among it.

use toml_edit::{Array, DocumentMut, Item, Table, Value};

/// What a key is to say.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Said {
    /// Nothing: it is taken out.
    Nothing,
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

/// The same file with other values at some keys of a table. A table that is not there is added, where it is to say
/// something.
///
/// # Errors
/// Where the text is not TOML, or something else stands where the table is to be; in words.
pub fn put(text: &str, table: &str, said: &[(&str, Said)]) -> Result<String, String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| error.message().to_owned())?;
    let says_nothing = said.iter().all(|(_, said)| *said == Said::Nothing);
    if says_nothing && document.get(table).is_none() {
        return Ok(text.to_owned());
    }
    let place = document
        .entry(table)
        .or_insert_with(|| Item::Table(Table::new()));
    let Some(place) = place.as_table_like_mut() else {
        return Err(format!("`{table}` is no table"));
    };
    for (key, said) in said {
        let mut value = match said {
            Said::Nothing => {
                place.remove(key);
                continue;
            }
            Said::Text(text) => Value::from(text.as_str()),
            Said::List(texts) => texts.iter().collect::<Array>().into(),
        };
        match place.get_mut(key).and_then(Item::as_value_mut) {
            Some(before) => {
                *value.decor_mut() = before.decor().clone();
                *before = value;
            }
            None => {
                place.insert(key, Item::Value(value));
            }
        }
    }
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Said {
        Said::Text(text.to_owned())
    }

    #[test]
    fn only_what_is_said_changes() {
        let file = "# The north.\nstart = [\"https://ads.example/\"]\n\n[schedule] # at night\ncron = \"30 2 * * *\" # quiet then\nzone = \"UTC\"\n\n[list]\nlinks = [\"a\"]\n";
        let edited = put(
            file,
            "schedule",
            &[
                ("cron", text("0 3 * * *")),
                ("every", Said::Nothing),
                ("zone", Said::Nothing),
                (
                    "days",
                    Said::List(vec!["mon-fri".to_owned(), "sun".to_owned()]),
                ),
            ],
        );
        assert_eq!(
            edited.unwrap(),
            "# The north.\nstart = [\"https://ads.example/\"]\n\n[schedule] # at night\ncron = \"0 3 * * *\" # quiet then\ndays = [\"mon-fri\", \"sun\"]\n\n[list]\nlinks = [\"a\"]\n"
        );
    }

    #[test]
    fn a_table_is_added_where_there_is_none_and_something_to_say() {
        let file = "start = [\"https://ads.example/\"]\n[list]\nlinks = [\"a\"]\n";
        assert_eq!(
            put(file, "schedule", &[("cron", Said::Nothing)]).unwrap(),
            file
        );
        let edited = put(file, "schedule", &[("every", text("6h\" # \\"))]).unwrap();
        assert!(edited.starts_with(file), "{edited}");
        let read: toml::Table = edited.parse().unwrap();
        assert_eq!(read["schedule"]["every"].as_str(), Some("6h\" # \\"));
        let dotted = put(
            "schedule.every = \"1d\"\n",
            "schedule",
            &[("zone", text("UTC"))],
        )
        .unwrap();
        let read: toml::Table = dotted.parse().unwrap();
        assert_eq!(read["schedule"]["zone"].as_str(), Some("UTC"), "{dotted}");
    }

    #[test]
    fn what_is_no_toml_is_left_alone() {
        assert!(put("start = [", "schedule", &[("every", text("1d"))]).is_err());
        assert!(put("schedule = 1\n", "schedule", &[("every", text("1d"))]).is_err());
    }
}
