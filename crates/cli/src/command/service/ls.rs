//! `service ls`: all services, by name.

use crate::context::Context;
use crate::error::CliError;
use crate::output::Table;
use crate::time::{ago, now};
use crate::view::ServiceView;
use clap::Args;

#[derive(Args, Debug)]
pub(crate) struct Arguments {}

pub(crate) async fn run(context: &Context, _arguments: &Arguments) -> Result<(), CliError> {
    let services = context.client()?.services().await?;
    if context.output.json() {
        let views: Vec<_> = services.iter().map(ServiceView::new).collect();
        return context.output.document(&views);
    }
    if context.output.quiet() {
        return context
            .output
            .lines(services.iter().map(|service| service.id));
    }
    let now = now();
    let mut table = Table::new(["ID", "NAME", "REVISION", "SECRETS", "CONFIGS", "CREATED"]);
    for service in &services {
        table.push([
            service.id.to_string(),
            service.name.to_string(),
            service.revision.to_string(),
            service.secrets.len().to_string(),
            service.configs.len().to_string(),
            ago(service.created, now),
        ]);
    }
    context.output.line(&table)
}
