//! State records.

use crate::field::{self, BadField};
use crate::generated::v1;
use crate::{DecodeError, What, frame};
use strongroom_model::{
    ObjectId, Reference, RequestId, ServiceFiles, ServiceId, TaskId, VersionState,
};
use strongroom_state::{
    Object, ObjectVersion, Record, RememberedRequest, Response, RetiredName, Service, Task,
};
use v1::record::Record as Kind;
use v1::remembered_request::Response as ResponseKind;

/// A record's one encoding.
#[must_use]
pub fn encode_record(record: &Record) -> Vec<u8> {
    let kind = match record {
        Record::Object(object) => Kind::Object(object_message(object)),
        Record::Version(version) => Kind::Version(version_message(version)),
        Record::RetiredName(retired) => Kind::RetiredName(retired_name_message(retired)),
        Record::Service(service) => Kind::Service(service_message(service)),
        Record::Task(task) => Kind::Task(task_message(task)),
        Record::Request(request) => Kind::Request(request_message(request)),
        Record::Clock(time) => Kind::Clock(v1::Clock {
            time_ms: time.as_millis(),
        }),
    };
    frame::encode(&v1::Record { record: Some(kind) })
}

/// The record that [`encode_record`] encoded.
///
/// # Errors
/// [`DecodeError`] for every other bytes.
pub fn decode_record(bytes: &[u8]) -> Result<Record, DecodeError> {
    let message: v1::Record = frame::decode(What::Record, bytes)?;
    record(message).map_err(|error| error.of(What::Record))
}

fn record(message: v1::Record) -> Result<Record, BadField> {
    Ok(match field::present(message.record, "kind")? {
        Kind::Object(message) => Record::Object(object(message)?),
        Kind::Version(message) => Record::Version(version(&message)?),
        Kind::RetiredName(message) => Record::RetiredName(retired_name(message)?),
        Kind::Service(message) => Record::Service(service(&message)?),
        Kind::Task(message) => Record::Task(task(&message)?),
        Kind::Request(message) => Record::Request(request(message)?),
        Kind::Clock(message) => Record::Clock(field::time(message.time_ms)),
    })
}

fn object_message(object: &Object) -> v1::Object {
    v1::Object {
        id: object.id.as_bytes().to_vec(),
        name: field::object_name_message(object.kind, &object.namespace, object.name.as_str()),
        labels: field::labels_message(&object.labels),
        last_version: object.last_version.get(),
        created_ms: object.created.as_millis(),
        updated_ms: object.updated.as_millis(),
    }
}

fn object(message: v1::Object) -> Result<Object, BadField> {
    let name = field::object_name(message.name)?;
    Ok(Object {
        id: ObjectId::from_bytes(field::bytes(&message.id, "object id")?),
        kind: name.kind,
        namespace: name.namespace,
        name: name.name,
        labels: field::labels(&message.labels)?,
        last_version: field::version(message.last_version)?,
        created: field::time(message.created_ms),
        updated: field::time(message.updated_ms),
    })
}

fn version_message(version: &ObjectVersion) -> v1::ObjectVersion {
    let state = match version.state {
        VersionState::Enabled => v1::VersionState::Enabled,
        VersionState::Destroying => v1::VersionState::Destroying,
        VersionState::Destroyed => v1::VersionState::Destroyed,
    };
    v1::ObjectVersion {
        object: version.object.as_bytes().to_vec(),
        number: version.number.get(),
        state: state.into(),
        digest: version.digest.map(|digest| digest.0.to_vec()),
        size_bytes: version.size.get(),
        stored_bytes: version.stored,
        created_ms: version.created.as_millis(),
    }
}

fn version(message: &v1::ObjectVersion) -> Result<ObjectVersion, BadField> {
    let state = match v1::VersionState::try_from(message.state) {
        Ok(v1::VersionState::Enabled) => Some(VersionState::Enabled),
        Ok(v1::VersionState::Destroying) => Some(VersionState::Destroying),
        Ok(v1::VersionState::Destroyed) => Some(VersionState::Destroyed),
        Ok(v1::VersionState::Unspecified) | Err(_) => None,
    };
    Ok(ObjectVersion {
        object: ObjectId::from_bytes(field::bytes(&message.object, "object id")?),
        number: field::version(message.number)?,
        state: field::present(state, "state")?,
        digest: message.digest.as_deref().map(field::digest).transpose()?,
        size: field::size(message.size_bytes)?,
        stored: message.stored_bytes,
        created: field::time(message.created_ms),
    })
}

fn retired_name_message(retired: &RetiredName) -> v1::RetiredName {
    v1::RetiredName {
        object: retired.object.as_bytes().to_vec(),
        name: field::object_name_message(retired.kind, &retired.namespace, retired.name.as_str()),
        last_version: retired.last_version.get(),
    }
}

fn retired_name(message: v1::RetiredName) -> Result<RetiredName, BadField> {
    let name = field::object_name(message.name)?;
    let folded = name.name.folded();
    let kept = (folded.as_str() == name.name.as_str()).then_some(folded);
    Ok(RetiredName {
        object: ObjectId::from_bytes(field::bytes(&message.object, "object id")?),
        kind: name.kind,
        namespace: name.namespace,
        name: field::present(kept, "name")?,
        last_version: field::version(message.last_version)?,
    })
}

fn service_message(service: &Service) -> v1::Service {
    let references = service.files.references().iter().map(reference_message);
    v1::Service {
        id: service.id.as_bytes().to_vec(),
        namespace: service.namespace.as_str().to_owned(),
        name: service.name.as_str().to_owned(),
        labels: field::labels_message(&service.labels),
        references: references.collect(),
        revision: service.revision.get(),
        created_ms: service.created.as_millis(),
        updated_ms: service.updated.as_millis(),
    }
}

fn service(message: &v1::Service) -> Result<Service, BadField> {
    let references = message.references.iter().map(reference);
    let files = ServiceFiles::new(references.collect::<Result<_, _>>()?).ok();
    Ok(Service {
        id: ServiceId::from_bytes(field::bytes(&message.id, "service id")?),
        namespace: field::namespace(&message.namespace)?,
        name: field::name(&message.name)?,
        labels: field::labels(&message.labels)?,
        files: field::present(files, "set of references")?,
        revision: field::revision(message.revision)?,
        created: field::time(message.created_ms),
        updated: field::time(message.updated_ms),
    })
}

fn reference_message(reference: &Reference) -> v1::Reference {
    v1::Reference {
        kind: field::kind_message(reference.kind),
        object: reference.object.as_bytes().to_vec(),
        source: reference.source.as_str().to_owned(),
        version: reference.version.get(),
        target: reference.target.to_string(),
        uid: reference.uid.get(),
        gid: reference.gid.get(),
        mode: reference.mode.bits().into(),
    }
}

fn reference(message: &v1::Reference) -> Result<Reference, BadField> {
    Ok(Reference {
        kind: field::kind(message.kind)?,
        object: ObjectId::from_bytes(field::bytes(&message.object, "object id")?),
        source: field::name(&message.source)?,
        version: field::version(message.version)?,
        target: field::target(&message.target)?,
        uid: field::uid(message.uid)?,
        gid: field::gid(message.gid)?,
        mode: field::mode(message.mode)?,
    })
}

fn task_message(task: &Task) -> v1::Task {
    v1::Task {
        id: task.id.as_bytes().to_vec(),
        service: task.service.as_bytes().to_vec(),
        revision: task.revision.get(),
        node: task.node.as_str().to_owned(),
        container: task.container.as_str().to_owned(),
        created_ms: task.created.as_millis(),
    }
}

fn task(message: &v1::Task) -> Result<Task, BadField> {
    Ok(Task {
        id: TaskId::from_bytes(field::bytes(&message.id, "task id")?),
        service: ServiceId::from_bytes(field::bytes(&message.service, "service id")?),
        revision: field::revision(message.revision)?,
        node: field::node(&message.node)?,
        container: field::container(&message.container)?,
        created: field::time(message.created_ms),
    })
}

fn request_message(request: &RememberedRequest) -> v1::RememberedRequest {
    let response = match request.response {
        Response::Done => ResponseKind::Done(v1::DoneResponse {}),
        Response::Version {
            object,
            version,
            added,
        } => ResponseKind::Version(v1::VersionResponse {
            object: object.as_bytes().to_vec(),
            version: version.get(),
            added,
        }),
        Response::Service(id) => ResponseKind::Service(v1::ServiceResponse {
            service: id.as_bytes().to_vec(),
        }),
        Response::Task(id) => ResponseKind::Task(v1::TaskResponse {
            task: id.as_bytes().to_vec(),
        }),
    };
    v1::RememberedRequest {
        id: request.id.as_bytes().to_vec(),
        index: request.index,
        time_ms: request.time.as_millis(),
        response: Some(response),
    }
}

fn request(message: v1::RememberedRequest) -> Result<RememberedRequest, BadField> {
    let response = match field::present(message.response, "response")? {
        ResponseKind::Done(v1::DoneResponse {}) => Response::Done,
        ResponseKind::Version(message) => Response::Version {
            object: ObjectId::from_bytes(field::bytes(&message.object, "object id")?),
            version: field::version(message.version)?,
            added: message.added,
        },
        ResponseKind::Service(message) => Response::Service(ServiceId::from_bytes(field::bytes(
            &message.service,
            "service id",
        )?)),
        ResponseKind::Task(message) => {
            Response::Task(TaskId::from_bytes(field::bytes(&message.task, "task id")?))
        }
    };
    Ok(RememberedRequest {
        id: RequestId::from_bytes(field::bytes(&message.id, "request id")?),
        index: message.index,
        time: field::time(message.time_ms),
        response,
    })
}
