//! Every maximum in one place, each with its reason. Sizes are bytes.

/// A name of a secret, config or service; Swarm's limit, so that names can move either way.
pub const NAME: usize = 64;

/// A version's bytes, this many included. Twice Swarm's secret limit: certificate bundles outgrow 500 KiB, and one
/// encrypted version still fits a Raft entry ([`RAFT_ENTRY`]).
pub const PAYLOAD: usize = 1024 * 1024;

/// One Raft entry: a payload, its padding (at most 12 %) and its envelope, with room for labels.
pub const RAFT_ENTRY: usize = 1024 * 1024 * 3 / 2;

/// Labels on one object; Kubernetes users stay far below it, and an object's record stays below 64 KiB.
pub const LABELS: usize = 64;

/// A label's key; as long as a DNS name with a suffix.
pub const LABEL_KEY: usize = 256;

/// A label's value.
pub const LABEL_VALUE: usize = 512;

/// A target path; half of `PATH_MAX`, so that it fits below any container's root directory.
pub const TARGET: usize = 2048;

/// One part of a target path; `NAME_MAX` of Linux file systems.
pub const TARGET_PART: usize = 255;

/// References of one service; a tree of that many files is built in well under a millisecond.
pub const REFERENCES: usize = 512;

/// Versions of one object that can be listed. Older ones are removed by hand until retention rules do it.
pub const VERSIONS: usize = 10_000;

/// Objects and services on one page of a list.
pub const PAGE: usize = 1_000;

/// Results of requests that are remembered, so that a retry gets the first result: ten minutes of 100 writes a second.
pub const REQUESTS: usize = 65_536;

/// How long a request's result is remembered, in milliseconds.
pub const REQUEST_AGE_MS: u64 = 10 * 60 * 1000;

/// All payloads together, encrypted; what one Raft group can ship to a new member in minutes.
pub const STORE: u64 = 8 * 1024 * 1024 * 1024;

/// A container's id; OCI runtimes accept far less, docker and containerd use 64.
pub const CONTAINER_ID: usize = 1024;

/// A node's name; a DNS name's limit.
pub const NODE_NAME: usize = 253;

/// Largest uid and gid: 2^32 - 1 means "none" to the kernel.
pub const OWNER: u32 = u32::MAX - 1;

/// Names and labels in one list's filter; each is compared with every object.
pub const FILTER_TERMS: usize = 64;

/// Containers that are attached on one node; ten times what kubelets are built for.
pub const NODE_CONTAINERS: usize = 5_000;

/// A gRPC message in either direction: one payload with everything around it.
pub const MESSAGE: usize = 2 * 1024 * 1024;
