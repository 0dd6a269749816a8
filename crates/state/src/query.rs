//! Questions to the state. None of them scans more than it returns, but for what a filter leaves out.

mod page;

pub use page::{Filter, Page, PageToken, PageTokenError};

use crate::rejection::noun;
use crate::{Object, ObjectVersion, Rejection, Service, State, Task};
use strongroom_model::{
    ContainerId, Kind, Name, Namespace, NodeName, ObjectId, ServiceId, TaskId, Version,
    VersionRequest,
};

impl State {
    /// The object with that id.
    #[must_use]
    pub fn object(&self, id: ObjectId) -> Option<&Object> {
        self.objects.get(&id).map(|listed| &listed.object)
    }

    /// The object with exactly that name, in whatever case.
    #[must_use]
    pub fn object_named(&self, kind: Kind, namespace: &Namespace, name: &Name) -> Option<&Object> {
        let id = self
            .object_names
            .named(&(kind, namespace.clone()), &name.folded())?;
        self.object(id)
    }

    /// The object that `text` means, as in Swarm: by its full id, else by its name, else by a prefix of its id.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], and [`Rejection::Ambiguous`] where several ids begin with `text`.
    pub fn find_object(
        &self,
        kind: Kind,
        namespace: &Namespace,
        text: &Name,
    ) -> Result<&Object, Rejection> {
        if let Ok(object) = self.known_object(kind, namespace, text) {
            return Ok(object);
        }
        let space = (kind, namespace.clone());
        let mut ids = self.object_names.abbreviated(&space, text);
        let first = ids.next().and_then(|id| self.object(id));
        unique(noun(kind), text, first, ids.count())
    }

    /// The object with that full id or name: what a change goes by, so that a short name that is gone never means
    /// another object by its id.
    pub(crate) fn known_object(
        &self,
        kind: Kind,
        namespace: &Namespace,
        text: &Name,
    ) -> Result<&Object, Rejection> {
        self.object_names
            .identified(&(kind, namespace.clone()), text)
            .and_then(|id| self.object(id))
            .or_else(|| self.object_named(kind, namespace, text))
            .ok_or_else(|| not_found(noun(kind), text.as_str()))
    }

    /// A page of the objects of one kind, in the order of their folded names.
    ///
    /// `limit` is cut to 1 to [`strongroom_model::limits::PAGE`].
    #[must_use]
    pub fn objects(
        &self,
        kind: Kind,
        namespace: &Namespace,
        filter: &Filter,
        after: Option<&PageToken>,
        limit: usize,
    ) -> Page<'_, Object> {
        let ids = page::ids(&self.object_names, (kind, namespace.clone()), filter, after);
        let objects = ids.filter_map(|id| self.object(id));
        let admitted = objects.filter(|object| filter.admits(&object.labels));
        Page::cut(admitted, limit, |object| &object.name)
    }

    /// One version of an object.
    #[must_use]
    pub fn version(&self, object: ObjectId, number: Version) -> Option<&ObjectVersion> {
        self.versions.get(&(object, number))
    }

    /// An object's versions, ascending.
    pub fn versions(&self, object: ObjectId) -> impl DoubleEndedIterator<Item = &ObjectVersion> {
        self.versions
            .range(versions_of(object))
            .map(|(_, version)| version)
    }

    /// The highest version that is listed; every object has one.
    #[must_use]
    pub fn newest(&self, object: ObjectId) -> Option<&ObjectVersion> {
        self.versions(object).next_back()
    }

    /// The version of an object that is asked for, in whatever state it is.
    ///
    /// # Errors
    /// [`Rejection::VersionNotFound`].
    pub fn find_version(
        &self,
        object: &Object,
        version: VersionRequest,
    ) -> Result<&ObjectVersion, Rejection> {
        let (found, number) = match version {
            VersionRequest::Latest => (self.newest(object.id), object.last_version),
            VersionRequest::Number(number) => (self.version(object.id, number), number),
        };
        found.ok_or_else(|| Rejection::VersionNotFound {
            kind: object.kind,
            name: object.name.to_string(),
            version: number,
        })
    }

    /// The object that has a name, if any, and the number of the version that a put under the name would add: what the
    /// leader binds a payload to.
    #[must_use]
    pub fn next_version(
        &self,
        kind: Kind,
        namespace: &Namespace,
        name: &Name,
    ) -> (Option<ObjectId>, Version) {
        if let Some(object) = self.object_named(kind, namespace, name) {
            return (Some(object.id), object.last_version.next());
        }
        let key = ((kind, namespace.clone()), name.folded());
        let retired = self
            .retired_names
            .get(&key)
            .and_then(|id| self.retired.get(id));
        (
            None,
            retired.map_or(Version::FIRST, |name| name.last_version.next()),
        )
    }

    /// The names of the services that use an object, or one version of it, sorted.
    #[must_use]
    pub fn services_using(&self, object: ObjectId, version: Option<Version>) -> Vec<String> {
        let first = version.unwrap_or(Version::FIRST);
        let last = version.unwrap_or(LAST_VERSION);
        let users = (object, first, ServiceId::from_bytes([0; 16]))
            ..=(object, last, ServiceId::from_bytes([0xff; 16]));
        let mut names: Vec<String> = self
            .users
            .range(users)
            .filter_map(|(_, _, service)| self.service(*service))
            .map(|service| service.name.to_string())
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The service with that id.
    #[must_use]
    pub fn service(&self, id: ServiceId) -> Option<&Service> {
        self.services.get(&id)
    }

    /// The service with exactly that name, in whatever case.
    #[must_use]
    pub fn service_named(&self, namespace: &Namespace, name: &Name) -> Option<&Service> {
        self.service(self.service_names.named(namespace, &name.folded())?)
    }

    /// The service that `text` means: by its full id, else by its name, else by a prefix of its id.
    ///
    /// # Errors
    /// [`Rejection::NotFound`], and [`Rejection::Ambiguous`] where several ids begin with `text`.
    pub fn find_service(&self, namespace: &Namespace, text: &Name) -> Result<&Service, Rejection> {
        if let Ok(service) = self.known_service(namespace, text) {
            return Ok(service);
        }
        let mut ids = self.service_names.abbreviated(namespace, text);
        let first = ids.next().and_then(|id| self.service(id));
        unique(SERVICE, text, first, ids.count())
    }

    /// The service with that full id or name; see [`State::known_object`].
    pub(crate) fn known_service(
        &self,
        namespace: &Namespace,
        text: &Name,
    ) -> Result<&Service, Rejection> {
        self.service_names
            .identified(namespace, text)
            .and_then(|id| self.service(id))
            .or_else(|| self.service_named(namespace, text))
            .ok_or_else(|| not_found(SERVICE, text.as_str()))
    }

    /// A page of the services, in the order of their folded names.
    ///
    /// `limit` is cut to 1 to [`strongroom_model::limits::PAGE`].
    #[must_use]
    pub fn services(
        &self,
        namespace: &Namespace,
        filter: &Filter,
        after: Option<&PageToken>,
        limit: usize,
    ) -> Page<'_, Service> {
        let ids = page::ids(&self.service_names, namespace.clone(), filter, after);
        let services = ids.filter_map(|id| self.service(id));
        let admitted = services.filter(|service| filter.admits(&service.labels));
        Page::cut(admitted, limit, |service| &service.name)
    }

    /// The services of all namespaces, in the order of their ids.
    pub fn all_services(&self) -> impl Iterator<Item = &Service> {
        self.services.values()
    }

    /// The task with that id.
    #[must_use]
    pub fn task(&self, id: TaskId) -> Option<&Task> {
        self.tasks.get(&id)
    }

    /// All tasks, in the order of their ids.
    pub fn tasks(&self) -> impl Iterator<Item = &Task> {
        self.tasks.values()
    }

    /// The tasks of one service, in the order of their ids.
    pub fn tasks_of(&self, service: ServiceId) -> impl Iterator<Item = &Task> {
        let first = (service, TaskId::from_bytes([0; 16]));
        let last = (service, TaskId::from_bytes([0xff; 16]));
        self.attached
            .range(first..=last)
            .filter_map(|(_, task)| self.task(*task))
    }

    /// The tasks on one node, in the order of their containers.
    pub fn tasks_on(&self, node: &NodeName) -> impl Iterator<Item = &Task> + use<'_> {
        let containers = self.containers.get(node).into_iter().flatten();
        containers.filter_map(|(_, task)| self.task(*task))
    }

    /// The task of one container.
    #[must_use]
    pub fn task_of(&self, node: &NodeName, container: &ContainerId) -> Option<&Task> {
        self.task(*self.containers.get(node)?.get(container)?)
    }
}

/// What a refusal calls a service.
pub(crate) const SERVICE: &str = "service";

const LAST_VERSION: Version = match Version::new(u64::MAX) {
    Some(version) => version,
    None => Version::FIRST,
};

pub(crate) fn not_found(what: &'static str, name: &str) -> Rejection {
    Rejection::NotFound {
        what,
        name: name.to_owned(),
    }
}

fn versions_of(object: ObjectId) -> core::ops::RangeInclusive<(ObjectId, Version)> {
    (object, Version::FIRST)..=(object, LAST_VERSION)
}

fn unique<'a, T>(
    what: &'static str,
    text: &Name,
    first: Option<&'a T>,
    others: usize,
) -> Result<&'a T, Rejection> {
    match (first, others) {
        (Some(only), 0) => Ok(only),
        (Some(_), others) => Err(Rejection::Ambiguous {
            what,
            name: text.to_string(),
            matches: others + 1,
        }),
        (None, _) => Err(not_found(what, text.as_str())),
    }
}
