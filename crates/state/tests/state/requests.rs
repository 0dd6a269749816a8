//! Retries: a request that was carried out is not carried out again.

use crate::durable::{Durable, default, name, remove};
use strongroom_model::{Kind, RequestId, Timestamp, limits};
use strongroom_state::{Change, Command, Intent, Rejection, Response, State};

#[test]
fn a_retry_gets_the_first_result_and_changes_nothing() {
    let mut store = Durable::default();
    let add = store.addition(Intent::Create, Kind::Secret, "db", 1);
    let first = store.request(1, Change::AddVersion(add.clone()));
    assert!(matches!(first, Ok(Response::Version { added: true, .. })));
    assert_eq!(store.request(1, Change::AddVersion(add.clone())), first);
    assert!(store.events.is_empty());
    assert!(matches!(
        store.request(2, Change::AddVersion(add)),
        Err(Rejection::AlreadyExists { .. })
    ));
}

#[test]
fn a_retry_gets_the_first_result_after_a_restart() {
    let mut store = Durable::default();
    let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    let first = store.request(1, Change::AddVersion(add.clone()));
    store.state = store.restarted();
    assert_eq!(store.request(1, Change::AddVersion(add)), first);
}

#[test]
fn a_refusal_is_not_remembered() {
    let mut store = Durable::default();
    let refused = store.request(1, remove(Kind::Secret, "db"));
    assert!(matches!(refused, Err(Rejection::NotFound { .. })));
    store.put("db", 1).unwrap();
    assert_eq!(
        store.request(1, remove(Kind::Secret, "db")),
        Ok(Response::Done)
    );
}

#[test]
fn a_request_is_forgotten_when_it_is_too_old() {
    let mut store = Durable::default();
    let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    store.now = 1_000;
    store.request(1, Change::AddVersion(add.clone())).unwrap();
    store.now += limits::REQUEST_AGE_MS;
    store.put("other", 1).unwrap();
    store.request(1, Change::AddVersion(add.clone())).unwrap();
    store.now += 1;
    store.put("other", 2).unwrap();
    assert_eq!(
        store.request(1, Change::AddVersion(add)),
        Err(Rejection::Raced)
    );
}

#[test]
fn the_state_forgets_by_its_own_time_which_only_moves_forward() {
    let mut store = Durable::default();
    store.now = 10 * limits::REQUEST_AGE_MS;
    store.put("db", 1).unwrap();
    store.now = 0;
    let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    let first = store.request(1, Change::AddVersion(add.clone()));
    store.now = 9 * limits::REQUEST_AGE_MS;
    store.put("db", 2).unwrap();
    assert_eq!(store.request(1, Change::AddVersion(add)), first);
    let id = store.id(Kind::Secret, "db");
    let created = store.state.newest(id).unwrap().created;
    assert_eq!(created.as_millis(), 10 * limits::REQUEST_AGE_MS);
}

#[test]
fn the_states_time_survives_the_removal_of_what_was_changed_last() {
    let mut store = Durable::default();
    store.now = 77;
    let web = store.service("web", &[]).unwrap();
    store
        .apply(crate::durable::remove_service(&web.to_string()))
        .unwrap();
    assert_eq!(store.restarted().time(), Timestamp::from_millis(77));
    assert_eq!(store.restarted(), store.state);
}

#[test]
fn at_most_so_many_requests_are_remembered_and_the_oldest_go_first() {
    let mut state = State::default();
    let command = |request: u128| Command {
        request: Some(RequestId::from_bytes(request.to_be_bytes())),
        time: Timestamp::default(),
        change: Change::DetachTask {
            node: crate::tasks::node("node"),
            container: crate::tasks::container("c1"),
        },
    };
    // Ids descend, so that the order of the ids is not the order of the requests.
    let count = limits::REQUESTS as u128;
    for request in (1..=count + 2).rev() {
        let index = u64::try_from(count + 3 - request).unwrap();
        let applied = state.apply(index, &command(request));
        assert_eq!(applied.writes.len(), if request <= 2 { 2 } else { 1 });
    }
    let replayed = |request| {
        state
            .clone()
            .apply(u64::MAX, &command(request))
            .writes
            .is_empty()
    };
    assert!(!replayed(count + 2));
    assert!(!replayed(count + 1));
    assert!(replayed(count));
    assert!(replayed(1));
}

#[test]
fn many_old_requests_are_forgotten_a_few_at_a_time() {
    let mut store = Durable::default();
    for request in 1..=100 {
        let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
        store.request(request, Change::AddVersion(add)).unwrap();
    }
    store.now = limits::REQUEST_AGE_MS + 1;
    let requests = |store: &Durable| {
        let keys = store.disk.keys();
        keys.filter(|key| matches!(key, strongroom_state::RecordKey::Request(_)))
            .count()
    };
    store.put("db", 2).unwrap();
    let left = requests(&store);
    assert!((50..100).contains(&left), "{left}");
    for content in 3..13 {
        store.put("db", content).unwrap();
    }
    assert_eq!(requests(&store), 0);
    assert!(
        store
            .state
            .object_named(Kind::Secret, &default(), &name("db"))
            .is_some()
    );
}
