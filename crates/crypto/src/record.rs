//! The record: how anything is encrypted under a key that is used often. `docs/FORMATS.md`, "Record".
//!
//! Each record has an AES key of its own, derived from the long-lived key, a salt and the associated data. So the
//! nonce can be fixed and there is no limit of records per key that anybody would reach. The derivation also yields a
//! commitment, which is compared before anything is decrypted: a ciphertext opens under one key and one context only, which
//! GCM by itself does not promise.

use crate::{Context, Random, RandomError, aead, kdf};
use strongroom_sensitive::{SecretArray, SecretBytes, ct_eq, on_wiped_stack};

/// Begins every record; the last byte is the format's version.
pub(crate) const MAGIC: &[u8; 4] = b"SRV1";

/// Bytes before the ciphertext: magic, epoch, salt, commitment.
const HEADER: usize = 4 + 4 + SALT + COMMITMENT;
const SALT: usize = 32;
const COMMITMENT: usize = 32;

/// Sound, as no two records have the same key.
const NONCE: [u8; aead::NONCE] = [0; aead::NONCE];

/// Why a record could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncryptError {
    /// No salt or key could be drawn.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// AES-GCM's limit.
    #[error("a record of {0} bytes is too long: at most 64 GiB can be encrypted at once")]
    TooLong(usize),
}

/// A record cannot be decrypted. Which of the reasons it is cannot be told, and must not be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an encrypted record is damaged, belongs elsewhere, or is under another key: restore it")]
pub struct DecryptError;

/// Encrypts `content`.
pub(crate) fn encrypt(
    key: &SecretArray<32>,
    epoch: u32,
    context: &Context<'_>,
    content: &[u8],
    random: &mut dyn Random,
) -> Result<Vec<u8>, EncryptError> {
    encrypt_padded(key, epoch, context, (content, content.len()), random)
}

/// Encrypts `content`, followed by zeros up to `padded` bytes.
pub(crate) fn encrypt_padded(
    key: &SecretArray<32>,
    epoch: u32,
    context: &Context<'_>,
    (content, padded): (&[u8], usize),
    random: &mut dyn Random,
) -> Result<Vec<u8>, EncryptError> {
    let mut drawn = [0; 32];
    random.fill(&mut drawn)?;
    let associated_data = context.associated_data(epoch, content.len());
    let mut record = Vec::with_capacity(HEADER + padded + aead::TAG);
    record.extend_from_slice(MAGIC);
    record.extend_from_slice(&epoch.to_be_bytes());
    record.resize(HEADER, 0);
    // The plaintext is copied once, to where its ciphertext will lie.
    record.extend_from_slice(content);
    record.resize(HEADER + padded, 0);

    let (header, body) = record.split_at_mut(HEADER);
    let tag = on_wiped_stack(|| {
        let salt = hedged_salt(key, &drawn, &associated_data, body);
        let derived = Derived::new(key, &salt, &associated_data);
        header[8..8 + SALT].copy_from_slice(&salt);
        header[8 + SALT..].copy_from_slice(derived.commitment());
        aead::encrypt(derived.cipher_key(), &NONCE, &associated_data, body)
    });
    let tag = tag.map_err(|_| {
        zeroize::Zeroize::zeroize(&mut record);
        EncryptError::TooLong(content.len())
    })?;
    record.extend_from_slice(&tag);
    Ok(record)
}

/// Decrypts a record whose content has the length that its ciphertext has.
pub(crate) fn decrypt(
    key: &SecretArray<32>,
    epoch: u32,
    context: &Context<'_>,
    record: &[u8],
) -> Result<SecretBytes, DecryptError> {
    let content_len = record.len().checked_sub(HEADER + aead::TAG);
    decrypt_padded(
        key,
        epoch,
        context,
        content_len.ok_or(DecryptError)?,
        record,
    )
}

/// Decrypts a record of `content_len` bytes that may have been padded.
pub(crate) fn decrypt_padded(
    key: &SecretArray<32>,
    epoch: u32,
    context: &Context<'_>,
    content_len: usize,
    record: &[u8],
) -> Result<SecretBytes, DecryptError> {
    let parts = Parts::split(record).ok_or(DecryptError)?;
    if parts.epoch != epoch || content_len > parts.ciphertext.len() {
        return Err(DecryptError);
    }
    let associated_data = context.associated_data(epoch, content_len);
    let mut content = None;
    on_wiped_stack(|| {
        let derived = Derived::new(key, parts.salt, &associated_data);
        if !ct_eq(derived.commitment(), parts.commitment) {
            return;
        }
        let mut opened = Ok(());
        let bytes = SecretBytes::init_with(parts.ciphertext.len(), |bytes| {
            bytes.copy_from_slice(parts.ciphertext);
            let key = derived.cipher_key();
            opened = aead::decrypt(key, &NONCE, &associated_data, bytes, parts.tag);
        });
        content = opened.ok().map(|()| bytes);
    });
    let mut content = content.ok_or(DecryptError)?;
    if content.expose()[content_len..]
        .iter()
        .any(|byte| *byte != 0)
    {
        return Err(DecryptError);
    }
    content.truncate(content_len);
    Ok(content)
}

/// The epoch that a record says it was encrypted in: which key to try, no more, until the record is decrypted.
pub(crate) fn claimed_epoch(record: &[u8]) -> Option<u32> {
    Parts::split(record).map(|parts| parts.epoch)
}

/// The length of what a record seems to hold.
pub(crate) fn claimed_len(record: &[u8]) -> Option<usize> {
    Parts::split(record).map(|parts| parts.ciphertext.len())
}

/// A record, taken apart.
struct Parts<'a> {
    epoch: u32,
    salt: &'a [u8; SALT],
    commitment: &'a [u8; COMMITMENT],
    ciphertext: &'a [u8],
    tag: &'a [u8; aead::TAG],
}

impl<'a> Parts<'a> {
    fn split(record: &'a [u8]) -> Option<Self> {
        let rest = record.strip_prefix(MAGIC)?;
        let (epoch, rest) = rest.split_first_chunk()?;
        let (salt, rest) = rest.split_first_chunk()?;
        let (commitment, rest) = rest.split_first_chunk()?;
        let (ciphertext, tag) = rest.split_last_chunk()?;
        Some(Self {
            epoch: u32::from_be_bytes(*epoch),
            salt,
            commitment,
            ciphertext,
            tag,
        })
    }
}

/// What a key and a salt give for one record: its AES key and its commitment.
struct Derived(SecretArray<64>);

impl Derived {
    fn new(key: &SecretArray<32>, salt: &[u8; SALT], associated_data: &[u8]) -> Self {
        Self(SecretArray::init_with(|out| {
            kdf::hkdf(salt, key.expose(), &[associated_data], out);
        }))
    }

    fn cipher_key(&self) -> &[u8; 32] {
        self.0.expose().first_chunk().expect("64 bytes hold 32")
    }

    fn commitment(&self) -> &[u8; COMMITMENT] {
        self.0.expose().last_chunk().expect("64 bytes hold 32")
    }
}

/// A salt that is as good as the random bytes in it, and where those repeat (a virtual machine that was resumed twice)
/// repeats only with the whole record.
fn hedged_salt(
    key: &SecretArray<32>,
    drawn: &[u8; 32],
    associated_data: &[u8],
    padded: &[u8],
) -> [u8; SALT] {
    let hedge = kdf::hkdf_key(&[], key.expose(), &[b"SRV1-hedge"]);
    let length = |bytes: &[u8]| (bytes.len() as u64).to_be_bytes();
    kdf::hmac(
        hedge.expose(),
        &[
            drawn,
            &length(associated_data),
            associated_data,
            &length(padded),
            padded,
        ],
    )
}

#[cfg(test)]
mod golden;
#[cfg(test)]
mod tests;
