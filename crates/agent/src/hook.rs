//! The OCI hook: reads what the runtime says of a container and asks the agent for its files.
//!
//! Whatever goes wrong refuses the container's start; only a container that names no service is none of our business.

use crate::limits;
use crate::oci::{self, OciError};
use crate::protocol::{Answer, Attach, Request};
use crate::request::{self, RequestError};
use std::io::Read;
use std::path::Path;

/// Why a container must not start.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HookError {
    /// What the runtime said.
    #[error(transparent)]
    Oci(#[from] OciError),
    /// The agent did not answer.
    #[error(transparent)]
    Request(#[from] RequestError),
    /// The agent refused.
    #[error("{0}")]
    Refused(String),
}

/// Attaches the container that is described on `state`; returns when its files are there, or it needs none.
pub(crate) fn run(agent: &Path, state: impl Read) -> Result<(), HookError> {
    let described = oci::describe(state)?;
    let Some(service) = described.service else {
        return Ok(());
    };
    let attach = Request::Attach(Attach {
        container: described.id,
        pid: described.pid,
        rootfs: described.rootfs,
        service,
    });
    match request::ask(agent, &attach, limits::AGENT_WAIT)? {
        Answer::Attached => Ok(()),
        Answer::Refused(reason) => Err(HookError::Refused(reason)),
        Answer::Status { .. } => Err(HookError::Refused(
            "the agent answered something else".to_owned(),
        )),
    }
}
