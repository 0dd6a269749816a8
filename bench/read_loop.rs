//! Runs in the container: opens, reads and closes a file over and over, and prints the nanoseconds of each round.

use std::io::{Read as _, Write as _};

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let rounds: usize = arguments[2].parse().expect("a number of rounds");
    let mut buffer = [0; 256];
    let mut durations = Vec::with_capacity(rounds);
    for round in 0..rounds + rounds / 10 {
        let start = std::time::Instant::now();
        let mut file = std::fs::File::open(&arguments[1]).expect("the file opens");
        let length = file.read(&mut buffer).expect("the file can be read");
        drop(file);
        let duration = start.elapsed();
        assert_eq!(length, 64);
        // The first tenth warms up.
        if round >= rounds / 10 {
            durations.push(duration.as_nanos());
        }
    }
    let mut out = std::io::stdout().lock();
    for duration in durations {
        writeln!(out, "{duration}").expect("standard output");
    }
}
