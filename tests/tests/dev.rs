//! `strongroom dev`: everything on one machine, in the foreground.

use rustix::process::Signal;
use std::path::Path;
use std::process::Command;
use strongroom_tests::{
    Cli, Container, ContainerOptions, Folder, Need, Process, can, program, until,
};

fn dev(folder: &Path, arguments: &[&str]) -> Process {
    let mut command = Command::new(program("strongroom"));
    command.env(
        "STRONGROOM_HOST",
        format!("unix://{}", folder.join("api.sock").display()),
    );
    command
        .arg("dev")
        .arg("--state-dir")
        .arg(folder.join("state"))
        .args(arguments);
    Process::start(command, folder.join("dev.log"))
}

fn wait_until_ready(dev: &mut Process, times: usize) {
    until("the line with \"ready\"", || {
        assert_eq!(dev.ended(), None, "{}", dev.output());
        let ready = dev
            .output()
            .lines()
            .filter(|line| line.contains("ready"))
            .count();
        (ready >= times).then_some(())
    });
}

#[test]
fn the_state_survives_an_interrupt_and_a_restart() {
    let folder = Folder::new();
    let cli = Cli::new(&folder.join("api.sock"));
    let mut first = dev(folder.path(), &[]);
    wait_until_ready(&mut first, 1);
    cli.must_with(&["config", "create", "app", "-"], b"{}");
    first.signal(Signal::INT);
    let status = until("the end of dev", || first.ended());
    assert!(status.success(), "{status}: {}", first.output());
    cli.refused(6, &["config", "ls"], b"");

    let mut second = dev(folder.path(), &[]);
    wait_until_ready(&mut second, 2);
    assert_eq!(cli.run(&["config", "get", "app"]).stdout, b"{}");
    assert!(second.stop().success(), "{}", second.output());
}

#[test]
fn a_second_dev_is_refused_in_one_line_and_the_first_goes_on() {
    let folder = Folder::new();
    let cli = Cli::new(&folder.join("api.sock"));
    let mut first = dev(folder.path(), &[]);
    wait_until_ready(&mut first, 1);
    let refusal = cli.refused(
        1,
        &[
            "dev",
            "--state-dir",
            &folder.join("state").display().to_string(),
        ],
        b"",
    );
    assert!(refusal.contains("api.sock"), "{refusal}");
    cli.must_with(&["secret", "create", "db", "-"], b"v");
}

#[test]
fn a_passphrase_seals_the_state_and_the_wrong_one_is_refused() {
    let folder = Folder::new();
    let cli = Cli::new(&folder.join("api.sock"));
    let write = |name: &str, passphrase: &str| {
        std::fs::write(folder.join(name), passphrase).expect("a file can be written");
        folder.join(name).display().to_string()
    };
    let right = write("right", "correct horse");
    let wrong = write("wrong", "battery staple");
    let mut first = dev(
        folder.path(),
        &["--seal", "passphrase", "--passphrase-file", &right],
    );
    wait_until_ready(&mut first, 1);
    cli.must_with(&["config", "create", "app", "-"], b"{}");
    first.stop();
    let mut refused = dev(
        folder.path(),
        &["--seal", "passphrase", "--passphrase-file", &wrong],
    );
    let status = until("the end of dev", || refused.ended());
    assert_eq!(status.code(), Some(1));
    assert!(
        refused.output().contains("wrong passphrase"),
        "{}",
        refused.output()
    );
    let mut again = dev(
        folder.path(),
        &["--seal", "passphrase", "--passphrase-file", &right],
    );
    wait_until_ready(&mut again, 2);
    assert_eq!(cli.run(&["config", "get", "app"]).stdout, b"{}");
}

#[test]
fn any_container_on_the_machine_may_attach() {
    if !can(Need::Containers) {
        return;
    }
    let folder = Folder::new();
    let cli = Cli::new(&folder.join("api.sock"));
    let mut dev = dev(folder.path(), &[]);
    wait_until_ready(&mut dev, 1);
    cli.must_with(&["secret", "create", "db", "-"], b"value");
    cli.must(&["service", "create", "web", "--secret", "db"]);
    let agent = folder.join("agent.sock");
    let container = Container::start(folder.path(), &agent, ContainerOptions::of("web"));
    let container = container
        .map_err(|outcome| outcome.stderr)
        .expect("the container starts");
    assert_eq!(container.read("/run/secrets/db"), b"value");
    drop(container);
    assert!(dev.stop().success(), "{}", dev.output());
}
