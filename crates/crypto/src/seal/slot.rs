//! The slots: the root key, wrapped under what an operator has.

use super::{SealError, SealKey, UnsealError};
use crate::key::WITHOUT_EPOCH;
use crate::passphrase::{StretchError, stretch};
use crate::{Context, EncryptError, Field, PassphraseParams, Random, RootKey, kdf, record};
use core::fmt;
use strongroom_model::ClusterId;
use strongroom_sensitive::{SecretArray, SecretBytes, on_wiped_stack};

/// What opens a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SlotKind {
    /// A passphrase, by Argon2id.
    Passphrase,
    /// A file of 32 random bytes.
    KeyFile,
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

impl Slot {
    pub(super) fn make(
        cluster: ClusterId,
        slot: NewSlot<'_>,
        root: &RootKey,
        random: &mut dyn Random,
    ) -> Result<Self, SealError> {
        let mut salt = [0; 32];
        random.fill(&mut salt)?;
        match slot {
            NewSlot::Passphrase(passphrase, params) => {
                if passphrase.is_empty() {
                    return Err(SealError::Passphrase);
                }
                let key = passphrase_key(cluster, passphrase, &salt, params);
                let key = key.map_err(|error| match error {
                    StretchError::Memory => SealError::Memory(params.memory_kib()),
                    StretchError::Refused => SealError::Passphrase,
                })?;
                Ok(Self::Passphrase {
                    salt,
                    params,
                    wrapped: wrap(cluster, SlotKind::Passphrase, &key, root, random)?,
                })
            }
            NewSlot::KeyFile(seal_key) => {
                let key = key_file_key(cluster, seal_key, &salt);
                Ok(Self::KeyFile {
                    salt,
                    wrapped: wrap(cluster, SlotKind::KeyFile, &key, root, random)?,
                })
            }
        }
    }

    /// The root key; `None` where the material is for slots of another kind.
    pub(super) fn open(
        &self,
        cluster: ClusterId,
        material: UnsealMaterial<'_>,
    ) -> Option<Result<RootKey, UnsealError>> {
        match (self, material) {
            (
                Self::Passphrase {
                    salt,
                    params,
                    wrapped,
                },
                UnsealMaterial::Passphrase(passphrase),
            ) => Some(open_passphrase(cluster, passphrase, salt, *params, wrapped)),
            (Self::KeyFile { salt, wrapped }, UnsealMaterial::KeyFile(seal_key)) => {
                let key = key_file_key(cluster, seal_key, salt);
                Some(unwrap(cluster, SlotKind::KeyFile, &key, wrapped))
            }
            (Self::Passphrase { .. }, UnsealMaterial::KeyFile(_))
            | (Self::KeyFile { .. }, UnsealMaterial::Passphrase(_)) => None,
        }
    }
}

fn open_passphrase(
    cluster: ClusterId,
    passphrase: &SecretBytes,
    salt: &[u8; 32],
    params: PassphraseParams,
    wrapped: &[u8],
) -> Result<RootKey, UnsealError> {
    let key = passphrase_key(cluster, passphrase, salt, params);
    let key = key.map_err(|error| match error {
        StretchError::Memory => UnsealError::Memory(params.memory_kib()),
        StretchError::Refused => UnsealError::WrongSeal(SlotKind::Passphrase),
    })?;
    unwrap(cluster, SlotKind::Passphrase, &key, wrapped)
}

/// Argon2id, then HKDF, which binds the cluster and the parameters.
fn passphrase_key(
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

/// HKDF, which binds the cluster.
fn key_file_key(cluster: ClusterId, seal_key: &SealKey, salt: &[u8; 32]) -> SecretArray<32> {
    let info: [&[u8]; 2] = [b"SRV1-key-file", cluster.as_bytes()];
    on_wiped_stack(|| kdf::hkdf_key(salt, seal_key.expose(), &info))
}

fn wrap(
    cluster: ClusterId,
    kind: SlotKind,
    slot_key: &SecretArray<32>,
    root: &RootKey,
    random: &mut dyn Random,
) -> Result<Vec<u8>, EncryptError> {
    let context = context(cluster, kind);
    record::encrypt(slot_key, WITHOUT_EPOCH, &context, root.0.expose(), random)
}

fn unwrap(
    cluster: ClusterId,
    kind: SlotKind,
    slot_key: &SecretArray<32>,
    wrapped: &[u8],
) -> Result<RootKey, UnsealError> {
    if record::claimed_len(wrapped) != Some(32) {
        return Err(UnsealError::Damaged);
    }
    record::decrypt(slot_key, WITHOUT_EPOCH, &context(cluster, kind), wrapped)
        .ok()
        .and_then(|bytes| RootKey::from_slice(bytes.expose()))
        .ok_or(UnsealError::WrongSeal(kind))
}

const fn context(cluster: ClusterId, kind: SlotKind) -> Context<'static> {
    Context {
        cluster,
        field: Field::RootKey(kind),
        namespace: None,
        object: [0; 16],
        version: 0,
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
