//! The gRPC messages of api.v1 and dispatch.v1, and their conversion into the model.
//!
//! Messages come from `proto/` at build time. What a client sends becomes a type of [`request`] or is refused with a
//! [`Refusal`]; past that border no message is read. Messages with bytes in clear never print them.

mod generated;
mod redacted;
mod refusal;
pub mod request;
mod timestamp;

pub use generated::{FILE_DESCRIPTOR_SET, dispatch, v1};
pub use refusal::{DOMAIN, Refusal, reason_of};
pub use timestamp::timestamp;
