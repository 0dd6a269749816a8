//! A manager's `keys` file: `SRKF`, a format, the message, and a SHA-256 over all of it.
//!
//! The checksum tells an accident apart from a wrong passphrase. It protects from nobody: what is in the file is
//! authenticated under the root key.

use crate::field::{self, BadField};
use crate::generated::v1;
use crate::{DecodeError, What, frame};
use prost::Message as _;
use strongroom_crypto::{KeyFile, PassphraseParams, Slot, checksum};
use strongroom_model::{ClusterId, MemberId};
use v1::slot::Slot as SlotKind;

const MAGIC: &[u8; 4] = b"SRKF";
const FORMAT: u8 = 1;
const HEADER: usize = MAGIC.len() + 1;
const CHECKSUM: usize = 32;

/// The file's content.
#[must_use]
pub fn encode_key_file(keys: &KeyFile) -> Vec<u8> {
    let message = v1::KeyFile {
        cluster: keys.cluster.as_bytes().to_vec(),
        member: keys.member.0,
        slots: keys.slots.iter().map(slot_message).collect(),
        wrapped_keyring: keys.wrapped_keyring.clone(),
        wrapped_storage_key: keys.wrapped_storage_key.clone(),
    };
    let mut bytes = Vec::with_capacity(HEADER + message.encoded_len() + CHECKSUM);
    bytes.extend_from_slice(MAGIC);
    bytes.push(FORMAT);
    message.encode_raw(&mut bytes);
    let sum = checksum(&bytes);
    bytes.extend_from_slice(&sum);
    bytes
}

/// The keys that [`encode_key_file`] encoded.
///
/// # Errors
/// [`DecodeError`] for every other bytes; a newer format is told apart where the file is whole.
pub fn decode_key_file(bytes: &[u8]) -> Result<KeyFile, DecodeError> {
    let what = What::KeyFile;
    if !bytes.starts_with(&MAGIC[..bytes.len().min(MAGIC.len())]) {
        return Err(DecodeError::Damaged(what));
    }
    if bytes.len() < HEADER + CHECKSUM {
        return Err(DecodeError::Truncated(what));
    }
    let (content, sum) = bytes.split_at(bytes.len() - CHECKSUM);
    if checksum(content) != sum {
        return Err(DecodeError::Damaged(what));
    }
    match content[MAGIC.len()] {
        FORMAT => {}
        0 => return Err(DecodeError::Damaged(what)),
        format => return Err(DecodeError::NewerFormat { what, format }),
    }
    let message: v1::KeyFile = frame::message(what, &content[HEADER..])?;
    let slots = message.slots.iter().map(slot);
    Ok(KeyFile {
        cluster: ClusterId::from_bytes(bytes_of(&message.cluster, "cluster id")?),
        member: MemberId(message.member),
        slots: slots.collect::<Result<_, _>>()?,
        wrapped_keyring: message.wrapped_keyring,
        wrapped_storage_key: message.wrapped_storage_key,
    })
}

fn slot_message(slot: &Slot) -> v1::Slot {
    let slot = match slot {
        Slot::Passphrase {
            salt,
            params,
            wrapped,
        } => SlotKind::Passphrase(v1::PassphraseSlot {
            salt: salt.to_vec(),
            memory_kib: params.memory_kib(),
            passes: params.passes(),
            lanes: params.lanes(),
            wrapped: wrapped.clone(),
        }),
        Slot::KeyFile { salt, wrapped } => SlotKind::KeyFile(v1::KeyFileSlot {
            salt: salt.to_vec(),
            wrapped: wrapped.clone(),
        }),
    };
    v1::Slot { slot: Some(slot) }
}

fn slot(message: &v1::Slot) -> Result<Slot, DecodeError> {
    let missing = |error: BadField| error.of(What::KeyFile);
    match field::present(message.slot.as_ref(), "slot").map_err(missing)? {
        SlotKind::Passphrase(slot) => Ok(Slot::Passphrase {
            salt: bytes_of(&slot.salt, "salt")?,
            params: PassphraseParams::new(slot.memory_kib, slot.passes, slot.lanes)?,
            wrapped: slot.wrapped.clone(),
        }),
        SlotKind::KeyFile(slot) => Ok(Slot::KeyFile {
            salt: bytes_of(&slot.salt, "salt")?,
            wrapped: slot.wrapped.clone(),
        }),
    }
}

fn bytes_of<const N: usize>(bytes: &[u8], name: &'static str) -> Result<[u8; N], DecodeError> {
    field::bytes(bytes, name).map_err(|error| error.of(What::KeyFile))
}
