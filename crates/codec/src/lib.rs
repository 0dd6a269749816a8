//! The internal encodings of `storage.v1`: commands, state records, the key file.
//!
//! What is written here is read again by later versions, so `docs/FORMATS.md` describes it and golden files hold it
//! in place. Every encoding begins with a format version, and decoding is total: whatever the bytes are, there is a
//! value or a typed error. A value has one encoding: equal states are equal bytes.
//!
//! Generated messages do not leave this crate, and nothing here encrypts: `storage` does, below.

mod command;
mod error;
mod field;
mod frame;
mod generated;
mod key_file;
mod record;

pub use command::{decode_command, encode_command};
pub use error::{DecodeError, What};
pub use key_file::{decode_key_file, encode_key_file};
pub use record::{decode_record, encode_record};
