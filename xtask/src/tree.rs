//! The checkout as a list of texts, so that each rule is a function from texts to findings and its tests need no disk.

use crate::source::Source;
use std::{
    io,
    path::{Path, PathBuf},
    process::Command,
};

/// The files that git knows or would take, and what cargo says of the workspace.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    /// In the order of their paths.
    pub(crate) files: Vec<File>,
    /// `cargo metadata --no-deps`, as JSON.
    pub(crate) metadata: serde_json::Value,
}

/// One file.
#[derive(Debug)]
pub(crate) struct File {
    /// Relative to the checkout, with `/`.
    pub(crate) path: String,
    /// Empty where the file is not UTF-8.
    pub(crate) text: String,
}

impl Tree {
    /// Reads the checkout that this program was built from.
    pub(crate) fn of_checkout() -> Result<Self, TreeError> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"))
            .parent()
            .expect("xtask lies in the checkout")
            .to_owned();
        let listed = output(
            // A checkout may belong to another user than the one who checks it, as in CI.
            Command::new("git")
                .args(["-c", "safe.directory=*"])
                .args([
                    "ls-files",
                    "-z",
                    "--cached",
                    "--others",
                    "--exclude-standard",
                ])
                .current_dir(&root),
        )?;
        let mut paths: Vec<&str> = listed.split('\0').filter(|path| !path.is_empty()).collect();
        paths.sort_unstable();
        paths.dedup();
        let files: Result<Vec<_>, _> = paths.iter().filter_map(|path| read(&root, path)).collect();
        let metadata = output(
            Command::new(env!("CARGO"))
                .args(["metadata", "--no-deps", "--format-version", "1"])
                .current_dir(&root),
        )?;
        Ok(Self {
            files: files?,
            metadata: serde_json::from_str(&metadata)?,
        })
    }

    /// The text of a file that has to be there.
    pub(crate) fn text(&self, path: &str) -> Option<&str> {
        self.files
            .iter()
            .find(|file| file.path == path)
            .map(|file| file.text.as_str())
    }

    /// Whether a file or folder of this path is part of the checkout.
    pub(crate) fn holds(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        path.is_empty()
            || self.files.iter().any(|file| {
                file.path
                    .strip_prefix(path)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            })
    }

    /// The Rust sources, scanned.
    pub(crate) fn rust(&self) -> Vec<Source<'_>> {
        let files = self.files.iter().filter(|file| file.path.ends_with(".rs"));
        let mut sources: Vec<Source<'_>> = files
            .map(|file| Source::scan(&file.path, &file.text))
            .collect();
        let modules: Vec<String> = sources.iter().flat_map(Source::test_modules).collect();
        for source in &mut sources {
            let path = source.path.trim_end_matches(".rs");
            let within = |module: &String| {
                path.strip_prefix(module.as_str())
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if modules.iter().any(within) {
                source.mark_as_tests();
            }
        }
        sources
    }
}

/// Nothing for what is deleted and not committed yet, and for links to folders.
fn read(root: &Path, path: &str) -> Option<Result<File, TreeError>> {
    let full = root.join(path);
    match std::fs::read(&full) {
        Ok(bytes) => Some(Ok(File {
            path: path.to_owned(),
            text: String::from_utf8(bytes).unwrap_or_default(),
        })),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::IsADirectory
            ) =>
        {
            None
        }
        Err(source) => Some(Err(TreeError::Read { path: full, source })),
    }
}

fn output(command: &mut Command) -> Result<String, TreeError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|source| TreeError::Start {
        program: program.clone(),
        source,
    })?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr)
            .trim()
            .replace('\n', "; ");
        return Err(TreeError::Failed { program, said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Why the checkout cannot be read.
#[derive(Debug)]
pub(crate) enum TreeError {
    Start { program: String, source: io::Error },
    Failed { program: String, said: String },
    Read { path: PathBuf, source: io::Error },
    Metadata(serde_json::Error),
}

impl From<serde_json::Error> for TreeError {
    fn from(error: serde_json::Error) -> Self {
        Self::Metadata(error)
    }
}

impl std::fmt::Display for TreeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Start { program, source } => {
                write!(f, "{program} does not start ({source}): put it on PATH")
            }
            Self::Failed { program, said } => {
                write!(f, "{program} failed: {said}; run this in a git checkout")
            }
            Self::Read { path, source } => {
                write!(f, "cannot read {}: {source}", path.display())
            }
            Self::Metadata(error) => write!(f, "cargo metadata is not JSON: {error}"),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::{File, Tree};

    /// A checkout that consists of these files, without packages.
    pub(crate) fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files
            .iter()
            .map(|(path, text)| File {
                path: (*path).to_owned(),
                text: (*text).to_owned(),
            })
            .collect();
        Tree {
            files,
            metadata: serde_json::json!({ "packages": [] }),
        }
    }

    #[test]
    fn files_of_test_modules_are_tests_down_to_their_submodules() {
        let tree = tree(&[
            (
                "crates/crypto/src/lib.rs",
                "#[cfg(test)]\nmod golden;\nmod record;\n",
            ),
            ("crates/crypto/src/golden.rs", "mod file;\n"),
            ("crates/crypto/src/golden/file.rs", "fn a() {}\n"),
            ("crates/crypto/src/record.rs", "fn a() {}\n"),
        ]);
        let tests: Vec<bool> = tree.rust().iter().map(|source| source.test).collect();
        assert_eq!(tests, [false, true, true, false]);
    }

    #[test]
    fn a_folder_is_held_when_a_file_is_in_it() {
        let tree = tree(&[("docs/adr/0001-a.md", "")]);
        assert!(tree.holds("docs/adr/"));
        assert!(tree.holds("docs/adr/0001-a.md"));
        assert!(!tree.holds("docs/ad"));
    }
}
