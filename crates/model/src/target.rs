//! Where a file appears in the container: parsed once into a type that cannot escape its directory.

use crate::{Kind, limits};
use core::fmt;

/// A path of 1 or more parts, none of them empty, `.`, `..`, or with NUL or another control character.
///
/// A relative one lies below `/run/secrets` for a secret and below `/` for a config; an absolute one is where it says.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    absolute: bool,
    parts: Vec<String>,
}

/// Why a target is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing, or only `/`.
    #[error("the target {0:?} names no file: write a file name or an absolute path")]
    Empty(String),
    /// An empty part, `.` or `..`.
    #[error("the target {0:?} is not allowed: it has an empty part, '.' or '..'")]
    Part(String),
    /// NUL or another control character.
    #[error("the target {0:?} is not allowed: it has control characters")]
    Characters(String),
    /// Longer than [`limits::TARGET`], or a part longer than [`limits::TARGET_PART`].
    #[error(
        "the target is too long: at most {} bytes, and {} between two slashes",
        limits::TARGET,
        limits::TARGET_PART
    )]
    TooLong,
}

impl Target {
    /// Parses a target.
    ///
    /// # Errors
    /// [`TargetError`].
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        if text.len() > limits::TARGET {
            return Err(TargetError::TooLong);
        }
        if text.contains(char::is_control) {
            return Err(TargetError::Characters(text.to_owned()));
        }
        let (absolute, relative) = match text.strip_prefix('/') {
            Some(relative) => (true, relative),
            None => (false, text),
        };
        if relative.is_empty() {
            return Err(TargetError::Empty(text.to_owned()));
        }
        let parts: Vec<String> = relative.split('/').map(str::to_owned).collect();
        if parts
            .iter()
            .any(|part| matches!(part.as_str(), "" | "." | ".."))
        {
            return Err(TargetError::Part(text.to_owned()));
        }
        if parts.iter().any(|part| part.len() > limits::TARGET_PART) {
            return Err(TargetError::TooLong);
        }
        Ok(Self { absolute, parts })
    }

    /// The parts of the absolute path at which a `kind` with this target appears.
    #[must_use]
    pub fn path(&self, kind: Kind) -> Vec<&str> {
        let base: &[&str] = match (self.absolute, kind) {
            (false, Kind::Secret) => &Self::SECRETS,
            (true, _) | (false, Kind::Config) => &[],
        };
        base.iter()
            .copied()
            .chain(self.parts.iter().map(String::as_str))
            .collect()
    }

    /// The parts of `/run/secrets`.
    pub const SECRETS: [&'static str; 2] = ["run", "secrets"];
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}{}",
            if self.absolute { "/" } else { "" },
            self.parts.join("/")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn targets_that_escape_or_name_nothing_are_refused() {
        let long_part = "x".repeat(256);
        let long = "x/".repeat(1100);
        for text in [
            "",
            "/",
            "//",
            "a//b",
            "a/",
            "/a/",
            ".",
            "..",
            "../a",
            "a/../../etc/passwd",
            "/..",
            "../../etc/passwd",
            "a/./b",
            "a\0b",
            "a\nb",
            &long_part,
            &long,
        ] {
            assert!(Target::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_relative_secret_lies_below_run_secrets_and_a_config_below_the_root() {
        let target = Target::parse("tls/key.pem").unwrap();
        assert_eq!(
            target.path(Kind::Secret),
            ["run", "secrets", "tls", "key.pem"]
        );
        assert_eq!(target.path(Kind::Config), ["tls", "key.pem"]);
        let target = Target::parse("/etc/app.json").unwrap();
        assert_eq!(target.path(Kind::Secret), ["etc", "app.json"]);
    }

    proptest! {
        #[test]
        fn whatever_is_accepted_stays_below_the_root(text in ".{0,80}") {
            if let Ok(target) = Target::parse(&text) {
                prop_assert_eq!(target.to_string(), text);
                for part in target.path(Kind::Config) {
                    prop_assert!(!part.is_empty() && part != "." && part != ".." && !part.contains(['/', '\0']));
                }
            }
        }
    }
}
