//! Tasks: what agents report of their containers.

use crate::durable::Durable;
use strongroom_model::{ContainerId, NodeName, Revision, ServiceId, TaskId};
use strongroom_state::{Change, Event, Rejection, Response};

#[test]
fn attaching_twice_is_one_task() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    let first = attached(&mut store, web, "node", "c1").unwrap();
    assert_eq!(store.events, [Event::Task(first)]);
    assert_eq!(attached(&mut store, web, "node", "c1"), Ok(first));
    assert!(store.events.is_empty());
    assert_ne!(attached(&mut store, web, "other", "c1"), Ok(first));
    assert_eq!(store.state.tasks_of(web).count(), 2);
}

#[test]
fn a_container_that_has_another_service_now_is_another_task() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    let app = store.service("app", &[]).unwrap();
    let before = attached(&mut store, web, "node", "c1").unwrap();
    let after = attached(&mut store, app, "node", "c1").unwrap();
    assert_eq!(store.events, [Event::Task(before), Event::Task(after)]);
    assert_eq!(store.state.tasks_of(web).count(), 0);
    assert_eq!(
        store
            .state
            .task_of(&node("node"), &container("c1"))
            .unwrap()
            .id,
        after
    );
}

#[test]
fn an_unknown_service_is_not_attached() {
    let mut store = Durable::default();
    let refused = attached(&mut store, ServiceId::from_bytes([9; 16]), "node", "c1");
    assert!(matches!(
        refused,
        Err(Rejection::NotFound {
            what: "service",
            ..
        })
    ));
}

#[test]
fn detaching_twice_is_as_good_as_once() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    let task = attached(&mut store, web, "node", "c1").unwrap();
    let detach = Change::DetachTask {
        node: node("node"),
        container: container("c1"),
    };
    assert_eq!(store.apply(detach.clone()), Ok(Response::Done));
    assert_eq!(store.events, [Event::Task(task)]);
    assert_eq!(store.apply(detach), Ok(Response::Done));
    assert!(store.events.is_empty());
}

#[test]
fn what_an_agent_does_not_keep_is_forgotten_on_its_node_alone() {
    let mut store = Durable::default();
    let web = store.service("web", &[]).unwrap();
    for (on, id) in [("a", "c1"), ("a", "c2"), ("a", "c3"), ("b", "c1")] {
        attached(&mut store, web, on, id).unwrap();
    }
    let keep = Change::KeepTasks {
        node: node("a"),
        containers: ["c2", "unknown"].map(container).into(),
    };
    assert_eq!(store.apply(keep), Ok(Response::Done));
    let mut left: Vec<_> = store
        .state
        .tasks()
        .map(|task| (task.node.as_str(), task.container.as_str()))
        .collect();
    left.sort_unstable();
    assert_eq!(left, [("a", "c2"), ("b", "c1")]);
    assert_eq!(store.state.tasks_on(&node("a")).count(), 1);
}

pub(crate) fn attach(store: &mut Durable, service: ServiceId, on: &str, id: &str) -> Change {
    Change::AttachTask {
        id: TaskId::from_bytes(store.draw()),
        node: node(on),
        container: container(id),
        service,
        revision: Revision::FIRST,
    }
}

fn attached(
    store: &mut Durable,
    service: ServiceId,
    on: &str,
    id: &str,
) -> Result<TaskId, Rejection> {
    let change = attach(store, service, on, id);
    match store.apply(change)? {
        Response::Task(id) => Ok(id),
        other => panic!("{other:?} is no answer to a new task"),
    }
}

pub(crate) fn node(text: &str) -> NodeName {
    NodeName::parse(text).unwrap()
}

pub(crate) fn container(text: &str) -> ContainerId {
    ContainerId::parse(text).unwrap()
}
