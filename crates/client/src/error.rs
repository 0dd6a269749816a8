//! Why a call failed, sorted by who has to act.

use crate::Endpoint;
use core::{error::Error, fmt, time::Duration};
use std::io;
use strongroom_api::{reason_of, v1::ErrorReason};
use tonic::{Code, Status};

/// Who has to act, and how; the CLI's exit codes follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The request is wrong; sent again it stays wrong.
    Invalid,
    /// A name or version that is not there.
    NotFound,
    /// It is there already, in use, or not at the version that the caller expects.
    Conflict,
    /// The caller may not.
    Denied,
    /// No server, no answer in time, or no leader.
    Unavailable,
    /// The server waits to be unsealed.
    Sealed,
    /// The server could not, or its answer makes no sense.
    Failed,
}

/// A failed call: one line for people, a kind and a reason for programs.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct ClientError {
    kind: ErrorKind,
    reason: Option<ErrorReason>,
    message: String,
}

impl ClientError {
    /// Who has to act.
    #[must_use]
    pub const fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The server's reason; `None` where no server answered.
    #[must_use]
    pub const fn reason(&self) -> Option<ErrorReason> {
        self.reason
    }

    pub(crate) const fn new(kind: ErrorKind, message: String) -> Self {
        Self {
            kind,
            reason: None,
            message,
        }
    }

    /// An answer that does not parse: `what` names the field.
    pub(crate) fn malformed(what: &dyn fmt::Display) -> Self {
        let message = format!(
            "the server's answer is malformed ({what}): are client and server of one release?"
        );
        Self::new(ErrorKind::Failed, message)
    }

    pub(crate) fn no_answer(endpoint: &Endpoint, deadline: Duration) -> Self {
        let message = format!(
            "{} did not answer within {} s: see the log of strongroomd there",
            endpoint.path().display(),
            deadline.as_secs()
        );
        Self::new(ErrorKind::Unavailable, message)
    }

    /// The operating system gave no random bytes.
    pub(crate) fn no_randomness(error: io::Error) -> Self {
        let message = format!("the system gives no random bytes: {error}");
        Self::new(ErrorKind::Failed, message)
    }

    /// Says that nobody knows whether the change was made.
    pub(crate) fn in_doubt(mut self) -> Self {
        self.message
            .push_str("; the change may have been made: look before you repeat it");
        self
    }
}

/// What one attempt of a call came to, when it came to nothing.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: ClientError,
    pub(crate) cause: Cause,
}

/// What decides whether another attempt can help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// The server's last word.
    Refused,
    /// Nothing was done; it passes by itself.
    Passing,
    /// No connection was made; nothing was done.
    NotConnected,
    /// The server waits to be unsealed; nothing was done.
    Sealed,
    /// The connection broke on the way: done or not, nobody knows.
    Broken,
}

impl Failure {
    pub(crate) fn judge(endpoint: &Endpoint, status: &Status) -> Self {
        if status.source().is_some() {
            return Self::of_transport(endpoint, status);
        }
        let reason = reason_of(status);
        let cause = match reason {
            Some(ErrorReason::NoLeader | ErrorReason::Busy) => Cause::Passing,
            Some(ErrorReason::Sealed) => Cause::Sealed,
            _ => Cause::Refused,
        };
        let kind = reason.map_or_else(|| kind_of_code(status.code()), kind_of_reason);
        let message = match (reason, status.code()) {
            (None, Code::Unimplemented) => format!(
                "{} does not know this call: the server is older than this program",
                endpoint.path().display()
            ),
            (None, _) if status.message().is_empty() => {
                format!("{} answered {}", endpoint.path().display(), status.code())
            }
            _ => status.message().to_owned(),
        };
        let error = ClientError {
            kind,
            reason,
            message,
        };
        Self { error, cause }
    }

    fn of_transport(endpoint: &Endpoint, status: &Status) -> Self {
        let path = endpoint.path().display();
        if find::<tonic::ConnectError>(status).is_none() {
            let cause = root(status);
            let message = format!(
                "the connection to {path} broke ({cause}), see the log of strongroomd there"
            );
            let error = ClientError::new(ErrorKind::Unavailable, message);
            return Self {
                error,
                cause: Cause::Broken,
            };
        }
        let (kind, message) = match find::<io::Error>(status).map(io::Error::kind) {
            Some(io::ErrorKind::PermissionDenied) => (
                ErrorKind::Denied,
                format!("no access to {path}: become root, or the user that strongroomd runs as"),
            ),
            Some(io::ErrorKind::NotFound) => (
                ErrorKind::Unavailable,
                format!(
                    "no server at {path}: start one with `strongroom dev`, or name another with --host"
                ),
            ),
            Some(io::ErrorKind::ConnectionRefused) => (
                ErrorKind::Unavailable,
                format!(
                    "nothing answers at {path}: start a server with `strongroom dev`, or name another with --host"
                ),
            ),
            _ => (
                ErrorKind::Unavailable,
                format!("cannot connect to {path}: {}", root(status)),
            ),
        };
        Self {
            error: ClientError::new(kind, message),
            cause: Cause::NotConnected,
        }
    }
}

const fn kind_of_reason(reason: ErrorReason) -> ErrorKind {
    match reason {
        ErrorReason::InvalidName
        | ErrorReason::InvalidLabel
        | ErrorReason::InvalidPayload
        | ErrorReason::InvalidReference
        | ErrorReason::TargetConflict
        | ErrorReason::InvalidRequest
        | ErrorReason::InvalidPageToken => ErrorKind::Invalid,
        ErrorReason::NotFound => ErrorKind::NotFound,
        ErrorReason::AlreadyExists
        | ErrorReason::VersionConflict
        | ErrorReason::InUse
        | ErrorReason::Destroyed
        | ErrorReason::LastVersion
        | ErrorReason::Ambiguous => ErrorKind::Conflict,
        ErrorReason::Denied => ErrorKind::Denied,
        ErrorReason::Sealed => ErrorKind::Sealed,
        ErrorReason::NoLeader => ErrorKind::Unavailable,
        ErrorReason::QuotaExceeded
        | ErrorReason::StorageFull
        | ErrorReason::Busy
        | ErrorReason::Damaged
        | ErrorReason::Internal
        | ErrorReason::Unspecified => ErrorKind::Failed,
    }
}

/// For answers without a reason: another server's, or a newer one's.
const fn kind_of_code(code: Code) -> ErrorKind {
    match code {
        Code::InvalidArgument => ErrorKind::Invalid,
        Code::NotFound => ErrorKind::NotFound,
        Code::AlreadyExists | Code::Aborted | Code::FailedPrecondition => ErrorKind::Conflict,
        Code::PermissionDenied | Code::Unauthenticated => ErrorKind::Denied,
        Code::Unavailable | Code::DeadlineExceeded | Code::Cancelled => ErrorKind::Unavailable,
        _ => ErrorKind::Failed,
    }
}

fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}

/// The innermost error, which says more than "transport error".
fn root<'a>(error: &'a (dyn Error + 'static)) -> &'a (dyn Error + 'static) {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_socket_that_may_not_be_opened_is_a_denial() {
        let endpoint = Endpoint::unix(Path::new("/run/x.sock")).unwrap();
        let refused = io::Error::from(io::ErrorKind::PermissionDenied);
        let status = Status::from_error(Box::new(tonic::ConnectError(Box::new(refused))));
        let failure = Failure::judge(&endpoint, &status);
        assert_eq!(failure.error.kind(), ErrorKind::Denied);
        assert_eq!(failure.cause, Cause::NotConnected);
        assert!(failure.error.to_string().contains("/run/x.sock"));
    }

    #[test]
    fn an_answer_without_a_reason_goes_by_its_code() {
        let endpoint = Endpoint::unix(Path::new("/run/x.sock")).unwrap();
        for (status, kind) in [
            (Status::not_found("x"), ErrorKind::NotFound),
            (Status::unavailable("x"), ErrorKind::Unavailable),
            (Status::unauthenticated("x"), ErrorKind::Denied),
            (Status::unimplemented(""), ErrorKind::Failed),
            (Status::internal(""), ErrorKind::Failed),
        ] {
            let failure = Failure::judge(&endpoint, &status);
            assert_eq!(failure.error.kind(), kind);
            assert_eq!(failure.cause, Cause::Refused);
            assert!(!failure.error.to_string().is_empty());
        }
    }
}
