//! The hook by itself.

use crate::container::{Container, is_able};
use crate::manager::{Manager, Said, Store};
use crate::program::{Agent, folder, refusal, run};
use serde_json::{Value, json};
use std::path::Path;
use std::time::{Duration, Instant};

/// What a runtime says of a container in a bundle of its own.
fn state(bundle: &Path, annotations: &Value, environment: &[&str]) -> Vec<u8> {
    let config = json!({ "root": { "path": "rootfs" }, "process": { "env": environment } });
    std::fs::write(bundle.join("config.json"), config.to_string()).unwrap();
    let state = json!({
        "ociVersion": "1.0.2", "id": "c1", "pid": 4_000_000, "status": "creating",
        "bundle": bundle, "annotations": annotations,
    });
    state.to_string().into_bytes()
}

fn web() -> Value {
    json!({ "io.strongroom.service": "web" })
}

#[test]
fn a_container_without_a_service_starts_even_without_an_agent() {
    let folder = folder();
    let state = state(folder.path(), &Value::Null, &["PATH=/bin"]);
    let output = run(&["hook", "--agent", "unix:///nowhere/agent.sock"], &state);
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn garbage_is_refused_in_one_line() {
    for input in [&b""[..], b"{}", b"\0\xff\xfe", b"[]"] {
        let output = run(&["hook", "--agent", "unix:///nowhere/agent.sock"], input);
        assert!(refusal(&output).contains("no OCI state"));
    }
    let endless = vec![b'['; 2 * 1024 * 1024];
    let output = run(&["hook", "--agent", "unix:///nowhere/agent.sock"], &endless);
    assert!(refusal(&output).contains("longer than 1048576 bytes"));
    let output = run(&["hook", "--agent", "/not/an/address"], b"");
    assert!(refusal(&output).contains("unix:///path"));
}

#[test]
fn annotation_and_variable_that_disagree_refuse_the_start() {
    let folder = folder();
    let state = state(folder.path(), &web(), &["STRONGROOM_SERVICE=db"]);
    let output = run(&["hook", "--agent", "unix:///nowhere/agent.sock"], &state);
    let line = refusal(&output);
    assert!(
        line.contains("\"web\"") && line.contains("\"db\""),
        "{line}"
    );
}

#[test]
fn an_agent_that_never_comes_is_waited_for_and_then_named() {
    let folder = folder();
    let state = state(folder.path(), &web(), &[]);
    let start = Instant::now();
    let output = run(&["hook", "--agent", "unix:///nowhere/agent.sock"], &state);
    assert!(refusal(&output).contains("no agent answers at \"/nowhere/agent.sock\""));
    assert!(start.elapsed() >= Duration::from_secs(5));
}

#[test]
fn a_process_that_is_gone_and_wrong_names_are_refused() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    agent.until_ready();
    let state = |service: &str| {
        let annotations = json!({ "io.strongroom.service": service });
        state(folder.path(), &annotations, &[])
    };
    for (service, expected) in [
        ("web", "the container's process 4000000 is gone"),
        ("", "a name is missing"),
        ("../web", "the name \"../web\" is not allowed"),
    ] {
        let output = run(&["hook", "--agent", &agent.address()], &state(service));
        let line = refusal(&output);
        assert!(line.contains(expected), "{line}");
    }
    assert_eq!(agent.status().unwrap()["mounts"], 0);
    assert_eq!(store.said(), [Said::Session(Vec::new())]);
}

#[test]
fn a_container_is_attached_once_however_often_it_is_asked_for() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    let container = Container::start("web", &agent.address()).unwrap();
    let again = run(&["hook", "--agent", &agent.address()], &container.state());
    assert!(again.status.success(), "{again:?}");
    let mut state: Value = serde_json::from_slice(&container.state()).unwrap();
    state["pid"] = 1.into();
    let output = run(
        &["hook", "--agent", &agent.address()],
        state.to_string().as_bytes(),
    );
    assert!(refusal(&output).contains("has files already"));
    assert_eq!(
        agent.status().unwrap(),
        json!({ "ready": true, "mounts": 1 })
    );
    assert_eq!(container.text("/run/secrets/key"), "bytes");
}
