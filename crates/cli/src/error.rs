//! What can go wrong in a command, as one line and an exit code.

use crate::argument::ArgumentError;
use crate::command::dev::DevError;
use crate::context::HostError;
use crate::input::InputError;
use clap::error::{ContextKind, ContextValue};
use std::io::{self, Write as _};
use std::process::ExitCode;
use strongroom_client::{ClientError, ErrorKind};
use strongroom_model::{LabelError, NameError, ReferenceError};

/// The exit codes, which scripts rely on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done.
    Done = 0,
    /// Failed, or refused as invalid.
    Failed = 1,
    /// An unknown flag or argument, or a missing one.
    Usage = 2,
    /// No such name or version.
    NotFound = 3,
    /// It exists, is in use, or is at another version.
    Conflict = 4,
    /// Not allowed.
    Denied = 5,
    /// No server, no answer, or no leader.
    Unreachable = 6,
    /// The server waits to be unsealed.
    Sealed = 7,
    /// Ctrl-C at a prompt; what shells give a process that SIGINT ended.
    Interrupted = 130,
}

/// Why a command failed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error(transparent)]
    Host(#[from] HostError),
    #[error(transparent)]
    Argument(#[from] ArgumentError),
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Label(#[from] LabelError),
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    #[error(transparent)]
    Input(#[from] InputError),
    #[error(transparent)]
    Dev(#[from] DevError),
    #[error(transparent)]
    Choice(Choice),
    /// `status` of a server that waits to be unsealed.
    #[error("the server is sealed: give strongroomd its passphrase or key file")]
    Sealed,
    /// `status` of a server without a leader.
    #[error("the server is not ready: it has no leader yet")]
    NotReady,
    #[error("cannot write the output: {0}")]
    Output(io::Error),
    #[error("cannot start: {0}")]
    Runtime(io::Error),
    #[error("cannot protect this process's memory: {0}")]
    Harden(io::Error),
    /// Every error is on standard error already; this is the first one's code.
    #[error("some of it failed")]
    Reported(Exit),
}

/// A flag's value that is none of those listed.
#[derive(Debug, thiserror::Error)]
#[error("{value:?} is not allowed for {flag}: use {allowed}")]
pub(crate) struct Choice {
    flag: String,
    value: String,
    allowed: String,
}

impl CliError {
    pub(crate) fn exit(&self) -> Exit {
        match self {
            Self::Client(error) => match error.kind() {
                ErrorKind::Invalid | ErrorKind::Failed => Exit::Failed,
                ErrorKind::NotFound => Exit::NotFound,
                ErrorKind::Conflict => Exit::Conflict,
                ErrorKind::Denied => Exit::Denied,
                ErrorKind::Unavailable => Exit::Unreachable,
                ErrorKind::Sealed => Exit::Sealed,
            },
            Self::Input(InputError::Interrupted) => Exit::Interrupted,
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
            Self::Sealed => Exit::Sealed,
            Self::NotReady => Exit::Unreachable,
            Self::Reported(exit) => *exit,
            Self::Host(_)
            | Self::Argument(_)
            | Self::Name(_)
            | Self::Label(_)
            | Self::Reference(_)
            | Self::Input(_)
            | Self::Dev(_)
            | Self::Choice(_)
            | Self::Output(_)
            | Self::Runtime(_)
            | Self::Harden(_) => Exit::Failed,
        }
    }

    /// One line on standard error, or none where there is nothing to say: a closed pipe, or all said already.
    pub(crate) fn report(&self) {
        match self {
            Self::Reported(_) => {}
            Self::Output(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
            error => say(&error.to_string()),
        }
    }
}

impl Choice {
    /// The refused value; `None` if the error is another one, or there is no value at all.
    pub(crate) fn of(usage: &clap::Error) -> Option<Self> {
        let text = |kind| match usage.get(kind)? {
            ContextValue::String(text) if !text.is_empty() => Some(text.clone()),
            ContextValue::Strings(texts) if !texts.is_empty() => Some(texts.join(" or ")),
            _ => None,
        };
        Some(Self {
            flag: text(ContextKind::InvalidArg)?,
            value: text(ContextKind::InvalidValue)?,
            allowed: text(ContextKind::ValidValue)?,
        })
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Writes one line to standard error. Control characters, which names in a server's answer might bring, are escaped.
pub(crate) fn say(text: &str) {
    let line: String = text
        .chars()
        .flat_map(|character| {
            let escaped = character.is_control().then(|| character.escape_default());
            let plain = escaped.is_none().then_some(character);
            escaped.into_iter().flatten().chain(plain)
        })
        .collect();
    // Where standard error is closed there is nobody to tell.
    let _written = writeln!(io::stderr(), "strongroom: {line}");
}

/// A panic is a defect; its report is one line all the same, without a message that could repeat a value.
pub(crate) fn report_panics_in_one_line() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, |at| format!(" at {at}"));
        say(&format!("internal error{place}: please report this"));
    }));
}
