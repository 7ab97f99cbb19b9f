//! The healthy neighbour: thirty ads, each a page, and a list of them.

use super::{
    Asked,
    reply::{Reply, html},
};

/// How many ads it has.
pub const ADS: usize = 30;

pub fn reply(asked: &Asked) -> Option<Reply> {
    if asked.target == "/" {
        let links: String = (0..ADS)
            .map(|nth| format!("<a href=/ad/{nth}>ad</a>"))
            .collect();
        return Some(html(&links));
    }
    let nth: usize = asked.target.strip_prefix("/ad/")?.parse().ok()?;
    Some(html(&format!(
        "<article><h1>Ad {nth}</h1><p>Call (202) 555-01{nth:02}.</p></article>"
    )))
}
