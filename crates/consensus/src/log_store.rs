//! openraft's log, on [`strongroom_storage::Log`].

use crate::convert;
use crate::raft::{Entry, LogId, TypeConfig, Vote};
use openraft::storage::{IOFlushed, LogState, RaftLogStorage};
use openraft::{OptionalSend, RaftLogReader};
use std::fmt::Debug;
use std::io;
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;
use strongroom_storage::{Done, Store, WriteError};
use tokio::sync::oneshot;

/// Also the reader: the log reads while it writes.
#[derive(Clone, Debug)]
pub(crate) struct LogStore(pub(crate) Arc<Store>);

impl RaftLogReader<TypeConfig> for LogStore {
    async fn try_get_log_entries<RB>(&mut self, range: RB) -> Result<Vec<Entry>, io::Error>
    where
        RB: RangeBounds<u64> + Clone + Debug + OptionalSend,
    {
        let start = match range.start_bound() {
            Bound::Included(index) => *index,
            Bound::Excluded(index) => index.saturating_add(1),
            Bound::Unbounded => 0,
        };
        let end = match range.end_bound() {
            Bound::Included(index) => index.saturating_add(1),
            Bound::Excluded(index) => *index,
            Bound::Unbounded => u64::MAX,
        };
        let entries = self.0.log.entries(start, end).map_err(io::Error::other)?;
        Ok(entries.iter().map(|entry| convert::entry(entry)).collect())
    }

    async fn read_vote(&mut self) -> Result<Option<Vote>, io::Error> {
        Ok(self.0.log.vote().map(convert::vote))
    }
}

impl RaftLogStorage<TypeConfig> for LogStore {
    type LogReader = Self;

    async fn get_log_state(&mut self) -> Result<LogState<TypeConfig>, io::Error> {
        let bounds = self.0.log.bounds();
        Ok(LogState {
            last_purged_log_id: bounds.purged.map(convert::log_id),
            last_log_id: bounds.last.map(convert::log_id),
        })
    }

    async fn get_log_reader(&mut self) -> Self {
        self.clone()
    }

    async fn save_vote(&mut self, vote: &Vote) -> Result<(), io::Error> {
        let vote = convert::stored_vote(vote);
        durable(|done| self.0.log.save_vote(vote, done)).await
    }

    async fn save_committed(&mut self, committed: Option<LogId>) -> Result<(), io::Error> {
        self.0
            .log
            .save_committed(committed.as_ref().map(convert::position));
        Ok(())
    }

    async fn read_committed(&mut self) -> Result<Option<LogId>, io::Error> {
        Ok(self.0.log.committed().map(convert::log_id))
    }

    async fn append<I>(
        &mut self,
        entries: I,
        callback: IOFlushed<TypeConfig>,
    ) -> Result<(), io::Error>
    where
        I: IntoIterator<Item = Entry> + OptionalSend,
        I::IntoIter: OptionalSend,
    {
        let entries = entries.into_iter().map(convert::stored_entry).collect();
        let done = |result: Result<(), WriteError>| {
            callback.io_completed(result.map_err(io::Error::other));
        };
        self.0.log.append(entries, Box::new(done));
        Ok(())
    }

    async fn truncate_after(&mut self, last: Option<LogId>) -> Result<(), io::Error> {
        let last = last.as_ref().map(convert::position);
        durable(|done| self.0.log.truncate_after(last, done)).await
    }

    async fn purge(&mut self, upto: LogId) -> Result<(), io::Error> {
        let upto = convert::position(&upto);
        durable(|done| self.0.log.purge(upto, done)).await
    }
}

/// Waits until what `ask` asks for is on disk.
async fn durable(ask: impl FnOnce(Done)) -> Result<(), io::Error> {
    let (tell, told) = oneshot::channel();
    // Nobody listens any more where the core has been stopped meanwhile.
    ask(Box::new(move |result| drop(tell.send(result))));
    told.await
        .unwrap_or(Err(WriteError::Closed))
        .map_err(io::Error::other)
}
