//! `service rm`: the end of services that no container uses.

use crate::context::Context;
use crate::error::CliError;
use crate::tally::Tally;
use clap::Args;
use strongroom_client::Client;
use strongroom_model::Name;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Names or ids
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let client = context.client()?;
    let mut tally = Tally::default();
    for name in &arguments.names {
        if tally.note(remove(&client, name).await)?.is_some() {
            context.output.line(name)?;
        }
    }
    tally.conclude()
}

async fn remove(client: &Client, name: &str) -> Result<(), CliError> {
    Ok(client.remove_service(&Name::parse(name)?).await?)
}
