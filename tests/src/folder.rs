//! A test's own folder on a real disk.

use crate::programs::profile_folder;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Removed with everything in it when dropped.
#[derive(Debug)]
pub struct Folder(TempDir);

impl Folder {
    /// A new, empty folder beside the build's outputs.
    #[must_use]
    pub fn new() -> Self {
        let base = profile_folder().join("test-data");
        std::fs::create_dir_all(&base).unwrap();
        let file_system = rustix::fs::statfs(&base).unwrap().f_type;
        const TMPFS: u64 = 0x0102_1994;
        assert_ne!(
            u64::try_from(file_system).unwrap_or(0),
            TMPFS,
            "{} is on tmpfs, which hides what fsync is for: set CARGO_TARGET_DIR to a disk",
            base.display()
        );
        Self(
            tempfile::Builder::new()
                .prefix("t")
                .tempdir_in(base)
                .unwrap(),
        )
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// A path in it.
    #[must_use]
    pub fn join(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// All files below it with their contents.
    #[must_use]
    pub fn contents(&self) -> Vec<(PathBuf, Vec<u8>)> {
        files_below(self.path())
            .into_iter()
            .map(|path| {
                let bytes = std::fs::read(&path).unwrap_or_default();
                (path, bytes)
            })
            .collect()
    }
}

impl Default for Folder {
    fn default() -> Self {
        Self::new()
    }
}

/// All regular files below a folder, in order.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else {
            continue;
        };
        for entry in entries.flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => files.push(entry.path()),
                _ => {}
            }
        }
    }
    files.sort();
    files
}
