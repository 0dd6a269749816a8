//! Between openraft's types and those that are written to disk.

use crate::raft::{Entry, LogId, Proposal, SnapshotMeta, StoredMembership, Vote};
use openraft::EntryPayload;
use openraft::impls::{BasicNode, leader_id_std};
use openraft::vote::leader_id_std::CommittedLeaderId;
use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::MemberId;
use strongroom_storage::{LogEntry, LogPayload, LogPosition, Membership, Progress};

pub(crate) fn position(id: &LogId) -> LogPosition {
    LogPosition {
        term: id.leader_id.term,
        index: id.index,
    }
}

pub(crate) fn log_id(position: LogPosition) -> LogId {
    LogId::new(CommittedLeaderId::new(position.term), position.index)
}

pub(crate) fn stored_vote(vote: &Vote) -> strongroom_storage::Vote {
    strongroom_storage::Vote {
        term: vote.leader_id.term,
        member: MemberId(vote.leader_id.voted_for),
        committed: vote.committed,
    }
}

pub(crate) fn vote(stored: strongroom_storage::Vote) -> Vote {
    let leader_id = leader_id_std::LeaderId {
        term: stored.term,
        voted_for: stored.member.0,
    };
    Vote {
        leader_id,
        committed: stored.committed,
    }
}

pub(crate) fn stored_entry(entry: Entry) -> LogEntry {
    LogEntry {
        position: position(&entry.log_id),
        payload: match entry.payload {
            EntryPayload::Blank => LogPayload::Blank,
            EntryPayload::Normal(Proposal(bytes)) => LogPayload::Command(bytes),
            EntryPayload::Membership(membership) => {
                LogPayload::Membership(stored_membership(&membership))
            }
        },
    }
}

pub(crate) fn entry(stored: &LogEntry) -> Entry {
    Entry {
        log_id: log_id(stored.position),
        payload: match &stored.payload {
            LogPayload::Blank => EntryPayload::Blank,
            LogPayload::Command(bytes) => EntryPayload::Normal(Proposal(bytes.clone())),
            LogPayload::Membership(stored) => EntryPayload::Membership(membership(stored)),
        },
    }
}

pub(crate) fn stored_membership(membership: &openraft::Membership<u64, BasicNode>) -> Membership {
    let members = |ids: &BTreeSet<u64>| ids.iter().copied().map(MemberId).collect();
    let address = |(id, node): (&u64, &BasicNode)| (MemberId(*id), node.addr.clone());
    Membership {
        voters: membership.get_joint_config().iter().map(members).collect(),
        members: membership.nodes().map(address).collect(),
    }
}

fn membership(stored: &Membership) -> openraft::Membership<u64, BasicNode> {
    if stored.voters.is_empty() {
        return openraft::Membership::default();
    }
    let ids = |members: &BTreeSet<MemberId>| members.iter().map(|member| member.0).collect();
    let voters: Vec<BTreeSet<u64>> = stored.voters.iter().map(ids).collect();
    let nodes: BTreeMap<u64, BasicNode> = stored
        .members
        .iter()
        .map(|(member, address)| (member.0, BasicNode::new(address)))
        .collect();
    openraft::Membership::new(voters, nodes).expect("openraft has accepted it before it was stored")
}

pub(crate) fn applied_membership(progress: &Progress) -> StoredMembership {
    StoredMembership::new(
        progress.membership_at.map(log_id),
        membership(&progress.membership),
    )
}

pub(crate) fn snapshot_meta(progress: &Progress) -> SnapshotMeta {
    SnapshotMeta {
        last_log_id: progress.position.map(log_id),
        last_membership: applied_membership(progress),
    }
}
