//! Every maximum of the agent in one place, each with its reason. What is not the agent's own is in the model.

use std::time::Duration;

pub(crate) use strongroom_model::limits::{MESSAGE, NODE_CONTAINERS};

/// The OCI state that a runtime gives to a hook; real ones are below 4 KiB, annotations may be long.
pub(crate) const OCI_STATE: u64 = 1024 * 1024;

/// A bundle's `config.json`; real ones are below 100 KiB, an environment may be long.
pub(crate) const OCI_CONFIG: u64 = 4 * 1024 * 1024;

/// A request to the agent's socket, or its answer: one line with two paths and two names.
pub(crate) const LINE: u64 = 64 * 1024;

/// Hooks that are served at once. Engines start a handful of containers at a time; after a boot it may be all of them,
/// and who comes later waits in the socket's backlog.
pub(crate) const HOOKS: usize = 64;

/// Services that are assigned to one node.
pub(crate) const SERVICES: usize = 10_000;

/// Versions that are assigned to one node.
pub(crate) const CONTENTS: usize = 100_000;

/// Their encrypted bytes, all held in memory.
pub(crate) const CONTENT_BYTES: usize = 1024 * 1024 * 1024;

/// Descriptors of one container: its connection, its abort, its process, and its recent callers.
pub(crate) const DESCRIPTORS_PER_CONTAINER: u64 = 12;

/// Descriptors of everything else: sockets, hooks, the runtime, and an attachment in progress.
pub(crate) const DESCRIPTORS: u64 = 1024;

/// How long a hook waits for an agent that is not there yet.
pub(crate) const AGENT_WAIT: Duration = Duration::from_secs(5);

/// How long a hook waits for an agent's answer, and the agent for a hook's request: far longer than all below takes.
pub(crate) const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// How long a hook for an unknown service waits for the managers to bring it.
pub(crate) const SERVICE_WAIT: Duration = Duration::from_secs(2);

/// How long a container's start waits for the managers to know of it; then they are told in the background.
pub(crate) const REPORT_WAIT: Duration = Duration::from_millis(250);

/// How long one call to a manager may take.
pub(crate) const CALL: Duration = Duration::from_secs(5);

/// Pauses between attempts to reach a manager, doubled from the first to the last.
pub(crate) const FIRST_PAUSE: Duration = Duration::from_millis(100);

/// A manager that is back is noticed within this time.
pub(crate) const LAST_PAUSE: Duration = Duration::from_secs(5);

/// Attempts to report a container's end; after them the session is opened anew, which says what is still there.
pub(crate) const DETACH_ATTEMPTS: u32 = 5;
