//! Commands of messages.

use crate::field::{self, BadField};
use crate::generated::v1;
use std::collections::BTreeSet;
use strongroom_model::{Kind, ObjectId, RequestedReference, ServiceId, TaskId, VersionRequest};
use strongroom_state::{AddVersion, Change, EncryptedPayload, Intent};
use v1::command::Change as Message;

pub(super) fn change(message: Message) -> Result<Change, BadField> {
    match message {
        Message::AddVersion(message) => add_version(message).map(Change::AddVersion),
        Message::UpdateLabels(message) => update_labels(message),
        Message::RemoveObject(message) => {
            let object = field::object_name(message.name)?;
            Ok(Change::RemoveObject {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
            })
        }
        Message::RemoveVersion(message) => {
            let object = field::object_name(message.name)?;
            Ok(Change::RemoveVersion {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
                version: field::version(message.version)?,
            })
        }
        Message::DestroyVersion(message) => {
            let object = field::object_name(message.name)?;
            Ok(Change::DestroyVersion {
                kind: object.kind,
                namespace: object.namespace,
                name: object.name,
                version: field::version(message.version)?,
            })
        }
        Message::CreateService(message) => create_service(&message),
        Message::RemoveService(message) => Ok(Change::RemoveService {
            namespace: field::namespace(&message.namespace)?,
            name: field::name(&message.name)?,
        }),
        Message::AttachTask(message) => attach_task(&message),
        Message::DetachTask(message) => Ok(Change::DetachTask {
            node: field::node(&message.node)?,
            container: field::container(&message.container)?,
        }),
        Message::KeepTasks(message) => keep_tasks(&message),
    }
}

fn add_version(message: v1::AddVersion) -> Result<AddVersion, BadField> {
    let intent = match v1::Intent::try_from(message.intent) {
        Ok(v1::Intent::Create) => Some(Intent::Create),
        Ok(v1::Intent::Put) => Some(Intent::Put),
        Ok(v1::Intent::PutNew) => Some(Intent::PutNew),
        Ok(v1::Intent::Unspecified) | Err(_) => None,
    };
    let object = field::object_name(message.name)?;
    let labels = message.labels.map(|set| field::labels(&set.labels));
    Ok(AddVersion {
        intent: field::present(intent, "intent")?,
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
        object: ObjectId::from_bytes(field::bytes(&message.object, "object id")?),
        version: field::version(message.version)?,
        labels: labels.transpose()?,
        if_version: message.if_version,
        digest: field::digest(&message.digest)?,
        size: field::size(message.size_bytes)?,
        payload: EncryptedPayload {
            wrapped_data_key: message.wrapped_data_key,
            record: message.payload,
        },
    })
}

fn update_labels(message: v1::UpdateLabels) -> Result<Change, BadField> {
    let object = field::object_name(message.name)?;
    let remove = message.remove.iter().map(|key| field::label_key(key));
    Ok(Change::UpdateLabels {
        kind: object.kind,
        namespace: object.namespace,
        name: object.name,
        add: field::labels(&message.add)?,
        remove: remove.collect::<Result<_, _>>()?,
    })
}

fn create_service(message: &v1::CreateService) -> Result<Change, BadField> {
    let references = message.references.iter().map(reference);
    Ok(Change::CreateService {
        id: ServiceId::from_bytes(field::bytes(&message.id, "service id")?),
        namespace: field::namespace(&message.namespace)?,
        name: field::name(&message.name)?,
        labels: field::labels(&message.labels)?,
        references: references.collect::<Result<_, _>>()?,
    })
}

fn reference(message: &v1::RequestedReference) -> Result<(Kind, RequestedReference), BadField> {
    let version = match message.version {
        0 => VersionRequest::Latest,
        number => VersionRequest::Number(field::version(number)?),
    };
    let requested = RequestedReference {
        source: field::name(&message.source)?,
        version,
        target: field::target(&message.target)?,
        uid: field::uid(message.uid)?,
        gid: field::gid(message.gid)?,
        mode: field::mode(message.mode)?,
    };
    Ok((field::kind(message.kind)?, requested))
}

fn attach_task(message: &v1::AttachTask) -> Result<Change, BadField> {
    Ok(Change::AttachTask {
        id: TaskId::from_bytes(field::bytes(&message.id, "task id")?),
        node: field::node(&message.node)?,
        container: field::container(&message.container)?,
        service: ServiceId::from_bytes(field::bytes(&message.service, "service id")?),
        revision: field::revision(message.revision)?,
    })
}

fn keep_tasks(message: &v1::KeepTasks) -> Result<Change, BadField> {
    let containers = message.containers.iter().map(|id| field::container(id));
    let set: BTreeSet<_> = containers.collect::<Result<_, _>>()?;
    // Ascending and each once, as it was written: a command has one encoding.
    let written = set.iter().map(strongroom_model::ContainerId::as_str);
    let same = written.eq(message.containers.iter().map(String::as_str));
    Ok(Change::KeepTasks {
        node: field::node(&message.node)?,
        containers: field::present(same.then_some(set), "set of containers")?,
    })
}
