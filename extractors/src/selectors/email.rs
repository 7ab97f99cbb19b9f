//! TEMP
use super::{Context, Refused};
use sightline_model::Find;
pub(super) fn find(_text: &str, _context: &Context, _finds: &mut Vec<Find>) {}
pub(super) fn canonical(written: &str) -> Result<String, Refused> {
    Ok(written.to_owned())
}
