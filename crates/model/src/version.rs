//! Version numbers of an object's bytes, and what state a version is in.

use core::{fmt, num::NonZeroU64};

/// The number of a version: 1, 2, 3 …, never used twice for one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version(NonZeroU64);

/// Where a version is on its way out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionState {
    /// Can be read by whoever may.
    Enabled,
    /// Nobody can read it any more; its bytes leave the disks with the next shred cycle.
    Destroying,
    /// Unrecoverable with all current keys in hand.
    Destroyed,
}

/// Why a text is no version.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a version: write a number from 1, or latest")]
pub struct VersionError(pub(crate) String);

impl Version {
    /// The first version of a new name.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The version with that number; 0 is none.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// Parses decimal digits without sign or leading zero.
    ///
    /// # Errors
    /// [`VersionError`].
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        let digits = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        digits
            .then(|| text.parse().ok())
            .flatten()
            .map(Self)
            .ok_or_else(|| VersionError(text.to_owned()))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The version after this one; at the last number it stays, which 600 million years of writes do not reach.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for VersionState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Enabled => "enabled",
            Self::Destroying => "destroying",
            Self::Destroyed => "destroyed",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_plain_numbers_from_one() {
        assert_eq!(Version::parse("3").unwrap().get(), 3);
        for text in ["", "0", "01", "-1", "+1", "1 ", "x", "18446744073709551616"] {
            assert!(Version::parse(text).is_err(), "{text:?}");
        }
    }
}
