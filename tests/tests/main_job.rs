//! The main job: a real container reads its secrets and configs as files that exist nowhere else.
#![expect(clippy::unwrap_used, reason = "a test that cannot set its stage fails")]

use serde_json::json;
use std::path::Path;
use strongroom_tests::{Container, ContainerOptions, Need, Vault, can, until};

fn vault_with_a_service() -> Vault {
    let vault = Vault::node();
    let cli = vault.cli();
    cli.must_with(&["secret", "create", "db", "-"], b"one");
    cli.must_with(&["config", "create", "app", "-"], b"{\"a\":1}");
    let spec = "source=db,target=/etc/db/password,uid=10,gid=20,mode=0440";
    let nested = "source=app,target=/etc/app/config.json";
    let files = [
        "--secret", "db", "--secret", spec, "--config", "app", "--config", nested,
    ];
    cli.must(&[&["service", "create", "web"], &files[..]].concat());
    vault
}

fn start(vault: &Vault) -> Container {
    vault
        .container(ContainerOptions::of("web"))
        .map_err(|outcome| outcome.stderr)
        .unwrap()
}

#[test]
fn a_container_reads_its_files_with_the_owner_and_mode_of_each_reference() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let container = start(&vault);
    for (path, content, owner) in [
        ("/run/secrets/db", &b"one"[..], "0:0 444 3"),
        ("/etc/db/password", b"one", "10:20 440 3"),
        ("/app", b"{\"a\":1}", "0:0 444 7"),
        ("/etc/app/config.json", b"{\"a\":1}", "0:0 444 7"),
    ] {
        assert_eq!(container.read(path), content, "{path}");
        let stat = container.exec(&["stat", "-c", "%u:%g %a %s", path]).text();
        assert_eq!(stat, owner, "{path}");
    }
    assert_eq!(container.exec(&["ls", "/run/secrets"]).text(), "db");
    // Each reference is a file of its own, even where two name one version.
    let inode = |path| container.exec(&["stat", "-c", "%i", path]).text();
    assert_ne!(inode("/run/secrets/db"), inode("/etc/db/password"));
}

#[test]
fn the_kernel_keeps_users_out_whom_the_mode_does_not_let_in() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let container = start(&vault);
    assert_eq!(
        container
            .exec_as(10, 99, &["cat", "/etc/db/password"])
            .stdout,
        b"one"
    );
    assert_eq!(
        container
            .exec_as(99, 20, &["cat", "/etc/db/password"])
            .stdout,
        b"one"
    );
    assert_ne!(
        container.exec_as(99, 99, &["cat", "/etc/db/password"]).code,
        0
    );
}

#[test]
fn nobody_can_write_to_what_is_mounted() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let container = start(&vault);
    for script in [
        "echo x > /run/secrets/db",
        "echo x >> /etc/db/password",
        "rm -f /run/secrets/db && exit 0; exit 1",
        "echo x > /run/secrets/new",
        "mkdir /run/secrets/new",
        "mv /run/secrets/db /run/secrets/other",
        "chmod 777 /run/secrets/db",
        "ln /run/secrets/db /run/secrets/other",
    ] {
        assert_ne!(container.exec(&["sh", "-c", script]).code, 0, "{script}");
    }
    assert_eq!(container.read("/run/secrets/db"), b"one");
}

#[test]
fn a_running_container_keeps_its_version_when_a_new_one_is_put() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let container = start(&vault);
    assert_eq!(
        vault.cli().must_with(&["secret", "put", "db", "-"], b"two"),
        "db@2"
    );
    assert_eq!(container.read("/run/secrets/db"), b"one");
    let other = start(&vault);
    assert_eq!(
        other.read("/run/secrets/db"),
        b"one",
        "the service still names version 1"
    );
}

#[test]
fn a_task_is_listed_while_its_container_runs_and_forgotten_when_it_ends() {
    if !can(Need::Containers) {
        return;
    }
    let mut vault = vault_with_a_service();
    let cli = vault.cli();
    let container = start(&vault);
    let tasks = cli.json(&["service", "ps", "web"]);
    assert_eq!(tasks[0]["container"], container.id());
    assert_eq!(tasks[0]["service"], "web");
    assert_eq!(tasks[0]["node"], "here");
    assert_eq!(tasks[0]["revision"], 1);
    assert_eq!(tasks[0]["state"], "running");
    let error = cli.refused(4, &["service", "rm", "web"], b"");
    assert!(error.contains(container.id()), "{error}");
    container.delete();
    until("an empty task list", || {
        (cli.json(&["service", "ps", "web"]) == json!([])).then_some(())
    });
    until("an agent without mounts", || {
        (vault.agent().mounts()? == 0).then_some(())
    });
    cli.must(&["service", "rm", "web"]);
}

#[test]
fn the_environment_names_the_service_where_an_engine_has_no_annotations() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let options = ContainerOptions {
        environment: Some("web".to_owned()),
        ..ContainerOptions::default()
    };
    let container = vault
        .container(options)
        .map_err(|outcome| outcome.stderr)
        .unwrap();
    assert_eq!(container.read("/run/secrets/db"), b"one");
}

#[test]
fn annotation_and_environment_that_disagree_refuse_the_start() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let options = ContainerOptions {
        environment: Some("other".to_owned()),
        ..ContainerOptions::of("web")
    };
    let refusal = vault.container(options).unwrap_err();
    assert!(refusal.stderr.contains("other"), "{}", refusal.stderr);
}

#[test]
fn an_unknown_service_refuses_the_start_and_is_named() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let refusal = vault.container(ContainerOptions::of("nope")).unwrap_err();
    assert!(refusal.stderr.contains("nope"), "{}", refusal.stderr);
}

#[test]
fn a_container_without_a_service_starts_as_if_there_were_no_hook() {
    if !can(Need::Containers) {
        return;
    }
    let mut vault = vault_with_a_service();
    let container = vault
        .container(ContainerOptions::default())
        .map_err(|o| o.stderr)
        .unwrap();
    assert_ne!(container.exec(&["ls", "/run/secrets"]).code, 0);
    assert_eq!(vault.agent().mounts(), Some(0));
}

#[test]
fn a_read_only_root_file_system_is_no_hindrance() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let options = ContainerOptions {
        read_only: true,
        ..ContainerOptions::of("web")
    };
    let container = vault
        .container(options)
        .map_err(|outcome| outcome.stderr)
        .unwrap();
    assert_eq!(container.read("/run/secrets/db"), b"one");
    assert_eq!(container.read("/etc/app/config.json"), b"{\"a\":1}");
}

#[test]
fn the_host_sees_no_mount_and_root_cannot_read_through_proc() {
    if !can(Need::Containers) {
        return;
    }
    let mut vault = vault_with_a_service();
    let container = start(&vault);
    for process in ["self".to_owned(), vault.agent().process().id().to_string()] {
        let mounts = std::fs::read_to_string(format!("/proc/{process}/mountinfo")).unwrap();
        assert!(!mounts.contains(container.id()), "{mounts}");
    }
    for path in ["run/secrets/db", "etc/db/password", "app"] {
        let through = format!("/proc/{}/root/{path}", container.pid());
        let error = std::fs::read(&through).unwrap_err();
        assert_eq!(
            error.kind(),
            std::io::ErrorKind::PermissionDenied,
            "{through}: {error}"
        );
    }
    let entries = std::fs::read_dir(container.root().join("run/secrets"))
        .unwrap()
        .count();
    assert_eq!(entries, 0, "the directory on the host is empty");
    assert_eq!(container.read("/run/secrets/db"), b"one");
}

#[test]
fn entering_the_containers_namespaces_from_the_host_does_not_give_access() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let container = start(&vault);
    for namespaces in [&["--mount"][..], &["--mount", "--pid"]] {
        let output = std::process::Command::new("nsenter")
            .args(["--target", &container.pid().to_string()])
            .args(namespaces)
            .args(["/bin/cat", "/run/secrets/db"])
            .output()
            .unwrap();
        assert!(!output.status.success(), "{namespaces:?}");
        assert_eq!(output.stdout, b"", "{namespaces:?}");
    }
}

#[test]
fn files_survive_the_managers_end_and_new_containers_of_a_known_service_start() {
    if !can(Need::Containers) {
        return;
    }
    let mut vault = vault_with_a_service();
    let container = start(&vault);
    vault.manager_mut().process().kill();
    assert_eq!(container.read("/run/secrets/db"), b"one");
    let other = start(&vault);
    assert_eq!(other.read("/etc/db/password"), b"one");
    vault.manager_mut().crash_and_restart();
    let cli = vault.cli();
    until("both tasks", || {
        (cli.json(&["service", "ps", "web"]).as_array()?.len() == 2).then_some(())
    });
}

#[test]
fn a_hook_without_an_agent_fails_closed_and_says_what_to_do() {
    if !can(Need::Containers) {
        return;
    }
    let vault = vault_with_a_service();
    let nobody = Path::new("/nonexistent/agent.sock");
    let refusal = Container::start(vault.folder().path(), nobody, ContainerOptions::of("web"));
    assert!(
        refusal
            .unwrap_err()
            .stderr
            .contains("/nonexistent/agent.sock")
    );
}
