//! The replicated state machine: total, deterministic, and without keys.
//!
//! [`State::apply`] takes the index of a committed log entry and its [`Command`] and returns [`Applied`]: the
//! outcome (a refusal is a value, the same on every replica), the records that changed, and the events that watchers
//! are told. Time, ids, random bytes and ciphertext come in with the command; nothing here reads a clock, draws
//! randomness, does I/O, or can decrypt. The simulator, the fuzzers and the server run the same code.
//!
//! What is kept in memory is what listings and checks need. Payloads and their wrapped data keys stay on disk: a
//! [`Write`] says when to put and when to delete them.

mod applied;
mod apply;
mod command;
mod names;
mod query;
mod record;
mod rejection;
mod restore;
mod state;

pub use applied::{Applied, Event, Response, Write};
pub use command::{AddVersion, Change, Command, Digest, EncryptedPayload, Intent};
pub use query::{Filter, Page, PageToken, PageTokenError};
pub use record::{
    Object, ObjectVersion, Record, RecordKey, RememberedRequest, RetiredName, Service, Task,
};
pub use rejection::Rejection;
pub use restore::{Inconsistency, RestoreError};
pub use state::State;
