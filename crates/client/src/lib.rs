//! The typed client of `strongroom.api.v1`: what the CLI, `dev` and the tests call instead of gRPC.
//!
//! It takes and returns the model's types; messages stay inside. Every write carries a random request id, so a call
//! whose connection breaks is sent again and still happens once. A failure says whose fault it is ([`ErrorKind`]) and
//! reads as one line. Payloads are [`SecretBytes`](strongroom_sensitive::SecretBytes) in both directions.
//!
//! [`channel`] is the bare connection, for the agent, whose `dispatch.v1` is not for people.

mod call;
mod described;
mod endpoint;
mod error;
mod objects;
mod services;
mod transport;

pub use call::Client;
pub use described::{
    Object, Put, PutOutcome, Reference, Service, Status, Task, TaskState, VersionInfo,
};
pub use endpoint::{Endpoint, EndpointError};
pub use error::{ClientError, ErrorKind};
pub use objects::Filter;
pub use transport::channel;
