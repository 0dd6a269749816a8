//! Assignments as messages.

use strongroom_api::dispatch::{
    Assignment, AssignmentChange, Content, ContentId, File, Kind as KindMessage, SessionResponse,
    assignment_change::Change,
};
use strongroom_model::{Kind, Reference, ServiceId, limits};
use strongroom_state::{Service, State};

use super::known::ContentKey;

/// Bytes of changes that go out together. The largest single change is little more than a payload, so that a message
/// stays below its limit.
const TOGETHER: usize = limits::MESSAGE / 4;

/// Changes that wait to go out.
#[derive(Debug, Default)]
pub(super) struct Outgoing {
    changes: Vec<AssignmentChange>,
    bytes: usize,
}

impl Outgoing {
    pub(super) fn put_service(&mut self, assignment: Assignment) {
        let files = assignment.files.iter().map(|file| file.target.len() + 96);
        let weight = files.sum::<usize>() + 256;
        self.push(Change::PutService(assignment), weight);
    }

    pub(super) fn remove_service(&mut self, service: ServiceId) {
        self.push(Change::RemoveService(service.to_string()), 64);
    }

    pub(super) fn put_content(&mut self, content: Content) {
        let weight = content.record.len() + 256;
        self.push(Change::PutContent(content), weight);
    }

    pub(super) fn remove_content(&mut self, content: ContentKey) {
        self.push(Change::RemoveContent(content_id(content)), 64);
    }

    /// Whether it is time to send.
    pub(super) const fn is_full(&self) -> bool {
        self.bytes >= TOGETHER
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// A message with all that waits; its place in the sequence is the sender's to fill in.
    pub(super) fn take(&mut self) -> SessionResponse {
        self.bytes = 0;
        let changes = core::mem::take(&mut self.changes);
        SessionResponse {
            changes,
            ..Default::default()
        }
    }

    fn push(&mut self, change: Change, weight: usize) {
        self.changes.push(AssignmentChange {
            change: Some(change),
        });
        self.bytes += weight;
    }
}

/// The files of a service.
pub(super) fn assignment(state: &State, service: &Service) -> Assignment {
    let references = service.files.references().iter();
    Assignment {
        service_id: service.id.to_string(),
        namespace: service.namespace.to_string(),
        service: service.name.to_string(),
        revision: service.revision.get(),
        files: references.map(|reference| file(state, reference)).collect(),
    }
}

fn file(state: &State, reference: &Reference) -> File {
    let version = state.version(reference.object, reference.version);
    File {
        content: Some(content_id((reference.object, reference.version))),
        kind: kind(reference.kind).into(),
        target: reference.target.to_string(),
        uid: reference.uid.get(),
        gid: reference.gid.get(),
        mode: reference.mode.bits().into(),
        size_bytes: version.map_or(0, |version| version.size.get().into()),
    }
}

pub(super) fn content_id((object, version): ContentKey) -> ContentId {
    ContentId {
        object_id: object.to_string(),
        version: version.get(),
    }
}

pub(super) const fn kind(kind: Kind) -> KindMessage {
    match kind {
        Kind::Secret => KindMessage::Secret,
        Kind::Config => KindMessage::Config,
    }
}
