//! openraft's settings.

use openraft::{Config, SnapshotPolicy};
use strongroom_model::ClusterId;

/// Entries between two snapshots. Replaying this many takes about a second.
const ENTRIES_PER_SNAPSHOT: u64 = 10_000;

/// Bytes of entries between two snapshots; what the log takes on disk is a small multiple of it.
pub(crate) const BYTES_PER_SNAPSHOT: u64 = 64 * 1024 * 1024;

/// Below etcd's 1.2 s failover with some margin for a busy machine: the lease, which is as long as the longest
/// election timeout, is waited out first.
const ELECTION_TIMEOUT_MS: (u64, u64) = (300, 600);

pub(crate) fn config(cluster: ClusterId) -> Config {
    let (election_timeout_min, election_timeout_max) = ELECTION_TIMEOUT_MS;
    Config {
        cluster_name: cluster.to_string(),
        heartbeat_interval: 100,
        election_timeout_min,
        election_timeout_max,
        enable_pre_vote: Some(true),
        // Without it, heartbeats of a leader that has lost its quorum keep a connected majority from electing.
        quorum_loss_probe_interval: Some(2 * election_timeout_max + 100),
        snapshot_policy: SnapshotPolicy::LogsSinceLast(ENTRIES_PER_SNAPSHOT),
        // Nobody replicates from the log yet; entries behind a snapshot are of no use.
        max_in_snapshot_log_to_keep: 0,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn openraft_accepts_the_settings() {
        let config = config(ClusterId::from_bytes([1; 16])).validate().unwrap();
        assert_eq!(config.enable_pre_vote, Some(true));
        assert!(config.quorum_loss_probe_interval.is_some());
    }
}
