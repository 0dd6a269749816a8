//! Rules for Rust sources: length, module docs, names, and what neither code nor comments may hold.

use super::Finding;
use crate::{
    document::tables,
    source::{Line, Source},
    tree::Tree,
};
use std::collections::BTreeSet;

/// Lines without tests: a file above the first is noted, one above the second refused.
const NOTED: usize = 400;
const REFUSED: usize = 700;

/// Names that say nothing of what is inside.
const DRAWERS: [&str; 8] = [
    "utils", "util", "common", "helpers", "helper", "misc", "types", "mod",
];

/// What production code must not contain, and what to do instead.
const BANNED_CODE: [(&str, &str); 6] = [
    (".unwrap()", "return an error, or expect(\"the invariant\")"),
    (
        "unbounded_channel(",
        "bound the queue, with the reason for the bound",
    ),
    (
        "mpsc::channel()",
        "bound the queue, with the reason for the bound",
    ),
    (
        "unbounded()",
        "bound the queue, with the reason for the bound",
    ),
    ("dbg!(", "take it out"),
    (
        "#[allow(",
        "#[expect(lint, reason = \"…\")] tells when it is no longer needed",
    ),
];

/// What no code may contain, tests included.
const BANNED_EVERYWHERE: [(&str, &str); 3] = [
    (
        "#[ignore",
        "make the test pass, or delete it with the reason in the commit",
    ),
    ("todo!(", "write it, or leave the seam out"),
    ("unimplemented!(", "write it, or leave the seam out"),
];

/// Checks every Rust file.
pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let unsafe_files = unsafe_files(tree);
    let mut findings = Vec::new();
    for source in tree.rust() {
        findings.extend(shape(&source));
        for line in &source.lines {
            findings.extend(banned_code(&source, line));
            findings.extend(comment(&source, line));
        }
        findings.extend(unsafe_code(&source, &unsafe_files));
        findings.extend(test_names(&source));
        findings.extend(sleeping_tests(&source));
    }
    findings
}

/// Files that are longer than they should be, and shorter than they must be.
pub(super) fn long_files(tree: &Tree) -> Vec<String> {
    tree.rust()
        .iter()
        .map(|source| (source.path.to_owned(), source.counted_lines()))
        .filter(|(_, lines)| (NOTED + 1..=REFUSED).contains(lines))
        .map(|(path, lines)| format!("{path}: {lines} lines without tests, the aim is {NOTED}"))
        .collect()
}

fn shape(source: &Source<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let lines = source.counted_lines();
    if lines > REFUSED {
        let what = format!(
            "{lines} lines without tests, at most {REFUSED}: split the file along its concepts"
        );
        findings.push(Finding::new(source.path, 1, what));
    }
    let first = source
        .lines
        .iter()
        .find(|line| !line.text.trim().is_empty());
    if !first.is_some_and(|line| line.text.starts_with("//!")) {
        let what = "has no //! on its first line: say what the file is for, and why";
        findings.push(Finding::new(source.path, 1, what));
    }
    for part in source.path.split('/') {
        if DRAWERS.contains(&part.trim_end_matches(".rs")) {
            let what =
                format!("{part} names no concept: name the file or folder after what it holds");
            findings.push(Finding::new(source.path, 1, what));
        }
    }
    findings
}

fn banned_code(source: &Source<'_>, line: &Line<'_>) -> Vec<Finding> {
    let production = BANNED_CODE.iter().filter(|_| !line.test);
    production
        .chain(&BANNED_EVERYWHERE)
        .filter(|(banned, _)| line.code.contains(banned))
        .map(|(banned, remedy)| {
            let what = format!("{banned} is not used here: {remedy}");
            Finding::new(source.path, line.number, what)
        })
        .collect()
}

/// The first unsafe code of a file that is not listed for it.
fn unsafe_code(source: &Source<'_>, allowed: &BTreeSet<String>) -> Option<Finding> {
    let listed = allowed.iter().any(|file| {
        source.path == file || (file.ends_with('/') && source.path.starts_with(file.as_str()))
    });
    let line = source.lines.iter().filter(|_| !listed).find(|line| {
        line.code
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| word == "unsafe")
    })?;
    let what = "unsafe code outside of the files that ARCHITECTURE.md lists: call those instead";
    Some(Finding::new(source.path, line.number, what))
}

fn comment(source: &Source<'_>, line: &Line<'_>) -> Option<Finding> {
    let docs = ["///", "//!"]
        .iter()
        .any(|marker| line.comment.starts_with(marker));
    let text = line
        .comment
        .trim_start_matches('/')
        .trim_start_matches('!')
        .trim();
    let banner = text.len() >= 4 && text.chars().all(|c| "=-#*~/".contains(c));
    if banner && !docs {
        return Some(Finding::new(
            source.path,
            line.number,
            "a banner: headings belong into //! or into a file's name",
        ));
    }
    let dead = !docs && line.code.trim().is_empty() && is_code(text);
    dead.then(|| {
        Finding::new(
            source.path,
            line.number,
            "code in a comment: delete it, git keeps it",
        )
    })
}

/// Whether a comment's text reads as a statement or the head of a block.
fn is_code(text: &str) -> bool {
    let statement = text.ends_with(';')
        && ["(", " = ", "::", "use "]
            .iter()
            .any(|sign| text.contains(sign));
    let words = [
        "let ", "fn ", "pub ", "if ", "for ", "match ", "impl ", "struct ", "while ",
    ];
    let head = text.ends_with('{') && words.iter().any(|word| text.starts_with(word));
    statement || head || matches!(text, "}" | "});" | "};")
}

/// How many lines above a test's sleep its deadline may be.
const LOOP: usize = 10;

/// A test waits for what can be observed, and no longer than until a deadline.
fn sleeping_tests(source: &Source<'_>) -> Vec<Finding> {
    let bounded = |index: usize| {
        let above = &source.lines[index.saturating_sub(LOOP)..index];
        above
            .iter()
            .any(|line| line.code.to_lowercase().contains("deadline"))
    };
    let asleep = source
        .lines
        .iter()
        .enumerate()
        .filter(|(index, line)| line.test && line.code.contains("sleep(") && !bounded(*index));
    asleep
        .map(|(_, line)| {
            let what = "a test that sleeps: wait for what can be observed, with a deadline";
            Finding::new(source.path, line.number, what)
        })
        .collect()
}

/// Test names are sentences of behaviour; that it is a test, the attribute says.
fn test_names(source: &Source<'_>) -> Vec<Finding> {
    let mut attribute = false;
    let mut findings = Vec::new();
    for line in &source.lines {
        attribute |= line.code.contains("#[test]") || line.code.contains("#[tokio::test");
        let Some((_, rest)) = line.code.split_once("fn ") else {
            continue;
        };
        let name = rest.split(['(', '<']).next().unwrap_or_default();
        if std::mem::take(&mut attribute) && (name.starts_with("test_") || !name.contains('_')) {
            let what = format!("{name} is not a sentence: name the behaviour that the test shows");
            findings.push(Finding::new(source.path, line.number, what));
        }
    }
    findings
}

/// The first column of ARCHITECTURE.md's table of files with unsafe code.
fn unsafe_files(tree: &Tree) -> BTreeSet<String> {
    tables(tree.text("ARCHITECTURE.md").unwrap_or_default())
        .into_iter()
        .filter(|table| {
            table
                .header
                .first()
                .is_some_and(|cell| cell == "unsafe code in")
        })
        .flat_map(|table| table.rows)
        .filter_map(|(_, cells)| cells.into_iter().next())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{REFUSED, check, long_files};
    use crate::{tidy::fixture::lines, tree::tests::tree};

    fn findings(text: &str) -> Vec<String> {
        lines(check(&tree(&[("crates/api/src/name.rs", text)])))
    }

    #[test]
    fn a_file_that_keeps_the_rules_has_no_findings() {
        let text =
            "//! Why.\n\n// The reason; it may end in a semicolon;\nfn a() { b(\"x.unwrap()\") }\n";
        assert!(findings(text).is_empty(), "{:?}", findings(text));
    }

    #[test]
    fn a_file_without_module_docs_is_found() {
        assert!(findings("use std::fmt;\n")[0].contains("no //! on its first line"));
    }

    #[test]
    fn length_is_counted_without_tests() {
        let long = format!("//! x\n{}", "fn a() {}\n".repeat(REFUSED));
        assert!(findings(&long)[0].contains("701 lines without tests"));
        let tests = format!(
            "//! x\n#[cfg(test)]\nmod tests {{\n{}}}\n",
            "fn a() {}\n".repeat(REFUSED)
        );
        assert!(findings(&tests).is_empty());
        let middling = format!("//! x\n{}", "fn a() {}\n".repeat(500));
        assert_eq!(
            long_files(&tree(&[("crates/api/src/name.rs", &middling)])).len(),
            1
        );
    }

    #[test]
    fn files_that_name_no_concept_are_found() {
        for path in [
            "crates/api/src/utils.rs",
            "crates/api/src/name/mod.rs",
            "crates/common/src/lib.rs",
        ] {
            assert!(
                lines(check(&tree(&[(path, "//! x\n")])))[0].contains("names no concept"),
                "{path}"
            );
        }
    }

    #[test]
    fn unwrap_is_for_tests() {
        assert!(
            findings("//! x\nfn a() { b.unwrap() }\n")[0]
                .contains("crates/api/src/name.rs:2: .unwrap()")
        );
        assert!(
            findings("//! x\n#[cfg(test)]\nmod tests {\n    fn a() { b.unwrap() }\n}\n").is_empty()
        );
    }

    #[test]
    fn tests_wait_with_a_deadline_instead_of_sleeping() {
        let test = |body: &str| findings(&format!("//! x\n#[cfg(test)]\nmod t {{\n{body}\n}}\n"));
        assert_eq!(test("thread::sleep(b);").len(), 1);
        assert!(test("while !a() {\nassert!(now() < deadline);\nsleep(b);\n}").is_empty());
        assert!(findings("//! x\nasync fn a() { sleep(b).await }\n").is_empty());
    }

    #[test]
    fn tests_are_not_ignored_and_named_as_sentences() {
        let found =
            findings("//! x\n#[cfg(test)]\nmod t {\n#[test]\n#[ignore]\nfn test_a() {}\n}\n");
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            findings("//! x\n#[cfg(test)]\nmod t {\n#[test]\nfn a_is_b() {}\nfn helper() {}\n}\n")
                .is_empty()
        );
    }

    #[test]
    fn unsafe_code_stays_in_the_listed_files() {
        let table =
            "| unsafe code in | why |\n| --- | --- |\n| `crates/sensitive/src/` | wiping |\n";
        let text = "//! x\nfn a() { unsafe { b() } }\n";
        let files = [
            ("ARCHITECTURE.md", table),
            ("crates/sensitive/src/wipe.rs", text),
            ("crates/api/src/a.rs", text),
        ];
        let found = lines(check(&tree(&files)));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("crates/api/src/a.rs:2: unsafe code outside"));
        assert!(findings("//! x\n#![deny(unsafe_code)] // unsafe is not for here\n").is_empty());
    }

    #[test]
    fn code_and_banners_in_comments_are_found() {
        for dead in [
            "// let a = b();",
            "// if a {",
            "// }",
            "// self.close();",
            "// ------",
        ] {
            assert_eq!(findings(&format!("//! x\n{dead}\n")).len(), 1, "{dead}");
        }
        for alive in [
            "// A lock (see above); then a write.",
            "/// ```",
            "// See RFC 9180, section 5;",
        ] {
            assert!(findings(&format!("//! x\n{alive}\n")).is_empty(), "{alive}");
        }
    }
}
