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
    // What is a workspace of its own (fuzz, bench) has no lints to take.
    let packages = tree
        .files
        .iter()
        .filter(|file| file.path.ends_with("/Cargo.toml") && !file.text.contains("[workspace]"));
    let mut findings: Vec<Finding> = packages
        .filter(|file| !file.text.contains("[lints]\nworkspace = true"))
        .map(|file| {
            let what = "does not take the workspace's lints: add [lints] workspace = true";
            Finding::new(&file.path, 1, what)
        })
        .collect();
    for name in PURE
        .iter()
        .filter(|name| tree.holds(&format!("crates/{name}")))
    {
        let path = format!("crates/{name}/clippy.toml");
        match tree.text(&path) {
            Some(own) => findings.extend(
                bans(tree, own)
                    .into_iter()
                    .map(|what| Finding::new(&path, 1, what)),
            ),
            None => {
                let what = "is missing: a pure crate bans clocks, files and the like by its own clippy.toml";
                findings.push(Finding::new(&path, 1, what));
            }
        }
    }
    findings
}

/// What is wrong with a pure crate's clippy.toml.
fn bans(tree: &Tree, own: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let first = tree.text(&format!("crates/{}/clippy.toml", PURE[0]));
    if first.is_some_and(|first| first != own) {
        wrong.push(format!(
            "differs from that of {}: pure crates have one set of bans",
            PURE[0]
        ));
    }
    let root = tree.text("clippy.toml").unwrap_or_default();
    let thresholds = root
        .lines()
        .filter(|line| line.contains(" = ") && !line.contains('['));
    for line in thresholds.filter(|line| !own.contains(line)) {
        wrong.push(format!(
            "lacks `{line}` of the root's clippy.toml, which is not merged: repeat it here"
        ));
    }
    for ban in BANS.iter().filter(|ban| !own.contains(*ban)) {
        wrong.push(format!("does not ban {ban}: add it, with the reason"));
    }
    wrong
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
