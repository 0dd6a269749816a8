//! The handle that the server holds.

use crate::admission::Admission;
use crate::error::{BarrierError, ProposeError, StartError};
use crate::log_store::LogStore;
use crate::network::NoPeers;
use crate::raft::{Outcome, Proposal, Raft, TypeConfig};
use crate::state_machine::{Shared, StateMachine};
use crate::subscription::{self, Subscription};
use openraft::ReadPolicy;
use openraft::async_runtime::watch::WatchReceiver as _;
use openraft::errors::{ClientWriteError, ForwardToLeader, LinearizableReadError, RaftError};
use openraft::impls::BasicNode;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use strongroom_model::{MemberId, ObjectId, Version};
use strongroom_state::{Command, EncryptedPayload, State};
use strongroom_storage::{Metrics, ReadError, Store};
use tokio::sync::{broadcast, watch};

/// How long a member waits for its first leader; itself, in a cluster of one.
const FIRST_LEADER: Duration = Duration::from_secs(10);

/// A member of the cluster. Clones are the same member.
#[derive(Clone, Debug)]
pub struct Consensus(Arc<Inner>);

struct Inner {
    raft: Raft,
    shared: Arc<Shared>,
    store: Arc<Store>,
    admission: Admission,
    alive: watch::Receiver<()>,
}

/// How a member is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status {
    /// Who leads, as far as this member knows.
    pub leader: Option<MemberId>,
    /// The index of the last entry that is applied.
    pub applied: u64,
    /// False once the core has stopped, for whatever reason: the process must end.
    pub running: bool,
}

impl Consensus {
    /// Begins a new cluster, of this member alone, in an empty store; returns once it leads.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn create(store: Store, state: State) -> Result<Self, StartError> {
        if !is_empty(&store) {
            return Err(StartError::NotEmpty);
        }
        let member = store.member();
        let consensus = Self::run(store, state).await?;
        let members = BTreeMap::from([(member.0, BasicNode::new(""))]);
        let begun = consensus.0.raft.initialize(members).await;
        begun.map_err(|error| StartError::Failed(error.to_string()))?;
        consensus.wait_for_leader().await?;
        Ok(consensus)
    }

    /// Takes part with a store that has been part of a cluster; returns once there is a leader and the state is what
    /// it was before.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn start(store: Store, state: State) -> Result<Self, StartError> {
        if is_empty(&store) {
            return Err(StartError::Empty);
        }
        let consensus = Self::run(store, state).await?;
        consensus.wait_for_leader().await?;
        Ok(consensus)
    }

    async fn run(store: Store, state: State) -> Result<Self, StartError> {
        let failed = |error: &dyn std::error::Error| StartError::Failed(error.to_string());
        let config = crate::settings::config(store.cluster());
        let config = config.validate().map_err(|error| failed(&error))?;
        let member = store.member();
        let store = Arc::new(store);
        let (changes, _) = broadcast::channel(subscription::KEPT);
        let shared = Arc::new(Shared::new(Arc::clone(&store), state, changes));
        let (keep_alive, alive) = watch::channel(());
        let machine = StateMachine::new(Arc::clone(&shared), keep_alive);
        let log = LogStore(Arc::clone(&store));
        let raft = Raft::new(member.0, Arc::new(config), NoPeers, log, machine).await;
        let raft = raft.map_err(|error| failed(&error))?;
        tokio::spawn(snapshot_when_due(
            raft.clone(),
            Arc::clone(&shared),
            alive.clone(),
        ));
        let admission = Admission::new(store.space.clone());
        Ok(Self(Arc::new(Inner {
            raft,
            shared,
            store,
            admission,
            alive,
        })))
    }

    async fn wait_for_leader(&self) -> Result<(), StartError> {
        let raft = &self.0.raft;
        let failed = |error: &dyn std::error::Error| StartError::Failed(error.to_string());
        if raft.current_leader().await.is_none() {
            // A member that was killed while it asked for votes would wait for an election timeout first.
            raft.trigger()
                .elect(true)
                .await
                .map_err(|error| failed(&error))?;
        }
        let elected = raft.wait(Some(FIRST_LEADER));
        match elected
            .metrics(|now| now.current_leader.is_some(), "a leader")
            .await
        {
            Ok(_) => {}
            Err(openraft::metrics::WaitError::Timeout(..)) => {
                return Err(StartError::NoLeader(FIRST_LEADER.as_secs()));
            }
            Err(error) => return Err(failed(&error)),
        }
        let recovered = raft.wait_for_recovery(Some(FIRST_LEADER)).await;
        recovered.map(|_| ()).map_err(|error| failed(&error))
    }

    /// Carries out a command: durable on a majority, applied here. The inner result is what the state says to it.
    ///
    /// # Errors
    /// [`ProposeError`].
    pub async fn propose(&self, command: &Command) -> Result<Outcome, ProposeError> {
        let bytes = strongroom_codec::encode_command(command);
        let _admitted = self.0.admission.admit(bytes.len()).await?;
        match self.0.raft.client_write(Proposal(bytes.into())).await {
            Ok(written) => Ok(written.data),
            Err(RaftError::Fatal(_)) => Err(ProposeError::Stopped),
            Err(RaftError::APIError(ClientWriteError::ForwardToLeader(to))) => {
                Err(ProposeError::NoLeader {
                    leader: leader(&to),
                })
            }
            Err(RaftError::APIError(_)) => Err(ProposeError::Unknown),
        }
    }

    /// Returns once this member's state has everything that was acknowledged anywhere before the call.
    ///
    /// # Errors
    /// [`BarrierError`].
    pub async fn barrier(&self) -> Result<(), BarrierError> {
        match self.0.raft.ensure_linearizable(ReadPolicy::ReadIndex).await {
            Ok(_) => Ok(()),
            Err(RaftError::Fatal(_)) => Err(BarrierError::Stopped),
            Err(RaftError::APIError(LinearizableReadError::ForwardToLeader(to))) => {
                Err(BarrierError::NoLeader {
                    leader: leader(&to),
                })
            }
            Err(RaftError::APIError(LinearizableReadError::QuorumNotEnough(_))) => {
                Err(BarrierError::NoLeader { leader: None })
            }
        }
    }

    /// Looks at this member's state, which does not change meanwhile: be quick, and copy what you need.
    pub fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        self.0.shared.read(read)
    }

    /// A version's ciphertext, `None` where there is none.
    ///
    /// # Errors
    /// [`ReadError`].
    pub fn payload(
        &self,
        object: ObjectId,
        version: Version,
    ) -> Result<Option<EncryptedPayload>, ReadError> {
        self.0.shared.payload(object, version)
    }

    /// The changes from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription {
        Subscription(self.0.shared.changes.subscribe())
    }

    /// How this member is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        let metrics = self.0.raft.metrics();
        let now = metrics.borrow_watched();
        Status {
            leader: now.current_leader.map(MemberId),
            applied: self.0.shared.applied(),
            running: now.running_state.is_ok() && self.0.alive.has_changed().is_ok(),
        }
    }

    /// This member's id.
    #[must_use]
    pub fn member(&self) -> MemberId {
        self.0.store.member()
    }

    /// The log's counters since the start.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        self.0.store.log.metrics()
    }

    /// Makes a snapshot soon, and purges the log behind it; otherwise that happens by itself as the log grows.
    ///
    /// # Errors
    /// [`BarrierError::Stopped`].
    pub async fn snapshot(&self) -> Result<(), BarrierError> {
        let asked = self.0.raft.trigger().snapshot().await;
        asked.map_err(|_| BarrierError::Stopped)
    }

    /// Resolves once the log begins behind the entry `index`, or the member has stopped.
    pub async fn purged(&self, index: u64) {
        let mut metrics = self.0.raft.metrics();
        while metrics
            .borrow_watched()
            .purged
            .is_none_or(|purged| purged.index < index)
        {
            if metrics.changed().await.is_err() {
                return;
            }
        }
    }

    /// Resolves when the member has stopped, because it was told to or because it failed. The process must end then.
    pub async fn stopped(&self) {
        let mut metrics = self.0.raft.metrics();
        let mut alive = self.0.alive.clone();
        loop {
            if metrics.borrow_watched().running_state.is_err() {
                return;
            }
            tokio::select! {
                changed = metrics.changed() => if changed.is_err() { return },
                changed = alive.changed() => if changed.is_err() { return },
            }
        }
    }

    /// Stops taking part, and puts everything into tables. The directory is free once the last clone is dropped.
    pub async fn shutdown(&self) {
        if let Err(error) = self.0.raft.shutdown().await {
            tracing::error!(%error, "the Raft core did not end well");
        }
        let mut alive = self.0.alive.clone();
        // The state machine's task ends after the core's; nothing is applied once this fails.
        while alive.changed().await.is_ok() {}
        let store = Arc::clone(&self.0.store);
        if tokio::task::spawn_blocking(move || store.close())
            .await
            .is_err()
        {
            tracing::error!("closing the store has panicked");
        }
    }
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Consensus")
            .field("member", &self.store.member())
            .finish_non_exhaustive()
    }
}

fn is_empty(store: &Store) -> bool {
    store.log.bounds().last.is_none() && store.log.vote().is_none()
}

fn leader(to: &ForwardToLeader<TypeConfig>) -> Option<MemberId> {
    to.leader_id.map(MemberId)
}

/// openraft counts entries between snapshots; this adds their bytes.
async fn snapshot_when_due(raft: Raft, shared: Arc<Shared>, mut alive: watch::Receiver<()>) {
    loop {
        tokio::select! {
            () = shared.snapshot_due.notified() => {}
            _ended = alive.changed() => return,
        }
        if raft.trigger().snapshot().await.is_err() {
            return;
        }
    }
}
