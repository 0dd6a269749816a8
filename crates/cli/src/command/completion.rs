//! `completion`: the script that teaches a shell these commands.

use crate::cli::Cli;
use crate::context::Context;
use crate::error::CliError;
use clap::{Args, CommandFactory as _, ValueEnum};
use clap_complete::Shell as Script;

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  strongroom completion bash > /etc/bash_completion.d/strongroom
  strongroom completion zsh > /usr/local/share/zsh/site-functions/_strongroom
  strongroom completion fish > ~/.config/fish/completions/strongroom.fish")]
pub(crate) struct Arguments {
    /// Shell: bash, zsh or fish
    #[arg(hide_possible_values = true)]
    shell: Shell,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub(crate) fn run(context: &Context, arguments: &Arguments) -> Result<(), CliError> {
    let shell = match arguments.shell {
        Shell::Bash => Script::Bash,
        Shell::Zsh => Script::Zsh,
        Shell::Fish => Script::Fish,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "strongroom", &mut script);
    context.output.bytes(&script)
}
