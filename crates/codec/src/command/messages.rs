//! Commands as messages.

use crate::field;
use crate::generated::v1;
use std::collections::BTreeSet;
use strongroom_model::{
    ContainerId, Kind, LabelKey, Labels, NodeName, RequestedReference, VersionRequest,
};
use strongroom_state::{AddVersion, Change, Intent};
use v1::command::Change as Message;

#[rustfmt::skip] // one arm is one line: a table
pub(super) fn change(change: &Change) -> Message {
    use field::object_name_message as object_name;
    match change {
        Change::AddVersion(add) => Message::AddVersion(add_version(add)),
        Change::UpdateLabels { kind, namespace, name, add, remove } => {
            Message::UpdateLabels(update_labels(object_name(*kind, namespace, name.as_str()), add, remove))
        }
        Change::RemoveObject { kind, namespace, name } => Message::RemoveObject(v1::RemoveObject {
            name: object_name(*kind, namespace, name.as_str()),
        }),
        Change::RemoveVersion { kind, namespace, name, version } => Message::RemoveVersion(v1::RemoveVersion {
            name: object_name(*kind, namespace, name.as_str()),
            version: version.get(),
        }),
        Change::DestroyVersion { kind, namespace, name, version } => Message::DestroyVersion(v1::DestroyVersion {
            name: object_name(*kind, namespace, name.as_str()),
            version: version.get(),
        }),
        Change::CreateService { id, namespace, name, labels, references } => Message::CreateService(v1::CreateService {
            id: id.as_bytes().to_vec(),
            namespace: namespace.as_str().to_owned(),
            name: name.as_str().to_owned(),
            labels: field::labels_message(labels),
            references: references.iter().map(|(kind, requested)| reference(*kind, requested)).collect(),
        }),
        Change::RemoveService { namespace, name } => Message::RemoveService(v1::RemoveService {
            namespace: namespace.as_str().to_owned(),
            name: name.as_str().to_owned(),
        }),
        Change::AttachTask { id, node, container, service, revision } => Message::AttachTask(v1::AttachTask {
            id: id.as_bytes().to_vec(),
            node: node.as_str().to_owned(),
            container: container.as_str().to_owned(),
            service: service.as_bytes().to_vec(),
            revision: revision.get(),
        }),
        Change::DetachTask { node, container } => Message::DetachTask(v1::DetachTask {
            node: node.as_str().to_owned(),
            container: container.as_str().to_owned(),
        }),
        Change::KeepTasks { node, containers } => Message::KeepTasks(keep_tasks(node, containers)),
    }
}

fn add_version(add: &AddVersion) -> v1::AddVersion {
    let intent = match add.intent {
        Intent::Create => v1::Intent::Create,
        Intent::Put => v1::Intent::Put,
        Intent::PutNew => v1::Intent::PutNew,
    };
    v1::AddVersion {
        intent: intent.into(),
        name: field::object_name_message(add.kind, &add.namespace, add.name.as_str()),
        object: add.object.as_bytes().to_vec(),
        version: add.version.get(),
        labels: add.labels.as_ref().map(|labels| v1::LabelSet {
            labels: field::labels_message(labels),
        }),
        if_version: add.if_version,
        digest: add.digest.0.to_vec(),
        size_bytes: add.size.get(),
        wrapped_data_key: add.payload.wrapped_data_key.clone(),
        payload: add.payload.record.clone(),
    }
}

fn update_labels(
    name: Option<v1::ObjectName>,
    add: &Labels,
    remove: &[LabelKey],
) -> v1::UpdateLabels {
    v1::UpdateLabels {
        name,
        add: field::labels_message(add),
        remove: remove.iter().map(|key| key.as_str().to_owned()).collect(),
    }
}

fn reference(kind: Kind, requested: &RequestedReference) -> v1::RequestedReference {
    v1::RequestedReference {
        kind: field::kind_message(kind),
        source: requested.source.as_str().to_owned(),
        version: match requested.version {
            VersionRequest::Latest => 0,
            VersionRequest::Number(number) => number.get(),
        },
        target: requested.target.to_string(),
        uid: requested.uid.get(),
        gid: requested.gid.get(),
        mode: requested.mode.bits().into(),
    }
}

fn keep_tasks(node: &NodeName, containers: &BTreeSet<ContainerId>) -> v1::KeepTasks {
    v1::KeepTasks {
        node: node.as_str().to_owned(),
        containers: containers.iter().map(|id| id.as_str().to_owned()).collect(),
    }
}
