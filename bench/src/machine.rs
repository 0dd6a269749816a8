//! What the figures were measured on, and the disk's own speed.

use crate::figure::Latencies;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::time::{Duration, Instant};
use strongroom_tests::Folder;

/// One paragraph about the machine.
pub fn describe() -> String {
    let uname = rustix::system::uname();
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu.lines().find(|line| line.starts_with("model name"));
    let model = model
        .and_then(|line| line.split_once(": "))
        .map_or("?", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    format!(
        "machine: {cores} cores, {model}, Linux {}, load before the run {}",
        uname.release().to_string_lossy(),
        load.split(' ').next().unwrap_or("?"),
    )
}

/// 1 KiB written to a growing file and synced, over and over: what one durable write can cost at best.
pub fn fdatasync(time: Duration) -> Latencies {
    let folder = Folder::new();
    let mut file = File::create(folder.join("data")).expect("a file can be made");
    let mut durations = Vec::new();
    let start = Instant::now();
    while start.elapsed() < time {
        let before = Instant::now();
        file.seek(SeekFrom::End(0)).expect("seek");
        file.write_all(&[7; 1024]).expect("write");
        file.sync_data().expect("fdatasync");
        durations.push(before.elapsed());
    }
    Latencies::new(durations, start.elapsed())
}
