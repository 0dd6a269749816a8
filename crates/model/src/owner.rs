//! Who owns a mounted file and who may read it.

use crate::limits;
use core::fmt;

/// A numeric user id, as the container sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Uid(u32);

/// A numeric group id, as the container sees it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gid(u32);

/// Permission bits, at most 0777: the mount has neither set-uid nor sticky bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileMode(u16);

/// Why an owner or a mode is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnerError {
    /// A user name, a sign, or too large a number.
    #[error(
        "uid={0:?} is not a user id: write a number from 0 to {max}",
        max = limits::OWNER
    )]
    Uid(String),
    /// A group name, a sign, or too large a number.
    #[error(
        "gid={0:?} is not a group id: write a number from 0 to {max}",
        max = limits::OWNER
    )]
    Gid(String),
    /// Not octal, or more than 0777.
    #[error("mode={0:?} is not a file mode: write octal permission bits from 0 to 0777")]
    Mode(String),
}

impl Uid {
    /// The user with that number.
    ///
    /// # Errors
    /// [`OwnerError::Uid`] for the number that means "none" to the kernel.
    pub fn new(number: u32) -> Result<Self, OwnerError> {
        owner(number)
            .map(Self)
            .ok_or_else(|| OwnerError::Uid(number.to_string()))
    }

    /// Parses decimal digits.
    ///
    /// # Errors
    /// [`OwnerError::Uid`].
    pub fn parse(text: &str) -> Result<Self, OwnerError> {
        decimal(text)
            .map(Self)
            .ok_or_else(|| OwnerError::Uid(text.to_owned()))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl Gid {
    /// The group with that number.
    ///
    /// # Errors
    /// [`OwnerError::Gid`] for the number that means "none" to the kernel.
    pub fn new(number: u32) -> Result<Self, OwnerError> {
        owner(number)
            .map(Self)
            .ok_or_else(|| OwnerError::Gid(number.to_string()))
    }

    /// Parses decimal digits.
    ///
    /// # Errors
    /// [`OwnerError::Gid`].
    pub fn parse(text: &str) -> Result<Self, OwnerError> {
        decimal(text)
            .map(Self)
            .ok_or_else(|| OwnerError::Gid(text.to_owned()))
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl FileMode {
    /// The mode with those bits.
    ///
    /// # Errors
    /// [`OwnerError::Mode`] for bits outside of 0777.
    pub fn new(bits: u32) -> Result<Self, OwnerError> {
        match u16::try_from(bits) {
            Ok(bits @ 0..=0o777) => Ok(Self(bits)),
            _ => Err(OwnerError::Mode(format!("{bits:o}"))),
        }
    }

    /// Parses octal digits, with or without the leading zero.
    ///
    /// # Errors
    /// [`OwnerError::Mode`].
    pub fn parse(text: &str) -> Result<Self, OwnerError> {
        let refused = || OwnerError::Mode(text.to_owned());
        if text.is_empty() || !text.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
            return Err(refused());
        }
        u32::from_str_radix(text, 8)
            .ok()
            .and_then(|bits| Self::new(bits).ok())
            .ok_or_else(refused)
    }

    /// The bits.
    #[must_use]
    pub const fn bits(self) -> u16 {
        self.0
    }
}

impl Default for FileMode {
    /// 0444, as in Swarm.
    fn default() -> Self {
        Self(0o444)
    }
}

impl fmt::Display for FileMode {
    /// Octal with a leading zero, as it is written in a reference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04o}", self.0)
    }
}

fn decimal(text: &str) -> Option<u32> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok().and_then(owner)
}

fn owner(number: u32) -> Option<u32> {
    (number <= limits::OWNER).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_octal_permission_bits() {
        for (text, bits) in [("0400", 0o400), ("444", 0o444), ("0", 0), ("0777", 0o777)] {
            assert_eq!(FileMode::parse(text).unwrap().bits(), bits);
        }
        for text in [
            "999",
            "",
            "-1",
            "+1",
            "01000",
            "4755",
            "0x1",
            "rw",
            "7777777777777777",
        ] {
            assert!(FileMode::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn owners_are_numbers_below_the_kernels_none() {
        assert_eq!(Uid::parse("1000").unwrap().get(), 1000);
        assert_eq!(Gid::parse("4294967294").unwrap().get(), limits::OWNER);
        for text in ["", "abc", "-1", "+1", "1.0", "4294967295"] {
            assert!(Uid::parse(text).is_err(), "{text:?}");
            assert!(Gid::parse(text).is_err(), "{text:?}");
        }
    }
}
