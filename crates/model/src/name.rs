//! Names of objects and services, and the namespaces that they live in.
//!
//! The rule is Docker Swarm's: 1 to 64 of `[a-zA-Z0-9-_.]`, a letter or digit at both ends, unique without regard to case.

use crate::limits;
use core::fmt;

/// A secret's, config's or service's name, in the case that its maker chose.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// A name as it is compared: in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FoldedName(String);

/// The space that a name is unique in. Part of every identity, key binding and record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Namespace(Name);

/// Why a name is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// Nothing was given.
    #[error(
        "a name is missing: give 1 to {max} characters of a-z A-Z 0-9 - _ .",
        max = limits::NAME
    )]
    Empty,
    /// More than [`limits::NAME`] characters.
    #[error("the name is {0} bytes long; at most {max} are allowed", max = limits::NAME)]
    TooLong(usize),
    /// Wrong characters, or a wrong first or last one.
    #[error(
        "the name {0:?} is not allowed: use a-z A-Z 0-9 - _ . with a letter or digit at both ends"
    )]
    Characters(String),
}

impl Name {
    /// Parses a name.
    ///
    /// # Errors
    /// [`NameError`], one for each part of the rule.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        let bytes = text.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
            return Err(NameError::Empty);
        };
        if bytes.len() > limits::NAME {
            return Err(NameError::TooLong(bytes.len()));
        }
        let inner = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        if !first.is_ascii_alphanumeric()
            || !last.is_ascii_alphanumeric()
            || !bytes.iter().all(inner)
        {
            return Err(NameError::Characters(text.to_owned()));
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name as it is compared.
    #[must_use]
    pub fn folded(&self) -> FoldedName {
        FoldedName(self.0.to_ascii_lowercase())
    }
}

impl FoldedName {
    /// The lower-case text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Namespace {
    /// Parses a namespace; the empty text is [`Namespace::default`].
    ///
    /// # Errors
    /// [`NameError`]: the rule is that of names.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        // Namespaces are compared in lower case too, so they are kept in it.
        Name::parse(&text.to_ascii_lowercase()).map(Self)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl Default for Namespace {
    fn default() -> Self {
        Self(Name("default".to_owned()))
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swarms_good_names_are_accepted() {
        for text in ["a", "1", "a..b", "db-password", "A_b.c-9", &"x".repeat(64)] {
            assert_eq!(Name::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn swarms_bad_names_are_refused() {
        let long = "x".repeat(65);
        for text in [
            "", "-a", "a-", ".a", "a.", "_", "a b", "a/b", "a:b", "a@1", "ü", "a\n", "a\0", &long,
        ] {
            assert!(Name::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_are_compared_without_case_and_shown_with_it() {
        let name = Name::parse("Db-Password").unwrap();
        assert_eq!(name.folded(), Name::parse("dB-pASSWORD").unwrap().folded());
        assert_eq!(name.to_string(), "Db-Password");
    }

    #[test]
    fn the_empty_namespace_is_default() {
        assert_eq!(Namespace::parse("").unwrap(), Namespace::default());
        assert_eq!(Namespace::parse("Default").unwrap(), Namespace::default());
    }
}
