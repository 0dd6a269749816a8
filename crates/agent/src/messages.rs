//! The manager's messages, parsed: past this border everything is a type of the model.

use crate::contents::Content;
use std::sync::Arc;
use strongroom_api::dispatch;
use strongroom_crypto::{SealedDataKey, SessionSecret};
use strongroom_model::{
    ClusterId, FileMode, Gid, Kind, Name, Namespace, ObjectId, PayloadSize, Revision, ServiceId,
    Target, Uid, Version,
};
use strongroom_tree::{ContentId, File};

/// One change of what this node is assigned.
#[derive(Debug)]
pub(crate) enum Change {
    PutService(Service),
    RemoveService(ServiceId),
    PutContent(Content),
    RemoveContent(ContentId),
}

/// A service that this node may run containers of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Service {
    pub(crate) id: ServiceId,
    pub(crate) namespace: Namespace,
    pub(crate) name: Name,
    pub(crate) revision: Revision,
    pub(crate) files: Vec<File>,
}

/// A message that no manager of this release sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the manager sent a message that is not understood: {0}; are manager and agent of one release?"
)]
pub(crate) struct MessageError(&'static str);

impl Change {
    /// Parses a change; its data key is encrypted to `session`.
    pub(crate) fn parse(
        message: dispatch::AssignmentChange,
        session: &Arc<SessionSecret>,
    ) -> Result<Self, MessageError> {
        use dispatch::assignment_change::Change as Message;
        Ok(
            match message.change.ok_or(MessageError("an empty change"))? {
                Message::PutService(assignment) => Self::PutService(service(assignment)?),
                Message::RemoveService(id) => Self::RemoveService(service_id(&id)?),
                Message::PutContent(message) => Self::PutContent(content(message, session)?),
                Message::RemoveContent(id) => Self::RemoveContent(content_id(Some(id))?),
            },
        )
    }
}

fn service(message: dispatch::Assignment) -> Result<Service, MessageError> {
    let files = message
        .files
        .into_iter()
        .map(file)
        .collect::<Result<_, _>>()?;
    Ok(Service {
        id: service_id(&message.service_id)?,
        namespace: namespace(&message.namespace)?,
        name: Name::parse(&message.service).map_err(|_| MessageError("a service's name"))?,
        revision: Revision::new(message.revision).ok_or(MessageError("a revision"))?,
        files,
    })
}

fn file(message: dispatch::File) -> Result<File, MessageError> {
    let kind = kind(message.kind())?;
    Ok(File {
        kind,
        target: Target::parse(&message.target).map_err(|_| MessageError("a target"))?,
        size: size(kind, message.size_bytes)?,
        uid: Uid::new(message.uid).map_err(|_| MessageError("a uid"))?,
        gid: Gid::new(message.gid).map_err(|_| MessageError("a gid"))?,
        mode: FileMode::new(message.mode).map_err(|_| MessageError("a mode"))?,
        content: content_id(message.content)?,
    })
}

fn content(
    message: dispatch::Content,
    session: &Arc<SessionSecret>,
) -> Result<Content, MessageError> {
    let kind = kind(message.kind())?;
    let cluster: [u8; 16] = fixed(message.cluster_id).ok_or(MessageError("a cluster's id"))?;
    let encapsulated_key = fixed(message.encapsulated_key).ok_or(MessageError("a key"))?;
    Ok(Content {
        id: content_id(message.id)?,
        cluster: ClusterId::from_bytes(cluster),
        kind,
        namespace: namespace(&message.namespace)?,
        size: size(kind, message.size_bytes)?,
        record: message.record,
        data_key: SealedDataKey {
            encapsulated_key,
            ciphertext: message.sealed_data_key,
        },
        session: Arc::clone(session),
    })
}

fn content_id(message: Option<dispatch::ContentId>) -> Result<ContentId, MessageError> {
    let message = message.ok_or(MessageError("a content's id"))?;
    Ok(ContentId {
        object: ObjectId::parse(&message.object_id).map_err(|_| MessageError("an object's id"))?,
        version: Version::new(message.version).ok_or(MessageError("a version"))?,
    })
}

fn service_id(text: &str) -> Result<ServiceId, MessageError> {
    ServiceId::parse(text).map_err(|_| MessageError("a service's id"))
}

fn namespace(text: &str) -> Result<Namespace, MessageError> {
    Namespace::parse(text).map_err(|_| MessageError("a namespace"))
}

const fn kind(message: dispatch::Kind) -> Result<Kind, MessageError> {
    match message {
        dispatch::Kind::Secret => Ok(Kind::Secret),
        dispatch::Kind::Config => Ok(Kind::Config),
        dispatch::Kind::Unspecified => Err(MessageError("a kind")),
    }
}

fn size(kind: Kind, bytes: u64) -> Result<PayloadSize, MessageError> {
    let bytes = usize::try_from(bytes).map_err(|_| MessageError("a size"))?;
    PayloadSize::new(kind, bytes).map_err(|_| MessageError("a size"))
}

fn fixed<const N: usize>(bytes: Vec<u8>) -> Option<[u8; N]> {
    bytes.try_into().ok()
}
