//! Containers and the nodes that they run on.

use crate::{Name, limits};
use core::fmt;

/// A container's id, as its runtime gives it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerId(String);

/// A machine that runs an agent, by its host name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeName(String);

/// Why a container's id is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the container id {0:?} is not allowed: use 1 to {max} of a-z A-Z 0-9 + - _ .",
    max = limits::CONTAINER_ID
)]
pub struct ContainerIdError(String);

/// Why a node's name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the node name {0:?} is not allowed: use 1 to {max} of a-z A-Z 0-9 - _ .",
    max = limits::NODE_NAME
)]
pub struct NodeNameError(String);

impl ContainerId {
    /// Parses what runc accepts as an id.
    ///
    /// # Errors
    /// [`ContainerIdError`], with at most 64 characters of the text.
    pub fn parse(text: &str) -> Result<Self, ContainerIdError> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"+-_.".contains(&byte);
        if text.is_empty() || text.len() > limits::CONTAINER_ID || !text.bytes().all(allowed) {
            return Err(ContainerIdError(text.chars().take(limits::NAME).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl NodeName {
    /// Parses a host name.
    ///
    /// # Errors
    /// [`NodeNameError`], with at most 64 characters of the text.
    pub fn parse(text: &str) -> Result<Self, NodeNameError> {
        let parts = text.split('.').all(|part| Name::parse(part).is_ok());
        if text.len() > limits::NODE_NAME || !parts {
            return Err(NodeNameError(text.chars().take(limits::NAME).collect()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for NodeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
