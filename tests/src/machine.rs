//! What a test needs of the machine. Where it is missing the test says so loudly; in CI nothing may be missing.

use std::path::Path;

/// What not every machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    /// To run as root.
    Root,
    /// `/dev/fuse`, and to run as root.
    Fuse,
    /// `runc` and a static busybox, `/dev/fuse`, and to run as root.
    Containers,
}

/// Whether the machine has it. A test returns at once where this is false.
///
/// # Panics
/// Where `STRONGROOM_REQUIRE_ALL=1` and it is missing.
#[must_use]
pub fn can(need: Need) -> bool {
    let Some(missing) = missing(need) else {
        return true;
    };
    let required = std::env::var("STRONGROOM_REQUIRE_ALL").is_ok_and(|value| value == "1");
    assert!(
        !required,
        "this test needs {missing}, and STRONGROOM_REQUIRE_ALL=1 forbids to skip it"
    );
    eprintln!(
        "SKIPPED: this test needs {missing}; run scripts/install-deps, and the tests as root"
    );
    false
}

fn missing(need: Need) -> Option<&'static str> {
    if !rustix::process::geteuid().is_root() {
        return Some("root");
    }
    if need == Need::Root {
        return None;
    }
    if !Path::new("/dev/fuse").exists() {
        return Some("/dev/fuse");
    }
    if need == Need::Containers {
        if find("runc").is_none() {
            return Some("runc");
        }
        if find("busybox").is_none() {
            return Some("busybox-static");
        }
    }
    None
}

/// A program on `PATH` or where Debian puts those of the administrator.
pub(crate) fn find(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin".into(), "/usr/bin".into(), "/bin".into()])
        .map(|folder| folder.join(program))
        .find(|path| path.exists())
}
