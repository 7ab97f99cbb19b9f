//! Addresses of our own pages, with what narrows them.

use std::fmt::Display;

use url::form_urlencoded::Serializer;

/// An address that is being written: a path, and what its query says.
pub(crate) struct Address {
    path: String,
    query: Serializer<'static, String>,
}

impl Address {
    /// The address of this path, which says nothing else yet.
    pub(crate) fn of(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            query: Serializer::new(String::new()),
        }
    }

    /// Says this as well. What is empty is not said: it narrows nothing.
    pub(crate) fn with(mut self, name: &str, value: impl Display) -> Self {
        let value = value.to_string();
        if !value.trim().is_empty() {
            self.query.append_pair(name, &value);
        }
        self
    }

    /// The same of what may not be there.
    pub(crate) fn with_any(self, name: &str, value: Option<impl Display>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// As it stands in a link.
    pub(crate) fn written(mut self) -> String {
        match self.query.finish() {
            query if query.is_empty() => self.path,
            query => format!("{}?{query}", self.path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_what_narrows_it_and_nothing_else() {
        let address = Address::of("/search").with("q", "rose & lily");
        let address = address.with("tab", "").with_any("after", None::<i64>);
        assert_eq!(
            address.with_any("since", Some(3)).written(),
            "/search?q=rose+%26+lily&since=3"
        );
        assert_eq!(Address::of("/").with("q", " ").written(), "/");
    }
}
