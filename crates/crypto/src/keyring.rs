//! The cluster's keys: one per epoch for data keys, and those of the state. Wrapped under the root key at rest.

use crate::key::{DigestKey, EpochKey, WITHOUT_EPOCH};
use crate::{
    Context, DecryptError, EncryptError, Field, Random, RandomError, RootHashKey, RootKey,
    StateKey, kdf, record,
};
use core::{fmt, num::NonZeroU32};
use std::collections::BTreeMap;
use strongroom_model::{ClusterId, ObjectId};
use strongroom_sensitive::{SecretBytes, on_wiped_stack};

/// A generation of the key that wraps data keys: 1, 2, 3 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyEpoch(NonZeroU32);

/// The cluster's keys, unsealed.
pub struct Keyring {
    /// Never empty.
    epochs: BTreeMap<KeyEpoch, EpochKey>,
    state: StateKey,
    digest: DigestKey,
    root_hash: RootHashKey,
}

/// Why a keyring that was decrypted is not understood.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyringFormatError;

/// Version of the encoding.
const FORMAT: u8 = 1;
/// What an entry holds. Written to disk: a number is never given to something else.
const EPOCH_KEY: u8 = 1;
const STATE_KEY: u8 = 2;
const DIGEST_KEY: u8 = 3;
const ROOT_HASH_KEY: u8 = 4;

impl KeyEpoch {
    /// The first of a new cluster.
    pub const FIRST: Self = Self(NonZeroU32::MIN);

    /// The epoch of that number; 0 is none.
    #[must_use]
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u32 {
        self.0.get()
    }
}

impl Keyring {
    /// The keys of a new cluster, at its first epoch.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        Ok(Self {
            epochs: BTreeMap::from([(KeyEpoch::FIRST, EpochKey::generate(random)?)]),
            state: StateKey::generate(random)?,
            digest: DigestKey::generate(random)?,
            root_hash: RootHashKey::generate(random)?,
        })
    }

    /// The epoch that new data keys are wrapped in.
    #[must_use]
    pub fn current_epoch(&self) -> KeyEpoch {
        self.newest().0
    }

    /// The key of the state's records.
    #[must_use]
    pub const fn state_key(&self) -> &StateKey {
        &self.state
    }

    /// The key that the state's records are hashed with.
    #[must_use]
    pub const fn root_hash_key(&self) -> &RootHashKey {
        &self.root_hash
    }

    /// Tells a version's bytes apart from others of the same object, without showing them: HMAC-SHA256 of the object's
    /// id and the bytes.
    #[must_use]
    pub fn digest(&self, object: ObjectId, payload: &SecretBytes) -> [u8; 32] {
        let parts = [object.as_bytes().as_slice(), payload.expose()];
        on_wiped_stack(|| kdf::hmac(self.digest.0.expose(), &parts))
    }

    pub(crate) fn newest(&self) -> (KeyEpoch, &EpochKey) {
        let (epoch, key) = self
            .epochs
            .last_key_value()
            .expect("a keyring has an epoch");
        (*epoch, key)
    }

    pub(crate) fn epoch(&self, epoch: KeyEpoch) -> Option<&EpochKey> {
        self.epochs.get(&epoch)
    }

    /// The record of the keyring, under the root key.
    pub(crate) fn wrap(
        &self,
        cluster: ClusterId,
        root: &RootKey,
        random: &mut dyn Random,
    ) -> Result<Vec<u8>, EncryptError> {
        let encoded = self.encode();
        let context = context(cluster);
        record::encrypt(&root.0, WITHOUT_EPOCH, &context, encoded.expose(), random)
    }

    /// The keyring of a record; the inner error says that it is of a format that this program does not know.
    pub(crate) fn unwrap(
        cluster: ClusterId,
        root: &RootKey,
        wrapped: &[u8],
    ) -> Result<Result<Self, KeyringFormatError>, DecryptError> {
        let encoded = record::decrypt(&root.0, WITHOUT_EPOCH, &context(cluster), wrapped)?;
        Ok(Self::decode(encoded.expose()))
    }

    /// `docs/FORMATS.md`, "Keyring".
    fn encode(&self) -> SecretBytes {
        let mut entries: Vec<(u8, [u8; 4], &[u8; 32])> = Vec::with_capacity(self.epochs.len() + 3);
        for (epoch, key) in &self.epochs {
            entries.push((EPOCH_KEY, epoch.get().to_be_bytes(), key.0.expose()));
        }
        let number = WITHOUT_EPOCH.to_be_bytes();
        entries.push((STATE_KEY, number, self.state.0.expose()));
        entries.push((DIGEST_KEY, number, self.digest.0.expose()));
        entries.push((ROOT_HASH_KEY, number, self.root_hash.0.expose()));
        SecretBytes::init_with(1 + entries.len() * ENTRY, |out| {
            out[0] = FORMAT;
            for (out, (what, number, key)) in out[1..].chunks_exact_mut(ENTRY).zip(entries) {
                out[0] = what;
                out[1..5].copy_from_slice(&number);
                out[5..].copy_from_slice(key);
            }
        })
    }

    fn decode(encoded: &[u8]) -> Result<Self, KeyringFormatError> {
        let (&FORMAT, entries) = encoded.split_first().ok_or(KeyringFormatError)? else {
            return Err(KeyringFormatError);
        };
        let mut found = Found::default();
        for entry in entries.chunks(ENTRY) {
            found.add(entry)?;
        }
        found.finish().ok_or(KeyringFormatError)
    }
}

/// Bytes of an entry: what it is, its number, its key.
const ENTRY: usize = 1 + 4 + 32;

/// Keys of a keyring that is being decoded.
#[derive(Default)]
struct Found {
    epochs: BTreeMap<KeyEpoch, EpochKey>,
    state: Option<StateKey>,
    digest: Option<DigestKey>,
    root_hash: Option<RootHashKey>,
}

impl Found {
    /// Refuses what is unknown, incomplete, or there twice.
    fn add(&mut self, entry: &[u8]) -> Result<(), KeyringFormatError> {
        let (what, rest) = entry.split_first().ok_or(KeyringFormatError)?;
        let (number, key) = rest.split_first_chunk().ok_or(KeyringFormatError)?;
        let number = u32::from_be_bytes(*number);
        let there_already = match (*what, KeyEpoch::new(number)) {
            (EPOCH_KEY, Some(epoch)) => {
                let key = EpochKey::from_slice(key).ok_or(KeyringFormatError)?;
                self.epochs.insert(epoch, key).is_some()
            }
            (STATE_KEY, None) => put(&mut self.state, StateKey::from_slice(key))?,
            (DIGEST_KEY, None) => put(&mut self.digest, DigestKey::from_slice(key))?,
            (ROOT_HASH_KEY, None) => put(&mut self.root_hash, RootHashKey::from_slice(key))?,
            _ => true,
        };
        if there_already {
            return Err(KeyringFormatError);
        }
        Ok(())
    }

    fn finish(self) -> Option<Keyring> {
        if self.epochs.is_empty() {
            return None;
        }
        Some(Keyring {
            epochs: self.epochs,
            state: self.state?,
            digest: self.digest?,
            root_hash: self.root_hash?,
        })
    }
}

/// Puts a key into its place and says whether there was one.
fn put<K>(place: &mut Option<K>, key: Option<K>) -> Result<bool, KeyringFormatError> {
    Ok(place.replace(key.ok_or(KeyringFormatError)?).is_some())
}

const fn context(cluster: ClusterId) -> Context<'static> {
    Context {
        cluster,
        field: Field::Keyring,
        namespace: None,
        object: [0; 16],
        version: 0,
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring(epoch {})", self.current_epoch().get())
    }
}

#[cfg(test)]
mod tests;
