//! The seal: what a manager's `keys` file holds, how it is made, and how it is opened.
//!
//! As in LUKS there are several slots, each of which holds the root key under a key of its own. The root key wraps the
//! keyring, which all managers share, and the manager's own storage key. Every part is bound to the cluster, the
//! storage key to the member too; a slot may be copied to another manager of the cluster.

mod slot;

pub use slot::{NewSlot, Slot, SlotKind, UnsealMaterial};

use crate::key::WITHOUT_EPOCH;
use crate::{
    Context, EncryptError, Field, Keyring, Random, RandomError, RootKey, StorageKey, record,
};
use strongroom_model::{ClusterId, MemberId};
use strongroom_sensitive::{SecretArray, SecretBytes};

/// Length of a seal's key file in bytes.
pub const SEAL_KEY: usize = 32;

/// The content of a seal's key file: [`SEAL_KEY`] random bytes.
#[derive(Debug)]
pub struct SealKey(SecretArray<SEAL_KEY>);

/// A file that is no seal's key file, by its length.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a seal's key file has {SEAL_KEY} bytes, not {0}: give the file that --bootstrap made")]
pub struct SealKeyError(pub usize);

/// A manager's keys, sealed: the content of its `keys` file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyFile {
    /// The cluster.
    pub cluster: ClusterId,
    /// The manager.
    pub member: MemberId,
    /// The root key, once under each of these.
    pub slots: Vec<Slot>,
    /// The keyring, under the root key.
    pub wrapped_keyring: Vec<u8>,
    /// The manager's storage key, under the root key.
    pub wrapped_storage_key: Vec<u8>,
}

/// A manager's keys, open.
#[derive(Debug)]
pub struct Unsealed {
    /// For making slots and wrapping keys.
    pub root: RootKey,
    /// The cluster's keys.
    pub keyring: Keyring,
    /// The manager's own.
    pub storage_key: StorageKey,
}

/// Why a seal could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// No keys could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Argon2id's memory.
    #[error("{0} KiB of memory for the passphrase's key are not available: free memory and retry")]
    Memory(u32),
    /// Empty, or beyond Argon2id's limits.
    #[error("the passphrase is empty or longer than 4 GiB: give another")]
    Passphrase,
    /// AES-GCM's limit; no key comes near it.
    #[error(transparent)]
    Encrypt(EncryptError),
}

/// Why the keys stay sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnsealError {
    /// No slot is of the kind of what was given.
    #[error("the keys file has no {0} slot: give what it was sealed with")]
    NoSuchSlot(SlotKind),
    /// The slots are whole, but for something else than was given.
    #[error("wrong {0}: give the one that the keys were sealed with")]
    WrongSeal(SlotKind),
    /// A slot is no record of a root key, or what the root key opens is not what was wrapped.
    #[error("the keys file is damaged or mixed with another member's: restore it from a backup")]
    Damaged,
    /// The keyring is of a format that is not known here.
    #[error("the keyring is of a newer version of strongroom: start that one")]
    NewerFormat,
    /// Argon2id's memory.
    #[error("{0} KiB of memory for the passphrase's key are not available: free memory and retry")]
    Memory(u32),
}

impl SealKey {
    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`RandomError`].
    pub fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
        SecretArray::try_init_with(|bytes| random.fill(bytes)).map(Self)
    }

    /// From a key file's content.
    ///
    /// # Errors
    /// [`SealKeyError`].
    pub fn from_bytes(content: &SecretBytes) -> Result<Self, SealKeyError> {
        let content = content.expose();
        let bytes: &[u8; SEAL_KEY] = content
            .try_into()
            .map_err(|_| SealKeyError(content.len()))?;
        Ok(Self(SecretArray::init_with(|key| {
            key.copy_from_slice(bytes);
        })))
    }

    /// The key file's content.
    #[must_use]
    pub const fn expose(&self) -> &[u8; SEAL_KEY] {
        self.0.expose()
    }
}

impl KeyFile {
    /// The keys of a new cluster's first member, sealed and open. At least one slot is needed to open them again.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn create(
        cluster: ClusterId,
        member: MemberId,
        slots: &[NewSlot<'_>],
        random: &mut dyn Random,
    ) -> Result<(Self, Unsealed), SealError> {
        let open = Unsealed {
            root: RootKey::generate(random)?,
            keyring: Keyring::generate(random)?,
            storage_key: StorageKey::generate(random)?,
        };
        let mut sealed = Self {
            cluster,
            member,
            slots: Vec::with_capacity(slots.len()),
            wrapped_keyring: open.keyring.wrap(cluster, &open.root, random)?,
            wrapped_storage_key: wrap_storage_key(cluster, member, &open, random)?,
        };
        for slot in slots {
            sealed.add_slot(*slot, &open.root, random)?;
        }
        Ok((sealed, open))
    }

    /// Adds a slot that opens the same keys.
    ///
    /// # Errors
    /// [`SealError`].
    pub fn add_slot(
        &mut self,
        slot: NewSlot<'_>,
        root: &RootKey,
        random: &mut dyn Random,
    ) -> Result<(), SealError> {
        let slot = Slot::make(self.cluster, slot, root, random)?;
        self.slots.push(slot);
        Ok(())
    }

    /// Opens the keys with the first slot that the material fits. A passphrase is tried on every passphrase slot, about a
    /// second each.
    ///
    /// # Errors
    /// [`UnsealError`]; where several slots refuse, the last one's.
    pub fn unseal(&self, material: UnsealMaterial<'_>) -> Result<Unsealed, UnsealError> {
        let mut refused = UnsealError::NoSuchSlot(material.kind());
        for slot in &self.slots {
            match slot.open(self.cluster, material) {
                None => {}
                Some(Ok(root)) => return self.open_with(root),
                Some(Err(error)) => refused = error,
            }
        }
        Err(refused)
    }

    fn open_with(&self, root: RootKey) -> Result<Unsealed, UnsealError> {
        let keyring = Keyring::unwrap(self.cluster, &root, &self.wrapped_keyring)
            .map_err(|_| UnsealError::Damaged)?
            .map_err(|_| UnsealError::NewerFormat)?;
        let context = storage_context(self.cluster, self.member);
        let wrapped = &self.wrapped_storage_key;
        let storage_key = record::decrypt(&root.0, WITHOUT_EPOCH, &context, wrapped)
            .ok()
            .and_then(|bytes| StorageKey::from_slice(bytes.expose()))
            .ok_or(UnsealError::Damaged)?;
        Ok(Unsealed {
            root,
            keyring,
            storage_key,
        })
    }
}

fn wrap_storage_key(
    cluster: ClusterId,
    member: MemberId,
    open: &Unsealed,
    random: &mut dyn Random,
) -> Result<Vec<u8>, EncryptError> {
    let context = storage_context(cluster, member);
    let content = open.storage_key.0.expose();
    record::encrypt(&open.root.0, WITHOUT_EPOCH, &context, content, random)
}

/// The member's number takes the version's place.
const fn storage_context(cluster: ClusterId, member: MemberId) -> Context<'static> {
    Context {
        cluster,
        field: Field::StorageKey,
        namespace: None,
        object: [0; 16],
        version: member.0,
    }
}

impl From<EncryptError> for SealError {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::Random(error) => Self::Random(error),
            EncryptError::TooLong(_) => Self::Encrypt(error),
        }
    }
}
