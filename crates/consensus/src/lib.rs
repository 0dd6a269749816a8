//! Raft, by openraft: commands go in, and come out applied on every member.
//!
//! [`Consensus`] is all that the server sees; openraft's types stay in this crate. A proposal becomes a log entry,
//! is acknowledged by the disks of a majority, is applied to the [`State`](strongroom_state::State) in memory, and
//! its changes are written to the state database with the index of the entry; then the proposer is told.
//!
//! What the crate leaves to others: retries (request ids are the state's), encryption of payloads (the leader does it
//! before it proposes), and ending the process when [`Consensus::stopped`] resolves, which must happen: a member
//! whose disk has failed acknowledges nothing any more and does not recover by itself.
//!
//! For now a cluster has one member; the network has no peers and says so. The settings are those of several.

mod admission;
mod consensus;
mod convert;
mod error;
mod log_store;
mod network;
mod raft;
mod settings;
mod state_machine;
mod subscription;

pub use consensus::{Consensus, Status};
pub use error::{BarrierError, ProposeError, StartError, SubscriptionError};
pub use subscription::{Change, Subscription};
