//! Managers that come, go, lose messages and forget.

use crate::container::{Container, is_able};
use crate::manager::{Manager, Said, Store};
use crate::program::{Agent, folder, until};
use std::time::{Duration, Instant};

fn attach(container: &Container, service: &str) -> Said {
    Said::Attach(container.id().to_owned(), service.to_owned())
}

#[test]
fn a_task_is_reported_when_it_starts_and_when_it_ends() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "of the web"), ("/etc/key", "elsewhere")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    let container = Container::start("WEB", &agent.address()).unwrap();
    assert_eq!(container.text("/run/secrets/key"), "of the web");
    assert_eq!(container.text("/etc/key"), "elsewhere");
    until("the report", || {
        store.said().contains(&attach(&container, "web"))
    });
    agent.until_mounts(1);
    container.delete();
    until("the end", || {
        store
            .said()
            .contains(&Said::Detach(container.id().to_owned()))
    });
    agent.until_mounts(0);
}

#[test]
fn without_managers_containers_read_and_start_and_are_reported_later() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("one", "first"), ("two", "second")]);
    let manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    let before = Container::start("web", &agent.address()).unwrap();
    assert_eq!(before.text("/run/secrets/one"), "first");
    drop(manager);
    // Nobody has read this one, so it is decrypted now.
    assert_eq!(before.text("/run/secrets/two"), "second");
    let during = Container::start("web", &agent.address()).unwrap();
    let ended = Container::start("web", &agent.address()).unwrap();
    assert_eq!(during.text("/run/secrets/one"), "first");
    ended.delete();
    agent.until_mounts(2);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    until("the report", || {
        store.said().contains(&attach(&during, "web"))
    });
    let mut held = vec![before.id().to_owned(), during.id().to_owned()];
    held.sort();
    until("the session", || {
        store.said().contains(&Said::Session(held.clone()))
    });
    assert!(!store.said().contains(&attach(&ended, "web")));
    // Files of before the new session are still decrypted, with the key of the old one.
    assert_eq!(during.text("/run/secrets/two"), "second");
}

#[test]
fn an_unknown_service_is_waited_for_and_then_named() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    agent.until_ready();
    let start = Instant::now();
    let output = Container::start("nobody", &agent.address()).err().unwrap();
    assert!(
        output.contains("the service \\\"nobody\\\" is not known"),
        "{output}"
    );
    assert!(start.elapsed() >= Duration::from_secs(2));
    // One that comes while it is waited for is in time.
    let address = agent.address();
    let starting = std::thread::spawn(move || Container::start("late", &address));
    store.assign("late", &[("key", "in time")]);
    let container = starting.join().unwrap().unwrap();
    assert_eq!(container.text("/run/secrets/key"), "in time");
}

#[test]
fn before_a_manager_was_ever_reached_the_refusal_says_so() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let agent = Agent::start(folder.path());
    let output = Container::start("web", &agent.address()).err().unwrap();
    assert!(
        output.contains("no manager has told this node's agent"),
        "{output}"
    );
    assert_eq!(agent.status().unwrap()["ready"], false);
}

#[test]
fn a_service_that_is_gone_when_the_task_is_reported_refuses_the_start() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    agent.until_ready();
    store.forget_everything();
    let output = Container::start("web", &agent.address()).err().unwrap();
    assert!(output.contains("was removed meanwhile"), "{output}");
    agent.until_mounts(0);
}

#[test]
fn after_a_lost_message_everything_is_asked_for_again() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    let container = Container::start("web", &agent.address()).unwrap();
    store.lose_a_message();
    store.assign("db", &[("key2", "other bytes")]);
    let sessions = || {
        let said = store.said();
        said.iter()
            .filter(|said| matches!(said, Said::Session(_)))
            .count()
    };
    until("another session", || sessions() >= 2);
    let other = Container::start("db", &agent.address()).unwrap();
    assert_eq!(other.text("/run/secrets/key2"), "other bytes");
    assert_eq!(container.text("/run/secrets/key"), "bytes");
}

#[test]
fn a_container_does_not_wait_for_a_slow_manager_and_keeps_its_files_whatever_that_says_later() {
    if !is_able() {
        return;
    }
    let folder = folder();
    let store = Store::default();
    store.assign("web", &[("key", "bytes")]);
    let _manager = Manager::start(&store, &folder.path().join("api.sock"));
    let agent = Agent::start(folder.path());
    agent.until_ready();
    let gate = store.hold_reports();
    let container = Container::start("web", &agent.address()).unwrap();
    assert_eq!(store.said(), [Said::Session(Vec::new())]);
    store.forget_everything();
    gate.notify_one();
    until("the manager's late answer", || {
        agent.log().contains("whose service is gone")
    });
    assert_eq!(container.text("/run/secrets/key"), "bytes");
    agent.until_mounts(1);
}
