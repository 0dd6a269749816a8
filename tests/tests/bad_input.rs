//! Bad input of every kind: one clear line that names the thing, the documented exit code, and nothing changed.

use serde_json::json;
use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use strongroom_tests::{Manager, ManagerOptions, Seal, Vault, program, until};

#[test]
fn payloads_outside_of_the_limits_are_refused_and_the_limits_themselves_accepted() {
    let vault = Vault::manager();
    let cli = vault.cli();
    for kind in ["secret", "config"] {
        cli.refused(1, &[kind, "create", "empty", "-"], b"");
        let mut bytes = vec![b'x'; 1_048_577];
        cli.refused(1, &[kind, "create", "large", "-"], &bytes);
        bytes.pop();
        assert_eq!(
            cli.must_with(&[kind, "create", "largest", "-"], &bytes),
            "largest@1"
        );
        assert_eq!(
            cli.must_with(&[kind, "create", "least", "-"], b"x"),
            "least@1"
        );
    }
    assert_eq!(
        cli.run(&["config", "get", "largest"]).stdout.len(),
        1_048_576
    );
}

#[test]
fn wrong_names_labels_and_versions_are_refused() {
    let vault = Vault::manager();
    let cli = vault.cli();
    let long = "x".repeat(65);
    for name in ["a b", "-a ", "a/b", "ü", ".a", "a.", &long, ""] {
        cli.refused(1, &["secret", "create", "--", name, "-"], b"v");
    }
    cli.refused(1, &["secret", "create", "db", "-", "--label", "=v"], b"v");
    cli.must_with(&["secret", "create", "db", "-"], b"v");
    for version in ["db@0", "db@x", "db@", "db@-1"] {
        cli.refused(1, &["secret", "destroy", version], b"");
        cli.refused(1, &["secret", "rm", version], b"");
    }
    cli.refused(1, &["secret", "destroy", "db"], b"");
    cli.refused(3, &["secret", "destroy", "db@9"], b"");
    cli.refused(4, &["secret", "rm", "db@1"], b"");
    assert_eq!(
        cli.json(&["secret", "versions", "db"])
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn references_that_are_wrong_unknown_or_in_conflict_are_refused() {
    let vault = Vault::manager();
    let cli = vault.cli();
    cli.must_with(&["secret", "create", "db", "-"], b"v");
    cli.must_with(&["config", "create", "db", "-"], b"v");
    for spec in [
        "source=db,mode=999",
        "source=db,target=../../etc/passwd",
        "source=db,target=/etc/../../x",
        "source=db,target=",
        "source=db,uid=root",
        "source=db,gid=4294967295",
        "source=db,colour=red",
        "target=x",
        "db@0",
        "",
    ] {
        cli.refused(1, &["service", "create", "web", "--secret", spec], b"");
    }
    cli.refused(3, &["service", "create", "web", "--secret", "nope"], b"");
    cli.refused(3, &["service", "create", "web", "--secret", "db@2"], b"");
    for (secret, other) in [
        ("db", "--secret=source=db,target=/run/secrets/db"),
        ("db", "--config=source=db,target=/run/secrets/db"),
        ("db", "--config=source=db,target=run/secrets/db"),
        ("source=db,target=/etc/x", "--config=source=db,target=etc/x"),
        ("source=db,target=a", "--secret=source=db,target=a/b"),
    ] {
        let error = cli.refused(
            1,
            &["service", "create", "web", "--secret", secret, other],
            b"",
        );
        assert!(error.contains("target"), "{error}");
    }
    assert_eq!(cli.json(&["service", "ls"]), json!([]));
}

#[test]
fn garbage_on_the_socket_harms_nobody() {
    let mut vault = Vault::manager();
    let cli = vault.cli();
    let socket = vault.manager_mut().socket();
    for garbage in [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n".to_vec(),
        vec![0; 65_536],
        vec![0xff; 65_536],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\xff\xff\xff\xff\xff\xff\xff\xff\xff".to_vec(),
    ] {
        let mut stream = UnixStream::connect(&socket).unwrap();
        stream.write_all(&garbage).ok();
        stream.shutdown(std::net::Shutdown::Write).ok();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok();
        cli.must_with(&["secret", "put", "db", "-"], b"v");
    }
}

#[test]
fn a_second_server_on_the_same_state_is_refused_and_the_first_goes_on() {
    let mut vault = Vault::manager();
    let folder = vault.folder().path().to_path_buf();
    let data = vault.manager_mut().data();
    let mut second = std::process::Command::new(program("strongroomd"));
    second.arg("--data-dir").arg(&data).arg("--bootstrap");
    second.arg("--socket").arg(folder.join("other.sock"));
    second
        .arg("--seal")
        .arg(format!("keyfile={}", folder.join("seal.key").display()));
    let output = second.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains(&data.display().to_string()), "{line}");
    assert_eq!(line.trim_end().lines().count(), 1, "{line}");
    vault
        .cli()
        .must_with(&["secret", "create", "db", "-"], b"v");
}

#[test]
fn a_second_server_on_the_same_socket_is_refused_and_a_stale_socket_replaced() {
    let mut vault = Vault::manager();
    let folder = vault.folder().path().to_path_buf();
    let mut second = std::process::Command::new(program("strongroomd"));
    second
        .arg("--data-dir")
        .arg(folder.join("other"))
        .arg("--bootstrap");
    second.arg("--socket").arg(vault.manager_mut().socket());
    second
        .arg("--seal")
        .arg(format!("keyfile={}", folder.join("other.key").display()));
    let output = second.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let line = String::from_utf8(output.stderr).unwrap();
    assert!(line.contains("api.sock"), "{line}");
    vault
        .cli()
        .must_with(&["secret", "create", "db", "-"], b"v");
    vault.manager_mut().crash_and_restart();
    assert_eq!(vault.cli().json(&["secret", "ls"])[0]["name"], "db");
}

#[test]
fn a_wrong_passphrase_is_refused_in_one_line_and_changes_nothing() {
    let options = |passphrase| ManagerOptions {
        seal: Seal::Passphrase(passphrase),
        ..ManagerOptions::default()
    };
    let mut vault = Vault::with(options("correct horse"));
    vault
        .cli()
        .must_with(&["config", "create", "app", "-"], b"{}");
    vault.manager_mut().process().stop();
    let folder = vault.folder().path().to_path_buf();
    let mut wrong = Manager::launch(&folder, options("battery staple"));
    let status = until("the end of the manager", || wrong.process().ended());
    assert_eq!(status.code(), Some(1));
    let output = wrong.process().output();
    let last = output.trim_end().lines().last().unwrap().to_owned();
    assert!(last.contains("passphrase"), "{output}");
    assert!(
        !output.contains("panicked") && !output.contains("battery"),
        "{output}"
    );
    let right = Manager::start(&folder, options("correct horse"));
    assert_eq!(right.cli().run(&["config", "get", "app"]).stdout, b"{}");
}

#[test]
fn a_damaged_store_is_refused_or_serves_the_right_bytes() {
    let mut vault = Vault::manager();
    let value = "the right bytes";
    for number in 0..20 {
        let name = format!("c{number}");
        vault
            .cli()
            .must_with(&["config", "create", &name, "-"], value.as_bytes());
    }
    vault.manager_mut().process().stop();
    let data = vault.manager_mut().data();
    let files = vault.folder().contents();
    let files = files
        .iter()
        .filter(|(path, bytes)| path.starts_with(&data) && !bytes.is_empty());
    let mut refused = 0;
    for (path, bytes) in files {
        let mut damaged = bytes.clone();
        damaged[bytes.len() / 2] ^= 1;
        std::fs::write(path, &damaged).unwrap();
        let mut manager = Manager::launch(vault.folder().path(), ManagerOptions::default());
        let cli = manager.cli();
        let served = until("an answer or an end", || {
            if let Some(status) = manager.process().ended() {
                assert_eq!(status.code(), Some(1), "{}", manager.process().output());
                return Some(false);
            }
            let status = cli.run(&["--format", "json", "status"]).stdout;
            let status: serde_json::Value = serde_json::from_slice(&status).ok()?;
            (status["ready"] == true).then_some(true)
        });
        if served {
            for number in 0..20 {
                let outcome = cli.run(&["config", "get", &format!("c{number}")]);
                let right = outcome.code == 0 && outcome.stdout == value.as_bytes();
                assert!(
                    right || outcome.code != 0,
                    "{}: a wrong byte was served",
                    path.display()
                );
            }
            manager.process().kill();
        } else {
            refused += 1;
            let output = manager.process().output();
            assert!(!output.contains("panicked"), "{}: {output}", path.display());
        }
        std::fs::write(path, bytes).unwrap();
    }
    assert!(refused > 0, "no damage was noticed");
    let manager = Manager::start(vault.folder().path(), ManagerOptions::default());
    assert_eq!(
        manager.cli().run(&["config", "get", "c7"]).stdout,
        value.as_bytes()
    );
}
