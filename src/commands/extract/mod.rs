//! `sightline extract`: what is in this text, or this page? No store, no network, no configuration.

mod jsonl;

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use comfy_table::Table;
use serde::Serialize;
use sightline_extractors::{Profile, ProfileSettings, no_page, page::decode::decode};
use sightline_model::{Confidence, Find, Problem};

use super::{
    CommandError, Context, Ended, Status,
    documents::{
        DOCUMENT_LIMIT,
        reader::{Document, Read as Reading, Reader},
        sentences,
    },
    operand,
};
use crate::output::{self, inert};

/// Find the identifiers in text or HTML
///
/// Prints every telephone number, e-mail address, handle, URL, domain and wallet, with where it stands, how sure the
/// reading is and the steps that led to its canonical form. Nothing is stored or fetched.
///
/// Spans (`start`, `end`) are in bytes of UTF-8 and count in the text; for HTML in the visible text, which is then
/// given as `text`.
#[derive(Debug, Args)]
#[command(after_long_help = "Examples:\n  \
    sightline extract ad.html --region GB\n  \
    echo 'call 202-555-0123' | sightline extract --region US\n  \
    sightline extract --jsonl --region US < ads.jsonl > found.jsonl\n\n\
    With --jsonl, each line in is {\"id\", \"text\" or \"html\", \"region\"?, \"url\"?} and each line out is\n\
    {\"id\", \"selectors\": [{\"kind\", \"value\", \"raw\", \"start\", \"end\", \"confidence\", \"steps\", \"disguised\"}]}.\n\
    A line that can't be read gives {\"id\"?, \"line\", \"error\"}, and the rest goes on; the exit status is then 1.\n\
    A page of which only a part was read says so in \"problems\".")]
pub struct Extract {
    /// Files to read; standard input where none is named, or for `-`
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Read one JSON document a line from standard input, and answer with one line each
    #[arg(long, conflicts_with = "files")]
    jsonl: bool,
    /// The country whose national telephone numbers are read, in two letters (ISO 3166-1): US, GB, FR
    #[arg(long, value_name = "CC", value_parser = region)]
    region: Option<String>,
    /// What the files hold
    #[arg(
        long = "as",
        value_name = "FORM",
        default_value = "auto",
        conflicts_with = "jsonl"
    )]
    form: DocumentForm,
}

/// What a file holds.
#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
enum DocumentForm {
    /// HTML where it begins like HTML, or the file's name ends in .html or .htm; else text
    Auto,
    /// Plain text
    Text,
    /// HTML, of which the visible text is read
    Html,
}

/// Two letters of ISO 3166-1, as capitals, of a country that has telephone numbers.
pub(crate) fn region(written: &str) -> Result<String, String> {
    let code = letters(written)?;
    match Profile::compile(&ProfileSettings::default(), Some(&code)) {
        Ok(_) => Ok(code),
        Err(problems) => Err(sentences(&problems)),
    }
}

/// Two letters, as capitals.
pub(crate) fn letters(written: &str) -> Result<String, String> {
    let code = written.trim().to_ascii_uppercase();
    if code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(code)
    } else {
        Err("write a country in two letters, such as US, GB or FR".to_owned())
    }
}

/// What was found in a document, as programs are given it.
#[derive(Serialize)]
struct Found<'a> {
    id: serde_json::Value,
    /// The visible text that spans count in; left out where the document itself is that text.
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    selectors: Vec<Selector<'a>>,
    /// What kept the document from being read whole; left out where nothing did.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'a [Problem],
}

/// A find, with what follows from its steps.
#[derive(Serialize)]
struct Selector<'a> {
    #[serde(flatten)]
    find: &'a Find,
    /// True where one of the steps undid a disguise.
    disguised: bool,
}

/// Runs the command.
pub fn run(extract: Extract, context: &Context) -> Ended {
    if extract.jsonl {
        return jsonl::run(
            io::stdin().lock(),
            io::stdout().lock(),
            extract.region.as_deref(),
        );
    }
    let standard_input = vec![PathBuf::from("-")];
    let files = if extract.files.is_empty() {
        &standard_input
    } else {
        &extract.files
    };
    let mut reader = Reader::new();
    let mut status = Status::Done;
    for file in files {
        // A file that can't be read does not keep the others from being read.
        match extract_file(file, &extract, &mut reader, context) {
            Ok(Status::Done) => {}
            Ok(other) => status = other,
            Err(CommandError::Failed(message)) => {
                output::error(message);
                status = Status::Problems;
            }
            Err(other) => return Err(other),
        }
    }
    Ok(status)
}

fn extract_file(file: &Path, extract: &Extract, reader: &mut Reader, context: &Context) -> Ended {
    let name = file.display().to_string();
    let limit = DOCUMENT_LIMIT as u64 + 1;
    let bytes = operand::read(file, operand::Dash::Input, limit)?;
    if bytes.len() > DOCUMENT_LIMIT {
        let message = "longer than 16 MiB; cut it into smaller files";
        return Err(CommandError::failed(&name, message));
    }
    let no_text = no_page(None, &bytes).filter(|_| extract.form == DocumentForm::Auto);
    if let Some(what) = no_text {
        let message = format!(
            "this is neither text nor HTML, but {what}; make text of it first, or say --as text"
        );
        return Err(CommandError::failed(&name, message));
    }
    let bytes = marked(bytes);
    let decoded = decode(&bytes, None, None);
    let is_html = match extract.form {
        DocumentForm::Html => true,
        DocumentForm::Text => false,
        DocumentForm::Auto => looks_like_html(file, &decoded.text),
    };
    let document = if is_html {
        Document::Html(&bytes, None)
    } else {
        Document::Text(&decoded.text)
    };
    let mut reading = reader
        .read(document, extract.region.as_deref())
        .map_err(|problems| CommandError::failed(&name, sentences(&problems)))?;
    let status = match reading.problems.as_slice() {
        [] => Status::Done,
        problems => {
            output::error(inert::line(&format!("{name}: {}", sentences(problems))));
            Status::Problems
        }
    };
    let out = context.out;
    if out.is_json() {
        // Spans count in the text as it was decoded.
        if decoded.encoding != "UTF-8" && reading.text.is_none() {
            reading.text = Some(decoded.text.into_owned());
        }
        out.record(&found(name.into(), &reading))?;
        return Ok(status);
    }
    if extract.files.len() > 1 {
        out.say(format_args!("\n{}", inert::line(&name)))?;
    }
    let shown = reading.text.as_deref().unwrap_or(&decoded.text);
    out.records(
        &reading.finds,
        |finds| table(finds, shown),
        &format!("{name}: nothing found"),
    )?;
    Ok(status)
}

fn found(id: serde_json::Value, reading: &Reading) -> Found<'_> {
    Found {
        id,
        text: reading.text.as_deref(),
        selectors: reading
            .finds
            .iter()
            .map(|find| Selector {
                disguised: find.is_disguised(),
                find,
            })
            .collect(),
        problems: &reading.problems,
    }
}

/// Text in UTF-16, as some systems save it, with the byte order mark that it may lack: near the beginning, most second bytes
/// are zero. Anything else as it is.
fn marked(bytes: Vec<u8>) -> Vec<u8> {
    let head = &bytes[..bytes.len().min(1024)];
    let has_mark = head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    let zeros = |odd: usize| {
        let half = head.iter().skip(odd).step_by(2);
        half.filter(|byte| **byte == 0).count()
    };
    let (even, odd) = (zeros(0), zeros(1));
    if has_mark || head.len() < 4 || even.max(odd) * 3 <= head.len() {
        return bytes;
    }
    let mark: &[u8] = if odd > even { b"\xff\xfe" } else { b"\xfe\xff" };
    [mark, &bytes].concat()
}

fn looks_like_html(file: &Path, text: &str) -> bool {
    let named_html = file.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm")
    });
    let head = text.trim_ascii_start();
    let begins_with = |word: &str| {
        head.get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    named_html
        || ["<!doctype", "<html", "<head", "<body", "<!--"]
            .iter()
            .any(|word| begins_with(word))
}

fn table(finds: &[Find], text: &str) -> Table {
    let mut table = output::table([
        "kind",
        "value",
        "as it stood",
        "line",
        "confidence",
        "steps",
    ]);
    for find in finds {
        let tint = match find.confidence {
            Confidence::Exact | Confidence::Normalised => output::Tint::Good,
            Confidence::Inferred => output::Tint::Warning,
        };
        let steps: Vec<&str> = find.steps.iter().map(|step| &*step.0).collect();
        table.add_row(vec![
            find.selector.kind.as_str().into(),
            inert::line(&find.selector.value).into(),
            inert::cut(&find.raw, 60).into(),
            (1 + text[..find.start].matches('\n').count()).into(),
            output::tinted(find.confidence, tint),
            inert::line(&steps.join(", ")).into(),
        ]);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_known_by_its_name_or_its_beginning() {
        for (name, bytes, html) in [
            ("ad.HTM", "plain", true),
            ("-", "  <!DOCTYPE html><p>", true),
            ("-", "<html>", true),
            ("-", "<3 call me", false),
            ("ad.txt", "", false),
        ] {
            assert_eq!(
                looks_like_html(Path::new(name), bytes),
                html,
                "{name} {bytes}"
            );
        }
    }

    #[test]
    fn utf_16_is_read_with_and_without_its_mark() {
        let text = "call 202-555-0123";
        let marked_text = format!("\u{feff}{text}");
        for (written, order) in [
            (text, u16::to_le_bytes as fn(u16) -> [u8; 2]),
            (text, u16::to_be_bytes),
            (&marked_text, u16::to_le_bytes),
            (&marked_text, u16::to_be_bytes),
        ] {
            let bytes: Vec<u8> = written.encode_utf16().flat_map(order).collect();
            assert_eq!(decode(&marked(bytes), None, None).text, text);
        }
        assert_eq!(marked(text.into()), text.as_bytes());
    }

    #[test]
    fn a_region_has_two_letters() {
        assert_eq!(region("gb"), Ok("GB".to_owned()));
        for wrong in ["", "GBR", "1A", "É"] {
            assert!(region(wrong).is_err(), "{wrong}");
        }
    }
}
