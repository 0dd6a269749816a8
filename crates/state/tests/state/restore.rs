//! What does not fit together is not a state.

use crate::durable::{Durable, remove, version};
use crate::tasks::attach;
use strongroom_model::{Kind, ObjectId, ServiceId, TaskId, Timestamp, VersionState};
use strongroom_state::{Inconsistency, Record, RecordKey, State};

/// A store with a record of every kind.
fn store() -> Durable {
    let mut store = Durable::default();
    store.now = 1_000;
    store.put("gone", 1).unwrap();
    store.apply(remove(Kind::Secret, "gone")).unwrap();
    store.put("db", 1).unwrap();
    store.put("db", 2).unwrap();
    let web = store.service("web", &["db@1"]).unwrap();
    let task = attach(&mut store, web, "node", "c1");
    store.request(1, task).unwrap();
    store
}

/// The records with one kind of them changed, and what comes of restoring them.
fn restored(change: impl Fn(&mut Record)) -> Result<(), Inconsistency> {
    let records = store().disk.into_values().map(|mut record| {
        change(&mut record);
        record
    });
    State::restore(records)
        .map(drop)
        .map_err(|error| error.inconsistency)
}

/// The records and one more, made of one of them.
fn extended(add: impl Fn(&Record) -> Option<Record>) -> Result<(), Inconsistency> {
    let records: Vec<Record> = store().disk.into_values().collect();
    let more: Vec<Record> = records.iter().filter_map(add).collect();
    assert_eq!(more.len(), 1, "the test adds one record");
    let all = records.into_iter().chain(more);
    State::restore(all)
        .map(drop)
        .map_err(|error| error.inconsistency)
}

#[test]
fn nothing_is_the_empty_state() {
    assert_eq!(State::restore([]), Ok(State::default()));
}

#[test]
fn records_fit_in_whatever_order_they_come() {
    let store = store();
    let backwards = store.disk.values().rev().cloned();
    assert_eq!(State::restore(backwards), Ok(store.state));
}

#[test]
fn no_kind_of_record_can_be_missing_unnoticed_where_another_one_needs_it() {
    for (gone, expected) in [
        ("object", Err(Inconsistency::Orphan)),
        ("version", Err(Inconsistency::NoVersion)),
        ("retired name", Ok(())),
        ("service", Err(Inconsistency::Orphan)),
        ("task", Ok(())),
        ("request", Ok(())),
        ("clock", Err(Inconsistency::Clock)),
    ] {
        let mut records: Vec<Record> = store().disk.into_values().collect();
        let before = records.len();
        records.retain(|record| !record.key().to_string().starts_with(gone));
        // A service would notice first that its version is gone.
        records.retain(|record| {
            gone != "version" || !matches!(record, Record::Service(_) | Record::Task(_))
        });
        assert!(records.len() < before);
        let restored = State::restore(records).map(drop);
        assert_eq!(
            restored.map_err(|error| error.inconsistency),
            expected,
            "{gone}"
        );
    }
}

#[test]
fn a_record_twice_is_refused() {
    let twice = |record: &Record| matches!(record, Record::Task(_)).then(|| record.clone());
    assert_eq!(extended(twice), Err(Inconsistency::Duplicate));
}

#[test]
fn a_name_twice_is_refused() {
    let object = extended(|record| match record {
        Record::Object(object) => {
            let id = ObjectId::from_bytes([1; 16]);
            Some(Record::Object(strongroom_state::Object {
                id,
                ..object.clone()
            }))
        }
        _ => None,
    });
    assert_eq!(object, Err(Inconsistency::NameTaken));
    let service = extended(|record| match record {
        Record::Service(service) => {
            let id = ServiceId::from_bytes([1; 16]);
            Some(Record::Service(strongroom_state::Service {
                id,
                ..service.clone()
            }))
        }
        _ => None,
    });
    assert_eq!(service, Err(Inconsistency::NameTaken));
    let task = extended(|record| match record {
        Record::Task(task) => {
            let id = TaskId::from_bytes([1; 16]);
            Some(Record::Task(strongroom_state::Task { id, ..task.clone() }))
        }
        _ => None,
    });
    assert_eq!(task, Err(Inconsistency::NameTaken));
}

#[test]
fn a_name_both_live_and_retired_is_refused() {
    let live = crate::durable::name("db").folded();
    let both = restored(|record| {
        if let Record::RetiredName(retired) = record {
            retired.name = live.clone();
        }
    });
    assert_eq!(both, Err(Inconsistency::NameTaken));
}

#[test]
fn a_number_that_was_never_given_out_is_refused() {
    let lower = restored(|record| {
        if let Record::Object(object) = record {
            object.last_version = version(1);
        }
    });
    assert_eq!(lower, Err(Inconsistency::NumberNotGiven));
}

#[test]
fn a_version_whose_state_and_bytes_disagree_is_refused() {
    let no_digest = restored(|record| {
        if let Record::Version(version) = record {
            version.digest = None;
        }
    });
    assert_eq!(no_digest, Err(Inconsistency::Bytes));
    let ended = restored(|record| {
        if let Record::Version(version) = record {
            version.state = VersionState::Destroying;
        }
    });
    assert_eq!(ended, Err(Inconsistency::Bytes));
}

#[test]
fn a_service_whose_version_was_destroyed_is_refused() {
    let destroyed = restored(|record| {
        if let Record::Version(version) = record {
            version.state = VersionState::Destroyed;
            version.digest = None;
            version.stored = 0;
        }
    });
    assert_eq!(destroyed, Err(Inconsistency::Unusable));
}

#[test]
fn a_service_with_a_secret_where_a_config_is_is_refused() {
    let config = restored(|record| {
        if let Record::Object(object) = record {
            object.kind = Kind::Config;
        }
    });
    assert_eq!(config, Err(Inconsistency::Unusable));
}

#[test]
fn a_change_after_the_states_own_time_is_refused() {
    let earlier = restored(|record| {
        if let Record::Clock(time) = record {
            *time = Timestamp::from_millis(999);
        }
    });
    assert_eq!(earlier, Err(Inconsistency::Clock));
}

#[test]
fn the_error_names_the_record_and_the_remedy() {
    let mut records: Vec<Record> = store().disk.into_values().collect();
    records.retain(|record| !matches!(record, Record::Service(_)));
    let error = State::restore(records).unwrap_err();
    assert!(matches!(error.key, RecordKey::Task(_)));
    let text = error.to_string();
    assert!(
        text.starts_with("the stored task ") && text.contains("backup"),
        "{text}"
    );
}
