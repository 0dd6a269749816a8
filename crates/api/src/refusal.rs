//! Why a call is refused, as clients get it: a status whose details name an [`ErrorReason`].

use crate::v1::ErrorReason;
use strongroom_model::{
    ContainerIdError, FilesError, LabelError, NameError, NodeNameError, OwnerError, PayloadError,
    ReferenceError, TargetError, VersionError,
};
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt as _};

/// The domain of the `google.rpc.ErrorInfo` in every refusal.
pub const DOMAIN: &str = "strongroom";

/// The most bytes of a message. It travels in a header, percent-encoded and once more within the details, and common
/// clients take 16 KiB of headers.
const MESSAGE_BYTES: usize = 2048;

/// A refusal on its way to the client. The code follows from the reason, so that the two cannot disagree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    reason: ErrorReason,
    message: String,
}

impl Refusal {
    /// A refusal for `reason`; the message is one line that names the thing and the remedy. Of a message that is too
    /// long for a header the end is left out.
    #[must_use]
    pub fn new(reason: ErrorReason, message: impl Into<String>) -> Self {
        let mut message = message.into();
        if message.len() > MESSAGE_BYTES {
            message.truncate(message.floor_char_boundary(MESSAGE_BYTES));
            message.push_str(" …");
        }
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

/// The one table from what the model refuses to reasons.
macro_rules! refused_with {
    ($($error:ty => $reason:ident,)*) => {
        $(
            impl From<$error> for Refusal {
                fn from(error: $error) -> Self {
                    Self::new(ErrorReason::$reason, error.to_string())
                }
            }
        )*
    };
}

refused_with! {
    NameError => InvalidName,
    LabelError => InvalidLabel,
    PayloadError => InvalidPayload,
    ReferenceError => InvalidReference,
    TargetError => InvalidReference,
    OwnerError => InvalidReference,
    VersionError => InvalidRequest,
    ContainerIdError => InvalidRequest,
    NodeNameError => InvalidRequest,
}

impl From<FilesError> for Refusal {
    fn from(error: FilesError) -> Self {
        let reason = match error {
            FilesError::SameTarget { .. } | FilesError::FileIsDirectory { .. } => {
                ErrorReason::TargetConflict
            }
            FilesError::TooMany(_) | FilesError::Reserved(..) => ErrorReason::InvalidReference,
        };
        Self::new(reason, error.to_string())
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

#[cfg(test)]
mod tests {
    use super::*;

    const REASONS: [ErrorReason; 23] = [
        ErrorReason::InvalidName,
        ErrorReason::InvalidLabel,
        ErrorReason::InvalidPayload,
        ErrorReason::InvalidReference,
        ErrorReason::TargetConflict,
        ErrorReason::InvalidRequest,
        ErrorReason::InvalidPageToken,
        ErrorReason::NotFound,
        ErrorReason::AlreadyExists,
        ErrorReason::VersionConflict,
        ErrorReason::InUse,
        ErrorReason::Destroyed,
        ErrorReason::LastVersion,
        ErrorReason::Ambiguous,
        ErrorReason::Denied,
        ErrorReason::Sealed,
        ErrorReason::NoLeader,
        ErrorReason::QuotaExceeded,
        ErrorReason::StorageFull,
        ErrorReason::Busy,
        ErrorReason::Damaged,
        ErrorReason::Internal,
        ErrorReason::Unspecified,
    ];

    #[test]
    fn every_reason_arrives_at_the_client_with_its_code() {
        for reason in REASONS {
            let refusal = Refusal::new(reason, "one line");
            let code = refusal.code();
            let status = Status::from(refusal);
            assert_eq!(reason_of(&status), Some(reason));
            assert_eq!((status.code(), status.message()), (code, "one line"));
        }
    }

    #[test]
    fn a_status_of_another_server_has_no_reason() {
        assert_eq!(reason_of(&Status::internal("x")), None);
        let details = ErrorDetails::with_error_info("NOT_FOUND", "example.org", []);
        let status = Status::with_error_details(Code::NotFound, "x", details);
        assert_eq!(reason_of(&status), None);
    }

    #[test]
    fn a_long_message_fits_a_header_and_is_not_cut_within_a_character() {
        let refusal = Refusal::new(ErrorReason::InUse, "ü".repeat(5000));
        assert!(refusal.message().len() <= MESSAGE_BYTES + " …".len());
        assert!(refusal.message().ends_with("ü …"));
    }
}
