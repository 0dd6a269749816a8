//! Why a call is refused, as clients get it: a status whose details name an [`ErrorReason`].

use crate::v1::ErrorReason;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of the `google.rpc.ErrorInfo` in every refusal.
pub const DOMAIN: &str = "strongroom";

/// A refusal on its way to the client. The code follows from the reason, so that the two cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    reason: ErrorReason,
    message: String,
}

impl Refusal {
    /// A refusal for `reason`; the message is one line that names the thing and the remedy.
    #[must_use]
    pub fn new(reason: ErrorReason, message: impl Into<String>) -> Self {
        let message = message.into();
        Self { reason, message }
    }

    /// For programs.
    #[must_use]
    pub const fn reason(&self) -> ErrorReason {
        self.reason
    }

    /// For people: one line.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The gRPC code.
    #[must_use]
    pub const fn code(&self) -> Code {
        code_of(self.reason)
    }
}

/// The one table from reasons to codes.
const fn code_of(reason: ErrorReason) -> Code {
    match reason {
        ErrorReason::InvalidName
        | ErrorReason::InvalidLabel
        | ErrorReason::InvalidPayload
        | ErrorReason::InvalidReference
        | ErrorReason::TargetConflict
        | ErrorReason::InvalidRequest
        | ErrorReason::InvalidPageToken => Code::InvalidArgument,
        ErrorReason::NotFound => Code::NotFound,
        ErrorReason::AlreadyExists => Code::AlreadyExists,
        ErrorReason::VersionConflict => Code::Aborted,
        ErrorReason::InUse
        | ErrorReason::Destroyed
        | ErrorReason::LastVersion
        | ErrorReason::Ambiguous => Code::FailedPrecondition,
        ErrorReason::Denied => Code::PermissionDenied,
        ErrorReason::Sealed | ErrorReason::NoLeader => Code::Unavailable,
        ErrorReason::QuotaExceeded | ErrorReason::StorageFull | ErrorReason::Busy => {
            Code::ResourceExhausted
        }
        ErrorReason::Damaged => Code::DataLoss,
        ErrorReason::Internal | ErrorReason::Unspecified => Code::Internal,
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        let reason = refusal.reason.as_str_name();
        let reason = reason.strip_prefix("ERROR_REASON_").unwrap_or(reason);
        let details = ErrorDetails::with_error_info(reason, DOMAIN, []);
        Self::with_error_details(refusal.code(), refusal.message, details)
    }
}

/// The reason in a status that a Strongroom server sent; `None` for other servers' and the transport's.
#[must_use]
pub fn reason_of(status: &Status) -> Option<ErrorReason> {
    let info = status.get_details_error_info()?;
    (info.domain == DOMAIN)
        .then(|| ErrorReason::from_str_name(&format!("ERROR_REASON_{}", info.reason)))
        .flatten()
}
