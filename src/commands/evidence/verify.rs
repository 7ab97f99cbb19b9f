//! `sightline evidence verify`: whether a bundle is what was signed. Needs no instance, no configuration and no network.

use std::{
    fs::{self, File},
    io::BufReader,
    path::PathBuf,
};

use clap::Args;
use serde::Serialize;
use sightline_model::{Digest, Timestamp, counted};
use sightline_proof::bundle::{self, Verified};
use tokio::task::spawn_blocking;

use crate::{
    commands::{CommandError, Context, Ended, Status, typed},
    output::inert,
};

/// Tell whether a bundle of evidence is what was signed, bit by bit
///
/// Works for whoever was sent the file: without an instance, a configuration or a network. The exit status is 1 where
/// anything was changed, added, moved or taken out, and 2 where the file can't be opened. Who signed is told; `--key` demands that it was who should have.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// The bundle, as `sightline evidence export` wrote it
    file: PathBuf,
    /// The fingerprint of the key that must have signed it: 64 hexadecimal digits, which its owner told you by another way
    #[arg(long, value_name = "FINGERPRINT", value_parser = typed::fingerprint)]
    key: Option<String>,
}

/// A bundle as programs are told of it.
#[derive(Serialize)]
struct Told<'v> {
    /// Always true: a bundle that does not verify is an error.
    verified: bool,
    /// Whether it was demanded that this key has signed.
    key_was_demanded: bool,
    signed_by: &'v Digest,
    digest: &'v Digest,
    /// When a time stamp authority saw it, by its word.
    stamped_at: Option<Timestamp>,
    files: usize,
    bytes: u64,
    info: &'v [(String, String)],
}

/// Runs the command.
pub(super) async fn run(verify: Verify, context: &Context) -> Ended {
    let shown = inert::line(&verify.file.display().to_string()).into_owned();
    // A pipe would be waited for, and what is no file is no bundle that was changed.
    if fs::metadata(&verify.file).is_ok_and(|found| !found.is_file()) {
        return Err(CommandError::Usage(format!(
            "{shown} is no file; name the bundle itself"
        )));
    }
    // Of a file that is not there nothing is said: it may be as sound as ever.
    let file = File::open(&verify.file).map_err(|error| {
        CommandError::Usage(format!(
            "{shown} can't be opened: {error}; name the bundle, as a file that may be read"
        ))
    })?;
    let wanted = verify.key.clone();
    let read = spawn_blocking(move || -> Result<Verified, String> {
        let from = BufReader::with_capacity(1 << 16, file);
        bundle::verify(from, wanted.as_deref()).map_err(|forged| forged.to_string())
    });
    let read = read
        .await
        .unwrap_or_else(|died| std::panic::resume_unwind(died.into_panic()));
    let verified = read.map_err(|why| {
        CommandError::Failed(format!(
            "{shown} does not verify: {}; do not rely on it, and ask whoever sent it for another copy",
            inert::line(&why)
        ))
    })?;
    let signed_by = verified.signed_by.fingerprint();
    context.out.record(&Told {
        verified: true,
        key_was_demanded: verify.key.is_some(),
        signed_by: &signed_by,
        digest: &verified.digest,
        stamped_at: verified.stamped_at,
        files: verified.files,
        bytes: verified.bytes,
        info: &verified.info,
    })?;
    context.out.say(in_words(
        &shown,
        &verified,
        &signed_by,
        verify.key.is_some(),
    ))?;
    Ok(Status::Done)
}

fn in_words(file: &str, verified: &Verified, signed_by: &Digest, is_demanded: bool) -> String {
    let mut lines = vec![format!(
        "{file} is what was signed: {}, {}, not a bit changed.",
        counted(verified.files, "file", "files"),
        counted(verified.bytes, "byte", "bytes")
    )];
    let info = verified.info.iter();
    lines.extend(
        info.map(|(label, value)| format!("  {}: {}", inert::line(label), inert::line(value))),
    );
    lines.push(format!("  Digest of all: sha256:{}", verified.digest));
    lines.extend(verified.stamped_at.map(|at| {
        format!("  Stamped {at}, by the word of a time stamp authority; OpenSSL tells whether that word is its own: docs/evidence.md")
    }));
    lines.push(match is_demanded {
        true => format!("It was signed by the key that you named:\n  {signed_by}"),
        false => format!(
            "It was signed by the key\n  {signed_by}\nWhose key that is, this can't tell: compare it with the fingerprint \
             that its owner tells you by another way,\nor name that with --key."
        ),
    });
    lines.join("\n")
}
