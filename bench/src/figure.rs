//! Figures, their table and their file; latencies and what is read off them.

use serde::Serialize;
use std::path::Path;
use std::time::Duration;

/// One line of the table.
#[derive(Debug, Serialize)]
pub struct Figure {
    name: String,
    value: f64,
    unit: &'static str,
    peer: Option<String>,
    peer_value: Option<f64>,
    /// value / peer_value.
    ratio: Option<f64>,
    #[serde(skip)]
    aim: &'static str,
}

/// All figures of a run.
#[derive(Debug, Default)]
pub struct Report(Vec<Figure>);

impl Report {
    /// A figure without a peer.
    pub fn alone(&mut self, name: &str, value: f64, unit: &'static str, aim: &'static str) {
        let name = name.to_owned();
        self.0.push(Figure {
            name,
            value,
            unit,
            peer: None,
            peer_value: None,
            ratio: None,
            aim,
        });
    }

    /// A figure beside a peer's.
    pub fn beside(
        &mut self,
        name: &str,
        (value, unit): (f64, &'static str),
        (peer, peer_value): (&str, f64),
        aim: &'static str,
    ) {
        let (peer, ratio) = (Some(peer.to_owned()), Some(value / peer_value));
        let name = name.to_owned();
        self.0.push(Figure {
            name,
            value,
            unit,
            peer,
            peer_value: Some(peer_value),
            ratio,
            aim,
        });
    }

    /// Prints the table.
    pub fn print(&self) {
        println!();
        println!(
            "{:<58} {:>11} {:<6} {:<22} {:>11} {:>6}  aim",
            "figure", "value", "unit", "peer", "peer value", "ratio"
        );
        for figure in &self.0 {
            let number = |value: Option<f64>| value.map_or(String::new(), |v| format!("{v:.2}"));
            println!(
                "{:<58} {:>11.2} {:<6} {:<22} {:>11} {:>6}  {}",
                figure.name,
                figure.value,
                figure.unit,
                figure.peer.as_deref().unwrap_or(""),
                number(figure.peer_value),
                number(figure.ratio),
                figure.aim,
            );
        }
    }

    /// Writes `target/bench/latest.json` below the current directory.
    pub fn write(&self) {
        let folder = Path::new("target/bench");
        std::fs::create_dir_all(folder).expect("target/bench can be made");
        let json = serde_json::to_vec_pretty(&self.0).expect("figures are plain");
        std::fs::write(folder.join("latest.json"), json).expect("latest.json can be written");
    }
}

/// The durations of equal operations.
#[derive(Debug, Default)]
pub struct Latencies {
    sorted: Vec<Duration>,
    elapsed: Duration,
}

impl Latencies {
    /// Of operations that took `elapsed` together.
    pub fn new(mut durations: Vec<Duration>, elapsed: Duration) -> Self {
        durations.sort();
        Self {
            sorted: durations,
            elapsed,
        }
    }

    /// Operations per second.
    pub fn rate(&self) -> f64 {
        self.sorted.len() as f64 / self.elapsed.as_secs_f64()
    }

    /// The duration that `percent` of the operations stayed below, in milliseconds.
    pub fn percentile_ms(&self, percent: usize) -> f64 {
        let index = (self.sorted.len() * percent / 100).min(self.sorted.len() - 1);
        self.sorted[index].as_secs_f64() * 1e3
    }
}

/// The middle one.
pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
