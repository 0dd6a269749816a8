//! What a tree is built from: one file of a service, as its node knows it.

use core::fmt;
use strongroom_model::{FileMode, Gid, Kind, ObjectId, PayloadSize, Target, Uid, Version};

/// Names the bytes of one version; the same bytes for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContentId {
    /// The secret or config.
    pub object: ObjectId,
    /// Which of its versions.
    pub version: Version,
}

/// One reference of a service, resolved: which content appears where, and whose it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// Decides where a relative target lies.
    pub kind: Kind,
    /// Where the file appears.
    pub target: Target,
    /// What it shows.
    pub content: ContentId,
    /// Its length in bytes.
    pub size: PayloadSize,
    /// Its owner, as the container counts users.
    pub uid: Uid,
    /// Its group, as the container counts groups.
    pub gid: Gid,
    /// Its permission bits.
    pub mode: FileMode,
}

impl File {
    /// The parts of the absolute path at which the file appears in the container.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.target.path(self.kind)
    }
}

impl fmt::Display for ContentId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.object, self.version)
    }
}
