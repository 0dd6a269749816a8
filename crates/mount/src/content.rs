//! Where the bytes come from: the agent decrypts them for each READ.

use strongroom_sensitive::SecretBytes;
use strongroom_tree::ContentId;

/// Gives the bytes of contents. Called on a session's thread; others of the same container wait meanwhile.
pub trait ContentSource: Send + Sync + 'static {
    /// All bytes of `content`; the caller drops them as soon as the kernel has its part.
    ///
    /// # Errors
    /// [`ContentError`], which a reader sees as EIO.
    fn read(&self, content: ContentId) -> Result<SecretBytes, ContentError>;
}

/// Why a content has no bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContentError {
    /// The source does not have it.
    #[error("the content {0} is not on this node")]
    Missing(ContentId),
    /// The source has it, and it does not decrypt to what was stored.
    #[error("the content {0} is damaged")]
    Damaged(ContentId),
}
