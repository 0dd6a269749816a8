//! A state with the disk below it. Each command is checked for what has to hold of every command, so each test of
//! one rule also tests these.

use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::{
    Kind, Labels, Name, Namespace, ObjectId, PayloadSize, RequestId, RequestedReference, ServiceId,
    Timestamp, Version, VersionState,
};
use strongroom_state::{
    AddVersion, Applied, Change, Command, Digest, EncryptedPayload, Event, Intent, Record,
    RecordKey, Rejection, Response, State, Write,
};

/// A state, and what a store made of its writes.
#[derive(Default)]
pub(crate) struct Durable {
    pub(crate) state: State,
    pub(crate) disk: BTreeMap<RecordKey, Record>,
    pub(crate) payloads: BTreeSet<(ObjectId, Version)>,
    pub(crate) events: Vec<Event>,
    pub(crate) index: u64,
    pub(crate) now: u64,
    drawn: u128,
}

impl Durable {
    /// Applies a change without a request id.
    pub(crate) fn apply(&mut self, change: Change) -> Result<Response, Rejection> {
        self.apply_command(None, change)
    }

    /// Applies a change as a request.
    pub(crate) fn request(&mut self, request: u128, change: Change) -> Result<Response, Rejection> {
        self.apply_command(Some(RequestId::from_bytes(request.to_be_bytes())), change)
    }

    fn apply_command(
        &mut self,
        request: Option<RequestId>,
        change: Change,
    ) -> Result<Response, Rejection> {
        let command = Command {
            request,
            time: Timestamp::from_millis(self.now),
            change,
        };
        self.index += 1;
        let before = self.state.clone();
        let applied = self.state.apply(self.index, &command);
        assert_eq!(
            before.clone().apply(self.index, &command),
            applied,
            "apply is deterministic"
        );
        if applied.writes.is_empty() {
            assert_eq!(before, self.state, "what changes is written");
            assert!(applied.events.is_empty(), "what did not change is not told");
        }
        if applied.outcome.is_err() {
            assert!(applied.writes.is_empty(), "a rejection writes nothing");
        }
        self.store(&applied);
        self.events = applied.events;
        applied.outcome
    }

    /// What a store does with the writes, and what must be there afterwards.
    fn store(&mut self, applied: &Applied) {
        for write in &applied.writes {
            match write {
                Write::Put(record) => {
                    self.disk.insert(record.key(), record.clone());
                }
                Write::Delete(key) => {
                    assert!(self.disk.remove(key).is_some(), "{key} was never written");
                }
                Write::PutPayload(object, version) => {
                    assert!(self.payloads.insert((*object, *version)));
                }
                Write::DeletePayload(object, version) => {
                    assert!(self.payloads.remove(&(*object, *version)));
                }
            }
        }
        assert_eq!(
            self.state.records().collect::<Vec<_>>(),
            self.disk.values().cloned().collect::<Vec<_>>()
        );
        let readable = self.disk.values().filter_map(|record| match record {
            Record::Version(version) if version.state == VersionState::Enabled => {
                Some((version.object, version.number))
            }
            _ => None,
        });
        assert_eq!(self.payloads, readable.collect());
    }

    /// The state that a restart makes of the disk.
    pub(crate) fn restarted(&self) -> State {
        State::restore(self.disk.values().cloned()).unwrap()
    }

    /// An id that no other has.
    pub(crate) fn draw(&mut self) -> [u8; 16] {
        self.drawn += 1;
        // Spread over the whole range, as random ids are.
        (self
            .drawn
            .wrapping_mul(0x9E37_79B9_7F4A_7C15_F39C_C060_5CED_C835))
        .to_be_bytes()
    }

    /// An [`AddVersion`] as a leader makes it: for the object and number that it sees.
    pub(crate) fn addition(
        &mut self,
        intent: Intent,
        kind: Kind,
        name: &str,
        content: u8,
    ) -> AddVersion {
        let fresh = ObjectId::from_bytes(self.draw());
        let (object, version) = self.state.next_version(kind, &default(), &self::name(name));
        let object = object.unwrap_or(fresh);
        AddVersion {
            intent,
            kind,
            namespace: default(),
            name: self::name(name),
            object,
            version,
            labels: None,
            if_version: None,
            digest: digest(object, content),
            size: PayloadSize::new(kind, 1).unwrap(),
            payload: EncryptedPayload {
                wrapped_data_key: vec![1; 60],
                record: vec![content; 40],
            },
        }
    }

    /// Puts a secret and returns its newest version and whether that was added.
    pub(crate) fn put(&mut self, name: &str, content: u8) -> Result<(u64, bool), Rejection> {
        let add = self.addition(Intent::Put, Kind::Secret, name, content);
        self.add(add)
    }

    /// Adds, and returns the newest version and whether it was added.
    pub(crate) fn add(&mut self, add: AddVersion) -> Result<(u64, bool), Rejection> {
        match self.apply(Change::AddVersion(add))? {
            Response::Version { version, added, .. } => Ok((version.get(), added)),
            other => panic!("{other:?} is no answer to a put"),
        }
    }

    /// Creates a service with references to secrets.
    pub(crate) fn service(
        &mut self,
        name: &str,
        references: &[&str],
    ) -> Result<ServiceId, Rejection> {
        let id = ServiceId::from_bytes(self.draw());
        let change = create_service(id, name, references);
        match self.apply(change)? {
            Response::Service(id) => Ok(id),
            other => panic!("{other:?} is no answer to a new service"),
        }
    }

    /// The ids, in text, of the object with that name.
    pub(crate) fn id(&self, kind: Kind, name: &str) -> ObjectId {
        let object = self.state.object_named(kind, &default(), &self::name(name));
        object.unwrap().id
    }
}

pub(crate) fn create_service(id: ServiceId, name: &str, references: &[&str]) -> Change {
    let parse = |text: &&str| (Kind::Secret, RequestedReference::parse(text).unwrap());
    Change::CreateService {
        id,
        namespace: default(),
        name: self::name(name),
        labels: Labels::default(),
        references: references.iter().map(parse).collect(),
    }
}

pub(crate) fn default() -> Namespace {
    Namespace::default()
}

pub(crate) fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

pub(crate) fn version(number: u64) -> Version {
    Version::new(number).unwrap()
}

pub(crate) fn labels(text: &[(&str, &str)]) -> Labels {
    Labels::parse(text.iter().copied()).unwrap()
}

/// Stands for the keyed digest: another one for each object and content.
pub(crate) fn digest(object: ObjectId, content: u8) -> Digest {
    let mut digest = [content; 32];
    digest[..16].copy_from_slice(object.as_bytes());
    Digest(digest)
}

pub(crate) fn remove(kind: Kind, name: &str) -> Change {
    Change::RemoveObject {
        kind,
        namespace: default(),
        name: self::name(name),
    }
}

pub(crate) fn remove_version(kind: Kind, name: &str, number: u64) -> Change {
    Change::RemoveVersion {
        kind,
        namespace: default(),
        name: self::name(name),
        version: version(number),
    }
}

pub(crate) fn destroy(kind: Kind, name: &str, number: u64) -> Change {
    Change::DestroyVersion {
        kind,
        namespace: default(),
        name: self::name(name),
        version: version(number),
    }
}

pub(crate) fn remove_service(name: &str) -> Change {
    Change::RemoveService {
        namespace: default(),
        name: self::name(name),
    }
}
