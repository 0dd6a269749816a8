//! Identifiers: 128 random bits, drawn outside of the core and passed in.
//!
//! Objects, services and tasks are shown as Swarm shows them, 25 characters of base 36.

use core::fmt;

/// Why a text is no id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ParseIdError {
    /// Not 25 characters of base 36, or more than 128 bits.
    #[error("an id has 25 characters of 0-9 a-z")]
    Base36,
    /// Not 32 characters of hexadecimal.
    #[error("an id has 32 characters of 0-9 a-f")]
    Hex,
}

macro_rules! base36_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 random bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Parses the 25 characters that [`fmt::Display`] writes.
            ///
            /// # Errors
            /// [`ParseIdError::Base36`].
            pub fn parse(text: &str) -> Result<Self, ParseIdError> {
                parse_base36(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_base36(self.0, f)
            }
        }
    };
}

macro_rules! hex_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 16]);

        impl $name {
            /// From 16 random bytes.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(bytes)
            }

            /// The 16 bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                &self.0
            }

            /// Parses the 32 characters that [`fmt::Display`] writes.
            ///
            /// # Errors
            /// [`ParseIdError::Hex`].
            pub fn parse(text: &str) -> Result<Self, ParseIdError> {
                parse_hex(text).map(Self)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }
    };
}

base36_id! {
    /// A secret or a config. A name that is removed and created again gets a new one.
    ObjectId
}
base36_id! {
    /// A service.
    ServiceId
}
base36_id! {
    /// A task: one container that has a service's files mounted.
    TaskId
}
hex_id! {
    /// A cluster; bound into every record, so that none can move to another cluster.
    ClusterId
}
hex_id! {
    /// One request of a client; a retry carries the same.
    RequestId
}

/// A Raft member: a number that is never used again, shown in hex.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MemberId(pub u64);

impl fmt::Display for MemberId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// 36^25 is more than 2^128, so 25 digits hold 128 bits.
const BASE36_DIGITS: usize = 25;

fn write_base36(bytes: [u8; 16], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut digits = [b'0'; BASE36_DIGITS];
    let mut rest = u128::from_be_bytes(bytes);
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789abcdefghijklmnopqrstuvwxyz"[usize::try_from(rest % 36).unwrap_or(0)];
        rest /= 36;
    }
    digits
        .iter()
        .try_for_each(|digit| write!(f, "{}", char::from(*digit)))
}

fn parse_base36(text: &str) -> Result<[u8; 16], ParseIdError> {
    if text.len() != BASE36_DIGITS || text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Err(ParseIdError::Base36);
    }
    let mut number = 0u128;
    for character in text.chars() {
        let digit = character.to_digit(36).ok_or(ParseIdError::Base36)?;
        number = number
            .checked_mul(36)
            .and_then(|number| number.checked_add(u128::from(digit)))
            .ok_or(ParseIdError::Base36)?;
    }
    Ok(number.to_be_bytes())
}

fn parse_hex(text: &str) -> Result<[u8; 16], ParseIdError> {
    let lower = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() != 32 || !text.bytes().all(lower) {
        return Err(ParseIdError::Hex);
    }
    u128::from_str_radix(text, 16)
        .map(u128::to_be_bytes)
        .map_err(|_| ParseIdError::Hex)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_displayed_parses_back(bytes: [u8; 16]) {
            let object = ObjectId::from_bytes(bytes);
            prop_assert_eq!(ObjectId::parse(&object.to_string()), Ok(object));
            let request = RequestId::from_bytes(bytes);
            prop_assert_eq!(RequestId::parse(&request.to_string()), Ok(request));
        }
    }

    #[test]
    fn an_id_past_128_bits_is_refused() {
        assert_eq!(ObjectId::parse(&"z".repeat(25)), Err(ParseIdError::Base36));
        assert_eq!(ObjectId::parse(""), Err(ParseIdError::Base36));
        assert_eq!(RequestId::parse(&"+".repeat(32)), Err(ParseIdError::Hex));
    }
}
