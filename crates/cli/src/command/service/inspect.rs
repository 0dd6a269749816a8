//! `service inspect`: services with their references.

use crate::context::Context;
use crate::error::CliError;
use crate::tally::Tally;
use crate::time::now;
use crate::view::{ServiceView, pretty_service};
use clap::Args;
use strongroom_client::{Client, Service};
use strongroom_model::Name;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Names or ids, or unique beginnings of ids
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Write text for people
    #[arg(long)]
    pretty: bool,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let client = context.client()?;
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for name in &arguments.names {
        found.extend(tally.note(inspect(&client, name).await)?);
    }
    if context.output.pretty(arguments.pretty) {
        let now = now();
        let texts = found.iter().map(|service| pretty_service(service, now));
        context
            .output
            .bytes(texts.collect::<Vec<_>>().join("\n").as_bytes())?;
    } else {
        let views: Vec<_> = found.iter().map(ServiceView::new).collect();
        context.output.document(&views)?;
    }
    tally.conclude()
}

async fn inspect(client: &Client, name: &str) -> Result<Service, CliError> {
    Ok(client.service(&Name::parse(name)?).await?)
}
