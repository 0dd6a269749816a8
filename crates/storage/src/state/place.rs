//! Keys on disk and what a record is bound to: kinds and ids, never names.

use crate::cipher::StatePlace;
use strongroom_crypto::Field;
use strongroom_model::{ObjectId, RequestId, ServiceId, TaskId, Version};
use strongroom_state::RecordKey;

/// Where the record of `key` lies.
pub(super) const fn record(key: RecordKey) -> StatePlace {
    let (name, tag, object, version) = parts(key);
    StatePlace {
        name,
        field: Field::State(tag),
        object,
        version,
    }
}

/// The record's key in the database: tag, id, and the version's number if it has one.
pub(super) fn record_key(key: RecordKey) -> Vec<u8> {
    let (_, tag, object, version) = parts(key);
    let mut bytes = vec![tag];
    bytes.extend(object);
    if version > 0 {
        bytes.extend(version.to_be_bytes());
    }
    bytes
}

/// Name for errors, tag, id, and version or 0. Tags are written to disk: none is ever given to something else.
const fn parts(key: RecordKey) -> (&'static str, u8, [u8; 16], u64) {
    match key {
        RecordKey::Object(id) => ("the record of an object", 1, *id.as_bytes(), 0),
        RecordKey::Version(id, version) => {
            ("the record of a version", 2, *id.as_bytes(), version.get())
        }
        RecordKey::RetiredName(id) => ("the record of a removed name", 3, *id.as_bytes(), 0),
        RecordKey::Service(id) => ("the record of a service", 4, *id.as_bytes(), 0),
        RecordKey::Task(id) => ("the record of a task", 5, *id.as_bytes(), 0),
        RecordKey::Request(id) => ("the record of a request", 6, *id.as_bytes(), 0),
        RecordKey::Clock => ("the record of the time", 7, [0; 16], 0),
    }
}

/// The key that [`record_key`] gave these bytes.
pub(super) fn parse_record_key(bytes: &[u8]) -> Option<RecordKey> {
    let (tag, rest) = bytes.split_first()?;
    let (id, version) = rest.split_first_chunk::<16>()?;
    match (tag, version) {
        (1, []) => Some(RecordKey::Object(ObjectId::from_bytes(*id))),
        (2, version) => {
            let version = Version::new(u64::from_be_bytes(version.try_into().ok()?))?;
            Some(RecordKey::Version(ObjectId::from_bytes(*id), version))
        }
        (3, []) => Some(RecordKey::RetiredName(ObjectId::from_bytes(*id))),
        (4, []) => Some(RecordKey::Service(ServiceId::from_bytes(*id))),
        (5, []) => Some(RecordKey::Task(TaskId::from_bytes(*id))),
        (6, []) => Some(RecordKey::Request(RequestId::from_bytes(*id))),
        (7, []) if *id == [0; 16] => Some(RecordKey::Clock),
        _ => None,
    }
}

/// A payload's key, and its data key's: versions of an object lie together, in order.
pub(super) fn payload_key(object: ObjectId, version: Version) -> Vec<u8> {
    [&object.as_bytes()[..], &version.get().to_be_bytes()].concat()
}
