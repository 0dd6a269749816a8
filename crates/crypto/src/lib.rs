//! Keys, records, the keyring and the seal: bytes in, bytes out, randomness passed in.
//!
//! `docs/FORMATS.md` describes every byte that this crate writes, `docs/KEYS.md` every key. In short:
//!
//! - [`KeyFile`] is a manager's sealed keys. [`KeyFile::unseal`] opens one of its slots, by a passphrase or a key file,
//!   and yields the [`RootKey`], the [`Keyring`] and the manager's [`StorageKey`].
//! - [`Keyring`] encrypts payloads, each under a [`DataKey`] of its own; its [`StateKey`] encrypts the state's records.
//! - [`SessionSecret`] and [`SessionPublicKey`] hand a data key to an agent.
//!
//! Each key role is a type of its own that offers what the role is for and nothing else; none can be cloned,
//! compared or printed. Every operation runs on a stack that is wiped afterwards.
//!
//! Pure: the only contact with the system is [`SystemRandom`], and everything else is a function of its arguments.
//! One module names each library: `aead` aes-gcm, `kdf` ring's HKDF and HMAC, `random` ring's generator, `passphrase`
//! argon2, `session` hpke.

mod aead;
mod context;
#[cfg(test)]
mod fixed_random;
#[cfg(test)]
mod hex;
mod kdf;
mod key;
mod keyring;
mod padding;
mod passphrase;
mod payload;
mod random;
mod record;
mod seal;
mod session;

pub use context::{Context, Field, PayloadContext};
pub use kdf::checksum;
pub use key::{DataKey, RootHashKey, RootKey, StateKey, StorageKey};
pub use keyring::{KeyEpoch, Keyring};
pub use passphrase::{ParamsError, PassphraseParams};
pub use payload::EncryptedPayload;
pub use random::{Random, RandomError, SystemRandom};
pub use record::{DecryptError, EncryptError};
pub use seal::{
    KeyFile, NewSlot, SEAL_KEY, SealError, SealKey, SealKeyError, Slot, SlotKind, UnsealError,
    UnsealMaterial, Unsealed,
};
pub use session::{SealDataKeyError, SealedDataKey, SessionPublicKey, SessionSecret};
