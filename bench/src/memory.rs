//! What the programs weigh: on disk, at rest, with many secrets, with many mounts.

use crate::figure::Report;
use crate::reads;
use strongroom_tests::{ContainerOptions, Vault, program};

const SECRETS: usize = 10_000;
const MOUNTS: usize = 200;

/// Sizes of the stripped binaries.
pub fn sizes(report: &mut Report) {
    for name in ["strongroom", "strongroomd", "strongroom-agent"] {
        let bytes = std::fs::metadata(program(name))
            .expect("the program is there")
            .len();
        report.alone(
            &format!("size of {name}"),
            bytes as f64 / 1e6,
            "MB",
            "<= 25",
        );
    }
}

/// Resident memory.
pub fn run(report: &mut Report) {
    let mut vault = Vault::node();
    vault.cli().must(&["status"]);
    at(&mut vault, "at rest", ["<= 64", "<= 16"], report);

    vault
        .cli()
        .must_with(&["secret", "put", "value", "-"], &[b'x'; 64]);
    vault
        .cli()
        .must(&["service", "create", "web", "--secret", "value"]);
    let containers: Vec<_> = (0..MOUNTS)
        .map(|_| {
            vault
                .container(ContainerOptions::of("web"))
                .expect("the container starts")
        })
        .collect();
    for container in &containers {
        assert_eq!(container.read("/run/secrets/value").len(), 64);
    }
    at(&mut vault, "with 200 mounts", ["", ""], report);
    drop(containers);

    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async { reads::fill(&reads::client(&vault), SECRETS).await });
    at(
        &mut vault,
        "with 10,000 secrets and configs",
        ["", ""],
        report,
    );
    vault.manager_mut().stop_and_restart();
    at(&mut vault, "the same after a restart", ["", ""], report);
}

fn at(vault: &mut Vault, when: &str, aims: [&'static str; 2], report: &mut Report) {
    let manager = resident(vault.manager_mut().process().id());
    let agent = resident(vault.agent().process().id());
    report.alone(
        &format!("memory of strongroomd {when}"),
        manager,
        "MiB",
        aims[0],
    );
    report.alone(
        &format!("memory of strongroom-agent {when}"),
        agent,
        "MiB",
        aims[1],
    );
}

fn resident(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("it runs");
    let line = status
        .lines()
        .find(|line| line.starts_with("VmRSS:"))
        .expect("VmRSS is there");
    let kib = line
        .split_whitespace()
        .nth(1)
        .and_then(|kib| kib.parse::<f64>().ok());
    kib.expect("a number of KiB") / 1024.0
}
