//! Commands.

mod messages;
mod parse;

use crate::field::{self, BadField};
use crate::generated::v1;
use crate::{DecodeError, What, frame};
use strongroom_model::RequestId;
use strongroom_state::Command;

/// A command's one encoding.
#[must_use]
pub fn encode_command(command: &Command) -> Vec<u8> {
    frame::encode(&v1::Command {
        request: command.request.map(|id| id.as_bytes().to_vec()),
        time_ms: command.time.as_millis(),
        change: Some(messages::change(&command.change)),
    })
}

/// The command that [`encode_command`] encoded.
///
/// # Errors
/// [`DecodeError`] for every other bytes.
pub fn decode_command(bytes: &[u8]) -> Result<Command, DecodeError> {
    let message: v1::Command = frame::decode(What::Command, bytes)?;
    command(message).map_err(|error| error.of(What::Command))
}

fn command(message: v1::Command) -> Result<Command, BadField> {
    let request = message.request.as_deref();
    let request = request
        .map(|id| field::bytes(id, "request id"))
        .transpose()?;
    Ok(Command {
        request: request.map(RequestId::from_bytes),
        time: field::time(message.time_ms),
        change: parse::change(field::present(message.change, "kind")?)?,
    })
}
