//! A network of its own for a test: the test's program is run again inside of it.

use std::{env, process::Command};

/// Set for the program that runs inside.
const INSIDE: &str = "SIGHTLINE_TEST_INSIDE";

/// What is done inside first: every address is made one of this machine's. IPv6 may not be there.
const EVERY_ADDRESS: &str = "ip link set lo up && ip route add local default dev lo && \
    { ip -6 route add local ::/0 dev lo || true; } && exec \"$@\"";

/// Whether this is the inside. If not, the test `name` is run there, and holds if it does.
///
/// # Panics
/// If the test fails inside; or where there can be no network of its own, and `SIGHTLINE_TEST_REQUIRE_SERVICES` is 1.
pub fn is_inside(name: &str) -> bool {
    if env::var_os(INSIDE).is_some() {
        return true;
    }
    let Some(apart) = apart() else {
        crate::support::skipped(
            "no network of its own can be made here: it takes iproute2, and root or user namespaces",
        );
        return false;
    };
    let output = Command::new("unshare")
        .arg(apart)
        .args(["--", "sh", "-c", EVERY_ADDRESS, "sh"])
        .arg(env::current_exe().expect("this program has a name"))
        .args(["--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .output()
        .expect("unshare was there a moment ago");
    let out = String::from_utf8_lossy(&output.stdout);
    let err = String::from_utf8_lossy(&output.stderr);
    eprintln!("{err}");
    assert!(
        output.status.success() && out.contains("1 passed"),
        "{out}\n{err}"
    );
    false
}

/// How to get a network of one's own here: as root, or as root of a user namespace.
fn apart() -> Option<&'static str> {
    ["-n", "-rn"].into_iter().find(|&way| {
        let tried = Command::new("unshare")
            .args([way, "--", "sh", "-c", EVERY_ADDRESS, "sh", "true"])
            .output();
        tried.is_ok_and(|tried| tried.status.success())
    })
}
