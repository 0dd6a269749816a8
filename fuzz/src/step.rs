//! Eight bytes as a command: few names and few ids, so that commands meet.

use crate::Choices;
use strongroom_model::{
    ContainerId, FileMode, Gid, Kind, LabelKey, Labels, Name, Namespace, NodeName, ObjectId,
    PayloadSize, RequestId, RequestedReference, Revision, ServiceId, Target, TaskId, Timestamp,
    Uid, Version, VersionRequest,
};
use strongroom_state::{AddVersion, Change, Command, Digest, EncryptedPayload, Intent, State};

/// Bytes of one command.
pub const STEP: usize = 8;

const KINDS: [Kind; 2] = [Kind::Secret, Kind::Config];
const INTENTS: [Intent; 3] = [Intent::Put, Intent::Create, Intent::PutNew];
const NAMESPACES: [&str; 2] = ["default", "blue"];
const NODES: [&str; 2] = ["one", "two.example"];
const CONTAINERS: [&str; 3] = ["c1", "c2", "c3"];
const TARGETS: [&str; 6] = [
    "file",
    "dir/file",
    "/dir",
    "/run/secrets",
    "/run/secrets/db",
    "/etc/app",
];

/// The command that the bytes are, proposed by a leader who knows `state`.
///
/// In order: the kind of the change; the name; the request (0: none), the time in minutes; then what the change needs.
#[must_use]
pub fn command(bytes: [u8; STEP], state: &State) -> Command {
    let mut choices = Choices(&bytes);
    let change = choices.byte();
    let at = Place::of(choices.byte());
    let request = choices.byte() % 8;
    let minutes = u64::from(choices.byte());
    Command {
        request: (request > 0).then(|| RequestId::from_bytes([request; 16])),
        time: Timestamp::from_millis(if minutes == 255 {
            u64::MAX
        } else {
            minutes * 60_000
        }),
        change: match change % 12 {
            0..=2 => add_version(at, INTENTS[usize::from(change % 12)], &mut choices, state),
            3 => update_labels(at, &mut choices),
            4 => at.remove_object(),
            5 => at.remove_version(version(choices.byte())),
            6 => at.destroy_version(version(choices.byte())),
            7 => create_service(at, &mut choices),
            8 => Change::RemoveService {
                namespace: at.namespace,
                name: at.name,
            },
            9 => attach_task(&mut choices),
            10 => Change::DetachTask {
                node: node(&mut choices),
                container: container(*choices.of(&CONTAINERS)),
            },
            _ => keep_tasks(&mut choices),
        },
    }
}

/// A kind and a name in a namespace.
struct Place {
    kind: Kind,
    namespace: Namespace,
    name: Name,
}

impl Place {
    fn of(byte: u8) -> Self {
        let namespace = NAMESPACES[usize::from(byte >> 1 & 1)];
        Self {
            kind: KINDS[usize::from(byte & 1)],
            namespace: Namespace::parse(namespace).expect("a good namespace"),
            name: name(byte >> 2),
        }
    }

    fn remove_object(self) -> Change {
        Change::RemoveObject {
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
        }
    }

    fn remove_version(self, version: Version) -> Change {
        Change::RemoveVersion {
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
            version,
        }
    }

    fn destroy_version(self, version: Version) -> Change {
        Change::DestroyVersion {
            kind: self.kind,
            namespace: self.namespace,
            name: self.name,
            version,
        }
    }
}

/// Two names that differ in case only, one of its own, and one that is an object's or a service's id.
fn name(byte: u8) -> Name {
    let id = match byte % 4 {
        0 => "db".to_owned(),
        1 => "DB".to_owned(),
        2 => "tls.key".to_owned(),
        _ => ObjectId::from_bytes([byte / 4 % 4; 16]).to_string(),
    };
    Name::parse(&id).expect("a good name")
}

/// 1 to 4.
fn version(byte: u8) -> Version {
    Version::new(u64::from(byte % 4) + 1).expect("at least 1")
}

/// The object's id and the version as a leader expects them, unless the bytes want others.
fn add_version(at: Place, intent: Intent, choices: &mut Choices<'_>, state: &State) -> Change {
    let (id, expectation, content, label) = (
        choices.byte(),
        choices.byte(),
        choices.byte(),
        choices.byte(),
    );
    let fresh = ObjectId::from_bytes([id % 8; 16]);
    let (object, next) = state.next_version(at.kind, &at.namespace, &at.name);
    let raced = expectation & 0x80 != 0;
    let size = usize::from(content) + 1;
    Change::AddVersion(AddVersion {
        intent,
        kind: at.kind,
        namespace: at.namespace,
        name: at.name,
        object: if raced {
            fresh
        } else {
            object.unwrap_or(fresh)
        },
        version: if raced { version(id) } else { next },
        labels: (label > 0).then(|| labels(label)),
        if_version: (expectation & 0x40 != 0).then(|| u64::from(expectation % 4)),
        digest: Digest([content; 32]),
        size: PayloadSize::new(at.kind, size).expect("1 to 256"),
        payload: EncryptedPayload {
            wrapped_data_key: vec![1; 3],
            record: vec![2; size],
        },
    })
}

fn labels(byte: u8) -> Labels {
    let all = [
        ("env", "live"),
        ("env", "test"),
        ("owner", ""),
        ("team", "blue"),
    ];
    let chosen = (0..).zip(all).filter(|(bit, _)| byte >> bit & 1 == 1);
    Labels::parse(chosen.map(|(_, label)| label)).expect("few and short")
}

fn update_labels(at: Place, choices: &mut Choices<'_>) -> Change {
    let (add, remove) = (choices.byte(), choices.byte());
    let removed = labels(remove);
    Change::UpdateLabels {
        kind: at.kind,
        namespace: at.namespace,
        name: at.name,
        add: labels(add),
        remove: removed
            .iter()
            .map(|(key, _)| LabelKey::parse(key).expect("a label's key"))
            .collect(),
    }
}

/// Up to three references, and an id that may be taken.
fn create_service(at: Place, choices: &mut Choices<'_>) -> Change {
    let id = choices.byte();
    let references = (0..3).map(|_| choices.byte()).filter(|byte| *byte > 0);
    Change::CreateService {
        id: ServiceId::from_bytes([id % 4; 16]),
        namespace: at.namespace,
        name: at.name,
        labels: labels(id >> 4),
        references: references.map(reference).collect(),
    }
}

fn reference(byte: u8) -> (Kind, RequestedReference) {
    let version = match byte >> 3 & 3 {
        0 => VersionRequest::Latest,
        number => VersionRequest::Number(version(number - 1)),
    };
    let requested = RequestedReference {
        source: name(byte >> 1 & 3),
        version,
        target: Target::parse(TARGETS[usize::from(byte >> 5) % TARGETS.len()])
            .expect("a good target"),
        uid: Uid::default(),
        gid: Gid::default(),
        mode: FileMode::default(),
    };
    (KINDS[usize::from(byte & 1)], requested)
}

fn attach_task(choices: &mut Choices<'_>) -> Change {
    let (node, container) = (node(choices), container(*choices.of(&CONTAINERS)));
    let (ids, revision) = (choices.byte(), choices.byte());
    Change::AttachTask {
        id: TaskId::from_bytes([ids % 8; 16]),
        node,
        container,
        service: ServiceId::from_bytes([ids >> 4 & 3; 16]),
        revision: Revision::new(u64::from(revision % 2) + 1).expect("at least 1"),
    }
}

fn keep_tasks(choices: &mut Choices<'_>) -> Change {
    let (node, kept) = (node(choices), choices.byte());
    let kept = (0..)
        .zip(CONTAINERS)
        .filter(|(bit, _)| kept >> bit & 1 == 1);
    Change::KeepTasks {
        node,
        containers: kept.map(|(_, id)| container(id)).collect(),
    }
}

fn node(choices: &mut Choices<'_>) -> NodeName {
    NodeName::parse(choices.of::<&str>(&NODES)).expect("a good node")
}

fn container(id: &str) -> ContainerId {
    ContainerId::parse(id).expect("a good container")
}
