//! Why a command was not carried out: a value, the same on every replica, in words for who asked.

use strongroom_model::{FilesError, Kind, LabelError, Version, VersionState};

/// How many services or containers a refusal names: its text travels in a header, which has 16 KiB.
const NAMED: usize = 8;

/// A refusal. Names are repeated as they were given; values never are.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// A name that is not there.
    #[error("{what} {name:?} not found: list what is there with `strongroom {what} ls`")]
    NotFound {
        /// `secret`, `config` or `service`.
        what: &'static str,
        /// The name, id or prefix that was asked for.
        name: String,
    },
    /// A version that is not there.
    #[error(
        "{kind} {name:?} has no version {version}: list them with `strongroom {kind} versions {name}`"
    )]
    VersionNotFound {
        /// Secret or config.
        kind: Kind,
        /// The object's name.
        name: String,
        /// The number that was asked for.
        version: Version,
    },
    /// A prefix of several ids.
    #[error("{what} {name:?} is ambiguous ({matches} matches): write more of the id, or the name")]
    Ambiguous {
        /// `secret`, `config` or `service`.
        what: &'static str,
        /// The prefix.
        name: String,
        /// How many ids begin with it.
        matches: usize,
    },
    /// A name that is taken.
    #[error("{what} {name:?} already exists: choose another name{}", if *what == "service" { "" } else { ", or add a version with put" })]
    AlreadyExists {
        /// `secret`, `config` or `service`.
        what: &'static str,
        /// The name as its first maker wrote it.
        name: String,
    },
    /// The newest version is another one than the writer expects.
    #[error("{kind} {name:?} is at version {newest}, not {expected}: read it again, then decide")]
    VersionConflict {
        /// Secret or config.
        kind: Kind,
        /// The object's name.
        name: String,
        /// The newest version; 0 where the name does not exist.
        newest: u64,
        /// What the writer expects.
        expected: u64,
    },
    /// Services refer to it.
    #[error("{what} is in use by the following service{}: {}; remove {} first", if services.len() == 1 { "" } else { "s" }, named(services), if services.len() == 1 { "it" } else { "them" })]
    InUse {
        /// The object or version, as `secret "db"` or `secret "db@2"`.
        what: String,
        /// The services' names, sorted.
        services: Vec<String>,
    },
    /// Containers have the service's files.
    #[error("service {service:?} is in use by the following container{}: {}; stop {} first", if containers.len() == 1 { "" } else { "s" }, named(containers), if containers.len() == 1 { "it" } else { "them" })]
    Attached {
        /// The service's name.
        service: String,
        /// Container ids, sorted.
        containers: Vec<String>,
    },
    /// The version is on its way out, or gone.
    #[error(
        "{kind} {name:?} version {version} is {state}: it cannot be used any more, name another version"
    )]
    Destroyed {
        /// Secret or config.
        kind: Kind,
        /// The object's name.
        name: String,
        /// The version.
        version: Version,
        /// Destroying or destroyed.
        state: VersionState,
    },
    /// An object keeps at least one version.
    #[error(
        "{kind} {name:?} has no other version than {version}: remove the whole {kind} with `strongroom {kind} rm {name}`"
    )]
    LastVersion {
        /// Secret or config.
        kind: Kind,
        /// The object's name.
        name: String,
        /// The version.
        version: Version,
    },
    /// The labels would be too many.
    #[error(transparent)]
    Labels(#[from] LabelError),
    /// The references cannot stand together.
    #[error(transparent)]
    Files(#[from] FilesError),
    /// Too many versions of one object.
    #[error(
        "{kind} {name:?} has {count} versions, which is the most: remove old ones with `strongroom {kind} rm {name}@VERSION`"
    )]
    TooManyVersions {
        /// Secret or config.
        kind: Kind,
        /// The object's name.
        name: String,
        /// How many it has.
        count: usize,
    },
    /// The store is full.
    #[error("the store holds {stored} of at most {limit} bytes: remove what is not needed")]
    Quota {
        /// Bytes of encrypted payloads.
        stored: u64,
        /// The limit.
        limit: u64,
    },
    /// Another write came between, or a drawn id is taken; the leader makes the command anew. Clients do not see it.
    #[error("another write came between: try again")]
    Raced,
}

/// What refusals call a kind of object.
pub(crate) const fn noun(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => "secret",
        Kind::Config => "config",
    }
}

fn named(names: &[String]) -> String {
    let shown = &names[..names.len().min(NAMED)];
    match names.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
