//! What each package's folder has to hold: the workspace's lints, and for pure crates their own complete clippy.toml.

use super::Finding;
use crate::tree::Tree;

/// Pure crates: no clock, randomness, files, network or environment, and one order of iteration.
const PURE: [&str; 4] = ["model", "crypto", "state", "tree"];

/// What a pure crate's clippy.toml bans. The nearest file wins and is not merged with the root's, so each has them all.
const BANS: [&str; 8] = [
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "std::fs::",
    "std::net::",
    "std::env::",
    "std::collections::HashMap",
    "std::collections::HashSet",
    "std::thread::spawn",
];

/// Checks manifests and clippy.toml files.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        // What is a workspace of its own (fuzz, bench) has no lints to take.
        let package = file.path.ends_with("/Cargo.toml") && !file.text.contains("[workspace]");
        if package && !file.text.contains("[lints]\nworkspace = true") {
            let what = "does not take the workspace's lints: add [lints] workspace = true";
            findings.push(Finding::new(&file.path, 1, what));
        }
    }
    let first = tree.text(&format!("crates/{}/clippy.toml", PURE[0]));
    let thresholds = tree.text("clippy.toml").unwrap_or_default();
    for name in PURE {
        let path = format!("crates/{name}/clippy.toml");
        let Some(own) = tree.text(&path) else {
            if tree.holds(&format!("crates/{name}")) {
                let what = "is missing: a pure crate bans clocks, files and the like by its own clippy.toml";
                findings.push(Finding::new(&path, 1, what));
            }
            continue;
        };
        if first.is_some_and(|first| first != own) {
            let what = format!(
                "differs from that of {}: pure crates have one set of bans",
                PURE[0]
            );
            findings.push(Finding::new(&path, 1, what));
        }
        for line in thresholds
            .lines()
            .filter(|line| line.contains(" = ") && !line.contains('['))
        {
            if !own.contains(line) {
                let what = format!(
                    "lacks `{line}` of the root's clippy.toml, which is not merged: repeat it here"
                );
                findings.push(Finding::new(&path, 1, what));
            }
        }
        for ban in BANS {
            if !own.contains(ban) {
                findings.push(Finding::new(
                    &path,
                    1,
                    format!("does not ban {ban}: add it, with the reason"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::{BANS, check};
    use crate::{tidy::fixture::lines, tree::tests::tree};

    #[test]
    fn a_package_without_the_lints_is_found() {
        let tree = tree(&[("crates/api/Cargo.toml", "[package]\nname = \"api\"\n")]);
        assert!(lines(check(&tree))[0].contains("does not take the workspace's lints"));
    }

    #[test]
    fn a_pure_crate_repeats_thresholds_and_bans() {
        let complete = format!("limit = 70\n{}", BANS.join("\n"));
        let files = [
            ("clippy.toml", "limit = 70\n"),
            ("crates/model/clippy.toml", &complete),
        ];
        assert!(check(&tree(&files)).is_empty());
        let files = [
            ("clippy.toml", "limit = 70\n"),
            ("crates/model/clippy.toml", "limit = 80\n"),
        ];
        assert_eq!(check(&tree(&files)).len(), 1 + BANS.len());
    }

    #[test]
    fn a_pure_crate_without_its_own_clippy_toml_is_found() {
        let tree = tree(&[("crates/state/src/lib.rs", "//! x\n")]);
        assert!(lines(check(&tree))[0].starts_with("crates/state/clippy.toml:1: is missing"));
    }
}
