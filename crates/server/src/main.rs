//! Entry point of `strongroomd`: hardens the process, reads the settings, runs the manager until a signal.

use clap::Parser as _;
use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
    time::Duration,
};
use strongroom_sensitive::{WipingAllocator, process};
use strongroom_server::{RunError, Settings, logging, run};
use tokio::{
    runtime,
    signal::unix::{Signal, SignalKind, signal},
};

#[global_allocator]
static ALLOCATOR: WipingAllocator = WipingAllocator;

/// What is still at work when the manager has stopped is a derivation from a passphrase, at most.
const LEFT_BEHIND: Duration = Duration::from_millis(50);

fn main() -> ExitCode {
    if let Err(error) = process::harden() {
        return failed(format_args!("the process cannot be hardened: {error}"));
    }
    let settings = Settings::parse();
    logging::start(settings.log_format);
    let runtime = match runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(format_args!("no threads: {error}")),
    };
    let outcome = runtime.block_on(async {
        let signals = [SignalKind::terminate(), SignalKind::interrupt()].map(signal);
        let [Ok(terminate), Ok(interrupt)] = signals else {
            return failed("signals cannot be received");
        };
        match run(settings, either(terminate, interrupt)).await {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed::<RunError>(error),
        }
    });
    runtime.shutdown_timeout(LEFT_BEHIND);
    outcome
}

async fn either(mut first: Signal, mut second: Signal) {
    tokio::select! {
        _ = first.recv() => {}
        _ = second.recv() => {}
    }
}

fn failed<E: Display>(error: E) -> ExitCode {
    // Nobody is left to be told if standard error is closed.
    let _written: io::Result<()> = writeln!(io::stderr(), "strongroomd: {error}");
    ExitCode::FAILURE
}
