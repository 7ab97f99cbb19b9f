//! Web pages: the addresses that lead to one and the same, whatever the scheme, a leading `www.` and one last slash. The
//! matcher compares what is left of an address without these; a hunt asks the store for each address that has it left.

/// What is left of a web address: its host with all that is before the query, and the query with its sign.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct WebPage<'u> {
    /// From the host on, without a leading `www.`, up to the query, without one last slash.
    pub place: &'u str,
    /// From the question mark on; empty where there is none.
    pub query: &'u str,
}

/// The schemes that web addresses are written with.
const SCHEMES: [&str; 3] = ["https", "http", "ftp"];

impl<'u> WebPage<'u> {
    /// The page that a canonical web address leads to.
    pub fn of(url: &'u str) -> Self {
        let rest = bare(url);
        let (place, query) = rest.split_at(rest.find('?').unwrap_or(rest.len()));
        Self {
            place: place.strip_suffix('/').unwrap_or(place),
            query,
        }
    }

    /// Every address that may lead to it. Not each of them is canonical, and those that are not are nowhere.
    pub fn addresses(self) -> impl Iterator<Item = String> {
        let Self { place, query } = self;
        let starts = SCHEMES
            .into_iter()
            .flat_map(|scheme| ["", "www."].map(|www| (scheme, www)));
        starts.flat_map(move |(scheme, www)| {
            ["", "/"].map(|slash| format!("{scheme}://{www}{place}{slash}{query}"))
        })
    }
}

/// A web address without its scheme and a leading `www.`.
pub fn bare(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.strip_prefix("www.").unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_page_lead_to_it() {
        for (url, place, query) in [
            ("https://ads.example/", "ads.example", ""),
            ("http://www.ads.example/a/", "ads.example/a", ""),
            ("https://ads.example/a/?x=/", "ads.example/a", "?x=/"),
            ("https://ads.example:8443/a//", "ads.example:8443/a/", ""),
            ("https://www.www.example/", "www.example", ""),
        ] {
            let page = WebPage::of(url);
            assert_eq!(page, WebPage { place, query }, "{url}");
            assert!(page.addresses().any(|address| address == url), "{url}");
        }
    }
}
