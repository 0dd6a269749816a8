//! How much may be under way at a time: so many proposals, and so many of their bytes.

use crate::error::ProposeError;
use strongroom_model::limits;
use strongroom_storage::Space;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Proposals that are under way or wait for room: sixteen times the clients of the benchmark. More are refused, since a queue
/// that is longer than a client's patience only adds load.
const PROPOSALS: usize = 1024;

/// Bytes under way at most. Each is written to the log, to the state's log and to a table of each before the first
/// copy goes, and all that must fit into the space that is kept free.
const BYTES: u64 = 8 * 1024 * 1024;

#[derive(Debug)]
pub(crate) struct Admission {
    proposals: Semaphore,
    bytes: Semaphore,
    space: Space,
}

/// To be kept until the proposal is applied.
#[derive(Debug)]
pub(crate) struct Admitted<'a> {
    _proposal: SemaphorePermit<'a>,
    _bytes: SemaphorePermit<'a>,
}

impl Admission {
    pub(crate) fn new(space: Space) -> Self {
        let bytes = (space.reserve() / 8).clamp(limits::RAFT_ENTRY as u64, BYTES);
        Self {
            proposals: Semaphore::new(PROPOSALS),
            bytes: Semaphore::new(usize::try_from(bytes).unwrap_or(limits::RAFT_ENTRY)),
            space,
        }
    }

    /// Waits until `size` bytes may go under way.
    pub(crate) async fn admit(&self, size: usize) -> Result<Admitted<'_>, ProposeError> {
        let limit = limits::RAFT_ENTRY;
        let size = match u32::try_from(size) {
            Ok(bytes) if size <= limit => bytes,
            _ => return Err(ProposeError::TooLarge { size, limit }),
        };
        let proposal = self
            .proposals
            .try_acquire()
            .map_err(|_| ProposeError::Busy)?;
        // Neither semaphore is ever closed.
        let bytes = self
            .bytes
            .acquire_many(size)
            .await
            .map_err(|_| ProposeError::Stopped)?;
        if !self.space.has_room() {
            return Err(ProposeError::StorageFull);
        }
        Ok(Admitted {
            _proposal: proposal,
            _bytes: bytes,
        })
    }
}
