//! One value of each kind, as the golden files have them.

use std::collections::BTreeSet;
use strongroom_crypto::{KeyFile, PassphraseParams, Slot};
use strongroom_model::{
    ClusterId, ContainerId, FileMode, Gid, Kind, LabelKey, Labels, MemberId, Name, Namespace,
    NodeName, ObjectId, PayloadSize, Reference, RequestId, RequestedReference, Revision,
    ServiceFiles, ServiceId, Target, TaskId, Timestamp, Uid, Version, VersionRequest, VersionState,
};
use strongroom_state::{
    AddVersion, Change, Command, Digest, EncryptedPayload, Intent, Object, ObjectVersion, Record,
    RememberedRequest, Response, RetiredName, Service, Task,
};

/// Every kind of command, and every intent of a write.
pub(crate) fn commands() -> Vec<(&'static str, Command)> {
    let object = || (Kind::Config, namespace("team-a"), name("App.json"));
    let changes = [
        ("command-create", create()),
        ("command-put", put()),
        ("command-put-new", put_new()),
        ("command-update-labels", update_labels()),
        ("command-remove-object", {
            let (kind, namespace, name) = object();
            Change::RemoveObject {
                kind,
                namespace,
                name,
            }
        }),
        ("command-remove-version", {
            let (kind, namespace, name) = object();
            Change::RemoveVersion {
                kind,
                namespace,
                name,
                version: version(7),
            }
        }),
        ("command-destroy-version", {
            let (kind, namespace, name) = object();
            Change::DestroyVersion {
                kind,
                namespace,
                name,
                version: version(300),
            }
        }),
        ("command-create-service", create_service()),
        (
            "command-remove-service",
            Change::RemoveService {
                namespace: namespace("default"),
                name: name("Web"),
            },
        ),
        (
            "command-attach-task",
            Change::AttachTask {
                id: TaskId::from_bytes(ascending(0x70)),
                node: node(),
                container: container("c0ffee"),
                service: ServiceId::from_bytes(ascending(0x50)),
                revision: revision(2),
            },
        ),
        (
            "command-detach-task",
            Change::DetachTask {
                node: node(),
                container: container("c0ffee"),
            },
        ),
        (
            "command-keep-tasks",
            Change::KeepTasks {
                node: node(),
                containers: BTreeSet::from([container("a"), container("B+1"), container("c_2")]),
            },
        ),
    ];
    changes.map(|(file, change)| (file, command(change))).into()
}

/// Every kind of record, and every response that is remembered.
pub(crate) fn records() -> Vec<(&'static str, Record)> {
    let mut records = vec![
        ("record-object", Record::Object(object())),
        ("record-version", Record::Version(object_version())),
        (
            "record-version-destroyed",
            Record::Version(ObjectVersion {
                state: VersionState::Destroyed,
                digest: None,
                ..object_version()
            }),
        ),
        (
            "record-retired-name",
            Record::RetiredName(RetiredName {
                object: object_id(),
                kind: Kind::Secret,
                namespace: namespace("default"),
                name: name("Db-Password").folded(),
                last_version: version(12),
            }),
        ),
        ("record-service", Record::Service(service())),
        (
            "record-task",
            Record::Task(Task {
                id: TaskId::from_bytes(ascending(0x70)),
                service: ServiceId::from_bytes(ascending(0x50)),
                revision: revision(2),
                node: node(),
                container: container("c0ffee"),
                created: time(),
            }),
        ),
        ("record-clock", Record::Clock(time())),
    ];
    records.extend([
        ("record-request-done", request(Response::Done)),
        (
            "record-request-version",
            request(Response::Version {
                object: object_id(),
                version: version(3),
                added: true,
            }),
        ),
        (
            "record-request-service",
            request(Response::Service(ServiceId::from_bytes(ascending(0x50)))),
        ),
        (
            "record-request-task",
            request(Response::Task(TaskId::from_bytes(ascending(0x70)))),
        ),
    ]);
    records
}

/// With a slot of each kind.
pub(crate) fn key_file() -> KeyFile {
    KeyFile {
        cluster: ClusterId::from_bytes(ascending(0)),
        member: MemberId(0x0123_4567_89ab_cdef),
        slots: vec![
            Slot::Passphrase {
                salt: long(0x80),
                params: PassphraseParams::new(256 * 1024, 4, 4).unwrap(),
                wrapped: long::<32>(0x20).to_vec(),
            },
            Slot::KeyFile {
                salt: long(0xc0),
                wrapped: long::<32>(0x40).to_vec(),
            },
        ],
        wrapped_keyring: long::<48>(0x60).to_vec(),
        wrapped_storage_key: long::<40>(0xa0).to_vec(),
    }
}

fn command(change: Change) -> Command {
    // The agent's commands are repeated as they are and carry no request.
    let agents = matches!(
        change,
        Change::AttachTask { .. } | Change::DetachTask { .. } | Change::KeepTasks { .. }
    );
    Command {
        request: (!agents).then(|| RequestId::from_bytes(ascending(0xe0))),
        time: time(),
        change,
    }
}

fn create() -> Change {
    Change::AddVersion(AddVersion {
        intent: Intent::Create,
        kind: Kind::Secret,
        namespace: namespace("default"),
        name: name("Db-Password"),
        object: object_id(),
        version: Version::FIRST,
        labels: Some(labels()),
        if_version: Some(0),
        digest: Digest(long(0x30)),
        size: PayloadSize::new(Kind::Secret, 1_048_576).unwrap(),
        payload: EncryptedPayload {
            wrapped_data_key: long::<24>(0x90).to_vec(),
            record: long::<40>(0xb0).to_vec(),
        },
    })
}

/// Takes all labels away.
fn put() -> Change {
    match create() {
        Change::AddVersion(add) => Change::AddVersion(AddVersion {
            intent: Intent::Put,
            kind: Kind::Config,
            version: version(2),
            labels: Some(Labels::default()),
            if_version: Some(1),
            ..add
        }),
        other => other,
    }
}

/// Leaves the labels.
fn put_new() -> Change {
    match create() {
        Change::AddVersion(add) => Change::AddVersion(AddVersion {
            intent: Intent::PutNew,
            version: version(u64::MAX),
            labels: None,
            if_version: None,
            ..add
        }),
        other => other,
    }
}

fn update_labels() -> Change {
    let key = |text| LabelKey::parse(text).unwrap();
    Change::UpdateLabels {
        kind: Kind::Secret,
        namespace: namespace("default"),
        name: name("Db-Password"),
        add: labels(),
        remove: vec![key("z"), key("a"), key("z")],
    }
}

fn create_service() -> Change {
    let requested = |source, target, version| RequestedReference {
        source: name(source),
        version,
        target: Target::parse(target).unwrap(),
        uid: Uid::new(1000).unwrap(),
        gid: Gid::new(0).unwrap(),
        mode: FileMode::new(0o440).unwrap(),
    };
    Change::CreateService {
        id: ServiceId::from_bytes(ascending(0x50)),
        namespace: namespace("default"),
        name: name("Web"),
        labels: labels(),
        references: vec![
            (
                Kind::Secret,
                requested("Db-Password", "db/password", VersionRequest::Latest),
            ),
            (
                Kind::Config,
                requested(
                    "App.json",
                    "/etc/ä.json",
                    VersionRequest::Number(version(3)),
                ),
            ),
        ],
    }
}

fn object() -> Object {
    Object {
        id: object_id(),
        kind: Kind::Secret,
        namespace: namespace("default"),
        name: name("Db-Password"),
        labels: labels(),
        last_version: version(12),
        created: time(),
        updated: Timestamp::from_millis(time().as_millis() + 1),
    }
}

fn object_version() -> ObjectVersion {
    ObjectVersion {
        object: object_id(),
        number: version(12),
        state: VersionState::Enabled,
        digest: Some(Digest(long(0x30))),
        size: PayloadSize::new(Kind::Secret, 16).unwrap(),
        stored: 464,
        created: time(),
    }
}

fn service() -> Service {
    let reference = |kind, source, target, mode| Reference {
        kind,
        object: object_id(),
        source: name(source),
        version: version(3),
        target: Target::parse(target).unwrap(),
        uid: Uid::new(u32::MAX - 1).unwrap(),
        gid: Gid::new(0).unwrap(),
        mode: FileMode::new(mode).unwrap(),
    };
    let references = vec![
        reference(Kind::Secret, "Db-Password", "db/password", 0o400),
        reference(Kind::Config, "App.json", "/etc/ä.json", 0),
    ];
    Service {
        id: ServiceId::from_bytes(ascending(0x50)),
        namespace: namespace("default"),
        name: name("Web"),
        labels: labels(),
        files: ServiceFiles::new(references).unwrap(),
        revision: revision(1),
        created: time(),
        updated: time(),
    }
}

fn request(response: Response) -> Record {
    Record::Request(RememberedRequest {
        id: RequestId::from_bytes(ascending(0xe0)),
        index: 1 << 40,
        time: time(),
        response,
    })
}

fn labels() -> Labels {
    Labels::parse([("env", "prod"), ("empty", ""), ("owner", "ops ü")]).unwrap()
}

fn object_id() -> ObjectId {
    ObjectId::from_bytes(ascending(0xa0))
}

fn time() -> Timestamp {
    Timestamp::from_millis(1_767_225_600_123)
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn namespace(text: &str) -> Namespace {
    Namespace::parse(text).unwrap()
}

fn node() -> NodeName {
    NodeName::parse("node-1.example").unwrap()
}

fn container(text: &str) -> ContainerId {
    ContainerId::parse(text).unwrap()
}

fn version(number: u64) -> Version {
    Version::new(number).unwrap()
}

fn revision(number: u64) -> Revision {
    Revision::new(number).unwrap()
}

fn ascending(first: u8) -> [u8; 16] {
    long(first)
}

fn long<const N: usize>(first: u8) -> [u8; N] {
    let mut byte = first;
    [(); N].map(|()| {
        byte = byte.wrapping_add(1);
        byte.wrapping_sub(1)
    })
}
