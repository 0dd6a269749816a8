//! One number over all records, which a change updates without reading the others.

use crate::cipher::StoreKeys;
use std::fmt;

/// The sum, modulo 2^256, of a keyed hash of each record and payload with its key.
///
/// It does not depend on the order of changes, and who has no key can neither compute a record's share nor find a set
/// of records with the same sum. A record that is deleted, added, swapped or put back changes the sum.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StateRoot([u64; 4]);

impl StateRoot {
    /// Of no records.
    pub(crate) const EMPTY: Self = Self([0; 4]);

    pub(crate) fn from_bytes(bytes: [u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().zip(bytes.as_chunks().0) {
            *limb = u64::from_le_bytes(*chunk);
        }
        Self(limbs)
    }

    /// The sum, its lowest byte first.
    #[must_use]
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.as_chunks_mut().0.iter_mut().zip(self.0) {
            *chunk = limb.to_le_bytes();
        }
        bytes
    }

    pub(crate) fn add(&mut self, keys: &StoreKeys, disk_key: &[u8], parts: &[&[u8]]) {
        let share = Self::share(keys, disk_key, parts);
        let mut carry = false;
        for (limb, other) in self.0.iter_mut().zip(share.0) {
            (*limb, carry) = limb.carrying_add(other, carry);
        }
    }

    pub(crate) fn remove(&mut self, keys: &StoreKeys, disk_key: &[u8], parts: &[&[u8]]) {
        let share = Self::share(keys, disk_key, parts);
        let mut borrow = false;
        for (limb, other) in self.0.iter_mut().zip(share.0) {
            (*limb, borrow) = limb.borrowing_sub(other, borrow);
        }
    }

    fn share(keys: &StoreKeys, disk_key: &[u8], parts: &[&[u8]]) -> Self {
        let framed: Vec<&[u8]> = [b"state", disk_key]
            .into_iter()
            .chain(parts.iter().copied())
            .collect();
        Self::from_bytes(keys.keyring.root_hash_key().hash(&framed))
    }
}

impl fmt::Debug for StateRoot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes()
            .iter()
            .try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
