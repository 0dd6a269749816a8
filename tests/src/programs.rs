//! Where the programs under test are: built once per test run, with the profile of the tests, or, with
//! `STRONGROOM_PROGRAMS=DIR`, taken from there.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The path of `strongroom`, `strongroomd` or `strongroom-agent`, built before the first use.
#[must_use]
pub fn program(name: &str) -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let path = FOLDER.get_or_init(build).join(name);
    assert!(path.exists(), "{} was not built", path.display());
    path
}

/// The folder that holds this test's profile, as `target/debug`.
pub(crate) fn profile_folder() -> PathBuf {
    if let Some(folder) = std::env::var_os("STRONGROOM_PROGRAMS") {
        return folder.into();
    }
    let test = std::env::current_exe().unwrap();
    // target/<profile>/deps/<test>
    test.ancestors().nth(2).map(Path::to_path_buf).unwrap()
}

fn build() -> PathBuf {
    let folder = profile_folder();
    if std::env::var_os("STRONGROOM_PROGRAMS").is_some() {
        return folder;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root)
        .args(["build", "--quiet", "--workspace", "--bins", "--target-dir"]);
    cargo.arg(folder.parent().unwrap());
    if folder.ends_with("release") {
        cargo.arg("--release");
    }
    let status = cargo.status().unwrap();
    assert!(status.success(), "the programs under test do not build");
    folder
}
