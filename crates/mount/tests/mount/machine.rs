//! What these tests need of the machine: root, FUSE, runc and a static busybox.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

/// Whether the machine has it all; where not, says so loudly, and fails where nothing may be skipped.
pub(crate) fn is_able() -> bool {
    let missing = [
        ("root", fs::read_dir("/proc/1/fd").is_ok()),
        ("/dev/fuse", Path::new("/dev/fuse").exists()),
        ("runc", runc().is_some()),
        ("busybox-static", Path::new("/bin/busybox").exists()),
    ];
    let Some((missing, _)) = missing.into_iter().find(|(_, there)| !there) else {
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

/// The runtime's path.
pub(crate) fn runc() -> Option<&'static Path> {
    [
        "/usr/sbin/runc",
        "/usr/bin/runc",
        "/usr/local/sbin/runc",
        "/usr/local/bin/runc",
    ]
    .map(Path::new)
    .into_iter()
    .find(|path| path.exists())
}

/// Waits until `condition` holds.
///
/// # Panics
/// When it does not within ten seconds.
pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(10);
    while !condition() {
        assert!(Instant::now() < deadline, "{what}: not within ten seconds");
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// Lines of the host's mount table that show one of our file systems.
pub(crate) fn mounts_on_the_host() -> Vec<String> {
    let table = fs::read_to_string("/proc/self/mountinfo").unwrap();
    let ours = |line: &&str| line.contains("strongroom");
    table.lines().filter(ours).map(str::to_owned).collect()
}
