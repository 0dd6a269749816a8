//! Files in a container beside tmpfs and beside a bare fuser file, and what the hook adds to a container's start.

use crate::bare;
use crate::figure::{Latencies, Report, median};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use strongroom_tests::{Container, ContainerOptions, Folder, Vault};

const ROUNDS: usize = 20_000;
const TURNS: usize = 5;
const STARTS: usize = 30;

/// Measures, and unmounts and stops all that it needed.
pub fn run(report: &mut Report) {
    let vault = Vault::node();
    vault
        .cli()
        .must_with(&["secret", "put", "value", "-"], &[b'x'; 64]);
    vault
        .cli()
        .must(&["service", "create", "web", "--secret", "value"]);
    opens(&vault, report);
    starts(&vault, report);
}

fn opens(vault: &Vault, report: &mut Report) {
    let folder = Folder::new();
    let mount = folder.join("bare");
    std::fs::create_dir(&mount).expect("a folder can be made");
    let session = bare::mount(&mount, vec![b'x'; 64]);
    let options = ContainerOptions {
        programs: vec![read_loop(folder.path())],
        mounts: vec![
            json!({ "destination": "/bare", "type": "bind", "source": mount,
                    "options": ["bind", "ro"] }),
            json!({ "destination": "/plain", "type": "tmpfs", "source": "tmpfs" }),
        ],
        ..ContainerOptions::of("web")
    };
    let container = start(vault, options);
    let value = "x".repeat(64);
    let made = container.exec(&["sh", "-c", &format!("printf {value} > /plain/file")]);
    assert_eq!(made.code, 0, "{}", made.stderr);
    let paths = ["/plain/file", "/bare/file", "/run/secrets/value"];
    let mut p50 = [const { Vec::new() }; 3];
    let mut p99 = [const { Vec::new() }; 3];
    for _ in 0..TURNS {
        for (index, path) in paths.iter().enumerate() {
            let latencies = measure(&container, path);
            p50[index].push(latencies.percentile_ms(50) * 1e3);
            p99[index].push(latencies.percentile_ms(99) * 1e3);
        }
    }
    drop(container);
    drop(session);
    let [plain50, bare50, ours50] = p50.map(median);
    let [plain99, bare99, ours99] = p99.map(median);
    let name = "open+read+close of 64 bytes in a container";
    report.beside(
        &format!("{name}, p50"),
        (ours50, "us"),
        ("bare fuser", bare50),
        "<= 1.4",
    );
    report.beside(
        &format!("{name}, p99"),
        (ours99, "us"),
        ("bare fuser", bare99),
        "",
    );
    report.beside(
        &format!("{name}, p50"),
        (ours50, "us"),
        ("tmpfs", plain50),
        "",
    );
    report.beside(
        &format!("{name}, p99"),
        (ours99, "us"),
        ("tmpfs", plain99),
        "",
    );
}

fn starts(vault: &Vault, report: &mut Report) {
    let (mut with, mut without) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let bare = ContainerOptions {
            without_hook: true,
            ..ContainerOptions::of("web")
        };
        without.push(start(vault, bare).started_in());
        with.push(start(vault, ContainerOptions::of("web")).started_in());
    }
    let [with, without] = [with, without].map(|times| Latencies::new(times, Duration::ZERO));
    for percent in [50, 99] {
        let (ours, theirs) = (with.percentile_ms(percent), without.percentile_ms(percent));
        let name = format!("start of a container, p{percent}");
        report.beside(&name, (ours, "ms"), ("without hook", theirs), "");
        let aim = if percent == 50 { "<= 5" } else { "" };
        report.alone(
            &format!("what the hook adds, p{percent}"),
            ours - theirs,
            "ms",
            aim,
        );
    }
}

fn start(vault: &Vault, options: ContainerOptions) -> Container {
    vault
        .container(options)
        .map_err(|outcome| outcome.stderr)
        .expect("the container starts")
}

fn measure(container: &Container, path: &str) -> Latencies {
    let outcome = container.exec(&["read_loop", path, &ROUNDS.to_string()]);
    assert_eq!(outcome.code, 0, "{path}: {}", outcome.stderr);
    let printed = outcome.text();
    let durations = printed
        .lines()
        .map(|line| Duration::from_nanos(line.parse().expect("a number of nanoseconds")));
    Latencies::new(durations.collect(), Duration::ZERO)
}

/// Compiles the reader statically, as the container has no libraries.
fn read_loop(folder: &Path) -> PathBuf {
    let program = folder.join("read_loop");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("read_loop.rs");
    let status = Command::new("rustc")
        .args([
            "--edition",
            "2024",
            "-O",
            "-C",
            "target-feature=+crt-static",
            "-o",
        ])
        .arg(&program)
        .arg(source)
        .status()
        .expect("rustc runs");
    assert!(status.success(), "the reader compiles");
    program
}
