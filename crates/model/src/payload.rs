//! The size of a version's bytes: known to everybody, unlike the bytes.

use crate::{Kind, limits};

/// 1 to [`limits::PAYLOAD`] bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PayloadSize(u32);

/// Why bytes are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PayloadError {
    /// No bytes.
    #[error("the {0} is empty: give 1 to {max} bytes", max = limits::PAYLOAD)]
    Empty(Kind),
    /// Too many bytes.
    #[error("the {0} is {1} bytes long; at most {max} are allowed", max = limits::PAYLOAD)]
    TooLarge(Kind, usize),
}

impl PayloadSize {
    /// The size of `length` bytes of a `kind`, which only the error names.
    ///
    /// # Errors
    /// [`PayloadError`].
    pub const fn new(kind: Kind, length: usize) -> Result<Self, PayloadError> {
        match length {
            0 => Err(PayloadError::Empty(kind)),
            #[expect(
                clippy::cast_possible_truncation,
                reason = "the limit is far below 2^32"
            )]
            1..=limits::PAYLOAD => Ok(Self(length as u32)),
            _ => Err(PayloadError::TooLarge(kind, length)),
        }
    }

    /// Bytes.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_of_the_limit_are_included() {
        assert!(PayloadSize::new(Kind::Secret, 0).is_err());
        assert!(PayloadSize::new(Kind::Secret, 1).is_ok());
        assert!(PayloadSize::new(Kind::Secret, 1_048_576).is_ok());
        assert!(PayloadSize::new(Kind::Secret, 1_048_577).is_err());
    }
}
