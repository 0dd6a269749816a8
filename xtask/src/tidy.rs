//! What lints cannot see. Each rule is one function from the checkout to findings; a finding says what is wrong and what
//! to do about it. The crates' directions, the homes of foreign crates and the files with unsafe code are not written
//! here: they are read from the tables in ARCHITECTURE.md, so that the document cannot fall behind.

mod documents;
mod layers;
mod packages;
mod protocols;
mod rust;
mod text;

use crate::tree::Tree;
use std::fmt;

/// The result of all rules.
#[derive(Debug)]
pub(crate) struct Report {
    /// What fails the check, by file and line.
    pub(crate) findings: Vec<Finding>,
    /// What is worth knowing and fails nothing.
    pub(crate) notes: Vec<String>,
    /// How many files were looked at.
    pub(crate) files: usize,
}

/// One violation of one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Finding {
    path: String,
    line: usize,
    what: String,
}

impl Finding {
    pub(crate) fn new(path: &str, line: usize, what: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            line,
            what: what.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path, self.line, self.what)
    }
}

/// Applies every rule.
pub(crate) fn check(tree: &Tree) -> Report {
    let mut findings = Vec::new();
    findings.extend(layers::check(tree));
    findings.extend(packages::check(tree));
    findings.extend(rust::check(tree));
    findings.extend(text::check(tree));
    findings.extend(protocols::check(tree));
    findings.extend(documents::check(tree));
    findings.sort();
    Report {
        findings,
        notes: rust::long_files(tree),
        files: tree.files.len(),
    }
}

#[cfg(test)]
mod fixture {
    use super::Finding;

    /// The findings as a person reads them.
    pub(super) fn lines(findings: Vec<Finding>) -> Vec<String> {
        findings.iter().map(ToString::to_string).collect()
    }
}
