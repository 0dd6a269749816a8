//! `status`: the server's own state, also while it is sealed.

use crate::context::Context;
use crate::error::CliError;
use crate::output::Table;
use crate::view::StatusView;
use clap::Args;

#[derive(Args, Debug)]
#[command(after_help = "\
Exits with 7 if the server is sealed and with 6 if it has no leader, after printing its state.

Examples:
  strongroom status
  strongroom status --format json")]
pub(crate) struct Arguments {}

pub(crate) async fn run(context: &Context, _arguments: &Arguments) -> Result<(), CliError> {
    let status = context.client()?.status().await?;
    if context.output.json() {
        context.output.document(&StatusView::new(&status))?;
    } else if !context.output.quiet() {
        let mut table = Table::new(["SEALED", "READY", "LEADER", "VERSION"]);
        table.push([
            status.sealed.to_string(),
            status.ready.to_string(),
            status.leader.clone().unwrap_or_else(|| "-".to_owned()),
            status.version.clone(),
        ]);
        context.output.line(&table)?;
    }
    match (status.sealed, status.ready) {
        (true, _) => Err(CliError::Sealed),
        (false, false) => Err(CliError::NotReady),
        (false, true) => Ok(()),
    }
}
