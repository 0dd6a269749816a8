//! Secrets and configs are one shape with two rules, and two name spaces.

use core::fmt;

/// Which of the two an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Its bytes leave the vault only into containers.
    Secret,
    /// Its bytes can be read by whoever may read the config.
    Config,
}

impl Kind {
    /// Both, for loops and tests.
    pub const ALL: [Self; 2] = [Self::Secret, Self::Config];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Secret => "secret",
            Self::Config => "config",
        })
    }
}
