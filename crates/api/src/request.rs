//! What clients ask for, parsed: past this border every field is a type of the model.
//!
//! Secrets and configs have messages of their own and share the types here, which say by `Kind` which of the two is
//! meant. Each type is made by `TryFrom` of its messages and by nothing else in the server.

mod node;
mod object;
mod service;

pub use node::{AttachTask, DetachTask, OpenSession};
pub use object::{
    ChangeLabels, Filter, ListObjects, ObjectPath, OnObject, OnVersion, ReadVersion, WriteIntent,
    WriteVersion,
};
pub use service::{CreateService, ListServices, ListTasks, LookUpService, RemoveService};

use crate::{Refusal, v1::ErrorReason};
use strongroom_model::{RequestId, limits};

/// Which part of a list is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PageRequest {
    /// 1 to [`limits::PAGE`].
    pub size: usize,
    /// What the page before ended with; `None` for the first.
    pub token: Option<String>,
}

impl PageRequest {
    fn parse(size: u32, token: String) -> Result<Self, Refusal> {
        let size = match usize::try_from(size).unwrap_or(usize::MAX) {
            0 => limits::PAGE,
            size @ 1..=limits::PAGE => size,
            size => {
                return Err(Refusal::new(
                    ErrorReason::InvalidRequest,
                    format!(
                        "a page of {size} is too large: ask for 1 to {}",
                        limits::PAGE
                    ),
                ));
            }
        };
        let token = (!token.is_empty()).then_some(token);
        Ok(Self { size, token })
    }
}

fn request_id(text: &str) -> Result<Option<RequestId>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    RequestId::parse(text).map(Some).map_err(|error| {
        Refusal::new(
            ErrorReason::InvalidRequest,
            format!("the request id is not allowed: {error}"),
        )
    })
}

#[cfg(test)]
mod tests;
