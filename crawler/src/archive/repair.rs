//! What killed processes left open: cut to the last whole record, and closed.

use std::{
    ffi::OsStr,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, BufRead, BufReader, Read, Seek, SeekFrom},
    path::Path,
};

use flate2::bufread::GzDecoder;
use memchr::memmem;

use super::{
    ArchiveError,
    segment::{OPEN, sync_folder},
};

/// A kill leaves at most the records of a few threads half-written; more than this behind a bad place is no such end.
const LONGEST_HALF: u64 = 64 << 20;

/// Closes every open file that no living process has locked.
pub(super) fn close_abandoned(folder: &Path) -> Result<(), ArchiveError> {
    let reading = |error| ArchiveError::while_("reading", folder)(error);
    for entry in fs::read_dir(folder).map_err(reading)? {
        let path = entry.map_err(reading)?.path();
        let name = path.file_name().and_then(OsStr::to_str).unwrap_or_default();
        if name.ends_with(&format!(".warc.gz{OPEN}")) {
            close(folder, &path)?;
        }
    }
    Ok(())
}

fn close(folder: &Path, path: &Path) -> Result<(), ArchiveError> {
    let failed = |error| ArchiveError::while_("closing", path)(error);
    let file = match OpenOptions::new().read(true).write(true).open(path) {
        Ok(file) => file,
        // Its writer has closed it meanwhile.
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(failed(error)),
    };
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(error)) => return Err(failed(error)),
    }
    let length = file.metadata().map_err(failed)?.len();
    let whole = whole_records(&file).map_err(failed)?;
    if whole == 0 {
        // Its maker was killed before the first record: there is nothing in it.
        return fs::remove_file(path).map_err(failed);
    }
    if whole < length {
        if records_after(&file, whole).map_err(failed)? {
            tracing::error!(
                file = %path.display(), offset = whole,
                "a WARC file is damaged here, with good records after it; it is closed as it is"
            );
        } else {
            tracing::warn!(
                file = %path.display(), cut = length - whole,
                "a WARC file ended in half a record, left by a stop without notice; the half was cut off"
            );
            file.set_len(whole).map_err(failed)?;
        }
    }
    file.sync_data().map_err(failed)?;
    fs::rename(path, path.with_extension("")).map_err(failed)?;
    sync_folder(folder)
}

/// Where the last of the whole records that the file begins with ends.
fn whole_records(file: &File) -> io::Result<u64> {
    let mut reader = BufReader::new(file);
    reader.seek(SeekFrom::Start(0))?;
    let mut end = 0;
    while !reader.fill_buf()?.is_empty() {
        let mut decoder = GzDecoder::new(&mut reader);
        match io::copy(&mut decoder, &mut io::sink()) {
            Ok(_) => end = reader.stream_position()?,
            Err(error) if is_damage(&error) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(end)
}

/// True if a whole record begins anywhere after `offset`: then what is bad there is not the end that a kill leaves, and
/// cutting it off would destroy evidence.
fn records_after(file: &File, offset: u64) -> io::Result<bool> {
    let length = file.metadata()?.len() - offset;
    if length > LONGEST_HALF {
        return Ok(true);
    }
    let mut tail = Vec::new();
    let mut reader = file;
    reader.seek(SeekFrom::Start(offset))?;
    reader.read_to_end(&mut tail)?;
    Ok(memmem::find_iter(&tail, &[0x1f, 0x8b, 0x08]).any(|at| {
        let mut record = Vec::new();
        let unpacked = GzDecoder::new(&tail[at..]).read_to_end(&mut record);
        unpacked.is_ok() && record.starts_with(b"WARC/1.")
    }))
}

pub(super) fn is_damage(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData
    )
}
