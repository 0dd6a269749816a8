//! The thread that writes the log: one batch and one sync for everything that came in meanwhile.

use super::recover::Recovered;
use super::{Done, Shared, lock};
use crate::cipher::LogRecord;
use crate::error::WriteError;
use crate::format::{Anchor, LogEntry, LogPosition, Vote};
use rocksdb::{WriteBatch, WriteOptions};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::Receiver;

/// What one batch may grow to before it is written; a batch is in memory twice.
const BATCH: usize = 8 * 1024 * 1024;

pub(super) enum Job {
    Do { request: Request, done: Done },
    Stop,
}

pub(super) enum Request {
    Append(Vec<Arc<LogEntry>>),
    Vote(Vote),
    Truncate(Option<LogPosition>),
    Purge(LogPosition),
}

/// The only one who writes to the database.
pub(super) struct Writer {
    shared: Arc<Shared>,
    purged: Anchor,
    head: Anchor,
    /// As it is on disk.
    committed: Option<LogPosition>,
    options: WriteOptions,
    /// Set by the first failure; nothing is written or acknowledged after it.
    failed: Option<WriteError>,
}

/// What is written at once, and who is told.
#[derive(Default)]
struct Group {
    batch: WriteBatch,
    done: Vec<Done>,
    entries: u64,
    head_moved: bool,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, found: &Recovered) -> Self {
        Self {
            shared,
            purged: found.purged,
            head: found.head,
            committed: found.committed,
            options: crate::options::synced(),
            failed: None,
        }
    }

    /// Runs until it is told to stop, or nobody is left to ask.
    pub(super) fn run(mut self, queue: &Receiver<Job>) {
        let mut running = true;
        while running && let Ok(first) = queue.recv() {
            let mut group = Group::default();
            let mut next = Some(first);
            while let Some(job) = next {
                match job {
                    Job::Stop => {
                        running = false;
                        break;
                    }
                    Job::Do { request, done } => self.add(&mut group, request, done),
                }
                next = (group.batch.size_in_bytes() < BATCH)
                    .then(|| queue.try_recv().ok())
                    .flatten();
            }
            self.finish(group);
        }
        self.close();
    }

    fn add(&mut self, group: &mut Group, request: Request, done: Done) {
        group.done.push(done);
        if self.failed.is_none()
            && let Err(error) = self.put(group, request)
        {
            self.failed = Some(error);
        }
    }

    fn put(&mut self, group: &mut Group, request: Request) -> Result<(), WriteError> {
        let keys = &self.shared.keys;
        match request {
            Request::Append(entries) => {
                for entry in entries {
                    let plain = entry.encode(&self.head.chain);
                    let record = LogRecord::Entry(entry.position.index);
                    group
                        .batch
                        .put(record.key(), keys.encrypt_log(record, &plain)?);
                    group.entries += 1;
                    self.head = Anchor {
                        position: Some(entry.position),
                        chain: keys.chain(&plain),
                    };
                }
                group.head_moved = true;
            }
            Request::Vote(vote) => {
                let record = LogRecord::Vote;
                group
                    .batch
                    .put(record.key(), keys.encrypt_log(record, &vote.encode())?);
            }
            Request::Truncate(last) => self.truncate(group, last)?,
            Request::Purge(upto) => self.purge(group, upto)?,
        }
        Ok(())
    }

    /// Truncation is rare: what came before is written first, so that the new last entry can be read from disk.
    fn truncate(&mut self, group: &mut Group, last: Option<LogPosition>) -> Result<(), WriteError> {
        self.write(group)?;
        let next = last.map_or(0, |last| last.index + 1);
        group.batch.delete_range(
            LogRecord::Entry(next).key(),
            LogRecord::Entry(u64::MAX).key(),
        );
        self.head = match last {
            Some(last) if Some(last) != self.purged.position => self.shared.anchor_at(last)?,
            _ => self.purged,
        };
        group.head_moved = true;
        Ok(())
    }

    fn purge(&mut self, group: &mut Group, upto: LogPosition) -> Result<(), WriteError> {
        self.write(group)?;
        if self.head.position < Some(upto) {
            // A snapshot from elsewhere goes further than the log: it begins anew behind it.
            self.head = Anchor {
                position: Some(upto),
                ..Anchor::START
            };
            group.head_moved = true;
        }
        self.purged = match self.head.position {
            Some(head) if head == upto => self.head,
            _ => self.shared.anchor_at(upto)?,
        };
        let record = LogRecord::Purged;
        let purged = self
            .shared
            .keys
            .encrypt_log(record, &self.purged.encode())?;
        group.batch.put(record.key(), purged);
        group.batch.delete_range(
            LogRecord::Entry(0).key(),
            LogRecord::Entry(upto.index + 1).key(),
        );
        Ok(())
    }

    /// Writes what is left of the group, and tells everybody.
    fn finish(&mut self, mut group: Group) {
        if self.failed.is_none()
            && let Err(error) = self.write(&mut group)
        {
            self.failed = Some(error);
        }
        let result = self.failed.clone().map_or(Ok(()), Err);
        if result.is_ok() {
            self.shared
                .entries
                .fetch_add(group.entries, Ordering::Relaxed);
        }
        for done in group.done {
            done(result.clone());
        }
    }

    /// One batch, one sync.
    fn write(&mut self, group: &mut Group) -> Result<(), WriteError> {
        if group.batch.is_empty() {
            return Ok(());
        }
        let keys = &self.shared.keys;
        if group.head_moved {
            let record = LogRecord::Head;
            group
                .batch
                .put(record.key(), keys.encrypt_log(record, &self.head.encode())?);
        }
        let committed = *lock(&self.shared.committed);
        if committed != self.committed {
            let record = LogRecord::Committed;
            let anchor = Anchor {
                position: committed,
                chain: [0; 32],
            };
            group
                .batch
                .put(record.key(), keys.encrypt_log(record, &anchor.encode())?);
        }
        let batch = std::mem::take(&mut group.batch);
        group.head_moved = false;
        self.shared.db.write_opt(batch, &self.options)?;
        self.committed = committed;
        self.shared.fsyncs.fetch_add(1, Ordering::Relaxed);
        self.shared.tail().written(self.head.position);
        Ok(())
    }

    /// After a clean stop everything is in tables, which have checksums of their own.
    fn close(&mut self) {
        if self.failed.is_some() {
            return;
        }
        let mut group = Group {
            head_moved: true,
            ..Group::default()
        };
        let record = LogRecord::Head;
        let head = self.shared.keys.encrypt_log(record, &self.head.encode());
        let closed = head.and_then(|head| {
            group.batch.put(record.key(), head);
            self.write(&mut group)?;
            Ok(self.shared.db.flush()?)
        });
        if let Err(error) = closed {
            tracing::warn!(%error, "the log was not flushed; it is recovered at the next start");
        }
    }
}
