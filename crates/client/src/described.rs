//! What a server says about its objects and services, in the model's types, and how its messages become that.

use crate::ClientError;
use core::fmt;
use strongroom_api::v1;
use strongroom_model::{
    ContainerId, FileMode, Gid, Kind, Labels, Name, NodeName, ObjectId, Revision, ServiceId,
    Target, TaskId, Timestamp, Uid, Version, VersionState,
};
use strongroom_sensitive::SecretBytes;

/// A secret or config, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// Which of the two.
    pub kind: Kind,
    /// Its id; another one if the name is removed and made again.
    pub id: ObjectId,
    /// Its name, as its first maker wrote it.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// The highest version that is listed.
    pub newest: Version,
    /// That version's bytes.
    pub size: u64,
    /// When it was made.
    pub created: Timestamp,
    /// When it last got a version or other labels.
    pub updated: Timestamp,
}

/// Bytes on their way into the vault, with what goes along.
#[derive(Debug)]
pub struct Put<'a> {
    /// 1 byte to [`limits::PAYLOAD`](strongroom_model::limits::PAYLOAD).
    pub payload: &'a SecretBytes,
    /// Replace the labels; `None` leaves those that are there.
    pub labels: Option<&'a Labels>,
    /// Refuse unless the newest version is this one; 0: the name must not exist.
    pub if_version: Option<u64>,
    /// Add a version even where the newest has these bytes.
    pub force_new: bool,
}

/// What came of a put.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PutOutcome {
    /// The object afterwards.
    pub object: Object,
    /// False where the newest version already had these bytes.
    pub added: bool,
}

/// One version, without its bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VersionInfo {
    /// Its number.
    pub number: Version,
    /// Whether it can be read.
    pub state: VersionState,
    /// Bytes.
    pub size: u64,
    /// When it was put.
    pub created: Timestamp,
}

/// A service and the files that its containers get.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its id.
    pub id: ServiceId,
    /// Its name.
    pub name: Name,
    /// Its labels.
    pub labels: Labels,
    /// Its secrets, in the order in which they were given.
    pub secrets: Vec<Reference>,
    /// Its configs, likewise.
    pub configs: Vec<Reference>,
    /// The number of its spec.
    pub revision: Revision,
    /// When it was made.
    pub created: Timestamp,
    /// When it last changed.
    pub updated: Timestamp,
}

/// A service's use of one version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The secret's or config's name.
    pub source: Name,
    /// The version, resolved when the spec was written.
    pub version: Version,
    /// Where the file appears.
    pub target: Target,
    /// The file's owner.
    pub uid: Uid,
    /// The file's group.
    pub gid: Gid,
    /// The file's permission bits.
    pub mode: FileMode,
}

/// One container that has a service's files mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// Its id.
    pub id: TaskId,
    /// The service's name.
    pub service: Name,
    /// The node that it runs on.
    pub node: NodeName,
    /// The container.
    pub container: ContainerId,
    /// The service's revision that it has.
    pub revision: Revision,
    /// What it does.
    pub state: TaskState,
    /// When its files were mounted.
    pub created: Timestamp,
}

/// What a task does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// Its container runs.
    Running,
}

/// The state of the manager that was asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// It waits to be unsealed.
    pub sealed: bool,
    /// It serves: unsealed, with a leader, and the state loaded.
    pub ready: bool,
    /// The leader's member id in hex; `None` where there is no leader.
    pub leader: Option<String>,
    /// The release of the program that answers.
    pub version: String,
    /// Log entries that were acknowledged since the server started.
    pub log_entries: u64,
    /// Syncs of the disk that it took.
    pub log_syncs: u64,
}

impl fmt::Display for TaskState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Running => "running",
        })
    }
}

macro_rules! object_from {
    ($message:ident, $kind:expr) => {
        impl TryFrom<v1::$message> for Object {
            type Error = ClientError;

            fn try_from(message: v1::$message) -> Result<Self, ClientError> {
                Ok(Self {
                    kind: $kind,
                    id: parsed(ObjectId::parse(&message.id))?,
                    name: parsed(Name::parse(&message.name))?,
                    labels: parsed(Labels::parse(message.labels))?,
                    newest: version(message.latest_version)?,
                    size: message.size_bytes,
                    created: time(message.create_time)?,
                    updated: time(message.update_time)?,
                })
            }
        }
    };
}

object_from!(Secret, Kind::Secret);
object_from!(Config, Kind::Config);

impl TryFrom<v1::Version> for VersionInfo {
    type Error = ClientError;

    fn try_from(message: v1::Version) -> Result<Self, ClientError> {
        let state = match message.state() {
            v1::VersionState::Enabled => VersionState::Enabled,
            v1::VersionState::Destroying => VersionState::Destroying,
            v1::VersionState::Destroyed => VersionState::Destroyed,
            v1::VersionState::Unspecified => return Err(ClientError::malformed(&"version state")),
        };
        Ok(Self {
            number: version(message.number)?,
            state,
            size: message.size_bytes,
            created: time(message.create_time)?,
        })
    }
}

impl TryFrom<v1::Reference> for Reference {
    type Error = ClientError;

    fn try_from(message: v1::Reference) -> Result<Self, ClientError> {
        let mode = message
            .mode
            .ok_or_else(|| ClientError::malformed(&"mode"))?;
        Ok(Self {
            source: parsed(Name::parse(&message.source))?,
            version: version(message.version)?,
            target: parsed(Target::parse(&message.target))?,
            uid: parsed(Uid::new(message.uid))?,
            gid: parsed(Gid::new(message.gid))?,
            mode: parsed(FileMode::new(mode))?,
        })
    }
}

impl TryFrom<v1::Service> for Service {
    type Error = ClientError;

    fn try_from(message: v1::Service) -> Result<Self, ClientError> {
        Ok(Self {
            id: parsed(ServiceId::parse(&message.id))?,
            name: parsed(Name::parse(&message.name))?,
            labels: parsed(Labels::parse(message.labels))?,
            secrets: all(message.secrets)?,
            configs: all(message.configs)?,
            revision: revision(message.revision)?,
            created: time(message.create_time)?,
            updated: time(message.update_time)?,
        })
    }
}

impl TryFrom<v1::Task> for Task {
    type Error = ClientError;

    fn try_from(message: v1::Task) -> Result<Self, ClientError> {
        let state = match message.state() {
            v1::TaskState::Running => TaskState::Running,
            v1::TaskState::Unspecified => return Err(ClientError::malformed(&"task state")),
        };
        Ok(Self {
            id: parsed(TaskId::parse(&message.id))?,
            service: parsed(Name::parse(&message.service))?,
            node: parsed(NodeName::parse(&message.node))?,
            container: parsed(ContainerId::parse(&message.container))?,
            revision: revision(message.revision)?,
            state,
            created: time(message.create_time)?,
        })
    }
}

impl From<v1::GetStatusResponse> for Status {
    fn from(message: v1::GetStatusResponse) -> Self {
        Self {
            sealed: message.sealed,
            ready: message.ready,
            leader: (!message.leader.is_empty()).then_some(message.leader),
            version: message.version,
            log_entries: message.log_entries,
            log_syncs: message.log_syncs,
        }
    }
}

/// A field that every answer has.
pub(crate) fn present<M, T>(field: Option<M>) -> Result<T, ClientError>
where
    T: TryFrom<M, Error = ClientError>,
{
    T::try_from(field.ok_or_else(|| ClientError::malformed(&"a missing field"))?)
}

/// A repeated field.
pub(crate) fn all<M, T>(messages: Vec<M>) -> Result<Vec<T>, ClientError>
where
    T: TryFrom<M, Error = ClientError>,
{
    messages.into_iter().map(T::try_from).collect()
}

/// A version's number, which an answer never leaves out.
pub(crate) fn version(number: u64) -> Result<Version, ClientError> {
    Version::new(number).ok_or_else(|| ClientError::malformed(&"version 0"))
}

fn revision(number: u64) -> Result<Revision, ClientError> {
    Revision::new(number).ok_or_else(|| ClientError::malformed(&"revision 0"))
}

fn parsed<T, E: fmt::Display>(result: Result<T, E>) -> Result<T, ClientError> {
    result.map_err(|error| ClientError::malformed(&error))
}

/// Seconds and nanoseconds since 1970, none of them negative.
fn time(time: Option<prost_types::Timestamp>) -> Result<Timestamp, ClientError> {
    let malformed = || ClientError::malformed(&"time");
    let time = time.ok_or_else(malformed)?;
    let seconds = u64::try_from(time.seconds).map_err(|_| malformed())?;
    let nanos = u64::try_from(time.nanos).map_err(|_| malformed())?;
    let millis = seconds.checked_mul(1000).ok_or_else(malformed)?;
    Ok(Timestamp::from_millis(
        millis.saturating_add(nanos / 1_000_000),
    ))
}
