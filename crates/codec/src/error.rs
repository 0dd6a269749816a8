//! Why bytes are not what they should be.

use core::fmt;
use strongroom_crypto::ParamsError;

/// What was to be decoded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A log entry's command.
    Command,
    /// A record of the state.
    Record,
    /// A manager's `keys` file.
    KeyFile,
}

/// Why bytes are refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// Whole, but of a format that is not known here.
    #[error("the {what} has format {format}, of a newer version of strongroom: start that one")]
    NewerFormat {
        /// What it is.
        what: What,
        /// Its format.
        format: u8,
    },
    /// Shorter than it says.
    #[error("the {0} is truncated: restore it from a backup")]
    Truncated(What),
    /// Changed, or something else altogether.
    #[error("the {0} is damaged: restore it from a backup")]
    Damaged(What),
    /// A message whose field is missing, or not what such a field can be.
    #[error("the {what} is damaged, its {field} is no {field}: restore it from a backup")]
    Field {
        /// What it is.
        what: What,
        /// The field.
        field: &'static str,
    },
    /// The work of a passphrase slot is outside of what is ever written.
    #[error(transparent)]
    Params(#[from] ParamsError),
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Command => "command",
            Self::Record => "record",
            Self::KeyFile => "keys file",
        })
    }
}
