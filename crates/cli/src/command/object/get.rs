//! `config get`: a version's bytes on standard output, exactly.

use crate::argument::VersionedName;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name or id; without a version the newest
    #[arg(value_name = "NAME[@VERSION]")]
    name: String,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let VersionedName { name, version } = VersionedName::parse_or_latest(&arguments.name)?;
    let (_, bytes) = context.client()?.read_config(&name, version).await?;
    context.output.bytes(bytes.expose())
}
