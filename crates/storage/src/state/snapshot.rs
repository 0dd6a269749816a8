//! A snapshot: a checkpoint of the state database, whole and synced, encrypted as it lies.

use super::{FAMILIES, Progress, StateStore, recover};
use crate::error::{ReadError, WriteError, one_line};
use crate::rocks::Place;
use rocksdb::DB;
use rocksdb::checkpoint::Checkpoint;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A directory that RocksDB opens, with the state up to [`Snapshot::applied`]. The directory goes with the last clone.
#[derive(Clone, Debug)]
pub struct Snapshot(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    dir: PathBuf,
    applied: Progress,
}

impl Snapshot {
    /// Where it stands. Read from the checkpoint itself: it may be newer than when it was asked for.
    #[must_use]
    pub fn applied(&self) -> &Progress {
        &self.0.applied
    }

    /// The directory.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.0.dir
    }
}

impl StateStore {
    /// Makes a snapshot: after this the state up to it survives a power failure, and the log before may be purged.
    ///
    /// # Errors
    /// [`WriteError`]; the state itself is as it was.
    pub fn snapshot(&self) -> Result<Snapshot, WriteError> {
        let next = self.meta().applied.map_or(0, |applied| applied.index);
        let io = |error: std::io::Error| WriteError::Failed(one_line(error));
        std::fs::create_dir_all(&self.snapshots).map_err(io)?;
        let dir = free_name(&self.snapshots, next);
        Checkpoint::new(&self.db)?.create_checkpoint(&dir)?;
        // The checkpoint has a copy of RocksDB's log, of which this database need not have synced its own. What the
        // snapshot covers may be purged from the Raft log, so it has to be durable here first.
        self.db.flush_wal(true)?;
        let applied = self.verify_checkpoint(&dir).inspect_err(|_| remove(&dir))?;
        Ok(Snapshot(Arc::new(Inner { dir, applied })))
    }

    /// Opens a checkpoint for reading and checks every record of it.
    fn verify_checkpoint(&self, dir: &Path) -> Result<Progress, ReadError> {
        let cache = crate::options::shared_cache();
        let options = crate::options::state(&cache);
        let families = Place::descriptors(&options, &FAMILIES);
        let db = DB::open_cf_descriptors_read_only(&options, dir, families, false)?;
        recover::verify(&db, &self.keys)
    }

    /// Removes what an earlier run has left: snapshots are made again when they are needed.
    pub(crate) fn remove_old_snapshots(&self) {
        remove(&self.snapshots);
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        remove(&self.dir);
    }
}

/// Two snapshots may stand at the same index.
fn free_name(parent: &Path, index: u64) -> PathBuf {
    (0u32..)
        .map(|attempt| parent.join(format!("{index:020}-{attempt}")))
        .find(|dir| !crate::rocks::exists(dir))
        .expect("there are fewer than 2^32 snapshots")
}

/// What cannot be removed now is removed at the next start.
fn remove(dir: &Path) {
    match std::fs::remove_dir_all(dir) {
        Ok(()) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => tracing::warn!(?dir, %error, "an old snapshot was not removed"),
    }
}
