//! `ls`: all objects of a kind that pass the filters, by name.

use crate::argument;
use crate::context::Context;
use crate::error::CliError;
use crate::output::Table;
use crate::time::{ago, now};
use crate::view::ObjectView;
use clap::Args;
use strongroom_model::Kind;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// name=PREFIX, label=KEY or label=KEY=VALUE; repeatable
    #[arg(short, long, value_name = "FILTER")]
    filter: Vec<String>,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let filter = argument::filter(&arguments.filter)?;
    let objects = context.client()?.objects(kind, &filter).await?;
    if context.output.json() {
        let views: Vec<_> = objects.iter().map(ObjectView::listed).collect();
        return context.output.document(&views);
    }
    if context.output.quiet() {
        return context.output.lines(objects.iter().map(|object| object.id));
    }
    let now = now();
    let mut table = Table::new(["ID", "NAME", "VERSION", "SIZE", "CREATED", "UPDATED"]);
    for object in &objects {
        table.push([
            object.id.to_string(),
            object.name.to_string(),
            object.newest.to_string(),
            format!("{}B", object.size),
            ago(object.created, now),
            ago(object.updated, now),
        ]);
    }
    context.output.line(&table)
}
