//! From where the program has its memory, and when it gives it back.
//!
//! This is the one crate with `unsafe` in it: what the allocator does with freed memory is decided by a call of C.
//! docs/decisions/0033-freed-memory-goes-back.md has the figures.

use libmimalloc_sys::{mi_option_set_default, mi_option_t};
pub use mimalloc::MiMalloc as Allocator;

/// `mi_option_purge_delay` of mimalloc 2, in milliseconds. The bindings have no name for it, but for the options on both its sides.
const PURGE_DELAY: mi_option_t = 15;

/// Has freed memory go back to the system at once, so that a large page or picture does not stay for as long as the program runs.
/// To be called before there is a second thread. What the environment says of it (`MIMALLOC_PURGE_DELAY`) comes first.
///
/// By itself the allocator waits ten milliseconds, and then until a thread happens to come by: a thread that has read something
/// large and waits for more keeps it. And it asks for pages of 2 MiB, of which the kernel takes a whole one for a few bytes, and puts
/// back together those that were given back in part.
pub fn gives_back_at_once() {
    set(PURGE_DELAY, 0);
    // Fails on kernels without such pages, which is as good.
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[expect(
    unsafe_code,
    reason = "mimalloc has no other way to be told, but variables of the environment that it reads before we begin"
)]
fn set(option: mi_option_t, value: std::ffi::c_long) {
    // SAFETY: the function takes two numbers, refuses options that there are not, and writes one word, which is read without a lock:
    // so it is called before there are threads, and even beside one a reader would have the old word or the new.
    unsafe { mi_option_set_default(option, value) }
}

#[cfg(test)]
mod tests {
    use libmimalloc_sys::{mi_option_eager_commit_delay, mi_option_get, mi_option_use_numa_nodes};

    use super::*;

    #[global_allocator]
    static ALLOCATOR: Allocator = Allocator;

    #[expect(unsafe_code, reason = "the test asks the library itself")]
    fn get(option: mi_option_t) -> std::ffi::c_long {
        // SAFETY: it reads one word.
        unsafe { mi_option_get(option) }
    }

    /// What of the program is in memory, in KiB.
    fn held() -> u64 {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:"));
        let held = line.unwrap().split_whitespace().nth(1);
        held.unwrap().parse().unwrap()
    }

    #[test]
    fn what_is_freed_is_no_longer_held() {
        // The option is the right one: it stands between its neighbours, and is what the library's page says that it is.
        assert_eq!(PURGE_DELAY, mi_option_eager_commit_delay + 1);
        assert_eq!(PURGE_DELAY, mi_option_use_numa_nodes - 1);
        assert_eq!(get(PURGE_DELAY), 10);

        gives_back_at_once();
        assert_eq!(get(PURGE_DELAY), 0);
        let before = held();
        let many: Vec<_> = (0..64_u8).map(|byte| vec![byte; 1 << 20]).collect();
        assert!(held() > before + (60 << 10));
        drop(many);
        assert!(held() < before + (8 << 10), "it is not given back");
        #[cfg(target_os = "linux")]
        assert!(rustix::thread::transparent_huge_pages_are_disabled().unwrap());
    }
}
