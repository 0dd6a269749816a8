//! `service ps`: the containers that have a service's files mounted.

use crate::context::Context;
use crate::error::CliError;
use crate::output::Table;
use crate::tally::Tally;
use crate::time::{ago, now};
use crate::view::TaskView;
use clap::Args;
use strongroom_client::{Client, Task};
use strongroom_model::Name;

#[derive(Args, Debug)]
pub(crate) struct Arguments {
    /// Names or ids of services; without any, all services
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

pub(crate) async fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let client = context.client()?;
    let mut tally = Tally::default();
    let mut tasks = Vec::new();
    if arguments.names.is_empty() {
        tasks = client.tasks(None).await?;
    }
    for name in &arguments.names {
        tasks.extend(
            tally
                .note(tasks_of(&client, name).await)?
                .unwrap_or_default(),
        );
    }
    print(context, &tasks)?;
    tally.conclude()
}

async fn tasks_of(client: &Client, name: &str) -> Result<Vec<Task>, CliError> {
    Ok(client.tasks(Some(&Name::parse(name)?)).await?)
}

fn print(context: &Context, tasks: &[Task]) -> Result<(), CliError> {
    if context.output.json() {
        let views: Vec<_> = tasks.iter().map(TaskView::new).collect();
        return context.output.document(&views);
    }
    if context.output.quiet() {
        return context.output.lines(tasks.iter().map(|task| task.id));
    }
    let now = now();
    let mut table = Table::new([
        "ID",
        "SERVICE",
        "NODE",
        "CONTAINER",
        "REVISION",
        "STATE",
        "CREATED",
    ]);
    for task in tasks {
        table.push([
            task.id.to_string(),
            task.service.to_string(),
            task.node.to_string(),
            task.container.to_string(),
            task.revision.to_string(),
            task.state.to_string(),
            ago(task.created, now),
        ]);
    }
    context.output.line(&table)
}
