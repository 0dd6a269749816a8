//! Committed entries become state: in memory first, then on disk in one batch, and only then is anybody told.

use crate::convert;
use crate::error::ApplyError;
use crate::raft::{LogId, Outcome, Proposal, Snapshot, SnapshotMeta, StoredMembership, TypeConfig};
use crate::settings::BYTES_PER_SNAPSHOT;
use crate::subscription::Change;
use futures::{Stream, StreamExt as _};
use openraft::storage::{EntryResponder, RaftSnapshotBuilder, RaftStateMachine};
use openraft::{EntryPayload, OptionalSend};
use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use strongroom_model::{ObjectId, Version};
use strongroom_state::{Change as Requested, Command, EncryptedPayload, Response, State, Write};
use strongroom_storage::{Progress, ReadError, StateWrite, Store};
use tokio::sync::{Notify, broadcast, watch};

/// Entries that are applied under one lock and written in one batch.
const BATCH: usize = 256;

/// What the state machine shares with those who read.
#[derive(Debug)]
pub(crate) struct Shared {
    store: Arc<Store>,
    state: RwLock<State>,
    /// Payloads of versions that the state has and the disk not yet: the state is visible a moment earlier.
    unwritten: Mutex<BTreeMap<(ObjectId, Version), EncryptedPayload>>,
    applied: AtomicU64,
    pub(crate) changes: broadcast::Sender<Change>,
    /// The log has grown so that a snapshot is worth its cost.
    pub(crate) snapshot_due: Notify,
}

/// What openraft drives.
#[derive(Debug)]
pub(crate) struct StateMachine {
    shared: Arc<Shared>,
    progress: Progress,
    current: Arc<Mutex<Option<strongroom_storage::Snapshot>>>,
    bytes_since_snapshot: u64,
    /// Dropped with the task that drives this, even if it panics: whoever waits for the end is told.
    _alive: watch::Sender<()>,
}

/// A batch that was applied in memory.
#[derive(Default)]
struct Batch {
    writes: Vec<StateWrite>,
    changes: Vec<Change>,
    outcomes: Vec<Outcome>,
}

impl Shared {
    pub(crate) fn new(store: Arc<Store>, state: State, changes: broadcast::Sender<Change>) -> Self {
        let applied = store
            .state
            .applied()
            .position
            .map_or(0, |position| position.index);
        Self {
            store,
            state: RwLock::new(state),
            unwritten: Mutex::default(),
            applied: AtomicU64::new(applied),
            changes,
            snapshot_due: Notify::new(),
        }
    }

    /// The index of the last entry that is applied and written.
    pub(crate) fn applied(&self) -> u64 {
        self.applied.load(Ordering::Acquire)
    }

    pub(crate) fn read<T>(&self, read: impl FnOnce(&State) -> T) -> T {
        // Poisoned only by a panic in apply, after which the member stops; until then the last reads may finish.
        read(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn payload(
        &self,
        object: ObjectId,
        version: Version,
    ) -> Result<Option<EncryptedPayload>, ReadError> {
        if let Some(payload) = self.unwritten().get(&(object, version)) {
            return Ok(Some(payload.clone()));
        }
        self.store.state.payload(object, version)
    }

    fn unwritten(
        &self,
    ) -> std::sync::MutexGuard<'_, BTreeMap<(ObjectId, Version), EncryptedPayload>> {
        self.unwritten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl StateMachine {
    pub(crate) fn new(shared: Arc<Shared>, alive: watch::Sender<()>) -> Self {
        Self {
            progress: shared.store.state.applied(),
            bytes_since_snapshot: shared.store.log.recovered_bytes(),
            shared,
            current: Arc::default(),
            _alive: alive,
        }
    }

    fn apply_batch(&mut self, entries: Vec<EntryResponder<TypeConfig>>) -> Result<(), ApplyError> {
        let mut commands = Vec::with_capacity(entries.len());
        let mut responders = Vec::with_capacity(entries.len());
        for (entry, responder) in entries {
            let position = convert::position(&entry.log_id);
            commands.push((position.index, self.command(position, entry.payload)?));
            responders.push(responder);
        }
        let batch = self.apply_in_memory(commands);
        self.shared
            .store
            .state
            .commit(batch.writes, &self.progress)?;
        self.shared.unwritten().clear();
        let applied = self.progress.position.map_or(0, |position| position.index);
        self.shared.applied.store(applied, Ordering::Release);
        for change in batch.changes {
            // Nobody may be watching.
            let _watchers = self.shared.changes.send(change);
        }
        for (responder, outcome) in responders.into_iter().zip(batch.outcomes) {
            if let Some(responder) = responder {
                responder.send(outcome);
            }
        }
        Ok(())
    }

    /// Notes where an entry leaves the state, and decodes its command if it has one.
    fn command(
        &mut self,
        position: strongroom_storage::LogPosition,
        payload: EntryPayload<Proposal, u64, openraft::impls::BasicNode>,
    ) -> Result<Option<Command>, ApplyError> {
        self.progress.position = Some(position);
        match payload {
            EntryPayload::Blank => Ok(None),
            EntryPayload::Membership(membership) => {
                self.progress.membership_at = Some(position);
                self.progress.membership = convert::stored_membership(&membership);
                Ok(None)
            }
            EntryPayload::Normal(Proposal(bytes)) => {
                self.bytes_since_snapshot += bytes.len() as u64;
                let index = position.index;
                let command = strongroom_codec::decode_command(&bytes);
                command.map(Some).map_err(|_| ApplyError::Command { index })
            }
        }
    }

    /// Readers see the whole batch or nothing of it.
    fn apply_in_memory(&self, commands: Vec<(u64, Option<Command>)>) -> Batch {
        let mut batch = Batch::default();
        let mut state = self
            .shared
            .state
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        for (index, command) in commands {
            let Some(command) = command else {
                batch.outcomes.push(Ok(Response::Done));
                continue;
            };
            let applied = state.apply(index, &command);
            batch.outcomes.push(applied.outcome);
            if !applied.events.is_empty() {
                let events = applied.events.into();
                batch.changes.push(Change { index, events });
            }
            let mut payload = payload_of(command);
            for write in applied.writes {
                batch.writes.push(match write {
                    Write::Put(record) => StateWrite::Put(record),
                    Write::Delete(key) => StateWrite::Delete(key),
                    Write::DeletePayload(object, version) => {
                        self.shared.unwritten().remove(&(object, version));
                        StateWrite::DeletePayload(object, version)
                    }
                    Write::PutPayload(object, version) => {
                        let payload = payload
                            .take()
                            .expect("a command puts the one payload it has");
                        self.shared
                            .unwritten()
                            .insert((object, version), payload.clone());
                        StateWrite::PutPayload(object, version, payload)
                    }
                });
            }
        }
        batch
    }
}

fn payload_of(command: Command) -> Option<EncryptedPayload> {
    match command.change {
        Requested::AddVersion(add) => Some(add.payload),
        _ => None,
    }
}

impl RaftStateMachine<TypeConfig> for StateMachine {
    type SnapshotData = strongroom_storage::Snapshot;
    type SnapshotBuilder = Builder;

    async fn applied_state(&mut self) -> Result<(Option<LogId>, StoredMembership), io::Error> {
        let progress = &self.progress;
        Ok((
            progress.position.map(convert::log_id),
            convert::applied_membership(progress),
        ))
    }

    async fn apply<Strm>(&mut self, entries: Strm) -> Result<(), io::Error>
    where
        Strm: Stream<Item = Result<EntryResponder<TypeConfig>, io::Error>> + Unpin + OptionalSend,
    {
        let mut batches = entries.ready_chunks(BATCH);
        while let Some(batch) = batches.next().await {
            let entries = batch.into_iter().collect::<Result<Vec<_>, _>>()?;
            self.apply_batch(entries).map_err(io::Error::other)?;
        }
        if self.bytes_since_snapshot > BYTES_PER_SNAPSHOT {
            self.shared.snapshot_due.notify_one();
        }
        Ok(())
    }

    /// Nothing is built on a full disk unless it must be: a snapshot that fails stops the member.
    async fn try_create_snapshot_builder(&mut self, force: bool) -> Option<Builder> {
        let build = force || self.shared.store.space.has_room();
        if build {
            return Some(self.get_snapshot_builder().await);
        }
        None
    }

    async fn get_snapshot_builder(&mut self) -> Builder {
        self.bytes_since_snapshot = 0;
        Builder {
            store: Arc::clone(&self.shared.store),
            current: Arc::clone(&self.current),
        }
    }

    async fn install_snapshot(
        &mut self,
        _meta: &SnapshotMeta,
        _snapshot: strongroom_storage::Snapshot,
    ) -> Result<(), io::Error> {
        let reason =
            "a snapshot was offered, but a cluster of one member has nobody to take it from";
        Err(io::Error::new(io::ErrorKind::Unsupported, reason))
    }

    async fn get_current_snapshot(&mut self) -> Result<Option<Snapshot>, io::Error> {
        let current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(current.clone().map(described))
    }
}

/// Builds a snapshot beside the state machine, which goes on.
#[derive(Debug)]
pub(crate) struct Builder {
    store: Arc<Store>,
    current: Arc<Mutex<Option<strongroom_storage::Snapshot>>>,
}

impl RaftSnapshotBuilder<TypeConfig> for Builder {
    type SnapshotData = strongroom_storage::Snapshot;

    async fn build_snapshot(&mut self) -> Result<Snapshot, io::Error> {
        let store = Arc::clone(&self.store);
        let build = move || store.state.snapshot();
        let snapshot = tokio::task::spawn_blocking(build)
            .await?
            .map_err(io::Error::other)?;
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        *current = Some(snapshot.clone());
        Ok(described(snapshot))
    }
}

fn described(snapshot: strongroom_storage::Snapshot) -> Snapshot {
    Snapshot {
        meta: convert::snapshot_meta(snapshot.applied()),
        snapshot,
    }
}
