//! `rm`: whole objects, or single versions.

use crate::argument::VersionedName;
use crate::context::Context;
use crate::error::CliError;
use crate::tally::Tally;
use clap::Args;
use strongroom_client::Client;
use strongroom_model::Kind;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Names, or NAME@VERSION for one version
    #[arg(required = true, value_name = "NAME[@VERSION]")]
    names: Vec<String>,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let client = context.client()?;
    let mut tally = Tally::default();
    for name in &arguments.names {
        if tally.note(remove(&client, kind, name).await)?.is_some() {
            context.output.line(name)?;
        }
    }
    tally.conclude()
}

async fn remove(client: &Client, kind: Kind, text: &str) -> Result<(), CliError> {
    let VersionedName { name, version } = VersionedName::parse(text)?;
    match version {
        Some(version) => client.remove_version(kind, &name, version).await?,
        None => client.remove(kind, &name).await?,
    }
    Ok(())
}
