//! Files that the configuration names. A pipe, a device or a folder by such a name is told of, and not waited for.

use std::{
    fs::{self, FileType},
    io,
    os::unix::fs::FileTypeExt,
    path::Path,
};

/// That `path` is a plain file, or a link to one, so that opening it and reading it come to an end.
///
/// # Errors
/// Where it is something else, which the error names; and where it can't be looked at.
pub fn is_plain(path: &Path) -> io::Result<()> {
    let kind = fs::metadata(path)?.file_type();
    if kind.is_file() {
        return Ok(());
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        format!("it is {}, and only plain files are read", named(kind)),
    ))
}

/// The text of a plain file.
///
/// # Errors
/// As [`is_plain`]; and where it can't be read, or is not UTF-8: then it names the first place that is not.
pub fn read_text(path: &Path) -> io::Result<String> {
    String::from_utf8(read_bytes(path)?).map_err(|error| {
        let (sound, rest) = error.as_bytes().split_at(error.utf8_error().valid_up_to());
        let line = 1 + sound.iter().filter(|&&byte| byte == b'\n').count();
        let byte = 1 + sound
            .iter()
            .rev()
            .take_while(|&&byte| byte != b'\n')
            .count();
        let found = rest.first().copied().unwrap_or_default();
        let why = format!("it is not UTF-8 at line {line}, byte {byte} (0x{found:02X})");
        io::Error::new(io::ErrorKind::InvalidData, why)
    })
}

/// The bytes of a plain file.
///
/// # Errors
/// As [`is_plain`]; and where it can't be read.
pub fn read_bytes(path: &Path) -> io::Result<Vec<u8>> {
    is_plain(path)?;
    fs::read(path)
}

fn named(kind: FileType) -> &'static str {
    match kind {
        kind if kind.is_dir() => "a folder",
        kind if kind.is_fifo() => "a named pipe",
        kind if kind.is_socket() => "a socket",
        _ => "a device",
    }
}

#[cfg(test)]
mod tests {
    use std::{os::unix::net::UnixListener, process::Command};

    use super::*;

    #[test]
    fn where_a_text_is_not_utf_8_is_told() {
        let name = format!("sightline-latin-{}", std::process::id());
        let file = std::env::temp_dir().join(name);
        for (bytes, place) in [
            (&b"name = \"a\"\n# caf\xe9\n"[..], "line 2, byte 6 (0xE9)"),
            (b"\xff", "line 1, byte 1 (0xFF)"),
            ("ä\n\n".as_bytes(), ""),
        ] {
            fs::write(&file, bytes).unwrap();
            let told = read_text(&file).map_err(|error| error.to_string());
            let told = told.map_or_else(|why| why, |_| String::new());
            assert!(
                told.ends_with(place) && told.is_empty() == place.is_empty(),
                "{told}"
            );
        }
        fs::remove_file(&file).unwrap();
    }

    #[test]
    fn only_plain_files_are_read() {
        let folder = std::env::temp_dir().join(format!("sightline-plain-{}", std::process::id()));
        fs::create_dir_all(folder.join("folder")).unwrap();
        let at = |name: &str| folder.join(name);
        fs::write(at("file"), "text").unwrap();
        std::os::unix::fs::symlink("file", at("link")).unwrap();
        std::os::unix::fs::symlink("pipe", at("led astray")).unwrap();
        let made = Command::new("mkfifo").arg(at("pipe")).status().unwrap();
        assert!(made.success());
        let _listener = UnixListener::bind(at("socket")).unwrap();
        for (path, told) in [
            (at("file"), None),
            (at("link"), None),
            (at("folder"), Some("a folder")),
            // These would wait for a writer that never comes.
            (at("pipe"), Some("a named pipe")),
            (at("led astray"), Some("a named pipe")),
            (at("socket"), Some("a socket")),
            // This never ends.
            ("/dev/zero".into(), Some("a device")),
            (at("absent"), Some("No such file")),
        ] {
            let shown = path.display();
            let both = [
                read_text(&path),
                read_bytes(&path).map(|bytes| String::from_utf8(bytes).unwrap()),
            ];
            for read in both {
                match (read, told) {
                    (Ok(text), None) => assert_eq!(text, "text", "{shown}"),
                    (Err(error), Some(told)) => {
                        let error = error.to_string();
                        assert!(error.contains(told), "{shown}: {error}");
                    }
                    (read, _) => panic!("{shown}: {read:?}"),
                }
            }
        }
        fs::remove_dir_all(&folder).unwrap();
    }
}
