//! The agent's socket, its start and its end.

use crate::container::{Container, is_able};
use crate::manager::{Manager, Store};
use crate::program::{Agent, folder, refusal, run, until};
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{UnixListener, UnixStream};

#[test]
fn garbage_gets_one_line_and_harms_nobody() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let agent = Agent::start(folder.path());
    for garbage in [
        &b"\n"[..],
        b"GET / HTTP/1.1\r\n",
        b"{\"attach\":{\"pid\":\"x\"}}\n",
        &[0xff; 100_000],
    ] {
        let mut stream = UnixStream::connect(agent.socket()).unwrap();
        // The agent may close before it has read everything.
        drop(stream.write_all(garbage));
        drop(stream.shutdown(Shutdown::Write));
        let mut answer = Vec::new();
        drop(stream.read_to_end(&mut answer));
        let answer = String::from_utf8(answer).unwrap();
        assert!(
            answer.is_empty() || answer.starts_with("{\"refused\":"),
            "{answer}"
        );
    }
    assert_eq!(agent.status().unwrap()["mounts"], 0);
    let mode = std::fs::metadata(agent.socket())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn many_silent_callers_do_not_keep_out_others_for_ever() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let agent = Agent::start(folder.path());
    let silent: Vec<UnixStream> = (0..63)
        .map(|_| UnixStream::connect(agent.socket()).unwrap())
        .collect();
    assert!(agent.status().is_some());
    drop(silent);
}

#[test]
fn a_second_agent_is_refused_and_the_first_goes_on() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let agent = Agent::start(folder.path());
    let second = [
        "--manager",
        "unix:///nowhere/api.sock",
        "--socket",
        agent.socket().to_str().unwrap(),
    ];
    let line = refusal(&run(&second, b""));
    assert!(line.contains("an agent answers at"), "{line}");
    assert!(agent.status().is_some());
}

#[test]
fn a_stale_socket_is_replaced_and_another_file_is_not() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let path = folder.path().join("agent.sock");
    drop(UnixListener::bind(&path).unwrap());
    let mut agent = Agent::start(folder.path());
    assert_eq!(agent.terminate(), Some(0));
    assert!(!path.exists());
    std::fs::write(&path, "precious").unwrap();
    let mut agent = Agent::spawn(folder.path());
    assert_eq!(agent.wait(), Some(1));
    assert!(
        agent.log().contains("is there and no socket"),
        "{}",
        agent.log()
    );
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "precious");
}

#[test]
fn an_agent_that_ends_takes_the_files_along_and_leaves_nobody_waiting() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let mut agent = Agent::start(folder.path());
    let container = Container::start("web", &agent.address()).unwrap();
    assert_eq!(container.text("/run/secrets/key"), "bytes");
    assert_eq!(agent.terminate(), Some(0));
    assert!(!container.read("/run/secrets/key").status.success());
}

#[test]
fn an_agent_that_hangs_and_is_killed_leaves_nobody_waiting() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let mut agent = Agent::start(folder.path());
    let container = Container::start("web", &agent.address()).unwrap();
    // From now on a reader waits for the answer to its own open, and not for another's lookup.
    assert_eq!(container.text("/run/secrets/key"), "bytes");
    agent.signal("STOP");
    let mut readers: Vec<_> = (0..4)
        .map(|_| container.start_reading("/run/secrets/key"))
        .collect();
    until("waiting readers", || container.waiting() >= readers.len());
    agent.signal("KILL");
    agent.wait();
    for reader in &mut readers {
        assert!(!reader.wait().unwrap().success());
    }
}

#[test]
fn wrong_arguments_are_usage_errors() {
    for arguments in [
        &[][..],
        &["--manager"],
        &["--socket", "/x"],
        &["hook", "--manager", "x"],
        &["x"],
    ] {
        assert_eq!(run(arguments, b"").status.code(), Some(2), "{arguments:?}");
    }
    for (arguments, expected) in [
        (&["--manager", "nonsense"][..], "write unix:///path"),
        (
            &["--manager", "unix:///a/b", "--node", "a b"],
            "name the node with --node",
        ),
        (
            &["status", "--agent", "unix:///nowhere/agent.sock"],
            "no agent answers",
        ),
    ] {
        let line = refusal(&run(arguments, b""));
        assert!(line.contains(expected), "{line}");
    }
}
