//! Commands on services.

use super::Changes;
use crate::query::{SERVICE, not_found};
use crate::rejection::noun;
use crate::{Event, Record, RecordKey, Rejection, Response, Service};
use strongroom_model::{
    Kind, Labels, Name, Namespace, Reference, RequestedReference, Revision, ServiceFiles,
    ServiceId, VersionState,
};

impl Changes<'_> {
    pub(super) fn create_service(
        &mut self,
        id: ServiceId,
        namespace: &Namespace,
        name: &Name,
        labels: &Labels,
        references: &[(Kind, RequestedReference)],
    ) -> Result<Response, Rejection> {
        if let Some(service) = self.state.service_named(namespace, name) {
            return Err(Rejection::AlreadyExists {
                what: SERVICE,
                name: service.name.to_string(),
            });
        }
        let resolved: Vec<Reference> = references
            .iter()
            .map(|(kind, reference)| self.resolve(*kind, namespace, reference))
            .collect::<Result<_, _>>()?;
        let files = ServiceFiles::new(resolved)?;
        if self.state.service(id).is_some() {
            return Err(Rejection::Raced);
        }
        self.put(Record::Service(Service {
            id,
            namespace: namespace.clone(),
            name: name.clone(),
            labels: labels.clone(),
            files,
            revision: Revision::FIRST,
            created: self.time,
            updated: self.time,
        }));
        self.events.push(Event::Service(id));
        Ok(Response::Service(id))
    }

    pub(super) fn remove_service(
        &mut self,
        namespace: &Namespace,
        name: &Name,
    ) -> Result<Response, Rejection> {
        let service = self.state.known_service(namespace, name)?;
        let id = service.id;
        let tasks = self.state.tasks_of(id);
        let mut containers: Vec<String> = tasks.map(|task| task.container.to_string()).collect();
        if !containers.is_empty() {
            containers.sort_unstable();
            return Err(Rejection::Attached {
                service: service.name.to_string(),
                containers,
            });
        }
        self.delete(RecordKey::Service(id));
        self.events.push(Event::Service(id));
        Ok(Response::Done)
    }

    /// The version that a reference means from now on. Sources go by name alone, as in Swarm.
    fn resolve(
        &self,
        kind: Kind,
        namespace: &Namespace,
        reference: &RequestedReference,
    ) -> Result<Reference, Rejection> {
        let object = self
            .state
            .object_named(kind, namespace, &reference.source)
            .ok_or_else(|| not_found(noun(kind), reference.source.as_str()))?;
        let version = self.state.find_version(object, reference.version)?;
        if version.state != VersionState::Enabled {
            return Err(Rejection::Destroyed {
                kind,
                name: object.name.to_string(),
                version: version.number,
                state: version.state,
            });
        }
        Ok(Reference {
            kind,
            object: object.id,
            source: object.name.clone(),
            version: version.number,
            target: reference.target.clone(),
            uid: reference.uid,
            gid: reference.gid,
            mode: reference.mode,
        })
    }
}
