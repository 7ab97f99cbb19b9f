//! What only the administrator of a machine may do: mount, and cut a file system off. Where this is not allowed the story
//! says so and does nothing, unless `SIGHTLINE_TEST_REQUIRE_ROOT` is 1: then it fails.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

/// A file system of the test's own, unmounted when this is dropped.
pub struct Mounted {
    at: PathBuf,
    /// The file that it lies in; none in memory.
    image: Option<PathBuf>,
}

impl Mounted {
    /// An ext4 file system of `mebibytes`, in a file beside `at`. None where that may not be done here.
    pub fn ext4(at: &Path, mebibytes: u64) -> Option<Self> {
        let image = at.with_extension("ext4");
        let file = std::fs::File::create(&image).expect("a file");
        file.set_len(mebibytes << 20).expect("a file can be long");
        run("mkfs.ext4", &["-q", "-F", path(&image)])?;
        std::fs::create_dir_all(at).expect("a folder");
        let mounted = Self {
            at: at.to_path_buf(),
            image: Some(image),
        };
        mounted.mount()?;
        Some(mounted)
    }

    /// A file system of `kibibytes` in memory. None where that may not be done here.
    pub fn tmpfs(at: &Path, kibibytes: u64) -> Option<Self> {
        std::fs::create_dir_all(at).expect("a folder");
        let size = format!("size={kibibytes}k");
        run("mount", &["-t", "tmpfs", "-o", &size, "tmpfs", path(at)])?;
        Some(Self {
            at: at.to_path_buf(),
            image: None,
        })
    }

    /// Gives a file system in memory another size.
    pub fn resize(&self, kibibytes: u64) {
        let size = format!("remount,size={kibibytes}k");
        run("mount", &["-o", &size, path(&self.at)]).expect("what could be mounted can be again");
    }

    /// How much of it is used, in KiB.
    pub fn used(&self) -> u64 {
        let ended = Command::new("df")
            .args(["--output=used", "-k", path(&self.at)])
            .output();
        let said = String::from_utf8(ended.expect("df is there").stdout).expect("UTF-8");
        let used = said
            .lines()
            .last()
            .and_then(|used| used.trim().parse().ok());
        used.expect("a number")
    }

    /// As if the power were cut: what the disk does not have by now is gone, and nothing can be written any more.
    pub fn cut(&self) {
        // EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH, from linux/fs/ext4.
        let script = "import fcntl, os, struct, sys\n\
                      fcntl.ioctl(os.open(sys.argv[1], os.O_RDONLY), 0x8004587D, struct.pack('I', 2))";
        run("python3", &["-c", script, path(&self.at)]).expect("the file system can be cut off");
    }

    /// As if the machine were started again: the journal is replayed. Nothing may have a file open there.
    pub fn restart(&self) {
        run("umount", &[path(&self.at)]).expect("nothing is open any more");
        self.mount().expect("what could be mounted can be again");
    }

    fn mount(&self) -> Option<()> {
        let image = self.image.as_deref().expect("it lies in a file");
        run("mount", &["-o", "loop", path(image), path(&self.at)])
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // A process that dies at this moment may still hold it: it goes when that does.
        _ = Command::new("umount")
            .args(["--lazy", path(&self.at)])
            .output();
    }
}

/// Runs a program of the system; none where it may not.
fn run(program: &str, arguments: &[&str]) -> Option<()> {
    let sbin = format!(
        "{}:/usr/sbin:/sbin",
        std::env::var("PATH").unwrap_or_default()
    );
    let ended = Command::new(program)
        .args(arguments)
        .env("PATH", sbin)
        .output();
    let why = match ended {
        Ok(ended) if ended.status.success() => return Some(()),
        Ok(ended) => String::from_utf8_lossy(&ended.stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    let why = format!(
        "'{program} {}' is not to be had here: {why}",
        arguments.join(" ")
    );
    let required = std::env::var("SIGHTLINE_TEST_REQUIRE_ROOT").is_ok_and(|it| it == "1");
    assert!(!required, "{why}");
    eprintln!("skipped: {why}");
    None
}

fn path(path: &Path) -> &str {
    path.to_str().expect("the test's folders have plain names")
}
