//! The Raft log: appended by one writer thread, read by anybody.
//!
//! [`Log::append`] returns at once; the entries can be read from memory until the writer has put them on disk, and a
//! while longer, since they are about to be applied. The writer takes whatever has come in since its last
//! `fdatasync`, writes it as one batch in the order in which it came, syncs once, and only then says so.

mod recover;
mod writer;

use crate::cipher::{LogRecord, StoreKeys};
use crate::error::{Damage, ReadError, WriteError};
use crate::format::{Anchor, LogEntry, LogPosition, Vote};
use rocksdb::DB;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

pub(crate) use recover::{create, recover};

/// Told once what was asked for is durable, or that it never will be.
pub type Done = Box<dyn FnOnce(Result<(), WriteError>) + Send>;

/// Bytes of entries that are kept in memory after they were written; they are read back once, to be applied.
const RECENT: usize = 4 * 1024 * 1024;

/// Requests that wait for the writer. Consensus admits fewer proposals at a time, so that nobody waits here.
const QUEUE: usize = 4096;

/// How far the log reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogBounds {
    /// The last entry that was purged.
    pub purged: Option<LogPosition>,
    /// The last entry, or the last that was purged where there is none.
    pub last: Option<LogPosition>,
}

/// Counters since the store was opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// How often the log was synced.
    pub fsyncs: u64,
    /// Entries that were acknowledged.
    pub entries: u64,
}

/// The log. Dropping it stops the writer after what it was asked for.
#[derive(Debug)]
pub struct Log {
    shared: Arc<Shared>,
    jobs: SyncSender<writer::Job>,
    writer: Mutex<Option<JoinHandle<()>>>,
    recovered_bytes: u64,
}

/// What the writer and the readers share.
struct Shared {
    db: DB,
    keys: Arc<StoreKeys>,
    tail: Mutex<Tail>,
    vote: Mutex<Option<Vote>>,
    committed: Mutex<Option<LogPosition>>,
    fsyncs: AtomicU64,
    entries: AtomicU64,
}

/// The newest entries, and the bounds of the log.
struct Tail {
    purged: Option<LogPosition>,
    last: Option<LogPosition>,
    /// Without gaps, up to `last`.
    recent: VecDeque<Arc<LogEntry>>,
    /// Of the entries in `recent`.
    bytes: usize,
}

impl Log {
    fn start(db: DB, keys: Arc<StoreKeys>, found: recover::Recovered) -> std::io::Result<Self> {
        let tail = Tail {
            purged: found.purged.position,
            last: found.head.position,
            recent: VecDeque::new(),
            bytes: 0,
        };
        let shared = Arc::new(Shared {
            db,
            keys,
            tail: Mutex::new(tail),
            vote: Mutex::new(found.vote),
            committed: Mutex::new(found.committed),
            fsyncs: AtomicU64::new(0),
            entries: AtomicU64::new(0),
        });
        let (jobs, queue) = sync_channel(QUEUE);
        let writer = writer::Writer::new(Arc::clone(&shared), &found);
        let writer = std::thread::Builder::new()
            .name("log-writer".to_owned())
            .spawn(move || writer.run(&queue))?;
        Ok(Self {
            shared,
            jobs,
            writer: Mutex::new(Some(writer)),
            recovered_bytes: found.bytes,
        })
    }

    /// How far the log reaches, entries included that are not durable yet.
    #[must_use]
    pub fn bounds(&self) -> LogBounds {
        let tail = self.shared.tail();
        LogBounds {
            purged: tail.purged,
            last: tail.last,
        }
    }

    /// Bytes of the entries that the log had when it was opened.
    #[must_use]
    pub const fn recovered_bytes(&self) -> u64 {
        self.recovered_bytes
    }

    /// The vote that was saved last.
    #[must_use]
    pub fn vote(&self) -> Option<Vote> {
        *lock(&self.shared.vote)
    }

    /// The last position that was known to be committed, or an earlier one after a crash.
    #[must_use]
    pub fn committed(&self) -> Option<LogPosition> {
        *lock(&self.shared.committed)
    }

    /// Counters since the store was opened.
    #[must_use]
    pub fn metrics(&self) -> Metrics {
        Metrics {
            fsyncs: self.shared.fsyncs.load(Ordering::Relaxed),
            entries: self.shared.entries.load(Ordering::Relaxed),
        }
    }

    /// The entries from `start` up to `end`, without it, that the log has.
    ///
    /// # Errors
    /// [`ReadError`]: an entry between the bounds is missing or was changed.
    pub fn entries(&self, start: u64, end: u64) -> Result<Vec<Arc<LogEntry>>, ReadError> {
        let (from_disk, recent) = self.shared.tail().split(start, end);
        let mut entries = Vec::with_capacity(from_disk.len() + recent.len());
        for index in from_disk.start..from_disk.end {
            entries.push(Arc::new(self.shared.read(index)?.1));
        }
        entries.extend(recent);
        Ok(entries)
    }

    /// Appends `entries`, which can be read at once, and calls `done` when they are durable.
    pub fn append(&self, entries: Vec<LogEntry>, done: Done) {
        let entries: Vec<_> = entries.into_iter().map(Arc::new).collect();
        self.shared.tail().push(&entries);
        self.send(writer::Request::Append(entries), done);
    }

    /// Saves the vote, after everything that was appended before.
    pub fn save_vote(&self, vote: Vote, done: Done) {
        *lock(&self.shared.vote) = Some(vote);
        self.send(writer::Request::Vote(vote), done);
    }

    /// Notes what is committed. It goes to disk with the next entries: without it a restart begins at an earlier
    /// position and applies the rest again.
    pub fn save_committed(&self, committed: Option<LogPosition>) {
        *lock(&self.shared.committed) = committed;
    }

    /// Removes the entries after `last`.
    pub fn truncate_after(&self, last: Option<LogPosition>, done: Done) {
        self.shared.tail().truncate(last);
        self.send(writer::Request::Truncate(last), done);
    }

    /// Removes the entries up to `upto`, which a durable snapshot must cover.
    pub fn purge(&self, upto: LogPosition, done: Done) {
        self.shared.tail().purge(upto);
        self.send(writer::Request::Purge(upto), done);
    }

    /// Writes what was asked for so far, then stops; whatever is asked for later fails.
    pub fn close(&self) {
        let Some(writer) = lock(&self.writer).take() else {
            return;
        };
        // It may have panicked already, and the queue be closed; joining says so.
        let _closed = self.jobs.send(writer::Job::Stop);
        if writer.join().is_err() {
            tracing::error!("the log's writer has panicked");
        }
    }

    fn send(&self, request: writer::Request, done: Done) {
        let job = writer::Job::Do { request, done };
        if let Err(std::sync::mpsc::SendError(writer::Job::Do { done, .. })) = self.jobs.send(job) {
            done(Err(WriteError::Closed));
        }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn tail(&self) -> MutexGuard<'_, Tail> {
        lock(&self.tail)
    }

    /// An entry from disk and the hash of those before it.
    fn read(&self, index: u64) -> Result<([u8; 32], LogEntry), ReadError> {
        let record = LogRecord::Entry(index);
        let bytes = self
            .db
            .get_pinned(record.key())?
            .ok_or(Damage::LogGap(index))?;
        decode_entry(&self.keys, index, &bytes)
    }

    /// Where the log stands after the entry at `position`.
    fn anchor_at(&self, position: LogPosition) -> Result<Anchor, ReadError> {
        let (chain, entry) = self.read(position.index)?;
        Ok(Anchor {
            position: Some(entry.position),
            chain: self.keys.chain(&entry.encode(&chain)),
        })
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Tail {
    /// The first index that is in `recent`.
    fn recent_start(&self) -> u64 {
        self.recent
            .front()
            .map_or_else(|| self.next(), |entry| entry.position.index)
    }

    fn first(&self) -> u64 {
        self.purged.map_or(0, |purged| purged.index + 1)
    }

    fn next(&self) -> u64 {
        self.last.map_or(0, |last| last.index + 1)
    }

    /// Which of the indexes from `start` up to `end` are on disk, and the entries that are in memory.
    fn split(&self, start: u64, end: u64) -> (IndexRange, Vec<Arc<LogEntry>>) {
        let (start, end) = (start.max(self.first()), end.min(self.next()));
        let middle = self.recent_start().clamp(start, end.max(start));
        let in_memory = |entry: &&Arc<LogEntry>| (middle..end).contains(&entry.position.index);
        let recent = self
            .recent
            .iter()
            .filter(in_memory)
            .map(Arc::clone)
            .collect();
        (IndexRange { start, end: middle }, recent)
    }

    fn push(&mut self, entries: &[Arc<LogEntry>]) {
        for entry in entries {
            self.bytes += entry.size();
            self.last = Some(entry.position);
            self.recent.push_back(Arc::clone(entry));
        }
    }

    /// The entries up to `head` are on disk: the oldest need not stay in memory. Positions are compared with their
    /// terms: an entry that took a truncated one's index is newer, and not on disk yet.
    fn written(&mut self, head: Option<LogPosition>) {
        while let Some(front) = self.recent.front()
            && self.bytes > RECENT
            && Some(front.position) <= head
        {
            self.pop_front();
        }
    }

    fn truncate(&mut self, last: Option<LogPosition>) {
        while let Some(back) = self.recent.back()
            && Some(back.position) > last
        {
            self.bytes -= back.size();
            self.recent.pop_back();
        }
        self.last = last;
    }

    fn purge(&mut self, upto: LogPosition) {
        while let Some(front) = self.recent.front()
            && front.position <= upto
        {
            self.pop_front();
        }
        self.purged = self.purged.max(Some(upto));
        self.last = self.last.max(Some(upto));
    }

    fn pop_front(&mut self) {
        if let Some(entry) = self.recent.pop_front() {
            self.bytes -= entry.size();
        }
    }
}

/// Indexes from `start` up to `end`, without it.
#[derive(Clone, Copy, Debug)]
struct IndexRange {
    start: u64,
    end: u64,
}

impl IndexRange {
    fn len(self) -> usize {
        usize::try_from(self.end.saturating_sub(self.start)).unwrap_or(0)
    }
}

fn decode_entry(
    keys: &StoreKeys,
    index: u64,
    bytes: &[u8],
) -> Result<([u8; 32], LogEntry), ReadError> {
    let record = LogRecord::Entry(index);
    let plain = keys.decrypt_log(record, bytes)?;
    match LogEntry::decode(plain.expose()) {
        Ok((chain, entry)) if entry.position.index == index => Ok((chain, entry)),
        _ => Err(Damage::Record(record.name()).into()),
    }
}

/// A panic while the lock was held leaves counters and caches, which stay usable.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
