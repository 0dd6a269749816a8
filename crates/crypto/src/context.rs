//! What a record is: bound into it, so that no other record can take its place.

use crate::SlotKind;
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, Version};

/// Which record of which cluster. Whoever decrypts must name the same.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The cluster.
    pub cluster: ClusterId,
    /// What the record holds.
    pub field: Field,
    /// The space that the object lives in; `None` where there is none.
    pub namespace: Option<&'a Namespace>,
    /// The object's id, or whatever 16 bytes tell this record from others of its field; zeros where there is one only.
    pub object: [u8; 16],
    /// The object's version, or the log's index; 0 where there is none.
    pub version: u64,
}

/// What a record holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// A version's padded bytes, under their data key.
    Payload(Kind),
    /// A data key, under the key of an epoch.
    DataKey(Kind),
    /// A record of the state, under the state key, by the number of its kind in the store.
    State(u8),
    /// What the state's store keeps beside the records: the applied index, the root, the membership.
    StateMeta(u8),
    /// An entry of the log, under the storage key. The version is its index.
    LogEntry,
    /// The vote.
    Vote,
    /// What the log's store keeps beside entries and vote.
    LogMeta(u8),
    /// The keyring, under the root key.
    Keyring,
    /// The root key, under a slot's key.
    RootKey(SlotKind),
    /// A manager's storage key, under the root key. The object is the member.
    StorageKey,
}

/// One version of a secret or config: what its data key and its bytes are bound to.
#[derive(Clone, Copy, Debug)]
pub struct PayloadContext<'a> {
    /// The cluster.
    pub cluster: ClusterId,
    /// Secret or config.
    pub kind: Kind,
    /// The object's space.
    pub namespace: &'a Namespace,
    /// The object.
    pub object: ObjectId,
    /// Its version.
    pub version: Version,
}

/// AES-256-GCM under a key by HKDF-SHA256 per record, with commitment. A number in the associated data and nowhere in
/// the record: there is nothing to negotiate.
const ALGORITHM: u8 = 1;

/// Length of the associated data without the namespace.
const FIXED: usize = 4 + 1 + 2 + 4 + 16 + 16 + 8 + 8 + 1;

impl Context<'_> {
    /// The associated data of a record: `docs/FORMATS.md`, "Associated data". Fields have fixed lengths but for the
    /// last, which its length precedes, so that two contexts never give the same bytes.
    pub(crate) fn associated_data(&self, epoch: u32, content_len: usize) -> Vec<u8> {
        let namespace = self.namespace.map_or("", Namespace::as_str);
        let mut bytes = Vec::with_capacity(FIXED + namespace.len());
        bytes.extend_from_slice(crate::record::MAGIC);
        bytes.push(ALGORITHM);
        bytes.extend_from_slice(&self.field.code());
        bytes.extend_from_slice(&epoch.to_be_bytes());
        bytes.extend_from_slice(self.cluster.as_bytes());
        bytes.extend_from_slice(&self.object);
        bytes.extend_from_slice(&self.version.to_be_bytes());
        bytes.extend_from_slice(&(content_len as u64).to_be_bytes());
        push_namespace(&mut bytes, namespace);
        bytes
    }
}

impl<'a> PayloadContext<'a> {
    /// The context of one of the version's two records.
    pub(crate) const fn of(&self, field: Field) -> Context<'a> {
        Context {
            cluster: self.cluster,
            field,
            namespace: Some(self.namespace),
            object: *self.object.as_bytes(),
            version: self.version.get(),
        }
    }

    /// What a data key that is sealed to a session is bound to: `docs/FORMATS.md`, "Sealed data key".
    pub(crate) fn session_info(&self) -> Vec<u8> {
        let namespace = self.namespace.as_str();
        let mut bytes = Vec::with_capacity(FIXED + namespace.len());
        bytes.extend_from_slice(b"SRV1-session");
        bytes.extend_from_slice(self.cluster.as_bytes());
        bytes.push(kind_code(self.kind));
        bytes.extend_from_slice(self.object.as_bytes());
        bytes.extend_from_slice(&self.version.get().to_be_bytes());
        push_namespace(&mut bytes, namespace);
        bytes
    }
}

/// The length in one byte, then the text; no namespace is the empty one, which no namespace is.
fn push_namespace(bytes: &mut Vec<u8>, namespace: &str) {
    const { assert!(strongroom_model::limits::NAME <= u8::MAX as usize) };
    let length = u8::try_from(namespace.len()).expect("a namespace is a name, at most 64 bytes");
    bytes.push(length);
    bytes.extend_from_slice(namespace.as_bytes());
}

impl Field {
    /// Two bytes: what it is, and which of them. Written to disk: a number is never given to something else.
    const fn code(self) -> [u8; 2] {
        match self {
            Self::Payload(kind) => [1, kind_code(kind)],
            Self::DataKey(kind) => [2, kind_code(kind)],
            Self::State(tag) => [3, tag],
            Self::StateMeta(tag) => [4, tag],
            Self::LogEntry => [5, 0],
            Self::Vote => [6, 0],
            Self::LogMeta(tag) => [7, tag],
            Self::Keyring => [8, 0],
            Self::RootKey(SlotKind::Passphrase) => [9, 1],
            Self::RootKey(SlotKind::KeyFile) => [9, 2],
            Self::StorageKey => [10, 0],
        }
    }
}

const fn kind_code(kind: Kind) -> u8 {
    match kind {
        Kind::Secret => 1,
        Kind::Config => 2,
    }
}
