//! What comes of a command: the outcome, the writes that make it durable, the events that tell of it.

use crate::{Record, RecordKey, Rejection};
use strongroom_model::{ObjectId, ServiceId, TaskId, Version};

/// The result of [`State::apply`](crate::State::apply).
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "the writes make the change durable"]
pub struct Applied {
    /// What the proposer is told. A rejection comes without writes and events.
    pub outcome: Result<Response, Rejection>,
    /// In order; to be stored in one batch with the index of the entry.
    pub writes: Vec<Write>,
    /// In order; for watchers and agents.
    pub events: Vec<Event>,
}

/// What a command that was carried out returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Response {
    /// Nothing beyond that it is done.
    Done,
    /// The version that the object's newest bytes are now.
    Version {
        /// The object.
        object: ObjectId,
        /// Its newest version.
        version: Version,
        /// False where the newest version already had the bytes.
        added: bool,
    },
    /// A service.
    Service(ServiceId),
    /// A task.
    Task(TaskId),
}

/// One change of the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Write {
    /// Puts a record, over what was there.
    Put(Record),
    /// Deletes a record.
    Delete(RecordKey),
    /// Puts the command's [`EncryptedPayload`](crate::EncryptedPayload).
    PutPayload(ObjectId, Version),
    /// Deletes a payload and its wrapped data key.
    DeletePayload(ObjectId, Version),
}

/// What has changed, for those who hold a view of the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// An object, its labels or its versions.
    Object(ObjectId),
    /// A service was created or removed.
    Service(ServiceId),
    /// A version can no longer be read, by anybody.
    VersionEnded(ObjectId, Version),
    /// A task came or went.
    Task(TaskId),
}
