//! Rules for documents, decision records and seed corpora: what is named exists, and what has to exist does.

use super::Finding;
use crate::{
    document::{anchors, code_spans, links},
    tree::{File, Tree},
};

/// Files that a newcomer looks for.
const EXPECTED: [&str; 12] = [
    "README.md",
    "ARCHITECTURE.md",
    "SECURITY.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs/SEMANTICS.md",
    "docs/KEYS.md",
    "docs/FORMATS.md",
    "docs/GLOSSARY.md",
    "Makefile",
    ".ci/run",
];

/// Folders whose files documents name in code spans.
const FOLDERS: [&str; 8] = [
    "crates/", "docs/", "fuzz/", "proto/", "scripts/", "tests/", "xtask/", ".ci/",
];

/// Checks documents, decision records and seed corpora.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for path in EXPECTED.iter().filter(|path| !tree.holds(path)) {
        findings.push(Finding::new(path, 1, "is missing: newcomers look for it"));
    }
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md")) {
        findings.extend(dead_links(tree, file));
        findings.extend(dead_paths(tree, file));
    }
    findings.extend(decision_records(tree));
    findings.extend(seeds(tree));
    findings
}

/// Relative links lead to a file, and their fragments to one of its headings.
fn dead_links(tree: &Tree, file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (line, link) in links(&file.text) {
        if link.contains("://") || link.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = link.split_once('#').unwrap_or((&link, ""));
        let target = resolve(&file.path, path);
        if !tree.holds(&target) {
            let what = format!("links to {link}, which is not there: correct the link");
            findings.push(Finding::new(&file.path, line, what));
        } else if !anchor.is_empty()
            && !anchors(tree.text(&target).unwrap_or_default())
                .iter()
                .any(|known| known == anchor)
        {
            let what = format!("links to {link}, whose file has no such heading: correct the link");
            findings.push(Finding::new(&file.path, line, what));
        }
    }
    findings
}

/// A path in a code span that begins as one of the checkout's folders exists. Patterns and places in files are let be.
fn dead_paths(tree: &Tree, file: &File) -> Vec<Finding> {
    code_spans(&file.text)
        .into_iter()
        .filter(|(_, span)| FOLDERS.iter().any(|folder| span.starts_with(folder)))
        .filter(|(_, span)| {
            span.chars()
                .all(|c| c.is_alphanumeric() || "/._-".contains(c))
        })
        .filter(|(_, span)| !tree.holds(span))
        .map(|(line, span)| {
            Finding::new(
                &file.path,
                line,
                format!("names {span}, which is not there: correct it"),
            )
        })
        .collect()
}

/// Records are numbered without gaps and begin with their number, and one is never taken twice.
fn decision_records(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let records = tree
        .files
        .iter()
        .filter(|file| file.path.starts_with("docs/adr/"));
    for (index, file) in records.enumerate() {
        let expected = format!("{:04}-", index + 1);
        let name = file.path.trim_start_matches("docs/adr/");
        if !name.starts_with(&expected) {
            let what = format!(
                "should begin with {expected}: records are numbered 0001, 0002, … without gaps"
            );
            findings.push(Finding::new(&file.path, 1, what));
        }
        if !file.text.starts_with("# ") {
            findings.push(Finding::new(
                &file.path,
                1,
                "has no title: begin with `# ADR-N: the decision`",
            ));
        }
    }
    findings
}

/// Every fuzz target starts from inputs that reach past its first check.
fn seeds(tree: &Tree) -> Vec<Finding> {
    let targets = tree.files.iter().filter_map(|file| {
        file.path
            .strip_prefix("fuzz/fuzz_targets/")?
            .strip_suffix(".rs")
    });
    targets
        .filter(|target| !tree.holds(&format!("fuzz/corpus/{target}")))
        .map(|target| {
            let path = format!("fuzz/fuzz_targets/{target}.rs");
            Finding::new(
                &path,
                1,
                format!("has no seeds: commit some in fuzz/corpus/{target}"),
            )
        })
        .collect()
}

/// A link's path from the checkout's root.
fn resolve(from: &str, link: &str) -> String {
    if link.is_empty() {
        return from.to_owned();
    }
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::{dead_links, dead_paths, decision_records, resolve, seeds};
    use crate::{
        tidy::fixture::lines,
        tree::{File, tests::tree},
    };

    fn document(text: &str) -> File {
        File {
            path: "docs/A.md".to_owned(),
            text: text.to_owned(),
        }
    }

    #[test]
    fn links_are_relative_to_their_document() {
        assert_eq!(resolve("docs/A.md", "../README.md"), "README.md");
        assert_eq!(resolve("docs/A.md", "adr/0001-a.md"), "docs/adr/0001-a.md");
        assert_eq!(resolve("docs/A.md", ""), "docs/A.md");
    }

    #[test]
    fn a_link_to_nothing_is_found() {
        let tree = tree(&[("README.md", "# Why\n")]);
        let text =
            "[a](../README.md#why) [b](https://example.org/x)\n[c](../README.md#what) [d](B.md)\n";
        let found = lines(dead_links(&tree, &document(text)));
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(found[0].starts_with("docs/A.md:2: links to ../README.md#what"));
    }

    #[test]
    fn a_named_file_that_does_not_exist_is_found() {
        let tree = tree(&[("tests/tests/crash.rs", "")]);
        let found = lines(dead_paths(
            &tree,
            &document("`tests/tests/crash.rs` `tests/tests/x.rs` `crates/*/src`"),
        ));
        assert_eq!(
            found,
            ["docs/A.md:1: names tests/tests/x.rs, which is not there: correct it"]
        );
    }

    #[test]
    fn decision_records_are_numbered_without_gaps() {
        let tree = tree(&[
            ("docs/adr/0001-a.md", "# ADR-1: a\n"),
            ("docs/adr/0003-b.md", "b\n"),
        ]);
        assert_eq!(decision_records(&tree).len(), 2);
    }

    #[test]
    fn a_fuzz_target_without_seeds_is_found() {
        let tree = tree(&[
            ("fuzz/fuzz_targets/names.rs", ""),
            ("fuzz/fuzz_targets/records.rs", ""),
            ("fuzz/corpus/names/plain", ""),
        ]);
        assert!(lines(seeds(&tree))[0].contains("fuzz/corpus/records"));
    }
}
