//! `versions`: every version of one object that is listed, oldest first.

use crate::context::Context;
use crate::error::CliError;
use crate::output::Table;
use crate::time::{ago, now};
use crate::view::VersionView;
use clap::Args;
use strongroom_model::{Kind, Name};

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Name or id
    name: String,
}

pub(crate) async fn run(
    context: &Context,
    kind: Kind,
    arguments: &Arguments,
) -> Result<(), CliError> {
    let name = Name::parse(&arguments.name)?;
    let versions = context.client()?.versions(kind, &name).await?;
    if context.output.json() {
        let views: Vec<_> = versions.iter().map(VersionView::new).collect();
        return context.output.document(&views);
    }
    if context.output.quiet() {
        return context
            .output
            .lines(versions.iter().map(|version| version.number));
    }
    let now = now();
    let mut table = Table::new(["VERSION", "STATE", "SIZE", "CREATED"]);
    for version in &versions {
        table.push([
            version.number.to_string(),
            version.state.to_string(),
            format!("{}B", version.size),
            ago(version.created, now),
        ]);
    }
    context.output.line(&table)
}
