//! Contents as the agent holds them: ciphertext, and a data key that is encrypted to one of its sessions.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use strongroom_crypto::{PayloadContext, SealedDataKey, SessionSecret};
use strongroom_model::{ClusterId, Kind, Namespace, PayloadSize};
use strongroom_mount::{ContentError, ContentSource};
use strongroom_sensitive::SecretBytes;
use strongroom_tree::ContentId;

/// One version's bytes, encrypted.
pub(crate) struct Content {
    pub(crate) id: ContentId,
    pub(crate) cluster: ClusterId,
    pub(crate) kind: Kind,
    pub(crate) namespace: Namespace,
    pub(crate) size: PayloadSize,
    pub(crate) record: Vec<u8>,
    pub(crate) data_key: SealedDataKey,
    /// What the data key is encrypted to; kept as long as anything is.
    pub(crate) session: Arc<SessionSecret>,
}

/// The contents of one container: what its service refers to, and nothing else.
#[derive(Debug)]
pub(crate) struct TaskContents(pub(crate) BTreeMap<ContentId, Arc<Content>>);

impl Content {
    /// The bytes, decrypted for this call.
    fn decrypt(&self) -> Result<SecretBytes, ContentError> {
        let context = PayloadContext {
            cluster: self.cluster,
            kind: self.kind,
            namespace: &self.namespace,
            object: self.id.object,
            version: self.id.version,
        };
        self.session
            .open_data_key(&context, &self.data_key)
            .and_then(|data_key| data_key.decrypt_payload(&context, self.size, &self.record))
            .map_err(|_| ContentError::Damaged(self.id))
    }
}

impl ContentSource for TaskContents {
    fn read(&self, content: ContentId) -> Result<SecretBytes, ContentError> {
        let found = self.0.get(&content).ok_or(ContentError::Missing(content))?;
        found.decrypt()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Content")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
