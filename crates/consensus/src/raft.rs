//! The types that openraft is instantiated with. Standard leader ids: one leader per term, as the paper has it.

use openraft::impls::{BasicNode, leader_id_std};
use std::fmt;
use std::sync::Arc;
use strongroom_state::{Rejection, Response};

openraft::declare_raft_types!(
    pub(crate) TypeConfig:
        D = Proposal,
        R = Outcome,
        NodeId = u64,
        Node = BasicNode,
        LeaderId = leader_id_std::LeaderId<u64, u64>,
);

/// An encoded command.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Proposal(pub(crate) Arc<[u8]>);

/// What applying an entry gave. Entries without a command give [`Response::Done`].
pub(crate) type Outcome = Result<Response, Rejection>;

pub(crate) type Raft = openraft::Raft<TypeConfig, crate::state_machine::StateMachine>;
pub(crate) type LogId = openraft::alias::LogIdOf<TypeConfig>;
pub(crate) type Vote = openraft::alias::VoteOf<TypeConfig>;
pub(crate) type Entry = openraft::alias::EntryOf<TypeConfig>;
pub(crate) type StoredMembership = openraft::alias::StoredMembershipOf<TypeConfig>;
pub(crate) type Snapshot = openraft::alias::SnapshotOf<TypeConfig, strongroom_storage::Snapshot>;
pub(crate) type SnapshotMeta = openraft::alias::SnapshotMetaOf<TypeConfig>;

/// Commands hold names: they are never printed.
impl fmt::Display for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl fmt::Debug for Proposal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Proposal({self})")
    }
}
