//! Why a store cannot be made, opened, read or written. One line each, with what to do.

use std::path::PathBuf;

/// Why no store was made.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// There is something in the directory.
    #[error("{0:?} already holds a store: start without --bootstrap, or choose an empty directory")]
    Exists(PathBuf),
    /// The directory cannot be written.
    #[error("{dir:?} cannot be made ready for a store: {error}")]
    Io {
        /// The data directory.
        dir: PathBuf,
        /// What the system says.
        error: std::io::Error,
    },
    /// RocksDB or the random generator failed.
    #[error("a new store in {dir:?} cannot be written: {detail}")]
    Write {
        /// The data directory.
        dir: PathBuf,
        /// What failed.
        detail: String,
    },
    /// What was written cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Why a store cannot be opened. Nothing is created, and nothing is repaired by guessing.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// No database below the directory.
    #[error(
        "{0:?} holds no store: name the right directory, or start with --bootstrap to make a new cluster there"
    )]
    NotAStore(PathBuf),
    /// Another process has it open.
    #[error("the store in {0:?} is open in another process: stop that one first")]
    Locked(PathBuf),
    /// The first record does not decrypt.
    #[error("the store in {0:?} does not open with this key: use the seal that it was made with")]
    WrongKey(PathBuf),
    /// Written by a newer program.
    #[error(
        "the store in {dir:?} has format {found}, this program knows up to {known}: use the newer program"
    )]
    NewerFormat {
        /// The data directory.
        dir: PathBuf,
        /// What the store says.
        found: u32,
        /// What this program can read.
        known: u32,
    },
    /// Something is missing or has changed.
    #[error("the store in {dir:?} is damaged: {damage}; nothing was changed, restore a backup")]
    Damaged {
        /// The data directory.
        dir: PathBuf,
        /// What exactly.
        damage: Damage,
    },
    /// The file system refuses.
    #[error("the store in {dir:?} cannot be read: {detail}")]
    Io {
        /// The data directory.
        dir: PathBuf,
        /// What the system says.
        detail: String,
    },
}

/// What is wrong with a store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// RocksDB's own files.
    #[error("files of {database} are missing or do not match their checksums ({detail})")]
    Files {
        /// `log` or `state`.
        database: &'static str,
        /// RocksDB's words, one line.
        detail: String,
    },
    /// A record that does not decrypt for the place where it lies, or decrypts to nonsense.
    #[error("{0} was changed")]
    Record(&'static str),
    /// A record that must be there.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// Records that do not fit together.
    #[error("records were deleted, added, swapped or put back")]
    StateRoot,
    /// The records decrypt but are no state.
    #[error("the records contradict each other ({0})")]
    State(String),
    /// An entry is not there.
    #[error("log entry {0} is missing")]
    LogGap(u64),
    /// An entry does not continue the one before.
    #[error("log entry {0} does not continue the entry before it")]
    LogChain(u64),
    /// The last entries are gone, or there are more than were written.
    #[error("the log ends at entry {found}, not at {expected}")]
    LogEnd {
        /// The last one that is there.
        found: u64,
        /// The last one that was written.
        expected: u64,
    },
    /// The state has applied entries that the log does not have.
    #[error("the log ends at entry {log}, but entry {state} was already applied")]
    LogBehindState {
        /// The log's last index.
        log: u64,
        /// The state's index.
        state: u64,
    },
    /// The log begins after what the state has applied.
    #[error("the state ends at entry {state}, but the log begins after entry {log}")]
    StateBehindLog {
        /// The state's index.
        state: u64,
        /// The last index that was purged.
        log: u64,
    },
    /// The vote is of an earlier term than the last entry.
    #[error("the vote is older than the log")]
    VoteBehindLog,
}

/// Why a record cannot be read from an open store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// RocksDB cannot read it.
    #[error("the store cannot be read: {0}")]
    Files(String),
    /// It does not decrypt, or is missing.
    #[error("the store is damaged: {0}")]
    Damaged(#[from] Damage),
}

/// Why something is not durable. Nothing is written after the first of these.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WriteError {
    /// RocksDB, the disk, or the random generator.
    #[error("the store cannot be written any more: {0}; restart once the disk is in order")]
    Failed(String),
    /// A record that must be replaced cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
}

/// RocksDB's and the system's messages on one line.
pub(crate) fn one_line(text: impl std::fmt::Display) -> String {
    text.to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}
