//! Promise 1: plaintext exists only in the container that reads it. Canaries are searched for everywhere else.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use strongroom_tests::{Canary, ContainerOptions, ManagerOptions, Need, Vault, can};

/// Everything that a value, a name or a label can be written with.
struct Canaries {
    values: Vec<Canary>,
    names: Vec<Canary>,
}

fn trace() -> ManagerOptions {
    ManagerOptions {
        log: "trace",
        ..ManagerOptions::default()
    }
}

fn write_canaries(vault: &Vault) -> Canaries {
    let cli = vault.cli();
    let draw = |count| (0..count).map(|_| Canary::new()).collect::<Vec<_>>();
    let (values, names) = (draw(6), draw(5));
    let [secret, config, service, key, label] = [0, 1, 2, 3, 4].map(|n: usize| names[n].as_str());
    let with_label = format!("{key}={label}");
    cli.must_with(
        &["secret", "create", secret, "-", "--label", &with_label],
        values[0].as_str().as_bytes(),
    );
    cli.must_with(
        &["secret", "put", secret, "-"],
        values[1].as_str().as_bytes(),
    );
    cli.must_with(
        &["secret", "put", secret, "-"],
        values[2].as_str().as_bytes(),
    );
    cli.must_with(
        &["config", "put", config, "-"],
        values[3].as_str().as_bytes(),
    );
    cli.must(&[
        "service", "create", service, "--secret", secret, "--config", config,
    ]);
    Canaries { values, names }
}

#[test]
fn no_file_of_a_manager_holds_a_value_or_a_name() {
    let mut vault = Vault::with(trace());
    let canaries = write_canaries(&vault);
    vault.cli().must(&[
        "secret",
        "destroy",
        &format!("{}@1", canaries.names[0].as_str()),
    ]);
    vault.manager_mut().crash_and_restart();
    vault.manager_mut().stop_and_restart();
    for canary in canaries.values.iter().chain(&canaries.names) {
        assert_eq!(
            canary.files_with(vault.folder().path()),
            Vec::<String>::new()
        );
    }
}

#[test]
fn no_log_line_and_no_error_holds_a_value_however_the_call_is_mangled() {
    let mut vault = Vault::with(trace());
    let cli = vault.cli();
    let canaries = write_canaries(&vault);
    let value = canaries.values[4].as_str();
    let name = canaries.names[0].as_str();
    let large = value.repeat(40_000);
    for (arguments, input) in [
        (vec!["secret", "create", "a b", "-"], value),
        (vec!["secret", "create", name, "-"], value),
        (vec!["secret", "put", name, "-", "--if-version", "9"], value),
        (vec!["secret", "put", name, "-", "--if-version", "x"], value),
        (vec!["secret", "put", name, "-", "--label", "=x"], value),
        (vec!["secret", "put", name, "/nonexistent"], value),
        (vec!["secret", "put", "--colour", name, "-"], value),
        (vec!["secret", "create", "large", "-"], &large),
    ] {
        let outcome = cli.with_input(&arguments, input.as_bytes());
        assert_ne!(outcome.code, 0, "{arguments:?}");
        for canary in &canaries.values {
            assert!(
                !canary.is_in(outcome.stderr.as_bytes()),
                "{}",
                outcome.stderr
            );
            assert!(!canary.is_in(&outcome.stdout));
        }
    }
    // Bytes that are no call at all, with a value in them.
    let mut stream = UnixStream::connect(vault.manager_mut().socket()).unwrap();
    stream
        .write_all(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        .unwrap();
    stream.write_all(value.repeat(50).as_bytes()).ok();
    drop(stream);
    cli.must(&["status"]);
    let log = vault.manager_mut().process().output();
    assert!(!log.is_empty(), "the log was searched at level trace");
    for canary in canaries.values.iter().chain(&canaries.names) {
        assert!(
            !canary.is_in(log.as_bytes()),
            "a log line holds {}",
            canary.as_str()
        );
    }
}

#[test]
fn listing_and_inspecting_never_show_a_secrets_value() {
    let vault = Vault::manager();
    let cli = vault.cli();
    let canaries = write_canaries(&vault);
    let name = canaries.names[0].as_str();
    for arguments in [
        vec!["secret", "ls"],
        vec!["secret", "inspect", name],
        vec!["secret", "inspect", "--pretty", name],
        vec!["secret", "versions", name],
        vec!["service", "inspect", canaries.names[2].as_str()],
    ] {
        for format in ["table", "json"] {
            let outcome = cli.run(&[&["--format", format], &arguments[..]].concat());
            assert_eq!(outcome.code, 0, "{arguments:?}: {}", outcome.stderr);
            for canary in &canaries.values[..3] {
                assert!(!canary.is_in(&outcome.stdout), "{arguments:?}");
            }
        }
    }
}

#[test]
fn a_mounted_secret_is_in_its_container_and_nowhere_else() {
    if !can(Need::Containers) {
        return;
    }
    let mut vault = Vault::node_with(trace());
    let canaries = write_canaries(&vault);
    let service = canaries.names[2].as_str();
    let start = |options| {
        vault
            .container(options)
            .map_err(|outcome| outcome.stderr)
            .unwrap()
    };
    let container = start(ContainerOptions::of(service));
    let other = start(ContainerOptions::default());
    let path = format!("/run/secrets/{}", canaries.names[0].as_str());
    assert_eq!(
        container.read(&path),
        canaries.values[2].as_str().as_bytes()
    );

    assert_ne!(other.exec(&["cat", &path]).code, 0);
    let mounts = std::fs::read("/proc/self/mountinfo").unwrap();
    let secret = &canaries.values[2];
    // The container's own bundle names the service; its files must hold no value.
    for canary in &canaries.values {
        assert!(!canary.is_in(&mounts));
        assert_eq!(
            canary.files_with(vault.folder().path()),
            Vec::<String>::new()
        );
    }
    let agent = vault.agent().process().output();
    let manager = vault.manager_mut().process().output();
    for canary in canaries.values.iter().chain(&canaries.names[..2]) {
        assert!(
            !canary.is_in(agent.as_bytes()),
            "the agent's log holds {}",
            canary.as_str()
        );
        assert!(
            !canary.is_in(manager.as_bytes()),
            "the manager's log holds {}",
            canary.as_str()
        );
    }
    for process in [
        vault.agent().process().id(),
        vault.manager_mut().process().id(),
    ] {
        assert!(
            !in_memory(process, secret),
            "process {process} still holds the plaintext"
        );
    }
    drop(container);
}

#[test]
fn the_managers_memory_holds_no_value_after_the_calls_that_carried_it() {
    if !can(Need::Root) {
        return;
    }
    let mut vault = Vault::manager();
    let canaries = write_canaries(&vault);
    let config = canaries.names[1].as_str();
    assert_eq!(vault.cli().run(&["config", "get", config]).code, 0);
    let process = vault.manager_mut().process().id();
    for canary in &canaries.values {
        assert!(
            !in_memory(process, canary),
            "the plaintext stayed in memory"
        );
    }
}

/// Searches all writable memory of a process, as a debugger run by root would.
fn in_memory(process: u32, canary: &Canary) -> bool {
    use std::os::unix::fs::FileExt as _;
    let maps = std::fs::read_to_string(format!("/proc/{process}/maps")).unwrap();
    let memory = std::fs::File::open(format!("/proc/{process}/mem")).unwrap();
    let mut searched = 0;
    let found = maps
        .lines()
        .filter(|line| line.contains(" rw"))
        .any(|line| {
            let range = line.split_whitespace().next().unwrap();
            let (start, end) = range.split_once('-').unwrap();
            let start = u64::from_str_radix(start, 16).unwrap();
            let length = u64::from_str_radix(end, 16).unwrap() - start;
            let mut bytes = vec![0; usize::try_from(length.min(64 << 20)).unwrap()];
            let read = memory.read_at(&mut bytes, start).unwrap_or(0);
            searched += read;
            memchr::memmem::find(&bytes[..read], canary.as_str().as_bytes()).is_some()
        });
    assert!(searched > 1 << 20, "the process's memory could not be read");
    found
}
