//! The one place where the state machine's, the cluster's and the store's refusals become what clients are told.

use strongroom_api::{Refusal, v1::ErrorReason};
use strongroom_consensus::{BarrierError, ProposeError};
use strongroom_crypto::{EncryptError, RandomError};
use strongroom_model::{ObjectId, Version};
use strongroom_state::{PageTokenError, Rejection};

/// Carried out or not, in the client's words.
pub(crate) fn rejected(rejection: Rejection) -> Refusal {
    let reason = match rejection {
        Rejection::Labels(error) => return error.into(),
        Rejection::Files(error) => return error.into(),
        Rejection::NotFound { .. } | Rejection::VersionNotFound { .. } => ErrorReason::NotFound,
        Rejection::Ambiguous { .. } => ErrorReason::Ambiguous,
        Rejection::AlreadyExists { .. } => ErrorReason::AlreadyExists,
        Rejection::VersionConflict { .. } => ErrorReason::VersionConflict,
        Rejection::InUse { .. } | Rejection::Attached { .. } => ErrorReason::InUse,
        Rejection::Destroyed { .. } => ErrorReason::Destroyed,
        Rejection::LastVersion { .. } => ErrorReason::LastVersion,
        Rejection::TooManyVersions { .. } | Rejection::Quota { .. } => ErrorReason::QuotaExceeded,
        Rejection::Raced => ErrorReason::Busy,
    };
    Refusal::new(reason, rejection.to_string())
}

pub(crate) fn not_proposed(error: ProposeError) -> Refusal {
    let reason = match error {
        ProposeError::NoLeader { .. } | ProposeError::Unknown | ProposeError::Stopped => {
            ErrorReason::NoLeader
        }
        ProposeError::StorageFull => ErrorReason::StorageFull,
        ProposeError::Busy => ErrorReason::Busy,
        ProposeError::TooLarge { .. } => ErrorReason::InvalidRequest,
    };
    Refusal::new(reason, error.to_string())
}

pub(crate) fn not_settled(error: BarrierError) -> Refusal {
    Refusal::new(ErrorReason::NoLeader, error.to_string())
}

pub(crate) fn no_page(error: PageTokenError) -> Refusal {
    Refusal::new(ErrorReason::InvalidPageToken, error.to_string())
}

pub(crate) fn no_randomness(error: RandomError) -> Refusal {
    Refusal::new(ErrorReason::Internal, error.to_string())
}

pub(crate) fn not_encrypted(error: EncryptError) -> Refusal {
    Refusal::new(ErrorReason::Internal, error.to_string())
}

/// A payload that is missing or does not decrypt. The log says which, by its id.
pub(crate) fn damaged(object: ObjectId, version: Version) -> Refusal {
    tracing::error!(%object, %version, "the stored bytes are damaged or missing");
    let message = format!("the stored bytes of {object}@{version} are damaged: restore a backup");
    Refusal::new(ErrorReason::Damaged, message)
}

/// An answer that the state machine does not give to this command.
pub(crate) fn unexpected() -> Refusal {
    let message = "the manager answered something else than was asked: report it";
    Refusal::new(ErrorReason::Internal, message)
}
