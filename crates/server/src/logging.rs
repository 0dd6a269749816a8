//! What goes to standard error, and what must not.
//!
//! Lines name things by their ids; no value and no name is ever an argument of a log call here. Libraries do not know
//! what is secret, so that of theirs only what is at least `INFO` gets out, whatever `RUST_LOG` says. A panic is one
//! line without its message, which may quote data.

use crate::settings::LogFormat;
use std::{io, panic};
use tracing::{Level, Metadata};
use tracing_subscriber::{
    EnvFilter, Layer as _, Registry,
    filter::{FilterExt as _, filter_fn},
    fmt::MakeWriter,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

/// What is logged where `RUST_LOG` is not set.
const UNLESS_ASKED: &str = "warn,strongroom=info";

/// Sends log lines to standard error and panics to the log, for the whole process.
pub fn start(format: LogFormat) {
    let directives = std::env::var(EnvFilter::DEFAULT_ENV);
    let directives = directives.unwrap_or_else(|_| UNLESS_ASKED.to_owned());
    let subscriber = subscriber(format, &directives, io::stderr);
    // Refused where a test has set another one: that one stays.
    let _refused: Result<(), _> = tracing_subscriber::registry().with(subscriber).try_init();
    panic::set_hook(Box::new(|panic| {
        let place = panic
            .location()
            .map_or_else(String::new, ToString::to_string);
        tracing::error!(
            place,
            "a fault inside strongroomd; the call it served has failed"
        );
    }));
}

/// The layer that writes lines: `directives` are `RUST_LOG`'s.
pub fn subscriber<W>(
    format: LogFormat,
    directives: &str,
    writer: W,
) -> impl tracing_subscriber::Layer<Registry> + Send + Sync
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let asked_for = EnvFilter::builder()
        .with_default_directive(Level::INFO.into())
        .parse_lossy(directives);
    let filter = asked_for.and(filter_fn(may_be_written));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(writer)
        .with_ansi(false);
    match format {
        LogFormat::Text => lines.with_target(false).with_filter(filter).boxed(),
        LogFormat::Json => lines.json().with_filter(filter).boxed(),
    }
}

fn may_be_written(line: &Metadata<'_>) -> bool {
    line.target().starts_with("strongroom") || *line.level() <= Level::INFO
}
