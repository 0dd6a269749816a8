//! The frame of commands and records: one byte of format, then the message.

use crate::{DecodeError, What};
use prost::Message;

/// The format that is written, and the newest that is read.
pub(crate) const FORMAT: u8 = 1;

/// The message in its frame.
pub(crate) fn encode(message: &impl Message) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(1 + message.encoded_len());
    bytes.push(FORMAT);
    message.encode_raw(&mut bytes);
    bytes
}

/// The message that is in the frame.
pub(crate) fn decode<M: Message + Default>(what: What, bytes: &[u8]) -> Result<M, DecodeError> {
    match bytes.split_first() {
        None => Err(DecodeError::Truncated(what)),
        Some((&FORMAT, body)) => message(what, body),
        Some((0, _)) => Err(DecodeError::Damaged(what)),
        Some((&format, _)) => Err(DecodeError::NewerFormat { what, format }),
    }
}

/// The message that is all of `body`, and whose one encoding it is. Protobuf has many: fields in another order, twice,
/// with their default or unknown, longer varints, a bool of 2. A field that is not known here would be lost when the
/// value is written again, and equal values must be equal bytes; lengths alone do not tell (an order has none).
pub(crate) fn message<M: Message + Default>(what: What, body: &[u8]) -> Result<M, DecodeError> {
    M::decode(body)
        .ok()
        .filter(|message| message.encoded_len() == body.len() && message.encode_to_vec() == body)
        .ok_or(DecodeError::Damaged(what))
}
