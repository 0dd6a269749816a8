//! What the state consists of. Each record is stored, encrypted, under an opaque key; together they are the state.

use crate::{Digest, Response};
use strongroom_model::{
    ContainerId, FoldedName, Kind, Labels, Name, Namespace, NodeName, ObjectId, PayloadSize,
    RequestId, Revision, ServiceFiles, ServiceId, TaskId, Timestamp, Version, VersionState,
};

/// The key of a record: a kind and an id, never a name, as the store writes its keys in clear.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordKey {
    /// [`Object`]
    Object(ObjectId),
    /// [`ObjectVersion`]
    Version(ObjectId, Version),
    /// [`RetiredName`], by the id of the object that had the name last.
    RetiredName(ObjectId),
    /// [`Service`]
    Service(ServiceId),
    /// [`Task`]
    Task(TaskId),
    /// [`RememberedRequest`]
    Request(RequestId),
    /// [`Record::Clock`]
    Clock,
}

/// One of the state's records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record {
    /// A secret or config.
    Object(Object),
    /// One version of it.
    Version(ObjectVersion),
    /// A name that was removed and goes on counting.
    RetiredName(RetiredName),
    /// A service.
    Service(Service),
    /// A task.
    Task(Task),
    /// A request whose result is remembered.
    Request(RememberedRequest),
    /// The state's own time. Its own record, as what was changed last may have been removed.
    Clock(Timestamp),
}

/// A secret or config without its versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Fresh for each creation.
    pub id: ObjectId,
    /// Secret or config.
    pub kind: Kind,
    /// The name's space.
    pub namespace: Namespace,
    /// As its maker wrote it.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// The highest number ever given out under this name.
    pub last_version: Version,
    /// When it was created.
    pub created: Timestamp,
    /// When a version or the labels changed last.
    pub updated: Timestamp,
}

/// One version of an object, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The object.
    pub object: ObjectId,
    /// The version's number.
    pub number: Version,
    /// Enabled, or on its way out.
    pub state: VersionState,
    /// Of the bytes; `None` once the version is being destroyed.
    pub digest: Option<Digest>,
    /// Length of the bytes in clear.
    pub size: PayloadSize,
    /// Bytes on disk, for the quota.
    pub stored: u32,
    /// When it was added.
    pub created: Timestamp,
}

/// A removed name, so that its numbers are never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RetiredName {
    /// The object that had the name last.
    pub object: ObjectId,
    /// Secret or config.
    pub kind: Kind,
    /// The name's space.
    pub namespace: Namespace,
    /// The name as it is compared.
    pub name: FoldedName,
    /// The highest number ever given out.
    pub last_version: Version,
}

/// A service at its newest revision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Fresh for each creation.
    pub id: ServiceId,
    /// The name's space.
    pub namespace: Namespace,
    /// As its maker wrote it.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// Its files.
    pub files: ServiceFiles,
    /// The number of its spec.
    pub revision: Revision,
    /// When it was created.
    pub created: Timestamp,
    /// When its spec changed last.
    pub updated: Timestamp,
}

/// A container that has a service's files mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Fresh for each attachment.
    pub id: TaskId,
    /// Whose files it has.
    pub service: ServiceId,
    /// At which revision.
    pub revision: Revision,
    /// Where the container runs.
    pub node: NodeName,
    /// The container.
    pub container: ContainerId,
    /// When it was attached.
    pub created: Timestamp,
}

/// A request and its first outcome.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RememberedRequest {
    /// The client's id for it.
    pub id: RequestId,
    /// The log entry that it came with: the order in which requests are forgotten.
    pub index: u64,
    /// When it was applied.
    pub time: Timestamp,
    /// What came of it. Refusals are not remembered: they changed nothing, and a retry may do better.
    pub response: Response,
}

impl Object {
    /// What goes on counting when the object is removed.
    pub(crate) fn retired(&self) -> RetiredName {
        RetiredName {
            object: self.id,
            kind: self.kind,
            namespace: self.namespace.clone(),
            name: self.name.folded(),
            last_version: self.last_version,
        }
    }
}

impl Record {
    /// Where the record is stored.
    #[must_use]
    pub const fn key(&self) -> RecordKey {
        match self {
            Self::Object(object) => RecordKey::Object(object.id),
            Self::Version(version) => RecordKey::Version(version.object, version.number),
            Self::RetiredName(name) => RecordKey::RetiredName(name.object),
            Self::Service(service) => RecordKey::Service(service.id),
            Self::Task(task) => RecordKey::Task(task.id),
            Self::Request(request) => RecordKey::Request(request.id),
            Self::Clock(_) => RecordKey::Clock,
        }
    }
}
