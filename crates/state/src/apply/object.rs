//! Commands on secrets and configs.

use super::Changes;
use crate::rejection::noun;
use crate::{
    AddVersion, Event, Intent, Object, ObjectVersion, Record, RecordKey, Rejection, Response, Write,
};
use strongroom_model::{
    Kind, LabelKey, Labels, Name, Namespace, ObjectId, Version, VersionRequest, VersionState,
    limits,
};

/// A kind, and a name or id in a namespace.
type Named<'a> = (Kind, &'a Namespace, &'a Name);

impl Changes<'_> {
    pub(super) fn add_version(&mut self, add: &AddVersion) -> Result<Response, Rejection> {
        let existing = self.state.object_named(add.kind, &add.namespace, &add.name);
        let existing = existing.cloned();
        if add.intent == Intent::Create
            && let Some(object) = &existing
        {
            return Err(Rejection::AlreadyExists {
                what: noun(add.kind),
                name: object.name.to_string(),
            });
        }
        let newest = existing
            .as_ref()
            .and_then(|object| self.state.newest(object.id));
        let number = newest.map_or(0, |version| version.number.get());
        if let Some(expected) = add.if_version.filter(|expected| *expected != number) {
            return Err(Rejection::VersionConflict {
                kind: add.kind,
                name: add.name.to_string(),
                newest: number,
                expected,
            });
        }
        if let (Some(object), Some(newest)) = (&existing, newest)
            && add.intent == Intent::Put
            && newest.state == VersionState::Enabled
            && newest.digest == Some(add.digest)
        {
            let response = Response::Version {
                object: object.id,
                version: newest.number,
                added: false,
            };
            self.replace_labels(object, add.labels.as_ref());
            return Ok(response);
        }
        self.check_room(add, existing.as_ref())?;
        self.add_expected_version(add, existing)
    }

    /// Adds the version if the leader encrypted for what it has become.
    fn add_expected_version(
        &mut self,
        add: &AddVersion,
        existing: Option<Object>,
    ) -> Result<Response, Rejection> {
        let (id, version) = self.state.next_version(add.kind, &add.namespace, &add.name);
        let id = id.or_else(|| self.unused(add.object));
        if id != Some(add.object) || version != add.version {
            return Err(Rejection::Raced);
        }
        let key = ((add.kind, add.namespace.clone()), add.name.folded());
        if let Some(retired) = self.state.retired_names.get(&key).copied() {
            self.delete(RecordKey::RetiredName(retired));
        }
        let object = existing.unwrap_or_else(|| self.new_object(add));
        self.put(Record::Object(Object {
            labels: add.labels.clone().unwrap_or(object.labels),
            last_version: version,
            updated: self.time,
            ..object
        }));
        self.put(Record::Version(ObjectVersion {
            object: add.object,
            number: version,
            state: VersionState::Enabled,
            digest: Some(add.digest),
            size: add.size,
            stored: stored(add),
            created: self.time,
        }));
        self.writes.push(Write::PutPayload(add.object, version));
        self.events.push(Event::Object(add.object));
        Ok(Response::Version {
            object: add.object,
            version,
            added: true,
        })
    }

    pub(super) fn update_labels(
        &mut self,
        (kind, namespace, name): Named<'_>,
        add: &Labels,
        remove: &[LabelKey],
    ) -> Result<Response, Rejection> {
        let object = self.state.known_object(kind, namespace, name)?.clone();
        let labels = object.labels.changed(add, remove)?;
        self.replace_labels(&object, Some(&labels));
        Ok(Response::Done)
    }

    pub(super) fn remove_object(
        &mut self,
        (kind, namespace, name): Named<'_>,
    ) -> Result<Response, Rejection> {
        let object = self.state.known_object(kind, namespace, name)?.clone();
        self.check_unused(&object, None)?;
        let versions: Vec<ObjectVersion> = self.state.versions(object.id).cloned().collect();
        for version in &versions {
            self.delete_version(version);
        }
        self.delete(RecordKey::Object(object.id));
        self.put(Record::RetiredName(object.retired()));
        self.events.push(Event::Object(object.id));
        Ok(Response::Done)
    }

    pub(super) fn remove_version(
        &mut self,
        named: Named<'_>,
        number: Version,
    ) -> Result<Response, Rejection> {
        let (object, version) = self.known_version(named, number)?;
        self.check_unused(&object, Some(number))?;
        if self.state.versions(object.id).nth(1).is_none() {
            return Err(Rejection::LastVersion {
                kind: object.kind,
                name: object.name.to_string(),
                version: number,
            });
        }
        self.delete_version(&version);
        self.touch(object);
        Ok(Response::Done)
    }

    pub(super) fn destroy_version(
        &mut self,
        named: Named<'_>,
        number: Version,
    ) -> Result<Response, Rejection> {
        let (object, version) = self.known_version(named, number)?;
        if version.state != VersionState::Enabled {
            return Ok(Response::Done);
        }
        self.check_unused(&object, Some(number))?;
        self.end_access(&version);
        self.put(Record::Version(ObjectVersion {
            state: VersionState::Destroying,
            digest: None,
            stored: 0,
            ..version
        }));
        self.touch(object);
        Ok(Response::Done)
    }

    fn new_object(&self, add: &AddVersion) -> Object {
        Object {
            id: add.object,
            kind: add.kind,
            namespace: add.namespace.clone(),
            name: add.name.clone(),
            labels: Labels::default(),
            last_version: add.version,
            created: self.time,
            updated: self.time,
        }
    }

    /// The id, unless an object has it or had it last under a name that goes on counting.
    fn unused(&self, id: ObjectId) -> Option<ObjectId> {
        let used = self.state.object(id).is_some() || self.state.retired.contains_key(&id);
        (!used).then_some(id)
    }

    fn check_room(&self, add: &AddVersion, existing: Option<&Object>) -> Result<(), Rejection> {
        if let Some(object) = existing {
            let count = self
                .state
                .objects
                .get(&object.id)
                .map_or(0, |listed| listed.versions);
            if count >= limits::VERSIONS || object.last_version.next() == object.last_version {
                return Err(Rejection::TooManyVersions {
                    kind: object.kind,
                    name: object.name.to_string(),
                    count,
                });
            }
        }
        if self.state.stored + u64::from(stored(add)) > limits::STORE {
            return Err(Rejection::Quota {
                stored: self.state.stored,
                limit: limits::STORE,
            });
        }
        Ok(())
    }

    fn check_unused(&self, object: &Object, version: Option<Version>) -> Result<(), Rejection> {
        let services = self.state.services_using(object.id, version);
        if services.is_empty() {
            return Ok(());
        }
        let what = match version {
            Some(version) => format!("{} {:?}", object.kind, format!("{}@{version}", object.name)),
            None => format!("{} {:?}", object.kind, object.name.as_str()),
        };
        Err(Rejection::InUse { what, services })
    }

    fn known_version(
        &self,
        (kind, namespace, name): Named<'_>,
        number: Version,
    ) -> Result<(Object, ObjectVersion), Rejection> {
        let object = self.state.known_object(kind, namespace, name)?;
        let version = self
            .state
            .find_version(object, VersionRequest::Number(number))?;
        Ok((object.clone(), version.clone()))
    }

    fn replace_labels(&mut self, object: &Object, labels: Option<&Labels>) {
        if let Some(labels) = labels.filter(|labels| **labels != object.labels) {
            self.touch(Object {
                labels: labels.clone(),
                ..object.clone()
            });
        }
    }

    fn touch(&mut self, object: Object) {
        let id = object.id;
        self.put(Record::Object(Object {
            updated: self.time,
            ..object
        }));
        self.events.push(Event::Object(id));
    }

    fn delete_version(&mut self, version: &ObjectVersion) {
        self.end_access(version);
        self.delete(RecordKey::Version(version.object, version.number));
    }

    /// Deletes the bytes of a version that has some.
    fn end_access(&mut self, version: &ObjectVersion) {
        if version.state == VersionState::Enabled {
            let (object, number) = (version.object, version.number);
            self.writes.push(Write::DeletePayload(object, number));
            self.events.push(Event::VersionEnded(object, number));
        }
    }
}

/// Bytes that the version's payload takes on disk.
fn stored(add: &AddVersion) -> u32 {
    let bytes = add.payload.wrapped_data_key.len() + add.payload.record.len();
    u32::try_from(bytes).unwrap_or(u32::MAX)
}
