//! The state from its records. What does not fit together is refused: a store that lost records, or was given
//! others, must not answer as if nothing had happened.

use crate::{Object, ObjectVersion, Record, RecordKey, RetiredName, Service, State, Task};
use core::fmt;
use std::collections::BTreeMap;
use strongroom_model::VersionState;

/// Why records are not a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the stored {key} {inconsistency}: the store is damaged, restore it from a backup")]
pub struct RestoreError {
    /// The first record that does not fit.
    pub key: RecordKey,
    /// What is wrong with it.
    pub inconsistency: Inconsistency,
}

/// What is wrong with a record beside the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Inconsistency {
    /// The same key twice.
    #[error("is there twice")]
    Duplicate,
    /// Another record of the same kind has the name, or the container.
    #[error("has a name that another one has")]
    NameTaken,
    /// An object without versions.
    #[error("has no version")]
    NoVersion,
    /// A number past the highest that was given out.
    #[error("has a number that was never given out")]
    NumberNotGiven,
    /// A record without the one that it belongs to, or refers to.
    #[error("belongs to something that is not there")]
    Orphan,
    /// Bytes, digest and state of a version contradict each other.
    #[error("is destroyed and has bytes, or is enabled and has none")]
    Bytes,
    /// A reference to a version that cannot be read, or to an object of another kind or namespace.
    #[error("refers to a version that it cannot use")]
    Unusable,
    /// A change after the state's own time, or no time at all.
    #[error("is younger than the store's clock")]
    Clock,
}

impl State {
    /// The state that consists of `records`, in whatever order they come.
    ///
    /// # Errors
    /// [`RestoreError`], naming the first record that does not fit.
    pub fn restore(records: impl IntoIterator<Item = Record>) -> Result<Self, RestoreError> {
        let mut sorted = BTreeMap::new();
        for record in records {
            let key = record.key();
            if sorted.insert(key, record).is_some() {
                return Err(Inconsistency::Duplicate.of(key));
            }
        }
        let mut state = Self::default();
        if let Some(clock) = sorted.remove(&RecordKey::Clock) {
            state.put(clock);
        }
        // Ascending keys put objects before their versions, those before services, and services before tasks.
        for (key, record) in sorted {
            state.fits(&record).map_err(|wrong| wrong.of(key))?;
            state.put(record);
        }
        let empty = state.objects.values().find(|listed| listed.versions == 0);
        match empty {
            Some(listed) => Err(Inconsistency::NoVersion.of(RecordKey::Object(listed.object.id))),
            None => Ok(state),
        }
    }

    fn fits(&self, record: &Record) -> Result<(), Inconsistency> {
        match record {
            Record::Object(object) => self.object_fits(object),
            Record::Version(version) => self.version_fits(version),
            Record::RetiredName(retired) => self.retired_name_fits(retired),
            Record::Service(service) => self.service_fits(service),
            Record::Task(task) => self.task_fits(task),
            Record::Request(request) => expect(request.time <= self.time, Inconsistency::Clock),
            Record::Clock(_) => Ok(()),
        }
    }

    fn object_fits(&self, object: &Object) -> Result<(), Inconsistency> {
        let named = self.object_named(object.kind, &object.namespace, &object.name);
        expect(named.is_none(), Inconsistency::NameTaken)?;
        expect(
            object.created.max(object.updated) <= self.time,
            Inconsistency::Clock,
        )
    }

    fn version_fits(&self, version: &ObjectVersion) -> Result<(), Inconsistency> {
        let object = self.object(version.object).ok_or(Inconsistency::Orphan)?;
        expect(
            version.number <= object.last_version,
            Inconsistency::NumberNotGiven,
        )?;
        let enabled = version.state == VersionState::Enabled;
        let consistent = version.digest.is_some() == enabled && (enabled || version.stored == 0);
        expect(consistent, Inconsistency::Bytes)?;
        expect(version.created <= self.time, Inconsistency::Clock)
    }

    fn retired_name_fits(&self, retired: &RetiredName) -> Result<(), Inconsistency> {
        let live = self.object_names.named(&retired.space(), &retired.name);
        let other = self
            .retired_names
            .get(&(retired.space(), retired.name.clone()));
        let same_id = self.object(retired.object);
        let free = live.is_none() && other.is_none() && same_id.is_none();
        expect(free, Inconsistency::NameTaken)
    }

    fn service_fits(&self, service: &Service) -> Result<(), Inconsistency> {
        let named = self.service_named(&service.namespace, &service.name);
        expect(named.is_none(), Inconsistency::NameTaken)?;
        for reference in service.files.references() {
            let object = self.object(reference.object).ok_or(Inconsistency::Orphan)?;
            let version = self.version(reference.object, reference.version);
            let state = version.ok_or(Inconsistency::Orphan)?.state;
            let usable = object.kind == reference.kind
                && object.namespace == service.namespace
                && state == VersionState::Enabled;
            expect(usable, Inconsistency::Unusable)?;
        }
        expect(
            service.created.max(service.updated) <= self.time,
            Inconsistency::Clock,
        )
    }

    fn task_fits(&self, task: &Task) -> Result<(), Inconsistency> {
        expect(self.service(task.service).is_some(), Inconsistency::Orphan)?;
        let other = self.task_of(&task.node, &task.container);
        expect(other.is_none(), Inconsistency::NameTaken)?;
        expect(task.created <= self.time, Inconsistency::Clock)
    }
}

impl Inconsistency {
    const fn of(self, key: RecordKey) -> RestoreError {
        RestoreError {
            key,
            inconsistency: self,
        }
    }
}

impl fmt::Display for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Object(id) => write!(f, "object {id}"),
            Self::Version(object, number) => write!(f, "version {object}@{number}"),
            Self::RetiredName(id) => write!(f, "retired name of {id}"),
            Self::Service(id) => write!(f, "service {id}"),
            Self::Task(id) => write!(f, "task {id}"),
            Self::Request(id) => write!(f, "request {id}"),
            Self::Clock => f.write_str("clock"),
        }
    }
}

const fn expect(holds: bool, otherwise: Inconsistency) -> Result<(), Inconsistency> {
    if holds { Ok(()) } else { Err(otherwise) }
}
