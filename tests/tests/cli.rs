//! The command line as others script against it: outputs, JSON, exit codes.

use serde_json::json;
use std::process::Command;
use strongroom_tests::{Folder, Manager, ManagerOptions, Seal, Vault, program, until};

#[test]
fn create_prints_the_name_and_version_one() {
    let vault = Vault::manager();
    assert_eq!(
        vault
            .cli()
            .must_with(&["secret", "create", "db", "-"], b"one"),
        "db@1"
    );
    assert_eq!(
        vault
            .cli()
            .must_with(&["config", "create", "db", "-"], b"one"),
        "db@1"
    );
}

#[test]
fn create_refuses_a_name_that_exists_in_any_case() {
    let vault = Vault::manager();
    vault
        .cli()
        .must_with(&["secret", "create", "Db", "-"], b"one");
    let error = vault
        .cli()
        .refused(4, &["secret", "create", "dB", "-"], b"two");
    assert!(error.contains("Db"), "{error}");
}

#[test]
fn put_adds_a_version_only_where_the_bytes_differ() {
    let vault = Vault::manager();
    let cli = vault.cli();
    assert_eq!(cli.must_with(&["secret", "put", "db", "-"], b"one"), "db@1");
    assert_eq!(cli.must_with(&["secret", "put", "db", "-"], b"one"), "db@1");
    assert_eq!(cli.must_with(&["secret", "put", "db", "-"], b"two"), "db@2");
    assert_eq!(cli.must_with(&["secret", "put", "db", "-"], b"one"), "db@3");
    assert_eq!(
        cli.must_with(&["secret", "put", "--new", "db", "-"], b"one"),
        "db@4"
    );
}

#[test]
fn if_version_makes_a_write_conditional_on_the_newest() {
    let vault = Vault::manager();
    let cli = vault.cli();
    assert_eq!(
        cli.must_with(&["secret", "put", "db", "-", "--if-version", "0"], b"one"),
        "db@1"
    );
    cli.refused(
        4,
        &["secret", "put", "db", "-", "--if-version", "0"],
        b"two",
    );
    assert_eq!(
        cli.must_with(&["secret", "put", "db", "-", "--if-version", "1"], b"two"),
        "db@2"
    );
    cli.refused(
        4,
        &["secret", "put", "db", "-", "--if-version", "1"],
        b"three",
    );
    cli.refused(
        4,
        &["secret", "create", "new", "-", "--if-version", "1"],
        b"one",
    );
    assert_eq!(
        cli.must_with(&["secret", "create", "new", "-", "--if-version", "0"], b"1"),
        "new@1"
    );
}

#[test]
fn a_removed_name_that_is_created_again_goes_on_counting() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "put", "db", "-"], b"one");
    cli.must_with(&["secret", "put", "db", "-"], b"two");
    cli.must(&["secret", "rm", "db"]);
    cli.refused(3, &["secret", "inspect", "db"], b"");
    assert_eq!(
        cli.must_with(&["secret", "create", "DB", "-"], b"one"),
        "DB@3"
    );
}

#[test]
fn list_and_inspect_print_the_documented_fields_and_never_a_secrets_value() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(
        &[
            "secret", "create", "db", "-", "--label", "env=prod", "--label", "x",
        ],
        b"v1",
    );
    let secrets = cli.json(&["secret", "ls"]);
    assert_eq!(secrets.as_array().unwrap().len(), 1);
    for secret in [&secrets[0], &cli.json(&["secret", "inspect", "db"])[0]] {
        assert_eq!(secret["name"], "db");
        assert_eq!(secret["version"], 1);
        assert_eq!(secret["size"], 2);
        assert_eq!(secret["labels"], json!({ "env": "prod", "x": "" }));
        assert!(secret["id"].as_str().unwrap().len() == 25, "{secret}");
        let created = secret["created_at"].as_str().unwrap();
        assert!(
            created.starts_with("20") && created.ends_with('Z'),
            "{created}"
        );
        assert_eq!(secret.get("data"), None);
    }
    let versions = cli.json(&["secret", "versions", "db"]);
    assert_eq!(versions[0]["version"], 1);
    assert_eq!(versions[0]["state"], "enabled");
    assert_eq!(versions[0]["size"], 2);
    assert!(versions[0]["created_at"].is_string());
}

#[test]
fn inspect_shows_a_configs_newest_bytes_and_get_writes_any_versions_exactly() {
    let vault = Vault::manager();
    let cli = vault.cli();
    let bytes = b"\x00\xff line\r\n\n";
    cli.must_with(&["config", "put", "app", "-"], bytes);
    cli.must_with(&["config", "put", "app", "-"], b"{}");
    assert_eq!(cli.json(&["config", "inspect", "app"])[0]["data"], "e30=");
    assert_eq!(cli.run(&["config", "get", "app@1"]).stdout, bytes);
    assert_eq!(cli.run(&["config", "get", "app"]).stdout, b"{}");
    assert_eq!(cli.run(&["config", "get", "app@latest"]).stdout, b"{}");
    cli.refused(3, &["config", "get", "app@3"], b"");
    assert_eq!(cli.json(&["config", "ls"])[0].get("data"), None);
}

#[test]
fn objects_are_found_by_name_in_any_case_by_id_and_by_a_unique_prefix_of_it() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "create", "Db", "-"], b"v");
    let id = cli.json(&["secret", "inspect", "dB"])[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(cli.json(&["secret", "inspect", &id])[0]["name"], "Db");
    assert_eq!(cli.json(&["secret", "inspect", &id[..8]])[0]["name"], "Db");
}

#[test]
fn labels_are_updated_without_a_new_version_and_replaced_by_put() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(
        &[
            "secret", "create", "db", "-", "--label", "a=1", "--label", "b=2",
        ],
        b"v",
    );
    cli.must(&[
        "secret",
        "update",
        "db",
        "--label-add",
        "c=3",
        "--label-rm",
        "a",
    ]);
    let secret = cli.json(&["secret", "inspect", "db"]);
    assert_eq!(secret[0]["labels"], json!({ "b": "2", "c": "3" }));
    assert_eq!(secret[0]["version"], 1);
    cli.must_with(&["secret", "put", "db", "-"], b"w");
    assert_eq!(
        cli.json(&["secret", "inspect", "db"])[0]["labels"],
        json!({ "b": "2", "c": "3" })
    );
    cli.must_with(&["secret", "put", "db", "-", "--label", "d=4"], b"x");
    assert_eq!(
        cli.json(&["secret", "inspect", "db"])[0]["labels"],
        json!({ "d": "4" })
    );
}

#[test]
fn filters_are_prefixes_of_names_and_labels_that_all_hold() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(
        &["secret", "create", "db-a", "-", "--label", "env=prod"],
        b"v",
    );
    cli.must_with(
        &["secret", "create", "db-b", "-", "--label", "env=test"],
        b"v",
    );
    cli.must_with(
        &["secret", "create", "web", "-", "--label", "env=prod"],
        b"v",
    );
    let names = |filters: &[&str]| {
        let mut arguments = vec!["secret", "ls"];
        for filter in filters {
            arguments.extend(["--filter", filter]);
        }
        let list = cli.json(&arguments);
        let names = list
            .as_array()
            .unwrap()
            .iter()
            .map(|one| one["name"].as_str().unwrap());
        names.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(names(&[]), ["db-a", "db-b", "web"]);
    assert_eq!(names(&["name=DB-"]), ["db-a", "db-b"]);
    assert_eq!(names(&["name=db-a", "name=web"]), ["db-a", "web"]);
    assert_eq!(names(&["label=env=prod"]), ["db-a", "web"]);
    assert_eq!(names(&["label=env", "name=db"]), ["db-a", "db-b"]);
    cli.refused(1, &["secret", "ls", "--filter", "colour=red"], b"");
}

#[test]
fn a_service_resolves_latest_when_it_is_written_and_shows_its_files() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "put", "db", "-"], b"one");
    cli.must_with(&["config", "put", "app", "-"], b"{}");
    let spec = "source=db,target=/etc/db,uid=10,gid=20,mode=0400";
    cli.must(&[
        "service", "create", "web", "--secret", "db", "--secret", spec, "--config", "app",
    ]);
    cli.must_with(&["secret", "put", "db", "-"], b"two");
    let service = &cli.json(&["service", "inspect", "web"])[0];
    assert_eq!(service["name"], "web");
    let secrets = service["secrets"].as_array().unwrap();
    assert_eq!(secrets.len(), 2);
    assert_eq!(
        (&secrets[0]["source"], &secrets[0]["version"]),
        (&json!("db"), &json!(1))
    );
    assert_eq!(
        (&secrets[0]["target"], &secrets[1]["target"]),
        (&json!("db"), &json!("/etc/db"))
    );
    assert_eq!(
        (&secrets[1]["uid"], &secrets[1]["gid"]),
        (&json!(10), &json!(20))
    );
    assert_eq!(service["configs"][0]["source"], "app");
    assert_eq!(cli.json(&["service", "ls"])[0]["name"], "web");
    assert_eq!(cli.json(&["service", "ps", "web"]), json!([]));
    cli.must(&["service", "rm", "web"]);
    cli.refused(3, &["service", "inspect", "web"], b"");
}

#[test]
fn what_a_service_uses_cannot_be_removed_or_destroyed_and_the_refusal_says_by_whom() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "put", "db", "-"], b"one");
    cli.must_with(&["secret", "put", "db", "-"], b"two");
    cli.must(&["service", "create", "web", "--secret", "db@1"]);
    cli.must(&[
        "service",
        "create",
        "api",
        "--secret",
        "source=db@1,target=x",
    ]);
    for command in [
        ["secret", "rm", "db"],
        ["secret", "rm", "db@1"],
        ["secret", "destroy", "db@1"],
    ] {
        let error = cli.refused(4, &command, b"");
        assert!(error.contains("api, web"), "{error}");
    }
    cli.must(&["secret", "rm", "db@2"]);
    assert_eq!(cli.json(&["secret", "inspect", "db"])[0]["version"], 1);
    cli.must(&["service", "rm", "web", "api"]);
    cli.must(&["secret", "rm", "db"]);
}

#[test]
fn destroying_a_version_ends_access_at_once() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["config", "put", "app", "-"], b"one");
    cli.must_with(&["config", "put", "app", "-"], b"two");
    cli.must(&["config", "destroy", "app@1"]);
    let error = cli.refused(4, &["config", "get", "app@1"], b"");
    assert!(error.contains("destroying"), "{error}");
    let versions = cli.json(&["config", "versions", "app"]);
    assert_eq!(versions[0]["state"], "destroying");
    assert_eq!(versions[1]["state"], "enabled");
    cli.refused(4, &["service", "create", "web", "--config", "app@1"], b"");
    cli.must(&["config", "destroy", "app@1"]);
    // The same bytes are a new version: the old one can never be read again.
    assert_eq!(
        cli.must_with(&["config", "put", "app", "-"], b"one"),
        "app@3"
    );
}

#[test]
fn with_several_names_the_good_ones_are_done_and_the_bad_ones_named() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "create", "a", "-"], b"v");
    cli.must_with(&["secret", "create", "b", "-"], b"v");
    let outcome = cli.run(&["secret", "rm", "a", "nope", "b"]);
    assert_eq!(outcome.code, 3);
    assert!(outcome.stderr.contains("nope"));
    outcome.assert_one_line();
    assert_eq!(cli.json(&["secret", "ls"]), json!([]));
}

#[test]
fn status_says_whether_the_manager_is_sealed_ready_and_led() {
    let vault = Vault::manager();
    let status = vault.cli().json(&["status"]);
    assert_eq!(status["sealed"], false);
    assert_eq!(status["ready"], true);
    assert!(!status["leader"].as_str().unwrap().is_empty());
    assert!(status["version"].is_string());
    assert_eq!(vault.cli().run(&["status"]).code, 0);
}

#[test]
fn while_a_manager_waits_for_its_passphrase_it_is_sealed_and_every_command_exits_with_seven() {
    let folder = Folder::new();
    let pipe = folder.join("pipe");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let seal = Seal::Pipe(pipe.clone());
    let mut manager = Manager::launch(
        folder.path(),
        ManagerOptions {
            seal,
            ..ManagerOptions::default()
        },
    );
    let cli = manager.cli();
    let status = until("a sealed manager", || {
        let outcome = cli.run(&["--format", "json", "status"]);
        (outcome.code == 7).then_some(outcome.stdout)
    });
    let status: serde_json::Value = serde_json::from_slice(&status).unwrap();
    assert_eq!(
        (&status["sealed"], &status["ready"]),
        (&json!(true), &json!(false))
    );
    cli.refused(7, &["secret", "ls"], b"");
    cli.refused(7, &["secret", "create", "db", "-"], b"v");
    std::fs::write(&pipe, "correct horse").unwrap();
    manager.wait_until_ready();
    cli.must_with(&["secret", "create", "db", "-"], b"v");
}

#[test]
fn the_exit_codes_are_the_documented_ones() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.refused(1, &["secret", "create", "a b", "-"], b"v");
    assert_eq!(
        cli.run(&["secret", "create", "--colour", "db", "-"]).code,
        2
    );
    assert_eq!(cli.run(&["secret", "frobnicate"]).code, 2);
    cli.refused(3, &["secret", "inspect", "nope"], b"");
    cli.refused(3, &["secret", "rm", "nope"], b"");
    let nobody = strongroom_tests::Cli::new(std::path::Path::new("/nonexistent/api.sock"));
    nobody.refused(6, &["secret", "ls"], b"");
}

#[test]
fn a_note_is_printed_where_a_secret_ends_in_a_newline_and_the_newline_is_kept() {
    let vault = Vault::manager();
    let outcome = vault
        .cli()
        .with_input(&["secret", "create", "db", "-"], b"pass\n");
    assert_eq!(outcome.code, 0);
    outcome.assert_one_line();
    assert!(outcome.stderr.contains("newline"), "{}", outcome.stderr);
    assert_eq!(vault.cli().json(&["secret", "inspect", "db"])[0]["size"], 5);
}

#[test]
fn every_command_has_a_help_text() {
    for command in [
        vec![],
        vec!["dev"],
        vec!["status"],
        vec!["secret"],
        vec!["secret", "create"],
        vec!["config", "get"],
        vec!["service", "create"],
    ] {
        let mut process = Command::new(program("strongroom"));
        let output = process.args(&command).arg("--help").output().unwrap();
        assert!(output.status.success(), "{command:?}");
        assert!(output.stdout.len() > 100, "{command:?}");
    }
}
