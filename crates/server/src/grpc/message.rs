//! The state's records as messages.

use crate::vault::Described;
use std::collections::BTreeMap;
use strongroom_api::{timestamp, v1};
use strongroom_model::{Kind, Labels, Reference, VersionState};
use strongroom_state::{ObjectVersion, Service, Task};

macro_rules! described_as {
    ($message:ident) => {
        impl From<Described> for v1::$message {
            fn from(
                Described {
                    object,
                    latest,
                    size,
                }: Described,
            ) -> Self {
                Self {
                    id: object.id.to_string(),
                    namespace: object.namespace.to_string(),
                    name: object.name.to_string(),
                    labels: labels(&object.labels),
                    latest_version: latest.get(),
                    size_bytes: size.get().into(),
                    create_time: Some(timestamp(object.created)),
                    update_time: Some(timestamp(object.updated)),
                }
            }
        }
    };
}

described_as!(Secret);
described_as!(Config);

pub(super) fn version(version: &ObjectVersion) -> v1::Version {
    let state = match version.state {
        VersionState::Enabled => v1::VersionState::Enabled,
        VersionState::Destroying => v1::VersionState::Destroying,
        VersionState::Destroyed => v1::VersionState::Destroyed,
    };
    v1::Version {
        number: version.number.get(),
        state: state.into(),
        size_bytes: version.size.get().into(),
        create_time: Some(timestamp(version.created)),
    }
}

pub(super) fn service(service: &Service) -> v1::Service {
    let of = |kind: Kind| {
        let references = service.files.references().iter();
        references
            .filter(|reference| reference.kind == kind)
            .map(reference)
            .collect()
    };
    v1::Service {
        id: service.id.to_string(),
        namespace: service.namespace.to_string(),
        name: service.name.to_string(),
        labels: labels(&service.labels),
        secrets: of(Kind::Secret),
        configs: of(Kind::Config),
        revision: service.revision.get(),
        create_time: Some(timestamp(service.created)),
        update_time: Some(timestamp(service.updated)),
    }
}

/// A task and the service whose files it has.
pub(super) fn task(task: &Task, service: &Service) -> v1::Task {
    v1::Task {
        id: task.id.to_string(),
        namespace: service.namespace.to_string(),
        service: service.name.to_string(),
        node: task.node.to_string(),
        container: task.container.to_string(),
        revision: task.revision.get(),
        state: v1::TaskState::Running.into(),
        create_time: Some(timestamp(task.created)),
    }
}

fn reference(reference: &Reference) -> v1::Reference {
    v1::Reference {
        source: reference.source.to_string(),
        version: reference.version.get(),
        target: reference.target.to_string(),
        uid: reference.uid.get(),
        gid: reference.gid.get(),
        mode: Some(reference.mode.bits().into()),
    }
}

fn labels(labels: &Labels) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
