//! The assignments by every kind of message, and by what may go wrong between two of them.

use super::*;
use strongroom_crypto::{SealedDataKey, SystemRandom};
use strongroom_model::{
    ClusterId, FileMode, Gid, Kind, ObjectId, PayloadSize, Revision, Target, Uid, Version,
};
use strongroom_tree::File;

fn content_id(number: u8) -> ContentId {
    ContentId {
        object: ObjectId::from_bytes([number; 16]),
        version: Version::FIRST,
    }
}

fn content(number: u8) -> Content {
    Content {
        id: content_id(number),
        cluster: ClusterId::from_bytes([0; 16]),
        kind: Kind::Secret,
        namespace: Namespace::default(),
        size: PayloadSize::new(Kind::Secret, 1).unwrap(),
        record: vec![number; 10],
        data_key: SealedDataKey {
            encapsulated_key: [0; 32],
            ciphertext: Vec::new(),
        },
        session: Arc::new(SessionSecret::generate(&mut SystemRandom).unwrap()),
    }
}

fn service(number: u8, name: &str, contents: &[u8]) -> Service {
    let file = |content: &u8| File {
        kind: Kind::Secret,
        target: Target::parse(&format!("f{content}")).unwrap(),
        content: content_id(*content),
        size: PayloadSize::new(Kind::Secret, 1).unwrap(),
        uid: Uid::default(),
        gid: Gid::default(),
        mode: FileMode::default(),
    };
    Service {
        id: ServiceId::from_bytes([number; 16]),
        namespace: Namespace::default(),
        name: Name::parse(name).unwrap(),
        revision: Revision::FIRST,
        files: contents.iter().map(file).collect(),
    }
}

fn update(applies_to: u64, changes: Vec<Change>) -> Update {
    Update {
        applies_to,
        results_in: applies_to + 1,
        start: false,
        complete: false,
        changes,
    }
}

fn whole(results_in: u64, changes: Vec<Change>) -> Update {
    Update {
        results_in,
        start: true,
        complete: true,
        ..update(0, changes)
    }
}

fn finds(assignments: &Assignments, name: &str) -> bool {
    let name = Name::parse(name).unwrap();
    assignments.find(&Namespace::default(), &name).is_some()
}

fn web() -> Vec<Change> {
    vec![
        Change::PutService(service(1, "web", &[7])),
        Change::PutContent(content(7)),
    ]
}

#[test]
fn nothing_is_found_before_everything_has_come() {
    let mut assignments = Assignments::default();
    let start = Update {
        complete: false,
        ..whole(5, web())
    };
    assignments.apply(start).unwrap();
    assert!(!assignments.is_ready() && !finds(&assignments, "web"));
    let rest = Update {
        complete: true,
        ..update(5, vec![Change::PutService(service(2, "db", &[]))])
    };
    assignments.apply(rest).unwrap();
    assert!(assignments.is_ready() && finds(&assignments, "web") && finds(&assignments, "db"));
}

#[test]
fn a_service_is_found_by_its_name_in_any_case_with_its_own_contents_only() {
    let mut assignments = Assignments::default();
    let mut changes = web();
    changes.push(Change::PutContent(content(8)));
    assignments.apply(whole(1, changes)).unwrap();
    let name = Name::parse("WEB").unwrap();
    let found = assignments.find(&Namespace::default(), &name).unwrap();
    let contents: Vec<ContentId> = found.contents.0.keys().copied().collect();
    assert_eq!(contents, [content_id(7)]);
    assert!(!finds(&assignments, "other"));
}

#[test]
fn a_service_waits_for_its_contents() {
    let mut assignments = Assignments::default();
    let service = Change::PutService(service(1, "web", &[7]));
    assignments.apply(whole(1, vec![service])).unwrap();
    assert!(!finds(&assignments, "web"));
    assignments
        .apply(update(1, vec![Change::PutContent(content(7))]))
        .unwrap();
    assert!(finds(&assignments, "web"));
    assignments
        .apply(update(2, vec![Change::RemoveContent(content_id(7))]))
        .unwrap();
    assert!(!finds(&assignments, "web"));
}

#[test]
fn a_lost_message_asks_for_everything_and_forgets_nothing() {
    let mut assignments = Assignments::default();
    assignments.apply(whole(1, web())).unwrap();
    let late = update(
        2,
        vec![Change::RemoveService(ServiceId::from_bytes([1; 16]))],
    );
    assert_eq!(assignments.apply(late), Err(UpdateError::Gap));
    assert!(finds(&assignments, "web"));
    // Not even what would have applied is taken now.
    assert_eq!(
        assignments.apply(update(1, Vec::new())),
        Err(UpdateError::Gap)
    );
    assignments.apply(whole(9, Vec::new())).unwrap();
    assert!(assignments.is_ready() && !finds(&assignments, "web"));
}

#[test]
fn a_stream_without_a_start_is_refused() {
    let mut assignments = Assignments::default();
    assert_eq!(assignments.apply(update(0, web())), Err(UpdateError::Gap));
    assert!(!assignments.is_ready());
}

#[test]
fn a_version_that_comes_again_keeps_what_containers_hold() {
    let mut assignments = Assignments::default();
    assignments.apply(whole(1, web())).unwrap();
    let held = |assignments: &Assignments| {
        let name = Name::parse("web").unwrap();
        let found = assignments.find(&Namespace::default(), &name).unwrap();
        Arc::clone(&found.contents.0[&content_id(7)])
    };
    let before = held(&assignments);
    assignments.apply(whole(4, web())).unwrap();
    assert!(Arc::ptr_eq(&before, &held(&assignments)));
}

#[test]
fn a_name_that_was_created_again_survives_the_removal_of_its_predecessor() {
    let mut assignments = Assignments::default();
    assignments.apply(whole(1, web())).unwrap();
    let changes = vec![
        Change::PutService(service(2, "Web", &[])),
        Change::RemoveService(ServiceId::from_bytes([1; 16])),
    ];
    assignments.apply(update(1, changes)).unwrap();
    let name = Name::parse("web").unwrap();
    let found = assignments.find(&Namespace::default(), &name).unwrap();
    assert_eq!(found.service.id, ServiceId::from_bytes([2; 16]));
}

#[test]
fn a_node_holds_a_bounded_number_of_services() {
    let mut assignments = Assignments::default();
    let many = (0..=limits::SERVICES).map(|number| {
        let mut service = service(0, &format!("s{number}"), &[]);
        let mut id = [0; 16];
        id[..8].copy_from_slice(&(number as u64).to_be_bytes());
        service.id = ServiceId::from_bytes(id);
        Change::PutService(service)
    });
    let refused = assignments.apply(whole(1, many.collect()));
    assert_eq!(refused, Err(UpdateError::TooMany("services")));
    assert!(!assignments.is_ready());
}
