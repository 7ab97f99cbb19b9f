//! What a person writes about a source's pages: which elements are links, listings, fields and images.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer},
};
use serde_json::json;

/// How a source's pages are read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ProfileSettings {
    /// Pages of listings: start pages, and those reached by pagination.
    pub list: ListSettings,
    /// The page of one listing.
    pub detail: RecordSettings,
    /// A CSS selector of something that only a log-in page has. Without it, a page with a password field and
    /// nothing else of what the profile looks for counts as one.
    pub login: Option<String>,
}

/// What to take from pages of listings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ListSettings {
    /// CSS selectors of the links to the listings' own pages. An element that is not a link stands for the first
    /// link inside it.
    pub links: TextList,
    /// CSS selectors of the links to further pages of listings: `a[rel=next]`, `.pagination a`.
    pub next: TextList,
    /// Further pages by number, where there is no link to follow: a URL, absolute or relative to the page, in
    /// which `{page}` stands for the number: `?page={page}`. The next number is asked for as long as a page has
    /// listings that the page before it had not.
    pub page_url: Option<String>,
    /// The number of the first page, for `page_url`.
    pub first_page: u32,
    /// The last number to ask for, for `page_url`.
    pub last_page: u32,
    /// Listings that are read right from the list page, where they have no page of their own. Its `root` is each
    /// listing's element. Not together with `links`.
    pub record: Option<RecordSettings>,
}

impl Default for ListSettings {
    fn default() -> Self {
        Self {
            links: TextList::default(),
            next: TextList::default(),
            page_url: None,
            first_page: 1,
            last_page: 100,
            record: None,
        }
    }
}

/// How one listing is read from its element.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct RecordSettings {
    /// A CSS selector of the element that holds the listing and nothing else; `body` if left out. What lies outside
    /// is neither read nor searched. Fields alone may lie outside, on the page of one listing.
    pub root: Option<String>,
    /// CSS selectors of parts inside `root` that are not the listing's own: similar ads, counters of visits. They are
    /// left out of its text, and do not make a new version.
    pub ignore: TextList,
    /// The title. If left out: the first `h1`, else `og:title`, else the page's `title`.
    pub title: Option<FieldSettings>,
    /// The body. If left out, or not there: the whole visible text.
    pub body: Option<FieldSettings>,
    /// Other fields by name: price, place, posted.
    pub fields: BTreeMap<String, FieldSettings>,
    /// How the listing is told from others.
    pub key: KeySettings,
    /// A CSS selector of the link to the listing, for listings read from a list page. If left out: the page's URL.
    pub link: Option<String>,
    /// Its images.
    pub images: ImageSettings,
}

/// Where a listing's key comes from: what stays the same as long as it is the same ad. If both are left out, it is
/// the listing's URL.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct KeySettings {
    /// A regular expression over the listing's URL; its first group is the key: `-(\d+)/?$`.
    pub url: Option<String>,
    /// The name of a field whose value is the key.
    pub field: Option<String>,
}

/// Where a listing's images are. All places that are named are read.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct ImageSettings {
    /// CSS selectors of images, or of links to them. The full size is preferred: the image that a link around it leads
    /// to, else the largest of `srcset`, else what a script would load (`data-src` and the like), else `src`.
    pub css: TextList,
    /// The attribute that holds the URL, if it is none of those.
    pub attr: Option<String>,
    /// A path in the page's JSON-LD: `image`.
    pub json: Option<String>,
    /// The name of a meta element: `og:image`.
    pub meta: Option<String>,
}

/// Where a field's text is, and what it is made into. `css`, `json` and `meta` are tried in this order until one gives
/// a text. Written as a text alone, it is `css`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields, remote = "Self")]
#[schemars(transform = also_as_text)]
pub struct FieldSettings {
    /// CSS selectors inside the listing, tried in order; the first element's visible text is taken. `:scope` is the listing's own
    /// element.
    pub css: TextList,
    /// An attribute of that element, instead of its text; without `css`, of the listing's own element: `{ attr = "data-id" }`.
    pub attr: Option<String>,
    /// A path in the page's JSON-LD (schema.org): `offers.price`. The first object that has it gives the value; lists
    /// on the way are entered.
    pub json: Option<String>,
    /// The name or property of a meta element: `og:title`.
    pub meta: Option<String>,
    /// A regular expression; its first group, or the whole match where it has none, is kept.
    pub regex: Option<String>,
    /// What the text is made into.
    pub transform: Transform,
    /// For dates: how they are written, as strftime has it (`%d.%m.%Y %H:%M`), tried in order. Without one, ISO 8601,
    /// RFC 2822, common written forms and relative dates ("2 hours ago") are recognised.
    pub format: TextList,
    /// For dates: the IANA zone that they are written in; UTC if left out.
    pub zone: Option<String>,
    /// For prices: the currency (ISO 4217) where the text names none, or a sign that several use.
    pub currency: Option<String>,
}

/// What a field's text is made into.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// A text, white space collapsed.
    #[default]
    Text,
    /// A number; decimal comma and point, and thousands separators, are recognised.
    Number,
    /// An object of `amount` (a number) and `currency` (ISO 4217, or null); where the text gives a range, with `up_to`. A text of
    /// several prices, of a count and a price (`2 x 30 €`), or of an amount that is not plain gives none, and a problem.
    Price,
    /// An RFC 3339 instant in UTC, or `2026-11-23` where there is no time of day. A relative date is resolved as
    /// coarsely as it is written, and does not make a new version, as long as its element says no more than that.
    Date,
    /// A list of the texts of all matching elements.
    List,
    /// An absolute URL.
    Url,
}

/// One text, or a list of them: `"a.next"` or `["a.next", "a.more"]`.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
#[serde(transparent)]
pub struct TextList(pub Vec<String>);

impl<'de> Deserialize<'de> for TextList {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextOrList;

        impl<'de> Visitor<'de> for TextOrList {
            type Value = TextList;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_str<E>(self, text: &str) -> Result<TextList, E> {
                Ok(TextList(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<TextList, A::Error> {
                let mut list = Vec::new();
                while let Some(item) = items.next_element()? {
                    list.push(item);
                }
                Ok(TextList(list))
            }
        }

        deserializer.deserialize_any(TextOrList)
    }
}

impl JsonSchema for TextList {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "TextList".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": ["string", "array"], "items": { "type": "string" } })
    }
}

impl FieldSettings {
    /// A field that is the text of the first element that `css` selects.
    pub fn of_css(css: &str) -> Self {
        Self {
            css: TextList(vec![css.to_owned()]),
            ..Self::default()
        }
    }
}

// `remote = "Self"` derives the table's form under an inherent name, so that the short form can stand beside it.
impl<'de> Deserialize<'de> for FieldSettings {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct CssOrTable;

        impl<'de> Visitor<'de> for CssOrTable {
            type Value = FieldSettings;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a CSS selector, or a table with css, json or meta")
            }

            fn visit_str<E>(self, css: &str) -> Result<FieldSettings, E> {
                Ok(FieldSettings::of_css(css))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<FieldSettings, A::Error> {
                FieldSettings::deserialize(MapAccessDeserializer::new(map))
            }
        }

        deserializer.deserialize_any(CssOrTable)
    }
}

impl Serialize for FieldSettings {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        FieldSettings::serialize(self, serializer)
    }
}

fn also_as_text(schema: &mut Schema) {
    schema.insert("type".into(), json!(["object", "string"]));
}
