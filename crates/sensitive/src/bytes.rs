//! Secret bytes of any length.

use core::fmt;
use zeroize::Zeroize as _;

/// Bytes that are wiped when dropped and that cannot be printed, copied or compared by accident.
///
/// The buffer never grows, since growing would leave copies behind; whoever reads the bytes says `expose`.
pub struct SecretBytes(Vec<u8>);

impl SecretBytes {
    /// `len` bytes that `init` writes in place, so that no copy exists elsewhere. They are zero before.
    #[must_use]
    pub fn init_with(len: usize, init: impl FnOnce(&mut [u8])) -> Self {
        // Wrapped first: a panic in `init` wipes what was written.
        let mut bytes = Self(vec![0; len]);
        init(&mut bytes.0);
        bytes
    }

    /// Takes the buffer over, with its spare capacity, which is wiped too.
    #[must_use]
    pub const fn from_vec(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    /// The bytes. A copy of them is the caller's to wipe.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Drops all bytes after the first `len`, and wipes them. Longer than there are: no change.
    pub fn truncate(&mut self, len: usize) {
        if let Some(rest) = self.0.get_mut(len..) {
            rest.zeroize();
        }
        self.0.truncate(len);
    }

    /// Whether both hold the same bytes, in a time that depends on the lengths only.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        crate::ct_eq(&self.0, &other.0)
    }
}

impl Drop for SecretBytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({} bytes)", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::{assert_impl_all, assert_not_impl_any};

    assert_impl_all!(SecretBytes: Send, Sync);
    assert_not_impl_any!(
        SecretBytes: Clone, Copy, PartialEq, PartialOrd, core::hash::Hash, Default, fmt::Display,
        core::ops::Deref, core::ops::DerefMut, AsRef<[u8]>, core::borrow::Borrow<[u8]>,
        IntoIterator, Into<Vec<u8>>
    );

    #[test]
    fn printing_shows_the_length_only() {
        let secret = SecretBytes::from_vec(b"hunter2".to_vec());
        assert_eq!(
            format!("{secret:?} {secret:#?}"),
            "SecretBytes(7 bytes) SecretBytes(7 bytes)"
        );
    }

    #[test]
    fn bytes_are_compared_whole() {
        let secret = |bytes: &[u8]| SecretBytes::from_vec(bytes.to_vec());
        assert!(secret(b"abc").ct_eq(&secret(b"abc")));
        assert!(!secret(b"abc").ct_eq(&secret(b"abd")));
        assert!(!secret(b"abc").ct_eq(&secret(b"ab")));
    }

    #[test]
    fn truncating_keeps_the_front() {
        let mut secret = SecretBytes::from_vec(b"abcdef".to_vec());
        secret.truncate(9);
        assert_eq!(secret.expose(), b"abcdef");
        secret.truncate(2);
        assert_eq!((secret.expose(), secret.len()), (b"ab".as_slice(), 2));
        secret.truncate(0);
        assert!(secret.is_empty());
    }
}
