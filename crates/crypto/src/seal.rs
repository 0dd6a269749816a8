//! The seal: what a manager's `keys` file holds, how it is made, and how it is opened.
//!
//! As in LUKS there are several slots, each of which holds the root key under a key of its own. The root key wraps the
//! keyring, which all managers share, and the manager's own storage key. Every part is bound to the cluster, the
//! storage key to the member too; a slot may be copied to another manager of the cluster.

use crate::key::WITHOUT_EPOCH;
use crate::passphrase::{StretchError, stretch};
use crate::{
    Context, EncryptError, Field, Keyring, ParamsError, PassphraseParams, Random, RandomError,
    RootKey, SlotKind, StorageKey, kdf, record,
};
use core::fmt;
use strongroom_model::{ClusterId, MemberId};
use strongroom_sensitive::{SecretArray, SecretBytes, on_wiped_stack};

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

/// The root key under one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Under the key that Argon2id makes of a passphrase.
    Passphrase {
        /// Random.
        salt: [u8; 32],
        /// The work that was done.
        params: PassphraseParams,
        /// The record of the root key.
        wrapped: Vec<u8>,
    },
    /// Under the key that HKDF makes of a key file.
    KeyFile {
        /// Random.
        salt: [u8; 32],
        /// The record of the root key.
        wrapped: Vec<u8>,
    },
}

/// A slot that is to be made.
#[derive(Clone, Copy, Debug)]
pub enum NewSlot<'a> {
    /// For a passphrase, with the work that a guess of it shall cost.
    Passphrase(&'a SecretBytes, PassphraseParams),
    /// For a key file.
    KeyFile(&'a SealKey),
}

/// What is there to unseal with.
#[derive(Clone, Copy, Debug)]
pub enum UnsealMaterial<'a> {
    /// A passphrase.
    Passphrase(&'a SecretBytes),
    /// A key file.
    KeyFile(&'a SealKey),
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
    /// Argon2id's limits.
    #[error("the passphrase is not usable: give one of at most 4 GiB")]
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
    #[error("wrong {0}: the keys stay sealed")]
    WrongSeal(SlotKind),
    /// What the root key opens is not what was wrapped.
    #[error("the keys file is damaged or from another member: restore it from a backup")]
    Damaged,
    /// The keyring is of a format that is not known here.
    #[error("the keyring is of a newer version of strongroom: start that one")]
    NewerFormat,
    /// A slot's parameters are out of bounds.
    #[error(transparent)]
    Params(#[from] ParamsError),
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
        let mut salt = [0; 32];
        random.fill(&mut salt)?;
        let cluster = self.cluster;
        let slot = match slot {
            NewSlot::Passphrase(passphrase, params) => {
                let key = passphrase_slot_key(cluster, passphrase, &salt, params);
                let key = key.map_err(|error| match error {
                    StretchError::Memory => SealError::Memory(params.memory_kib()),
                    StretchError::Refused => SealError::Passphrase,
                })?;
                let wrapped = wrap_root(cluster, SlotKind::Passphrase, &key, root, random)?;
                Slot::Passphrase {
                    salt,
                    params,
                    wrapped,
                }
            }
            NewSlot::KeyFile(seal_key) => {
                let key = key_file_slot_key(cluster, seal_key, &salt);
                let wrapped = wrap_root(cluster, SlotKind::KeyFile, &key, root, random)?;
                Slot::KeyFile { salt, wrapped }
            }
        };
        self.slots.push(slot);
        Ok(())
    }

    /// Opens the keys with the first slot that the material fits. A passphrase is tried on every passphrase slot, about a
    /// second each.
    ///
    /// # Errors
    /// [`UnsealError`].
    pub fn unseal(&self, material: UnsealMaterial<'_>) -> Result<Unsealed, UnsealError> {
        let kind = material.kind();
        let mut refused = UnsealError::NoSuchSlot(kind);
        for slot in &self.slots {
            match self.open_slot(slot, material) {
                None => {}
                Some(Ok(root)) => return self.open_with(root),
                Some(Err(error)) => refused = error,
            }
        }
        Err(refused)
    }

    /// The root key of a slot; `None` where the slot is of another kind than the material.
    fn open_slot(
        &self,
        slot: &Slot,
        material: UnsealMaterial<'_>,
    ) -> Option<Result<RootKey, UnsealError>> {
        let (key, wrapped) = match (slot, material) {
            (
                Slot::Passphrase {
                    salt,
                    params,
                    wrapped,
                },
                UnsealMaterial::Passphrase(passphrase),
            ) => match passphrase_slot_key(self.cluster, passphrase, salt, *params) {
                Ok(key) => (key, wrapped),
                Err(StretchError::Memory) => {
                    return Some(Err(UnsealError::Memory(params.memory_kib())));
                }
                Err(StretchError::Refused) => {
                    return Some(Err(UnsealError::WrongSeal(SlotKind::Passphrase)));
                }
            },
            (Slot::KeyFile { salt, wrapped }, UnsealMaterial::KeyFile(seal_key)) => {
                (key_file_slot_key(self.cluster, seal_key, salt), wrapped)
            }
            _ => return None,
        };
        let context = root_context(self.cluster, material.kind());
        let root = record::decrypt(&key, WITHOUT_EPOCH, &context, wrapped)
            .ok()
            .and_then(|bytes| RootKey::from_slice(bytes.expose()));
        Some(root.ok_or(UnsealError::WrongSeal(material.kind())))
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

impl UnsealMaterial<'_> {
    /// Which slots it is tried on.
    #[must_use]
    pub const fn kind(self) -> SlotKind {
        match self {
            Self::Passphrase(_) => SlotKind::Passphrase,
            Self::KeyFile(_) => SlotKind::KeyFile,
        }
    }
}

/// The key of a passphrase slot: Argon2id, then HKDF, which binds the cluster and the parameters.
fn passphrase_slot_key(
    cluster: ClusterId,
    passphrase: &SecretBytes,
    salt: &[u8; 32],
    params: PassphraseParams,
) -> Result<SecretArray<32>, StretchError> {
    let stretched = stretch(passphrase, salt, params)?;
    let work = [params.memory_kib(), params.passes(), params.lanes()].map(u32::to_be_bytes);
    let info: [&[u8]; 3] = [b"SRV1-passphrase", cluster.as_bytes(), work.as_flattened()];
    Ok(on_wiped_stack(|| {
        kdf::hkdf_key(salt, stretched.expose(), &info)
    }))
}

/// The key of a key file's slot: HKDF, which binds the cluster.
fn key_file_slot_key(cluster: ClusterId, seal_key: &SealKey, salt: &[u8; 32]) -> SecretArray<32> {
    let info: [&[u8]; 2] = [b"SRV1-key-file", cluster.as_bytes()];
    on_wiped_stack(|| kdf::hkdf_key(salt, seal_key.expose(), &info))
}

fn wrap_root(
    cluster: ClusterId,
    kind: SlotKind,
    slot_key: &SecretArray<32>,
    root: &RootKey,
    random: &mut dyn Random,
) -> Result<Vec<u8>, EncryptError> {
    let context = root_context(cluster, kind);
    record::encrypt(slot_key, WITHOUT_EPOCH, &context, root.0.expose(), random)
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

const fn root_context(cluster: ClusterId, kind: SlotKind) -> Context<'static> {
    Context {
        cluster,
        field: Field::RootKey(kind),
        namespace: None,
        object: [0; 16],
        version: 0,
    }
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

impl fmt::Display for SlotKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Passphrase => "passphrase",
            Self::KeyFile => "key file",
        })
    }
}
