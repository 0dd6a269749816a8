//! Requests of agents.

use crate::{Refusal, dispatch, v1::ErrorReason};
use std::collections::BTreeSet;
use strongroom_model::{ContainerId, NodeName, ParseIdError, Revision, ServiceId, limits};

/// An agent takes up its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenSession {
    /// The machine.
    pub node: NodeName,
    /// The X25519 key that data keys of this session are encrypted to.
    pub public_key: [u8; 32],
    /// All containers that are attached there now.
    pub containers: BTreeSet<ContainerId>,
}

/// A container has a service's files mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttachTask {
    /// The machine.
    pub node: NodeName,
    /// The container.
    pub container: ContainerId,
    /// Whose files it has.
    pub service: ServiceId,
    /// At which revision.
    pub revision: Revision,
}

/// A container has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DetachTask {
    /// The machine.
    pub node: NodeName,
    /// The container.
    pub container: ContainerId,
}

impl TryFrom<dispatch::SessionRequest> for OpenSession {
    type Error = Refusal;

    fn try_from(message: dispatch::SessionRequest) -> Result<Self, Refusal> {
        let dispatch::SessionRequest {
            node,
            session_public_key,
            containers,
        } = message;
        let public_key = session_public_key.try_into().map_err(|key: Vec<u8>| {
            invalid(format!(
                "the session's public key has {} bytes, not 32",
                key.len()
            ))
        })?;
        if containers.len() > limits::NODE_CONTAINERS {
            return Err(invalid(format!(
                "{} containers on one node; at most {} are allowed",
                containers.len(),
                limits::NODE_CONTAINERS
            )));
        }
        let containers = containers
            .iter()
            .map(|container| ContainerId::parse(container));
        Ok(Self {
            node: NodeName::parse(&node)?,
            public_key,
            containers: containers.collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<dispatch::AttachTaskRequest> for AttachTask {
    type Error = Refusal;

    fn try_from(message: dispatch::AttachTaskRequest) -> Result<Self, Refusal> {
        let dispatch::AttachTaskRequest {
            node,
            container,
            service_id,
            revision,
        } = message;
        let service = ServiceId::parse(&service_id).map_err(|error: ParseIdError| {
            invalid(format!("the service id is not allowed: {error}"))
        })?;
        let revision = Revision::new(revision)
            .ok_or_else(|| invalid("a revision is missing: give a number from 1".to_owned()))?;
        Ok(Self {
            node: NodeName::parse(&node)?,
            container: ContainerId::parse(&container)?,
            service,
            revision,
        })
    }
}

impl TryFrom<dispatch::DetachTaskRequest> for DetachTask {
    type Error = Refusal;

    fn try_from(message: dispatch::DetachTaskRequest) -> Result<Self, Refusal> {
        let dispatch::DetachTaskRequest { node, container } = message;
        Ok(Self {
            node: NodeName::parse(&node)?,
            container: ContainerId::parse(&container)?,
        })
    }
}

fn invalid(message: String) -> Refusal {
    Refusal::new(ErrorReason::InvalidRequest, message)
}
