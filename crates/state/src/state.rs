//! The state in memory: the records, and the indexes that answer questions about them without a scan.
//!
//! Two functions change it, [`State::put`] and [`State::delete`]; apply and restore go through both, so that a
//! restored state has the indexes of the one that was lost.

use crate::names::NameIndex;
use crate::{
    Object, ObjectVersion, Record, RecordKey, RememberedRequest, RetiredName, Service, Task,
};
use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::{
    ContainerId, FoldedName, Kind, Namespace, NodeName, ObjectId, RequestId, ServiceId, TaskId,
    Timestamp, Version,
};

/// What a secret's or config's name is unique in.
pub(crate) type ObjectSpace = (Kind, Namespace);

/// Everything that the cluster has agreed on, but for the payloads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State {
    pub(crate) time: Timestamp,
    pub(crate) stored: u64,
    pub(crate) objects: BTreeMap<ObjectId, Listed>,
    pub(crate) object_names: NameIndex<ObjectSpace, ObjectId>,
    pub(crate) versions: BTreeMap<(ObjectId, Version), ObjectVersion>,
    pub(crate) retired: BTreeMap<ObjectId, RetiredName>,
    pub(crate) retired_names: BTreeMap<(ObjectSpace, FoldedName), ObjectId>,
    pub(crate) services: BTreeMap<ServiceId, Service>,
    pub(crate) service_names: NameIndex<Namespace, ServiceId>,
    pub(crate) users: BTreeSet<(ObjectId, Version, ServiceId)>,
    pub(crate) tasks: BTreeMap<TaskId, Task>,
    pub(crate) containers: BTreeMap<NodeName, BTreeMap<ContainerId, TaskId>>,
    pub(crate) attached: BTreeSet<(ServiceId, TaskId)>,
    pub(crate) requests: BTreeMap<RequestId, RememberedRequest>,
    pub(crate) request_order: BTreeSet<(u64, RequestId)>,
}

/// An object, and how many versions of it there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) object: Object,
    pub(crate) versions: usize,
}

impl State {
    /// The state's own time: the latest that a change was made at.
    #[must_use]
    pub const fn time(&self) -> Timestamp {
        self.time
    }

    /// Bytes of all encrypted payloads.
    #[must_use]
    pub const fn stored(&self) -> u64 {
        self.stored
    }

    /// Every record, in the order of the keys.
    pub fn records(&self) -> impl Iterator<Item = Record> + '_ {
        let objects = self
            .objects
            .values()
            .map(|listed| Record::Object(listed.object.clone()));
        let clock = (self.time > Timestamp::default()).then_some(Record::Clock(self.time));
        objects
            .chain(self.versions.values().cloned().map(Record::Version))
            .chain(self.retired.values().cloned().map(Record::RetiredName))
            .chain(self.services.values().cloned().map(Record::Service))
            .chain(self.tasks.values().cloned().map(Record::Task))
            .chain(self.requests.values().cloned().map(Record::Request))
            .chain(clock)
    }

    /// Puts a record, over what was there. An object's version comes after the object.
    pub(crate) fn put(&mut self, record: Record) {
        match record {
            Record::Object(object) => self.put_object(object),
            Record::Version(version) => self.put_version(version),
            Record::RetiredName(retired) => {
                let name = (retired.space(), retired.name.clone());
                self.retired_names.insert(name, retired.object);
                self.retired.insert(retired.object, retired);
            }
            Record::Service(service) => self.put_service(service),
            Record::Task(task) => self.put_task(task),
            Record::Request(request) => {
                self.request_order.insert((request.index, request.id));
                self.requests.insert(request.id, request);
            }
            Record::Clock(time) => self.time = time,
        }
    }

    /// Deletes a record, if it is there. An object's versions go before the object.
    pub(crate) fn delete(&mut self, key: &RecordKey) {
        match key {
            RecordKey::Object(id) => {
                if let Some(Listed { object, .. }) = self.objects.remove(id) {
                    self.object_names
                        .remove(&object.space(), &object.name.folded());
                }
            }
            RecordKey::Version(object, number) => self.delete_version(*object, *number),
            RecordKey::RetiredName(id) => {
                if let Some(retired) = self.retired.remove(id) {
                    let name = (retired.space(), retired.name);
                    self.retired_names.remove(&name);
                }
            }
            RecordKey::Service(id) => self.delete_service(*id),
            RecordKey::Task(id) => self.delete_task(*id),
            RecordKey::Request(id) => {
                if let Some(request) = self.requests.remove(id) {
                    self.request_order.remove(&(request.index, request.id));
                }
            }
            RecordKey::Clock => self.time = Timestamp::default(),
        }
    }

    fn put_object(&mut self, object: Object) {
        if let Some(listed) = self.objects.get_mut(&object.id) {
            listed.object = object;
            return;
        }
        self.object_names
            .insert(&object.space(), &object.name.folded(), object.id);
        self.objects.insert(
            object.id,
            Listed {
                object,
                versions: 0,
            },
        );
    }

    fn put_version(&mut self, version: ObjectVersion) {
        let (object, stored) = (version.object, u64::from(version.stored));
        match self.versions.insert((object, version.number), version) {
            Some(before) => self.stored -= u64::from(before.stored),
            None => {
                if let Some(listed) = self.objects.get_mut(&object) {
                    listed.versions += 1;
                }
            }
        }
        self.stored += stored;
    }

    fn delete_version(&mut self, object: ObjectId, number: Version) {
        if let Some(version) = self.versions.remove(&(object, number)) {
            self.stored -= u64::from(version.stored);
            if let Some(listed) = self.objects.get_mut(&object) {
                listed.versions -= 1;
            }
        }
    }

    fn put_service(&mut self, service: Service) {
        self.delete_service(service.id);
        for reference in service.files.references() {
            self.users
                .insert((reference.object, reference.version, service.id));
        }
        self.service_names
            .insert(&service.namespace, &service.name.folded(), service.id);
        self.services.insert(service.id, service);
    }

    fn delete_service(&mut self, id: ServiceId) {
        if let Some(service) = self.services.remove(&id) {
            for reference in service.files.references() {
                self.users
                    .remove(&(reference.object, reference.version, id));
            }
            self.service_names
                .remove(&service.namespace, &service.name.folded());
        }
    }

    fn put_task(&mut self, task: Task) {
        let on_node = self.containers.entry(task.node.clone()).or_default();
        on_node.insert(task.container.clone(), task.id);
        self.attached.insert((task.service, task.id));
        self.tasks.insert(task.id, task);
    }

    fn delete_task(&mut self, id: TaskId) {
        if let Some(task) = self.tasks.remove(&id) {
            self.attached.remove(&(task.service, id));
            if let Some(on_node) = self.containers.get_mut(&task.node) {
                on_node.remove(&task.container);
                if on_node.is_empty() {
                    self.containers.remove(&task.node);
                }
            }
        }
    }
}

impl Object {
    pub(crate) fn space(&self) -> ObjectSpace {
        (self.kind, self.namespace.clone())
    }
}

impl RetiredName {
    pub(crate) fn space(&self) -> ObjectSpace {
        (self.kind, self.namespace.clone())
    }
}
