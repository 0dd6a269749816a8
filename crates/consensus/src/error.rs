//! Why consensus does not start, does not take a proposal, or cannot answer a read.

use strongroom_model::MemberId;
use strongroom_storage::WriteError;

/// Why a member does not take part.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The store was made, but the cluster never began.
    #[error("the store is empty: start with --bootstrap to begin a new cluster in it")]
    Empty,
    /// The cluster has begun already.
    #[error("the store already holds a cluster: start without --bootstrap")]
    NotEmpty,
    /// The core stopped, or found the log or the state unusable.
    #[error("consensus cannot start: {0}")]
    Failed(String),
    /// No leader in time.
    #[error("no leader was elected within {0} seconds: look at the disk, it may be too slow")]
    NoLeader(u64),
}

/// Why a command was not carried out. Only [`Self::Unknown`] leaves open whether it was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProposeError {
    /// Another member leads, or none.
    #[error("this manager does not lead the cluster: {}", match leader {
        Some(leader) => format!("ask manager {leader}"),
        None => "try again in a moment".to_owned(),
    })]
    NoLeader {
        /// Who does, if it is known.
        leader: Option<MemberId>,
    },
    /// The disk is nearly full. Nothing was written.
    #[error(
        "the manager's disk is nearly full: make room on the file system of its data directory, writes go on by themselves then"
    )]
    StorageFull,
    /// Too many proposals are under way.
    #[error("the manager is busy: try again in a moment")]
    Busy,
    /// The command does not fit an entry.
    #[error("the change takes {size} bytes, at most {limit} fit: make it smaller, or split it")]
    TooLarge {
        /// Of the encoded command.
        size: usize,
        /// What an entry can hold.
        limit: usize,
    },
    /// The leader changed while the command was on its way.
    #[error("the leader changed while the change was under way: retry with the same request id")]
    Unknown,
    /// The member has stopped. The command may have been carried out all the same.
    #[error("the manager is stopping: retry with the same request id once it is back")]
    Stopped,
}

/// Why a read cannot be shown to be up to date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BarrierError {
    /// Another member leads, or none, or a majority does not answer.
    #[error("this manager cannot tell whether its state is up to date: {}", match leader {
        Some(leader) => format!("ask manager {leader}"),
        None => "try again in a moment".to_owned(),
    })]
    NoLeader {
        /// Who does, if it is known.
        leader: Option<MemberId>,
    },
    /// The member has stopped.
    #[error("the manager is stopping: try again once it is back")]
    Stopped,
}

/// Why a watcher gets no next change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SubscriptionError {
    /// Changes were missed: read the state again.
    #[error("{0} changes were missed: read the state again")]
    Lagged(u64),
    /// The member has stopped.
    #[error("the manager is stopping")]
    Stopped,
}

/// Why an entry was not applied. The member stops: the others apply it, and states must not part.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ApplyError {
    #[error(
        "entry {index} holds a command that this program does not understand: use the newer program"
    )]
    Command { index: u64 },
    #[error(transparent)]
    Write(#[from] WriteError),
}
