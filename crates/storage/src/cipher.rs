//! Encryption of the store's own records: which key, and what each ciphertext is bound to.

use crate::error::{Damage, ReadError, WriteError, one_line};
use std::sync::Arc;
use strongroom_crypto::{Context, Field, Keyring, StorageKey, SystemRandom};
use strongroom_model::{ClusterId, MemberId};
use strongroom_sensitive::SecretBytes;

/// What an unsealed member opens its store with.
#[derive(Debug)]
pub struct StoreKeys {
    /// Bound into every record.
    pub cluster: ClusterId,
    /// Bound into every record of the log.
    pub member: MemberId,
    /// Encrypts the log.
    pub storage: StorageKey,
    /// Its state key encrypts the state, its root-hash key guards against records that were put back.
    pub keyring: Arc<Keyring>,
}

/// A record of the log database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LogRecord {
    /// Tells a wrong key from damage: it is the first to be decrypted.
    Identity,
    Vote,
    /// The last entry that was written.
    Head,
    /// The last entry that was purged.
    Purged,
    Committed,
    Entry(u64),
}

impl LogRecord {
    /// For errors.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Identity => "the log's identity",
            Self::Vote => "the vote",
            Self::Head => "the log's head record",
            Self::Purged => "the log's purge record",
            Self::Committed => "the log's commit record",
            Self::Entry(_) => "a log entry",
        }
    }

    /// The key in the database: entries sort after the others, by index.
    pub(crate) fn key(self) -> Vec<u8> {
        match self {
            Self::Identity => vec![0, 0],
            Self::Vote => vec![0, 1],
            Self::Head => vec![0, 2],
            Self::Purged => vec![0, 3],
            Self::Committed => vec![0, 4],
            Self::Entry(index) => [&[1], &index.to_be_bytes()[..]].concat(),
        }
    }

    const fn binding(self) -> (Field, u64) {
        match self {
            Self::Identity => (Field::LogMeta(1), 0),
            Self::Vote => (Field::Vote, 0),
            Self::Head => (Field::LogMeta(2), 0),
            Self::Purged => (Field::LogMeta(3), 0),
            Self::Committed => (Field::LogMeta(4), 0),
            Self::Entry(index) => (Field::LogEntry, index),
        }
    }
}

impl StoreKeys {
    pub(crate) fn encrypt_log(
        &self,
        record: LogRecord,
        plain: &[u8],
    ) -> Result<Vec<u8>, WriteError> {
        self.storage
            .encrypt(&self.log_context(record), plain, &mut SystemRandom)
            .map_err(|error| WriteError::Failed(one_line(error)))
    }

    pub(crate) fn decrypt_log(
        &self,
        record: LogRecord,
        bytes: &[u8],
    ) -> Result<SecretBytes, ReadError> {
        self.storage
            .decrypt(&self.log_context(record), bytes)
            .map_err(|_| Damage::Record(record.name()).into())
    }

    pub(crate) fn encrypt_state(
        &self,
        place: &StatePlace,
        plain: &[u8],
    ) -> Result<Vec<u8>, WriteError> {
        self.keyring
            .state_key()
            .encrypt(&self.state_context(place), plain, &mut SystemRandom)
            .map_err(|error| WriteError::Failed(one_line(error)))
    }

    pub(crate) fn decrypt_state(
        &self,
        place: &StatePlace,
        bytes: &[u8],
    ) -> Result<SecretBytes, ReadError> {
        self.keyring
            .state_key()
            .decrypt(&self.state_context(place), bytes)
            .map_err(|_| Damage::Record(place.name).into())
    }

    /// The hash of an encoded entry, which begins with the hash of those before it.
    pub(crate) fn chain(&self, encoded_entry: &[u8]) -> [u8; 32] {
        self.keyring.root_hash_key().hash(&[b"log", encoded_entry])
    }

    fn log_context(&self, record: LogRecord) -> Context<'_> {
        let (field, version) = record.binding();
        let mut object = [0; 16];
        object[..8].copy_from_slice(&self.member.0.to_be_bytes());
        Context {
            cluster: self.cluster,
            field,
            namespace: None,
            object,
            version,
        }
    }

    fn state_context(&self, place: &StatePlace) -> Context<'_> {
        Context {
            cluster: self.cluster,
            field: place.field,
            namespace: None,
            object: place.object,
            version: place.version,
        }
    }
}

/// Where a record of the state lies: what its ciphertext is bound to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StatePlace {
    pub(crate) name: &'static str,
    pub(crate) field: Field,
    pub(crate) object: [u8; 16],
    pub(crate) version: u64,
}

impl StatePlace {
    /// Tells a wrong key from damage.
    pub(crate) const IDENTITY: Self = Self {
        name: "the state's identity",
        field: Field::StateMeta(1),
        object: [0; 16],
        version: 0,
    };
    /// Where the state stands.
    pub(crate) const META: Self = Self {
        name: "the state's meta record",
        field: Field::StateMeta(2),
        object: [0; 16],
        version: 0,
    };
}
