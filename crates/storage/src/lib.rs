//! The disk below Raft: two RocksDB databases, and nothing in them that RocksDB could read.
//!
//! `log/` has the entries, the vote and where the log begins; its records are encrypted under the member's
//! [`StorageKey`](strongroom_crypto::StorageKey), so a stolen disk cannot speak for the member. `state/` has the state machine's records,
//! encrypted under the cluster-wide [`StateKey`](strongroom_crypto::StateKey), and the payloads as they come. Keys on disk are opaque:
//! RocksDB copies them into its MANIFEST.
//!
//! What the crate promises:
//! - **An entry is acknowledged after `fdatasync` has returned**, never before. Entries that arrive together share
//!   one. After a write or a sync that failed nothing is acknowledged any more: the kernel may have dropped the
//!   pages, so trying again would lie.
//! - **The state may lag, never run ahead.** It is written without syncing, each change in one batch with the index
//!   of its entry; what a crash takes is applied again from the log. The log is therefore purged only behind a
//!   [snapshot](StateStore::snapshot), which syncs.
//! - **What was changed behind our back is refused at start**: each log entry carries a hash of all before it, and a
//!   keyed hash over all records ([`StateRoot`]) is stored with the state. A whole data directory put back from
//!   yesterday is beyond what one machine can see.
//! - **A record that was torn by a crash was never acknowledged**, so RocksDB may drop it at the end of its log. That
//!   it drops nothing else is checked against the state, which has applied acknowledged entries.

mod cipher;
mod error;
mod format;
mod log;
mod options;
mod rocks;
mod space;
mod state;
mod store;

pub use cipher::StoreKeys;
pub use error::{CreateError, Damage, OpenError, ReadError, WriteError};
pub use format::{LogEntry, LogPayload, LogPosition, Membership, Vote};
pub use log::{Done, Log, LogBounds, Metrics};
pub use space::Space;
pub use state::{Progress, Snapshot, StateRoot, StateStore, StateWrite};
pub use store::Store;
