//! The domain's nouns as parsed types: names, ids, versions, targets, references, and every limit.
//!
//! Whatever comes from outside (gRPC, files, flags, hooks) becomes one of these types at the border or is refused
//! there with one line that names the thing and the remedy. Past the border nothing is checked again.
//!
//! Pure: no clock, no randomness, no I/O. The words are those of `docs/GLOSSARY.md`.

mod id;
mod kind;
mod label;
pub mod limits;
mod name;
mod owner;
mod payload;
mod reference;
mod service;
mod target;
mod task;
mod time;
mod version;

pub use id::{ClusterId, MemberId, ObjectId, ParseIdError, RequestId, ServiceId, TaskId};
pub use kind::Kind;
pub use label::{LabelError, LabelKey, LabelValue, Labels};
pub use name::{FoldedName, Name, NameError, Namespace};
pub use owner::{FileMode, Gid, OwnerError, Uid};
pub use payload::{PayloadError, PayloadSize};
pub use reference::{Reference, ReferenceError, RequestedReference, VersionRequest};
pub use service::{FilesError, Revision, ServiceFiles};
pub use target::{Target, TargetError};
pub use task::{ContainerId, ContainerIdError, NodeName, NodeNameError};
pub use time::Timestamp;
pub use version::{Version, VersionError, VersionState};
