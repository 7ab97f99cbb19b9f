//! The canonical form of web addresses: one page, one spelling, so that it is visited once, and what is found is compared.
//!
//! The form is RFC 3986 §6.2.2 with what the WHATWG URL standard does on parsing: scheme and host in lower case, the host in
//! ASCII, no default port, dot segments resolved, unreserved characters plain and other escapes in upper-case hexadecimal. On
//! top of that, what does not name the page goes: the fragment, tracking parameters, an empty query; and from the address of a
//! page that is crawled ([`canonical_page`]), the session of whoever was shown it.
//!
//! Parameters stay in the order in which they stand. Sorting them would merge more spellings, but some sites read them in
//! order (`?from=3&to=5` as a path, repeated keys), and a page asked for by another name than it gave is a page not asked for.

use url::Url;

use crate::normal_escapes;

/// Query parameters that only tell who followed a link from where. A star stands for any end.
const TRACKING: &str = "\
    utm_* gclid gclsrc gbraid wbraid dclid fbclid msclkid yclid ysclid twclid ttclid igshid igsh \
    li_fat_id mc_cid mc_eid _hsenc _hsmi hsctatracking mkt_tok vero_id oly_anon_id oly_enc_id \
    _openstat _ga _gl epik rb_clickid s_cid srsltid wickedid";

/// Parameters that name a visitor's session, whatever they say, in the query and behind a semicolon in the path.
const SESSIONS: &str = "phpsessid jsessionid aspsessionid* cfid cftoken oscsid zenid";

/// Parameters that name a session where they look like one ([`looks_like_a_session`]) and something else names the page.
const PERHAPS_SESSIONS: &str = "sid s session sessionid session_id sess";

/// The canonical form of an address: no fragment, no last dot of the host, no tracking parameters, no needless escapes. Most of
/// the rest is what the URL standard's parser does. A canonical address is its own canonical form.
pub fn canonical_address(url: &Url) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    if let Some(host) = url.host_str().filter(|host| host.ends_with('.')) {
        let host = host.trim_end_matches('.').to_owned();
        // A host without its last dot is one still; were it not, the URL would stay as it is.
        let _ = url.set_host(Some(&host));
    }
    if url.path().contains('%') {
        let path = normal_escapes(url.path()).into_owned();
        url.set_path(&path);
    }
    if let Some(query) = url.query() {
        let normal = normal_escapes(query);
        let is_kept = |pair: &&str| !pair.is_empty() && !is_any_of(name_of(pair), TRACKING);
        let kept: Vec<&str> = normal.split('&').filter(is_kept).collect();
        let kept = (!kept.is_empty()).then(|| kept.join("&"));
        if kept.as_deref() != url.query() {
            url.set_query(kept.as_deref());
        }
    }
    url
}

/// The canonical form of the address of a page that is crawled, and of a listing: without the session that it names, which is
/// another one each time the site is asked. Only what is surely a session goes: two ads that became one would be an ad lost.
pub fn canonical_page(url: &Url) -> Url {
    let mut url = canonical_address(url);
    // A page has hundreds of links, and few of their paths hold any of it.
    if url.path().contains([';', '('])
        && let Some(path) = without_path_sessions(url.path())
    {
        // Setting the path resolves the dot segments that a removed session may have uncovered.
        url.set_path(&path);
    }
    if let Some(query) = url.query()
        && let Some(kept) = without_sessions(query, url.path())
    {
        url.set_query((!kept.is_empty()).then_some(&*kept));
    }
    url
}

/// A path without `;jsessionid=…` and without ASP.NET's `/(S(…))`; none where it has neither.
fn without_path_sessions(path: &str) -> Option<String> {
    let is_session = |piece: &&str| is_any_of(name_of(piece), SESSIONS);
    let segments: Vec<String> = path
        .split('/')
        .map(|segment| {
            let (name, parameters) = segment.split_once(';').unwrap_or((segment, ""));
            if !parameters.split(';').any(|piece| is_session(&piece)) {
                return segment.to_owned();
            }
            let kept = parameters.split(';').filter(|piece| !is_session(piece));
            std::iter::once(name)
                .chain(kept)
                .collect::<Vec<_>>()
                .join(";")
        })
        .filter(|segment| !is_cookieless(segment))
        .collect();
    let kept = segments.join("/");
    (kept != path).then_some(kept)
}

/// True for what ASP.NET puts before the path of whoever has no cookies: `(S(lit3py55t21z5v55vlm25s55))`, and `(A(…)S(…)F(…))`.
fn is_cookieless(segment: &str) -> bool {
    let inner = segment
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    let Some(mut rest) = inner.filter(|inner| !inner.is_empty()) else {
        return false;
    };
    let mut has_session = false;
    while !rest.is_empty() {
        let Some((token, behind)) = rest
            .strip_prefix(['A', 'F', 'S', 'X'])
            .and_then(|token| token.strip_prefix('('))
            .and_then(|token| token.split_once(')'))
        else {
            return false;
        };
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if !token.bytes().all(is_letter) {
            return false;
        }
        // A session's name has 24 letters and digits, a ticket more.
        has_session |= token.len() >= 24;
        rest = behind;
    }
    has_session
}

/// A query without the sessions in it; none where it has none.
fn without_sessions(query: &str, path: &str) -> Option<String> {
    let sure: Vec<&str> = query
        .split('&')
        .filter(|pair| !is_any_of(name_of(pair), SESSIONS))
        .collect();
    let is_perhaps = |pair: &&str| {
        let value = pair.split_once('=').map_or("", |(_, value)| value);
        is_any_of(name_of(pair), PERHAPS_SESSIONS) && looks_like_a_session(value)
    };
    // `/view?s=…` may name an ad by its digest. `/v/1?s=…` and `/view?id=1&s=…` name it otherwise.
    let last = path.trim_end_matches('/').rsplit('/').next();
    let is_named = last.is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_digit()))
        || sure.iter().any(|pair| !is_perhaps(pair));
    let kept: Vec<&str> = sure
        .into_iter()
        .filter(|pair| !(is_named && is_perhaps(pair)))
        .collect();
    let kept = kept.join("&");
    (kept != query).then_some(kept)
}

/// True for 32 or 40 hexadecimal digits, as MD5 and SHA-1 write them, that are no number.
fn looks_like_a_session(value: &str) -> bool {
    matches!(value.len(), 32 | 40)
        && value.bytes().all(|byte| byte.is_ascii_hexdigit())
        && value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn name_of(pair: &str) -> &str {
    pair.split('=').next().unwrap_or_default()
}

fn is_any_of(name: &str, names: &str) -> bool {
    let mut names = names.split_whitespace();
    names.any(|known| match known.strip_suffix('*') {
        Some(start) => name
            .get(..start.len())
            .is_some_and(|begin| begin.eq_ignore_ascii_case(start)),
        None => name.eq_ignore_ascii_case(known),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MD5: &str = "0123456789abcdef0123456789abcdef";

    #[test]
    fn only_what_is_surely_a_session_goes_from_a_pages_address() {
        for (written, page) in [
            ("/v/1?PHPSESSID=abc&id=1", "/v/1?id=1"),
            ("/v/1?PHPSESSID=4f", "/v/1"),
            ("/v/1;jsessionid=12AB?id=1", "/v/1?id=1"),
            ("/x;v=1;JSESSIONID=12AB/y", "/x;v=1/y"),
            ("/a/..;jsessionid=1/b", "/b"),
            ("/shop?CFID=12&CFTOKEN=9-1&id=7", "/shop?id=7"),
            ("/shop?osCsid=b5d&p=7", "/shop?p=7"),
            ("/(S(lit3py55t21z5v55vlm25s55))/v/1", "/v/1"),
            ("/app/(A(x1)S(lit3py55t21z5v55vlm25s55))/v/1", "/app/v/1"),
            ("/v/1?sid=MD5", "/v/1"),
            ("/v/1?s=MD5", "/v/1"),
            ("/view?t=rose&sid=MD5", "/view?t=rose"),
            // What may name the ad stays.
            ("/view?s=MD5", "/view?s=MD5"),
            ("/api2/view?s=MD5", "/api2/view?s=MD5"),
            ("/view?s=MD5&sid=MD5", "/view?s=MD5&sid=MD5"),
            ("/v/1?sid=12", "/v/1?sid=12"),
            (
                "/v/1?sid=0123456789abcdef0123",
                "/v/1?sid=0123456789abcdef0123",
            ),
            ("/v/1?s=1234567890123456", "/v/1?s=1234567890123456"),
            (
                "/v/1?s=12345678901234567890123456789012",
                "/v/1?s=12345678901234567890123456789012",
            ),
            ("/v/1?ad=MD5", "/v/1?ad=MD5"),
            ("/v/(S(12))/1", "/v/(S(12))/1"),
            ("/rose_(oakland)/1", "/rose_(oakland)/1"),
            ("/x;/y;;v=1", "/x;/y;;v=1"),
        ] {
            let [written, page] = [written, page].map(|part| {
                let whole = format!("https://ads.example{part}").replace("MD5", MD5);
                Url::parse(&whole).unwrap()
            });
            assert_eq!(canonical_page(&written), page, "{written}");
            // What people write of is compared as it stands.
            assert_eq!(canonical_address(&written), written);
        }
    }

    proptest! {
        #[test]
        fn canonical_is_its_own_canonical_form(
            rest in "\\PC{0,60}|[a%25./;?&=#:@-]{0,40}|(/|;|\\.|%2e|jsessionid=|\\(S\\(lit3py55t21z5v55vlm25s55\\)\\)|&|\\?|s=0123456789abcdef0123456789abcdef|PHPSESSID=|utm_a=|x){0,12}",
        ) {
            if let Ok(url) = Url::parse(&format!("https://ads.example/{rest}")) {
                let (address, page) = (canonical_address(&url), canonical_page(&url));
                prop_assert_eq!(canonical_address(&address), address.clone());
                prop_assert_eq!(canonical_page(&page), page.clone());
                prop_assert_eq!(canonical_page(&address), page.clone());
                prop_assert_eq!(Url::parse(page.as_str()), Ok(page));
            }
        }
    }
}
