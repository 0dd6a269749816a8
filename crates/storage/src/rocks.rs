//! One RocksDB database: made, locked, opened, and its errors told apart.

use crate::error::{CreateError, Damage, OpenError, ReadError, WriteError, one_line};
use rocksdb::{ColumnFamilyDescriptor, DB, ErrorKind, Options};
use rustix::fs::{FlockOperation, Mode, OFlags, flock, open};
use rustix::io::Errno;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};

/// The key of the format version, which is read before anything is decrypted.
pub(crate) const FORMAT_KEY: &[u8] = b"format";
/// The format that is written, and the newest that is read.
pub(crate) const FORMAT: u32 = 1;

/// Which database, and below which data directory.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) data_dir: PathBuf,
    pub(crate) database: &'static str,
}

impl Place {
    pub(crate) fn path(&self) -> PathBuf {
        self.data_dir.join(self.database)
    }

    /// Makes the database, which must not be there.
    pub(crate) fn create(
        &self,
        mut options: Options,
        families: &[&str],
    ) -> Result<DB, CreateError> {
        options.create_if_missing(true);
        options.set_error_if_exists(true);
        options.create_missing_column_families(true);
        let descriptors = Self::descriptors(&options, families);
        let failed = |error: rocksdb::Error| CreateError::Write {
            dir: self.data_dir.clone(),
            detail: one_line(error),
        };
        let db = DB::open_cf_descriptors(&options, self.path(), descriptors).map_err(failed)?;
        db.put_opt(FORMAT_KEY, FORMAT.to_be_bytes(), &crate::options::synced())
            .map_err(failed)?;
        Ok(db)
    }

    /// Opens the database, which must be there, complete, and in a known format.
    pub(crate) fn open(&self, mut options: Options, families: &[&str]) -> Result<DB, OpenError> {
        if !self.path().join("CURRENT").is_file() {
            return Err(self.damaged(Damage::Files {
                database: self.database,
                detail: "CURRENT is missing".to_owned(),
            }));
        }
        if !self.has_write_ahead_log() {
            return Err(self.damaged(Damage::Files {
                database: self.database,
                detail: "its write-ahead log is missing".to_owned(),
            }));
        }
        options.create_if_missing(false);
        let descriptors = Self::descriptors(&options, families);
        let db = DB::open_cf_descriptors(&options, self.path(), descriptors)
            .map_err(|error| self.refused(error))?;
        let format = db.get(FORMAT_KEY).map_err(|error| self.refused(error))?;
        match format.as_deref().map(<[u8; 4]>::try_from) {
            Some(Ok(bytes)) => match u32::from_be_bytes(bytes) {
                FORMAT => Ok(db),
                found => Err(OpenError::NewerFormat {
                    dir: self.data_dir.clone(),
                    found,
                    known: FORMAT,
                }),
            },
            _ => Err(self.damaged(Damage::Missing("the format version"))),
        }
    }

    /// RocksDB begins one at each start, and would take its absence for an empty one.
    fn has_write_ahead_log(&self) -> bool {
        std::fs::read_dir(self.path()).is_ok_and(|entries| {
            entries
                .flatten()
                .any(|entry| entry.path().extension().is_some_and(|end| end == "log"))
        })
    }

    /// The default column family and `families`, all with the same settings.
    pub(crate) fn descriptors(options: &Options, families: &[&str]) -> Vec<ColumnFamilyDescriptor> {
        std::iter::once("default")
            .chain(families.iter().copied())
            .map(|name| ColumnFamilyDescriptor::new(name, options.clone()))
            .collect()
    }

    /// Keeps other processes out for as long as the descriptor lives.
    pub(crate) fn lock(&self) -> Result<OwnedFd, OpenError> {
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let dir = open(self.path(), flags, Mode::empty()).map_err(|error| self.io(error))?;
        match flock(&dir, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(dir),
            Err(Errno::WOULDBLOCK) => Err(OpenError::Locked(self.data_dir.clone())),
            Err(error) => Err(self.io(error)),
        }
    }

    pub(crate) fn damaged(&self, damage: Damage) -> OpenError {
        OpenError::Damaged {
            dir: self.data_dir.clone(),
            damage,
        }
    }

    /// A failed read while opening.
    pub(crate) fn unreadable(&self, error: ReadError) -> OpenError {
        match error {
            ReadError::Damaged(damage) => self.damaged(damage),
            ReadError::Files(detail) => self.damaged(Damage::Files {
                database: self.database,
                detail,
            }),
        }
    }

    fn io(&self, error: impl std::fmt::Display) -> OpenError {
        OpenError::Io {
            dir: self.data_dir.clone(),
            detail: one_line(error),
        }
    }

    /// RocksDB says "IO error" for files that are gone as for disks that fail; both name the file.
    fn refused(&self, error: rocksdb::Error) -> OpenError {
        match error.kind() {
            ErrorKind::Busy => self.io(error),
            _ => self.damaged(Damage::Files {
                database: self.database,
                detail: one_line(error),
            }),
        }
    }
}

/// Whether there is something at `path` already.
pub(crate) fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

impl From<rocksdb::Error> for ReadError {
    fn from(error: rocksdb::Error) -> Self {
        Self::Files(one_line(error))
    }
}

impl From<rocksdb::Error> for WriteError {
    fn from(error: rocksdb::Error) -> Self {
        Self::Failed(one_line(error))
    }
}
