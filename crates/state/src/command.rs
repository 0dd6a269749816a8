//! What the leader proposes. A command holds only ciphertext, and everything that apply may not make up by itself.

use std::collections::BTreeSet;
use strongroom_model::{
    ContainerId, Kind, LabelKey, Labels, Name, Namespace, NodeName, ObjectId, PayloadSize,
    RequestId, RequestedReference, Revision, ServiceId, TaskId, Timestamp, Version,
};

/// One log entry's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command {
    /// The client's request, if it may be retried: a second apply returns the first outcome.
    pub request: Option<RequestId>,
    /// The leader's clock. The state takes max(last, this).
    pub time: Timestamp,
    /// What to change.
    pub change: Change,
}

/// The kinds of commands. Where one changes what is there, `name` may also be its full id, but no prefix of it: a name
/// that is gone must not come to mean something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Creates an object, or adds a version to one.
    AddVersion(AddVersion),
    /// Changes an object's labels; its bytes never change.
    UpdateLabels {
        /// Secret or config.
        kind: Kind,
        /// The name's space.
        namespace: Namespace,
        /// The object.
        name: Name,
        /// Put, over those with the same key.
        add: Labels,
        /// Taken away before.
        remove: Vec<LabelKey>,
    },
    /// Removes an object with all its versions. The name goes on counting where it is created again.
    RemoveObject {
        /// Secret or config.
        kind: Kind,
        /// The name's space.
        namespace: Namespace,
        /// The object.
        name: Name,
    },
    /// Removes one version that is not the only one. The number is not used again.
    RemoveVersion {
        /// Secret or config.
        kind: Kind,
        /// The name's space.
        namespace: Namespace,
        /// The object.
        name: Name,
        /// Which of its versions.
        version: Version,
    },
    /// Ends access to one version. It stays listed.
    DestroyVersion {
        /// Secret or config.
        kind: Kind,
        /// The name's space.
        namespace: Namespace,
        /// The object.
        name: Name,
        /// Which of its versions.
        version: Version,
    },
    /// Creates a service at revision 1; `latest` is resolved here, and never later.
    CreateService {
        /// Drawn by the leader.
        id: ServiceId,
        /// The name's space.
        namespace: Namespace,
        /// The service.
        name: Name,
        /// Its labels.
        labels: Labels,
        /// Its files, in the order in which they were given.
        references: Vec<(Kind, RequestedReference)>,
    },
    /// Removes a service without tasks.
    RemoveService {
        /// The name's space.
        namespace: Namespace,
        /// The service.
        name: Name,
    },
    /// A container has a service's files mounted. Idempotent by node and container.
    AttachTask {
        /// Drawn by the leader; ignored where the container is attached already.
        id: TaskId,
        /// Where the container runs.
        node: NodeName,
        /// The container.
        container: ContainerId,
        /// Whose files it has.
        service: ServiceId,
        /// At which revision.
        revision: Revision,
    },
    /// A container has ended. Idempotent.
    DetachTask {
        /// Where the container ran.
        node: NodeName,
        /// The container.
        container: ContainerId,
    },
    /// An agent says which containers are attached on its node; its other tasks are forgotten.
    KeepTasks {
        /// The agent's node.
        node: NodeName,
        /// The containers that are attached.
        containers: BTreeSet<ContainerId>,
    },
}

/// The bytes of one version, encrypted by the leader for an object and a version number that it expects.
///
/// Where apply comes to another id or number (another write came between), it answers
/// [`Rejection::Raced`](crate::Rejection::Raced) and the leader encrypts anew: both are bound into the ciphertext.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddVersion {
    /// Create, or put.
    pub intent: Intent,
    /// Secret or config.
    pub kind: Kind,
    /// The name's space.
    pub namespace: Namespace,
    /// The object's name.
    pub name: Name,
    /// The id that the leader expects: the object's, or a fresh one where there is none.
    pub object: ObjectId,
    /// The number that the leader expects.
    pub version: Version,
    /// Replaces the labels; `None` leaves them.
    pub labels: Option<Labels>,
    /// Refused unless the newest version is this one; 0: the name must not exist.
    pub if_version: Option<u64>,
    /// Tells equal bytes of one object apart from others without showing them.
    pub digest: Digest,
    /// Length of the bytes in clear.
    pub size: PayloadSize,
    /// What is put on disk.
    pub payload: EncryptedPayload,
}

/// What a writer wants of [`AddVersion`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// The name must not exist.
    Create,
    /// Adds a version unless the newest has the same bytes.
    Put,
    /// Adds a version in any case.
    PutNew,
}

/// HMAC-SHA256 of an object's id and a version's bytes, under a key that only unsealed managers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub [u8; 32]);

/// Ciphertext as `docs/FORMATS.md` describes it; opaque here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedPayload {
    /// The record of the data key, under the epoch's key.
    pub wrapped_data_key: Vec<u8>,
    /// The record of the padded payload, under the data key.
    pub record: Vec<u8>,
}
