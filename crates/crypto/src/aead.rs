//! AES-256-GCM, by aes-gcm, which wipes its key schedule.

use aes_gcm::{Aes256Gcm, Nonce, Tag, aead::AeadInOut as _, aead::KeyInit as _};

/// Bytes that authentication adds.
pub(crate) const TAG: usize = 16;

/// Bytes of a nonce.
pub(crate) const NONCE: usize = 12;

/// More bytes than the cipher can take, or a tag that is not theirs.
#[derive(Debug)]
pub(crate) struct AeadError;

/// Encrypts `bytes` in place and returns the tag. A nonce must never be used twice with one key.
pub(crate) fn encrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    associated_data: &[u8],
    bytes: &mut [u8],
) -> Result<[u8; TAG], AeadError> {
    let tag = Aes256Gcm::new(key.into())
        .encrypt_inout_detached(&Nonce::from(*nonce), associated_data, bytes.into())
        .map_err(|_| AeadError)?;
    Ok(tag.into())
}

/// Verifies and decrypts `bytes` in place. They stay ciphertext where the tag is wrong.
pub(crate) fn decrypt(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    associated_data: &[u8],
    bytes: &mut [u8],
    tag: &[u8; TAG],
) -> Result<(), AeadError> {
    Aes256Gcm::new(key.into())
        .decrypt_inout_detached(
            &Nonce::from(*nonce),
            associated_data,
            bytes.into(),
            &Tag::from(*tag),
        )
        .map_err(|_| AeadError)
}

#[cfg(test)]
mod tests;
