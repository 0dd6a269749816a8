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

#[cfg(test)]
mod tests {
    use super::*;
    use dispatch::assignment_change::Change as Message;
    use strongroom_crypto::SystemRandom;

    fn parse(message: Option<Message>) -> Result<Change, MessageError> {
        let session = Arc::new(SessionSecret::generate(&mut SystemRandom).unwrap());
        Change::parse(dispatch::AssignmentChange { change: message }, &session)
    }

    fn content_id_message() -> dispatch::ContentId {
        dispatch::ContentId {
            object_id: ObjectId::from_bytes([1; 16]).to_string(),
            version: 3,
        }
    }

    fn assignment() -> dispatch::Assignment {
        dispatch::Assignment {
            service_id: ServiceId::from_bytes([2; 16]).to_string(),
            namespace: String::new(),
            service: "web".to_owned(),
            revision: 1,
            files: vec![dispatch::File {
                content: Some(content_id_message()),
                kind: dispatch::Kind::Config.into(),
                target: "/etc/x".to_owned(),
                uid: 1,
                gid: 2,
                mode: 0o640,
                size_bytes: 9,
            }],
        }
    }

    fn content_message() -> dispatch::Content {
        dispatch::Content {
            id: Some(content_id_message()),
            kind: dispatch::Kind::Secret.into(),
            namespace: "default".to_owned(),
            cluster_id: vec![0; 16],
            size_bytes: 1,
            record: vec![1, 2, 3],
            encapsulated_key: vec![0; 32],
            sealed_data_key: vec![4],
        }
    }

    #[test]
    fn a_service_and_a_content_become_the_models() {
        let Ok(Change::PutService(service)) = parse(Some(Message::PutService(assignment()))) else {
            panic!("no service");
        };
        assert_eq!(service.files[0].path(), ["etc", "x"]);
        assert_eq!(service.files[0].content.version.get(), 3);
        let Ok(Change::PutContent(content)) = parse(Some(Message::PutContent(content_message())))
        else {
            panic!("no content");
        };
        assert_eq!(content.id, service.files[0].content);
    }

    #[test]
    fn what_no_manager_sends_is_refused() {
        assert!(parse(None).is_err());
        assert!(parse(Some(Message::RemoveService("x".to_owned()))).is_err());
        let services: [fn(&mut dispatch::Assignment); 9] = [
            |message| message.service_id.clear(),
            |message| message.service = "a/b".to_owned(),
            |message| message.revision = 0,
            |message| message.files[0].content = None,
            |message| message.files[0].kind = 7,
            |message| message.files[0].target = "../etc/passwd".to_owned(),
            |message| message.files[0].uid = u32::MAX,
            |message| message.files[0].mode = 0o4755,
            |message| message.files[0].size_bytes = u64::MAX,
        ];
        for mangle in services {
            let mut message = assignment();
            mangle(&mut message);
            assert!(
                parse(Some(Message::PutService(message.clone()))).is_err(),
                "{message:?}"
            );
        }
        let contents: [fn(&mut dispatch::Content); 5] = [
            |message| message.id = None,
            |message| message.kind = 0,
            |message| message.cluster_id.clear(),
            |message| message.encapsulated_key.truncate(31),
            |message| message.size_bytes = 0,
        ];
        for mangle in contents {
            let mut message = content_message();
            mangle(&mut message);
            assert!(
                parse(Some(Message::PutContent(message.clone()))).is_err(),
                "{message:?}"
            );
        }
    }
}
