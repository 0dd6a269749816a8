//! One manager per data directory: an advisory lock on `LOCK`, which the kernel drops with the process.

use rustix::fs::{FlockOperation, Mode, OFlags, flock};
use std::{
    fs::DirBuilder,
    io,
    os::{fd::OwnedFd, unix::fs::DirBuilderExt as _},
    path::{Path, PathBuf},
};

/// The right to work in a data directory, as long as it is held.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: OwnedFd,
}

/// Why a data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// There is none.
    #[error(
        "{0:?} is no directory: name the manager's data directory, or make one with --bootstrap"
    )]
    Missing(PathBuf),
    /// Another manager works in it.
    #[error(
        "another strongroomd uses the data directory {0:?}: stop it, or name another directory"
    )]
    InUse(PathBuf),
    /// The system refuses.
    #[error("the data directory {0:?} cannot be used: {1}")]
    Io(PathBuf, #[source] io::Error),
}

impl DataDir {
    /// Takes the directory; `create` makes it, readable by its owner alone, where there is none.
    ///
    /// # Errors
    /// [`DataDirError`].
    pub(crate) fn take(path: &Path, create: bool) -> Result<Self, DataDirError> {
        let refused = |error| DataDirError::Io(path.to_owned(), error);
        if create {
            let mut builder = DirBuilder::new();
            builder
                .recursive(true)
                .mode(0o700)
                .create(path)
                .map_err(refused)?;
        }
        if !path.is_dir() {
            return Err(DataDirError::Missing(path.to_owned()));
        }
        let flags = OFlags::CREATE | OFlags::RDWR | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        let lock = rustix::fs::open(path.join("LOCK"), flags, Mode::RUSR | Mode::WUSR)
            .map_err(|error| refused(error.into()))?;
        match flock(&lock, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self {
                path: path.to_owned(),
                _lock: lock,
            }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(DataDirError::InUse(path.to_owned())),
            Err(error) => Err(refused(error.into())),
        }
    }

    /// Where it is.
    #[must_use]
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}
