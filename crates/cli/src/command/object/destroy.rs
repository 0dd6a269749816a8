//! `destroy`: the end of one version.

use crate::argument::VersionedName;
use crate::context::Context;
use crate::error::CliError;
use clap::Args;
use strongroom_model::Kind;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name and version; the version cannot be left out
    #[arg(value_name = "NAME@VERSION")]
    name: String,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let (name, version) = VersionedName::parse_with_version(&arguments.name)?;
    let destroyed = context.client()?.destroy(kind, &name, version).await?;
    context
        .output
        .line(&format_args!("{name}@{}", destroyed.number))
}
