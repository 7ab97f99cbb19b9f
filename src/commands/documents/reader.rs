//! Reading a document of either form: what `source` pages are read with, but without a profile of anybody's.

use std::collections::HashMap;

use sightline_extractors::{self as extractors, Profile, ProfileSettings, RawPage};
use sightline_model::{Find, Problem, Timestamp, VisitKind};
use url::Url;

/// A document to be read.
#[derive(Clone, Copy)]
pub enum Document<'d> {
    /// Plain text.
    Text(&'d str),
    /// HTML, and where it came from, if that is known.
    Html(&'d [u8], Option<&'d Url>),
}

/// What was read.
pub struct Read {
    /// The visible text that spans count in; none where the document is that text itself.
    pub text: Option<String>,
    /// What was found.
    pub finds: Vec<Find>,
    /// What kept the document from being read whole.
    pub problems: Vec<Problem>,
}

/// Reads documents one after another. Keeps a compiled profile for each region, for making one costs more than reading
/// a short page.
pub struct Reader {
    profiles: HashMap<String, Profile>,
    nowhere: Url,
}

impl Reader {
    /// One that has read nothing yet.
    pub fn new() -> Self {
        // The name that RFC 2606 keeps for what exists nowhere; a constant that parses.
        let nowhere = Url::parse("https://document.invalid/").expect("a constant URL is right");
        Self {
            profiles: HashMap::new(),
            nowhere,
        }
    }

    /// Reads a document by the rules of a region. Fails where there is no such region.
    pub fn read(
        &mut self,
        document: Document<'_>,
        region: Option<&str>,
    ) -> Result<Read, Vec<Problem>> {
        // Plain text needs no profile, but a region without numbers is a mistake there too.
        let profile = profile(&mut self.profiles, region)?;
        let (body, url) = match document {
            Document::Text(text) => {
                return Ok(Read {
                    text: None,
                    finds: extractors::find_all(text, region),
                    problems: Vec::new(),
                });
            }
            Document::Html(body, url) => (body, url.unwrap_or(&self.nowhere)),
        };
        let page = RawPage {
            url,
            kind: VisitKind::Detail,
            content_type: None,
            body,
            // Relative dates are a matter of fields, and this profile has none.
            fetched_at: Timestamp::default(),
        };
        let reading = extractors::read(&page, profile);
        let (text, finds) = reading
            .listings
            .into_iter()
            .next()
            .map(|listing| (listing.text, listing.finds))
            .unwrap_or_default();
        Ok(Read {
            text: Some(text),
            finds,
            problems: reading.problems,
        })
    }
}

fn profile<'p>(
    profiles: &'p mut HashMap<String, Profile>,
    region: Option<&str>,
) -> Result<&'p Profile, Vec<Problem>> {
    let key = region.unwrap_or_default();
    if !profiles.contains_key(key) {
        let profile = Profile::compile(&ProfileSettings::default(), region)?;
        profiles.insert(key.to_owned(), profile);
    }
    Ok(&profiles[key])
}
