//! Secrets and configs: creating, putting, labelling, removing, destroying.

use crate::durable::{Durable, default, destroy, labels, name, remove, remove_version, version};
use strongroom_model::{Kind, LabelKey, Labels, Namespace, VersionState, limits};
use strongroom_state::{Change, Event, Intent, Record, Rejection, State};

#[test]
fn a_put_creates_and_then_adds() {
    let mut store = Durable::default();
    assert_eq!(store.put("db", 1), Ok((1, true)));
    assert_eq!(store.put("db", 2), Ok((2, true)));
    assert_eq!(store.put("db", 1), Ok((3, true)));
}

#[test]
fn a_put_of_the_newest_bytes_adds_nothing() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    assert_eq!(store.put("db", 1), Ok((1, false)));
    assert!(store.events.is_empty());
}

#[test]
fn a_forced_put_of_the_newest_bytes_adds_a_version() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let forced = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    assert_eq!(store.add(forced), Ok((2, true)));
}

#[test]
fn a_put_of_bytes_that_were_destroyed_adds_a_version() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.apply(destroy(Kind::Secret, "db", 1)).unwrap();
    assert_eq!(store.put("db", 1), Ok((2, true)));
}

#[test]
fn a_create_is_refused_where_the_name_exists_in_another_case() {
    let mut store = Durable::default();
    store.put("Db", 1).unwrap();
    let create = store.addition(Intent::Create, Kind::Secret, "dB", 2);
    assert_eq!(
        store.add(create),
        Err(Rejection::AlreadyExists {
            what: "secret",
            name: "Db".to_owned()
        })
    );
}

#[test]
fn secrets_configs_and_namespaces_have_names_of_their_own() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let config = store.addition(Intent::Create, Kind::Config, "db", 1);
    assert_eq!(store.add(config), Ok((1, true)));
    let mut elsewhere = store.addition(Intent::Create, Kind::Secret, "fresh", 1);
    elsewhere.name = name("db");
    elsewhere.namespace = Namespace::parse("team").unwrap();
    assert_eq!(store.add(elsewhere), Ok((1, true)));
}

#[test]
fn a_condition_on_the_newest_version_refuses_every_other_one() {
    let mut store = Durable::default();
    for (content, intent, if_version, outcome) in [
        (1, Intent::Put, 1, Err(0)),
        (1, Intent::Create, 7, Err(0)),
        (1, Intent::Create, 0, Ok((1, true))),
        (1, Intent::Put, 0, Err(1)),
        (2, Intent::Put, 1, Ok((2, true))),
        (2, Intent::PutNew, 1, Err(2)),
        (2, Intent::PutNew, 2, Ok((3, true))),
    ] {
        let mut add = store.addition(intent, Kind::Secret, "db", content);
        add.if_version = Some(if_version);
        let conflict = |newest| Rejection::VersionConflict {
            kind: Kind::Secret,
            name: "db".to_owned(),
            newest,
            expected: if_version,
        };
        assert_eq!(store.add(add), outcome.map_err(conflict));
    }
}

#[test]
fn a_condition_goes_by_the_newest_version_that_is_listed() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    store.apply(remove_version(Kind::Secret, "db", 2)).unwrap();
    let mut add = store.addition(Intent::Put, Kind::Secret, "db", 3);
    add.if_version = Some(1);
    assert_eq!(store.add(add), Ok((3, true)));
}

#[test]
fn labels_that_are_given_replace_even_where_no_version_is_added() {
    let mut store = Durable::default();
    let mut add = store.addition(Intent::Put, Kind::Secret, "db", 1);
    add.labels = Some(labels(&[("a", "1")]));
    store.add(add).unwrap();
    store.put("db", 1).unwrap();
    assert_eq!(labels_of(&store), labels(&[("a", "1")]));
    let mut add = store.addition(Intent::Put, Kind::Secret, "db", 1);
    add.labels = Some(labels(&[("b", "2")]));
    assert_eq!(store.add(add), Ok((1, false)));
    assert_eq!(labels_of(&store), labels(&[("b", "2")]));
    store.put("db", 2).unwrap();
    assert_eq!(labels_of(&store), labels(&[("b", "2")]));
    let mut add = store.addition(Intent::Put, Kind::Secret, "db", 3);
    add.labels = Some(Labels::default());
    store.add(add).unwrap();
    assert_eq!(labels_of(&store), Labels::default());
}

#[test]
fn updating_labels_changes_no_version() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store
        .apply(update(&labels(&[("a", "1"), ("b", "1")]), &[]))
        .unwrap();
    store.now = 5;
    store.apply(update(&labels(&[("c", "1")]), &["a"])).unwrap();
    let id = store.id(Kind::Secret, "db");
    assert_eq!(store.events, [Event::Object(id)]);
    assert_eq!(labels_of(&store), labels(&[("b", "1"), ("c", "1")]));
    assert_eq!(store.state.object(id).unwrap().updated.as_millis(), 5);
    assert_eq!(store.state.newest(id).unwrap().number, version(1));
    store
        .apply(update(&labels(&[("c", "1")]), &["unknown"]))
        .unwrap();
    assert!(store.events.is_empty());
}

#[test]
fn labels_past_the_limit_are_refused() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let many: Vec<String> = (0..limits::LABELS).map(|n| n.to_string()).collect();
    let many = Labels::parse(many.iter().map(|key| (key, ""))).unwrap();
    store.apply(update(&many, &[])).unwrap();
    let refused = store.apply(update(&labels(&[("one", "more")]), &[]));
    assert!(matches!(refused, Err(Rejection::Labels(_))));
    store
        .apply(update(&labels(&[("one", "more")]), &["0"]))
        .unwrap();
}

#[test]
fn a_removed_name_goes_on_counting_under_a_new_id() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    let before = store.id(Kind::Secret, "db");
    store.apply(remove(Kind::Secret, "db")).unwrap();
    assert!(store.payloads.is_empty());
    assert_eq!(store.put("DB", 2), Ok((3, true)));
    assert_ne!(store.id(Kind::Secret, "db"), before);
    store.apply(remove(Kind::Secret, "db")).unwrap();
    let create = store.addition(Intent::Create, Kind::Secret, "db", 2);
    assert_eq!(store.add(create), Ok((4, true)));
}

#[test]
fn a_removed_number_is_not_used_again() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    store.apply(remove_version(Kind::Secret, "db", 2)).unwrap();
    let id = store.id(Kind::Secret, "db");
    assert_eq!(store.state.newest(id).unwrap().number, version(1));
    assert_eq!(store.put("db", 1), Ok((1, false)));
    assert_eq!(store.put("db", 2), Ok((3, true)));
}

#[test]
fn the_only_version_is_not_removed() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let refused = store.apply(remove_version(Kind::Secret, "db", 1));
    assert!(matches!(refused, Err(Rejection::LastVersion { .. })));
    let refused = store.apply(remove_version(Kind::Secret, "db", 2));
    assert!(matches!(refused, Err(Rejection::VersionNotFound { .. })));
}

#[test]
fn what_is_in_use_is_neither_removed_nor_destroyed_and_says_by_whom() {
    let mut store = Durable::default();
    store.put("Db", 1).unwrap();
    store.put("db", 2).unwrap();
    store
        .service("web", &["db@1", "source=db@1,target=again"])
        .unwrap();
    store.service("app", &["db@1"]).unwrap();
    let in_use = |what: &str| {
        Err(Rejection::InUse {
            what: what.to_owned(),
            services: vec!["app".to_owned(), "web".to_owned()],
        })
    };
    assert_eq!(
        store.apply(remove(Kind::Secret, "db")),
        in_use("secret \"Db\"")
    );
    for change in [remove_version, destroy] {
        let refused = store.apply(change(Kind::Secret, "db", 1));
        assert_eq!(refused, in_use("secret \"Db@1\""));
    }
    store.apply(destroy(Kind::Secret, "db", 2)).unwrap();
    store.apply(remove_version(Kind::Secret, "db", 2)).unwrap();
}

#[test]
fn a_destroyed_version_stays_listed_without_bytes_or_digest() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let id = store.id(Kind::Secret, "db");
    assert_eq!(store.state.stored(), 100);
    store.apply(destroy(Kind::Secret, "db", 1)).unwrap();
    assert_eq!(
        store.events,
        [Event::VersionEnded(id, version(1)), Event::Object(id)]
    );
    let destroyed = store.state.version(id, version(1)).unwrap();
    assert_eq!(destroyed.state, VersionState::Destroying);
    assert_eq!((destroyed.digest, destroyed.size.get()), (None, 1));
    assert_eq!(store.state.stored(), 0);
    store.apply(destroy(Kind::Secret, "db", 1)).unwrap();
    assert!(store.events.is_empty());
}

#[test]
fn a_change_goes_by_the_full_id_but_not_by_a_part_of_it() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let id = store.id(Kind::Secret, "db").to_string();
    let refused = store.apply(remove(Kind::Secret, &id[..24]));
    assert!(matches!(
        refused,
        Err(Rejection::NotFound { what: "secret", .. })
    ));
    let refused = store.apply(remove(Kind::Config, &id));
    assert!(matches!(
        refused,
        Err(Rejection::NotFound { what: "config", .. })
    ));
    store.apply(remove(Kind::Secret, &id)).unwrap();
    assert!(
        store
            .state
            .object_named(Kind::Secret, &default(), &name("db"))
            .is_none()
    );
}

#[test]
fn bytes_encrypted_for_another_object_or_number_are_refused_as_raced() {
    let mut store = Durable::default();
    let first = store.addition(Intent::Put, Kind::Secret, "db", 1);
    let second = store.addition(Intent::Put, Kind::Secret, "db", 2);
    store.add(first).unwrap();
    assert_eq!(store.add(second.clone()), Err(Rejection::Raced));
    let late = store.addition(Intent::Put, Kind::Secret, "db", 3);
    store.put("db", 4).unwrap();
    assert_eq!(store.add(late), Err(Rejection::Raced));
    store.apply(remove(Kind::Secret, "db")).unwrap();
    assert_eq!(store.add(second), Err(Rejection::Raced));
}

#[test]
fn other_refusals_come_before_raced() {
    let mut store = Durable::default();
    let mut stale = store.addition(Intent::Create, Kind::Secret, "db", 1);
    store.put("db", 1).unwrap();
    assert!(matches!(
        store.add(stale.clone()),
        Err(Rejection::AlreadyExists { .. })
    ));
    stale.intent = Intent::Put;
    stale.if_version = Some(0);
    assert!(matches!(
        store.add(stale),
        Err(Rejection::VersionConflict { .. })
    ));
}

#[test]
fn an_id_that_is_taken_is_refused_as_raced() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let taken = store.id(Kind::Secret, "db");
    let mut add = store.addition(Intent::Create, Kind::Secret, "other", 1);
    add.object = taken;
    assert_eq!(store.add(add.clone()), Err(Rejection::Raced));
    store.apply(remove(Kind::Secret, "db")).unwrap();
    assert_eq!(store.add(add), Err(Rejection::Raced));
}

#[test]
fn versions_past_the_limit_are_refused() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let mut records: Vec<Record> = store.state.records().collect();
    let (Record::Object(mut object), Record::Version(first)) =
        (records.remove(0), records.remove(0))
    else {
        panic!("an object comes before its version");
    };
    object.last_version = version(limits::VERSIONS as u64);
    let versions = (2..=limits::VERSIONS as u64).map(|number| {
        let mut more = first.clone();
        more.number = version(number);
        Record::Version(more)
    });
    let all = [Record::Object(object), Record::Version(first.clone())];
    store.state = State::restore(all.into_iter().chain(versions)).unwrap();
    let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    assert_eq!(
        store
            .state
            .apply(1, &plain(Change::AddVersion(add)))
            .outcome,
        Err(Rejection::TooManyVersions {
            kind: Kind::Secret,
            name: "db".to_owned(),
            count: limits::VERSIONS
        })
    );
}

#[test]
fn the_last_number_of_all_is_not_used_twice() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    let last = store.state.records().map(|record| match record {
        Record::Object(mut object) => {
            object.last_version = version(u64::MAX);
            Record::Object(object)
        }
        Record::Version(mut only) => {
            only.number = version(u64::MAX);
            Record::Version(only)
        }
        other => other,
    });
    store.state = State::restore(last).unwrap();
    let add = store.addition(Intent::PutNew, Kind::Secret, "db", 1);
    let outcome = store
        .state
        .apply(1, &plain(Change::AddVersion(add)))
        .outcome;
    assert!(matches!(outcome, Err(Rejection::TooManyVersions { .. })));
}

#[test]
fn bytes_past_the_stores_quota_are_refused_until_there_is_room() {
    let mut store = Durable::default();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    store.put("db", 3).unwrap();
    let full = store.state.records().map(|record| match record {
        Record::Version(mut version) => {
            version.stored = if version.number.get() == 3 {
                90
            } else {
                u32::MAX - 48
            };
            Record::Version(version)
        }
        other => other,
    });
    store.state = State::restore(full).unwrap();
    assert_eq!(store.state.stored(), limits::STORE - 8);
    let add = store.addition(Intent::Put, Kind::Secret, "db", 4);
    let put = plain(Change::AddVersion(add));
    assert_eq!(
        store.state.apply(1, &put).outcome,
        Err(Rejection::Quota {
            stored: limits::STORE - 8,
            limit: limits::STORE
        })
    );
    let room = plain(destroy(Kind::Secret, "db", 3));
    store.state.apply(2, &room).outcome.unwrap();
    assert!(
        store.state.apply(3, &put).outcome.is_err(),
        "98 bytes are not 100"
    );
    let room = plain(destroy(Kind::Secret, "db", 1));
    store.state.apply(4, &room).outcome.unwrap();
    store.state.apply(5, &put).outcome.unwrap();
}

fn labels_of(store: &Durable) -> Labels {
    let id = store.id(Kind::Secret, "db");
    store.state.object(id).unwrap().labels.clone()
}

fn update(add: &Labels, remove: &[&str]) -> Change {
    Change::UpdateLabels {
        kind: Kind::Secret,
        namespace: default(),
        name: name("db"),
        add: add.clone(),
        remove: remove
            .iter()
            .map(|key| LabelKey::parse(key).unwrap())
            .collect(),
    }
}

fn plain(change: Change) -> strongroom_state::Command {
    strongroom_state::Command {
        request: None,
        time: strongroom_model::Timestamp::default(),
        change,
    }
}
