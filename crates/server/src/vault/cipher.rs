//! The keyring at work: small payloads at once, large ones off the threads that serve everybody.

use crate::refusals;
use std::{sync::Arc, thread::available_parallelism};
use strongroom_api::{Refusal, request::ObjectPath};
use strongroom_crypto::{
    DecryptError, EncryptedPayload, Keyring, PayloadContext, SealDataKeyError, SealedDataKey,
    SessionPublicKey, SystemRandom,
};
use strongroom_model::{ClusterId, Kind, Namespace, ObjectId, PayloadSize, Version};
use strongroom_sensitive::SecretBytes;
use strongroom_state as state;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Up to here the cipher takes some tens of microseconds, less than handing the work to another thread and back is worth.
const AT_ONCE: usize = 64 * 1024;

/// The cluster's keys, and how many large payloads are worked on at a time.
#[derive(Debug)]
pub(crate) struct Cipher {
    cluster: ClusterId,
    keyring: Arc<Keyring>,
    workers: Semaphore,
}

/// Which version of which object.
#[derive(Clone, Debug)]
pub(crate) struct VersionPath {
    pub(crate) kind: Kind,
    pub(crate) namespace: Namespace,
    pub(crate) object: ObjectId,
    pub(crate) version: Version,
}

/// What is proposed of a version's bytes.
#[derive(Debug)]
pub(super) struct Encrypted {
    pub(super) digest: state::Digest,
    pub(super) payload: state::EncryptedPayload,
}

impl Cipher {
    pub(super) fn new(cluster: ClusterId, keyring: Arc<Keyring>) -> Self {
        let workers = Semaphore::new(available_parallelism().map_or(1, usize::from));
        Self {
            cluster,
            keyring,
            workers,
        }
    }

    /// The cluster that everything is bound to.
    pub(crate) const fn cluster(&self) -> ClusterId {
        self.cluster
    }

    /// Encrypts a version's bytes under a data key of their own.
    pub(super) async fn encrypt(
        &self,
        path: VersionPath,
        payload: &Arc<SecretBytes>,
    ) -> Result<Encrypted, Refusal> {
        let (cluster, keyring) = (self.cluster, Arc::clone(&self.keyring));
        let length = payload.len();
        let payload = Arc::clone(payload);
        let encrypt = move || {
            let digest = keyring.digest(path.object, &payload);
            let context = path.context(cluster);
            let encrypted = keyring.encrypt_payload(&context, &payload, &mut SystemRandom)?;
            let EncryptedPayload {
                wrapped_data_key,
                record,
            } = encrypted;
            let payload = state::EncryptedPayload {
                wrapped_data_key,
                record,
            };
            Ok(Encrypted {
                digest: state::Digest(digest),
                payload,
            })
        };
        self.run(length, encrypt)
            .await?
            .map_err(refusals::not_encrypted)
    }

    /// A version's bytes.
    pub(super) async fn decrypt(
        &self,
        path: VersionPath,
        size: PayloadSize,
        payload: state::EncryptedPayload,
    ) -> Result<SecretBytes, Refusal> {
        let (cluster, keyring) = (self.cluster, Arc::clone(&self.keyring));
        let length = payload.record.len();
        let (object, version) = (path.object, path.version);
        let decrypt = move || {
            let state::EncryptedPayload {
                wrapped_data_key,
                record,
            } = payload;
            let payload = EncryptedPayload {
                wrapped_data_key,
                record,
            };
            keyring.decrypt_payload(&path.context(cluster), size, &payload)
        };
        let decrypted = self.run(length, decrypt).await?;
        decrypted.map_err(|DecryptError| refusals::damaged(object, version))
    }

    /// A version's data key, for the holder of one session's secret alone.
    pub(crate) fn seal_data_key(
        &self,
        path: &VersionPath,
        wrapped_data_key: &[u8],
        session: &SessionPublicKey,
    ) -> Result<SealedDataKey, SealContentError> {
        let context = path.context(self.cluster);
        let data_key = self.keyring.open_data_key(&context, wrapped_data_key)?;
        Ok(session.seal_data_key(&context, &data_key, &mut SystemRandom)?)
    }

    async fn run<T: Send + 'static>(
        &self,
        length: usize,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Refusal> {
        if length <= AT_ONCE {
            return Ok(work());
        }
        let _permit = self
            .workers
            .acquire()
            .await
            .expect("the semaphore is never closed");
        spawn_blocking(work)
            .await
            .map_err(|_| refusals::unexpected())
    }
}

/// Why a version's data key cannot be sealed to a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SealContentError {
    /// The stored data key.
    #[error("the stored data key is damaged")]
    Damaged,
    /// The session's key.
    #[error(transparent)]
    Session(#[from] SealDataKeyError),
}

impl From<DecryptError> for SealContentError {
    fn from(DecryptError: DecryptError) -> Self {
        Self::Damaged
    }
}

impl VersionPath {
    pub(super) fn new(path: &ObjectPath, object: ObjectId, version: Version) -> Self {
        Self {
            kind: path.kind,
            namespace: path.namespace.clone(),
            object,
            version,
        }
    }

    const fn context(&self, cluster: ClusterId) -> PayloadContext<'_> {
        PayloadContext {
            cluster,
            kind: self.kind,
            namespace: &self.namespace,
            object: self.object,
            version: self.version,
        }
    }
}
