//! Secret bytes of a fixed length: keys.

use core::fmt;
use zeroize::Zeroize as _;

/// `N` bytes that are wiped when dropped and that cannot be printed, copied or compared by accident.
///
/// They lie on the heap: a move of the value moves a pointer and leaves no copy on the stack.
pub struct SecretArray<const N: usize>(Box<[u8; N]>);

impl<const N: usize> SecretArray<N> {
    /// `N` bytes that `init` writes in place. They are zero before.
    #[must_use]
    pub fn init_with(init: impl FnOnce(&mut [u8; N])) -> Self {
        let mut array = Self(Box::new([0; N]));
        init(&mut array.0);
        array
    }

    /// Like [`SecretArray::init_with`], where writing can fail.
    ///
    /// # Errors
    /// What `init` returns; what it has written by then is wiped.
    pub fn try_init_with<E>(init: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut array = Self(Box::new([0; N]));
        init(&mut array.0)?;
        Ok(array)
    }

    /// The bytes. A copy of them is the caller's to wipe.
    #[must_use]
    pub const fn expose(&self) -> &[u8; N] {
        &self.0
    }

    /// Whether both hold the same bytes, in the same time whatever they are.
    #[must_use]
    pub fn ct_eq(&self, other: &Self) -> bool {
        crate::ct_eq(self.expose(), other.expose())
    }
}

impl<const N: usize> Drop for SecretArray<N> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<const N: usize> fmt::Debug for SecretArray<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretArray({N} bytes)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use static_assertions::{assert_impl_all, assert_not_impl_any};

    assert_impl_all!(SecretArray<32>: Send, Sync);
    assert_not_impl_any!(
        SecretArray<32>: Clone, Copy, PartialEq, PartialOrd, core::hash::Hash, Default,
        fmt::Display, core::ops::Deref, core::ops::DerefMut, AsRef<[u8]>, AsRef<[u8; 32]>,
        core::borrow::Borrow<[u8]>, IntoIterator, Into<[u8; 32]>
    );

    #[test]
    fn printing_shows_the_length_only() {
        let key = SecretArray::<4>::init_with(|bytes| bytes.copy_from_slice(b"keys"));
        assert_eq!(format!("{key:?}"), "SecretArray(4 bytes)");
    }

    #[test]
    fn a_failed_start_gives_no_array() {
        let failed = SecretArray::<4>::try_init_with(|_| Err("no bytes"));
        assert_eq!(failed.map(|_| ()), Err("no bytes"));
    }

    #[test]
    fn bytes_are_compared_whole() {
        let key = |last| SecretArray::<4>::init_with(|bytes| bytes[3] = last);
        assert!(key(7).ct_eq(&key(7)));
        assert!(!key(7).ct_eq(&key(8)));
    }
}
