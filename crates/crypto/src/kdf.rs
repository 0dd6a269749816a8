//! HKDF-SHA256 and HMAC-SHA256, by ring.
//!
//! ring does not wipe what it leaves on the stack: callers run on one that is wiped.

use ring::{digest, hkdf, hmac};
use strongroom_sensitive::SecretArray;

/// HKDF-SHA256 (RFC 5869): fills `out` from a key, a salt (may be empty) and a text that says what for.
///
/// `out` has at most 255 × 32 bytes.
pub(crate) fn hkdf(salt: &[u8], key: &[u8], info: &[&[u8]], out: &mut [u8]) {
    struct Length(usize);
    impl hkdf::KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    hkdf::Salt::new(hkdf::HKDF_SHA256, salt)
        .extract(key)
        .expand(info, Length(out.len()))
        .and_then(|okm| okm.fill(out))
        .expect("fewer than 255 blocks are asked for");
}

/// A key of 32 bytes by [`hkdf()`].
pub(crate) fn hkdf_key(salt: &[u8], key: &[u8], info: &[&[u8]]) -> SecretArray<32> {
    SecretArray::init_with(|out| hkdf(salt, key, info, out))
}

/// HMAC-SHA256 (RFC 2104) of the parts, one after another.
pub(crate) fn hmac(key: &[u8], parts: &[&[u8]]) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, key);
    let mut context = hmac::Context::with_key(&key);
    for part in parts {
        context.update(part);
    }
    let mut tag = [0; 32];
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

/// SHA-256 (FIPS 180-4) of what is no secret: tells accidents apart, and protects from nobody.
#[must_use]
pub fn checksum(content: &[u8]) -> [u8; 32] {
    let mut sum = [0; 32];
    sum.copy_from_slice(digest::digest(&digest::SHA256, content).as_ref());
    sum
}

#[cfg(test)]
mod tests;
