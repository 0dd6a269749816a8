//! `create`: a new name with its first version.

use super::put::Writing;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use strongroom_model::Kind;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    #[command(flatten)]
    writing: Writing,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let (request, mut interrupts) = arguments.writing.request(context, kind).await?;
    let put = request.put();
    let client = context.client()?;
    let object = tokio::select! {
        created = client.create(kind, &request.name, &put) => created?,
        interrupted = interrupts.received() => return Err(interrupted.into()),
    };
    context
        .output
        .line(&format_args!("{}@{}", object.name, object.newest))
}
