//! `inspect`: all there is to know about objects, but never a secret's value.

use crate::context::Context;
use crate::error::CliError;
use crate::tally::Tally;
use crate::time::now;
use crate::view::{ObjectView, pretty_object};
use clap::Args;
use strongroom_client::{Client, Object};
use strongroom_model::{Kind, Name};
use strongroom_sensitive::SecretBytes;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Names or ids, or unique beginnings of ids
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,
    /// Write text for people
    #[arg(long)]
    pretty: bool,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let client = context.client()?;
    let mut tally = Tally::default();
    let mut found = Vec::new();
    for name in &arguments.names {
        found.extend(tally.note(inspect(&client, kind, name).await)?);
    }
    if context.output.pretty(arguments.pretty) {
        let now = now();
        let texts = found
            .iter()
            .map(|(object, data)| pretty_object(object, data.as_ref(), now));
        context
            .output
            .bytes(texts.collect::<Vec<_>>().join("\n").as_bytes())?;
    } else {
        let views = found
            .iter()
            .map(|(object, data)| ObjectView::inspected(object, data.as_ref()));
        context.output.document(&views.collect::<Vec<_>>())?;
    }
    tally.conclude()
}

async fn inspect(
    client: &Client,
    kind: Kind,
    name: &str,
) -> Result<(Object, Option<SecretBytes>), CliError> {
    Ok(client.object(kind, &Name::parse(name)?).await?)
}
