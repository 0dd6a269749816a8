//! Room on the disk: writes are refused while there is still enough of it to finish those that are under way.

use rustix::fs::statvfs;
use std::path::PathBuf;

/// Kept free, or a tenth of the file system where that is less: entries under way, the flush of RocksDB's tables and
/// one compaction of them.
const RESERVE: u64 = 64 * 1024 * 1024;

/// The file system below the store.
#[derive(Clone, Debug)]
pub struct Space {
    dir: PathBuf,
}

impl Space {
    pub(crate) const fn new(dir: PathBuf) -> Self {
        Self { dir }
    }

    /// Whether a write may begin. An unreadable file system has no room.
    #[must_use]
    pub fn has_room(&self) -> bool {
        statvfs(&self.dir).is_ok_and(|fs| {
            let free = fs.f_bavail.saturating_mul(fs.f_frsize);
            free > reserve(fs.f_blocks.saturating_mul(fs.f_frsize))
        })
    }

    /// Bytes that are kept free; what is under way at a time must stay well below.
    #[must_use]
    pub fn reserve(&self) -> u64 {
        statvfs(&self.dir).map_or(0, |fs| reserve(fs.f_blocks.saturating_mul(fs.f_frsize)))
    }
}

fn reserve(size: u64) -> u64 {
    RESERVE.min(size / 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_small_file_system_keeps_a_tenth() {
        assert_eq!(reserve(100 << 20), 10 << 20);
        assert_eq!(reserve(1 << 40), 64 << 20);
    }

    #[test]
    fn a_directory_that_is_gone_has_no_room() {
        assert!(!Space::new("/nonexistent".into()).has_room());
    }
}
