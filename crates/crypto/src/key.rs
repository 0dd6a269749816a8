//! The keys by role. Each offers what its role is for; the bytes stay in this crate.

use crate::{Context, DecryptError, EncryptError, Random, RandomError, kdf, record};
use core::fmt;
use strongroom_sensitive::{SecretArray, SecretBytes, on_wiped_stack};

macro_rules! key_role {
    ($(#[$doc:meta])* $visibility:vis $name:ident) => {
        $(#[$doc])*
        $visibility struct $name(pub(crate) SecretArray<32>);

        impl $name {
            pub(crate) fn generate(random: &mut dyn Random) -> Result<Self, RandomError> {
                SecretArray::try_init_with(|bytes| random.fill(bytes)).map(Self)
            }

            /// The key with these bytes, `None` where they are not 32.
            pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
                let bytes: &[u8; 32] = bytes.try_into().ok()?;
                Some(Self(SecretArray::init_with(|key| key.copy_from_slice(bytes))))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(stringify!($name))
            }
        }
    };
}

key_role! {
    /// Wraps the keyring and the storage keys; is wrapped by each slot of the seal.
    pub RootKey
}
key_role! {
    /// Encrypts the records of the state, names and labels included, the same in the whole cluster.
    pub StateKey
}
key_role! {
    /// Encrypts one manager's log and vote.
    pub StorageKey
}
key_role! {
    /// Wraps the data keys of the versions that are written while its epoch is the newest.
    pub(crate) EpochKey
}
key_role! {
    /// Encrypts the bytes of one version, once.
    pub DataKey
}
key_role! {
    /// Tells equal bytes of one object apart from others without showing them.
    pub(crate) DigestKey
}
key_role! {
    /// Hashes the state's records, so that members can compare their states and nobody else can guess from the hash.
    pub RootHashKey
}

macro_rules! encrypts_records {
    ($name:ident) => {
        impl $name {
            /// The record of `content`, which its context is bound to.
            ///
            /// # Errors
            /// [`EncryptError`].
            pub fn encrypt(
                &self,
                context: &Context<'_>,
                content: &[u8],
                random: &mut dyn Random,
            ) -> Result<Vec<u8>, EncryptError> {
                record::encrypt(&self.0, WITHOUT_EPOCH, context, content, random)
            }

            /// The content of a record of this context.
            ///
            /// # Errors
            /// [`DecryptError`].
            pub fn decrypt(
                &self,
                context: &Context<'_>,
                record: &[u8],
            ) -> Result<SecretBytes, DecryptError> {
                record::decrypt(&self.0, WITHOUT_EPOCH, context, record)
            }
        }
    };
}

/// The epoch of records whose key belongs to none.
pub(crate) const WITHOUT_EPOCH: u32 = 0;

encrypts_records!(StateKey);
encrypts_records!(StorageKey);

impl RootHashKey {
    /// HMAC-SHA256 of the parts, each preceded by its length in 8 bytes.
    #[must_use]
    pub fn hash(&self, parts: &[&[u8]]) -> [u8; 32] {
        let lengths: Vec<[u8; 8]> = parts
            .iter()
            .map(|part| (part.len() as u64).to_be_bytes())
            .collect();
        let framed: Vec<&[u8]> = lengths
            .iter()
            .zip(parts)
            .flat_map(|(length, part)| [length.as_slice(), part])
            .collect();
        on_wiped_stack(|| kdf::hmac(self.0.expose(), &framed))
    }
}
