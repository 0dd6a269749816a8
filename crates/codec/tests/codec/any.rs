//! Any value of each kind.

use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
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

pub(crate) fn command() -> impl Strategy<Value = Command> {
    let request = option::of(any::<[u8; 16]>().prop_map(RequestId::from_bytes));
    (request, time(), change()).prop_map(|(request, time, change)| Command {
        request,
        time,
        change,
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        add_version(),
        (object_name(), labels(), vec(label_key(), 0..4)).prop_map(
            |((kind, namespace, name), add, remove)| Change::UpdateLabels {
                kind,
                namespace,
                name,
                add,
                remove
            }
        ),
        object_name().prop_map(|(kind, namespace, name)| Change::RemoveObject {
            kind,
            namespace,
            name
        }),
        (object_name(), version()).prop_map(|((kind, namespace, name), version)| {
            Change::RemoveVersion {
                kind,
                namespace,
                name,
                version,
            }
        }),
        (object_name(), version()).prop_map(|((kind, namespace, name), version)| {
            Change::DestroyVersion {
                kind,
                namespace,
                name,
                version,
            }
        }),
        (
            service_id(),
            namespace(),
            name(),
            labels(),
            vec((kind(), requested()), 0..4)
        )
            .prop_map(
                |(id, namespace, name, labels, references)| Change::CreateService {
                    id,
                    namespace,
                    name,
                    labels,
                    references
                }
            ),
        (namespace(), name())
            .prop_map(|(namespace, name)| Change::RemoveService { namespace, name }),
        (task_id(), node(), container(), service_id(), revision()).prop_map(
            |(id, node, container, service, revision)| Change::AttachTask {
                id,
                node,
                container,
                service,
                revision
            }
        ),
        (node(), container()).prop_map(|(node, container)| Change::DetachTask { node, container }),
        (node(), btree_set(container(), 0..6))
            .prop_map(|(node, containers)| Change::KeepTasks { node, containers }),
    ]
}

fn add_version() -> impl Strategy<Value = Change> {
    let intent = prop_oneof![
        Just(Intent::Create),
        Just(Intent::Put),
        Just(Intent::PutNew)
    ];
    let expected = (object_id(), version(), option::of(any::<u64>()));
    let content = (digest(), size(), bytes(), bytes());
    (
        intent,
        object_name(),
        expected,
        option::of(labels()),
        content,
    )
        .prop_map(
            |(intent, (kind, namespace, name), (object, version, if_version), labels, content)| {
                let (digest, size, wrapped_data_key, record) = content;
                Change::AddVersion(AddVersion {
                    intent,
                    kind,
                    namespace,
                    name,
                    object,
                    version,
                    labels,
                    if_version,
                    digest,
                    size,
                    payload: EncryptedPayload {
                        wrapped_data_key,
                        record,
                    },
                })
            },
        )
}

pub(crate) fn record() -> impl Strategy<Value = Record> {
    prop_oneof![
        object(),
        object_version(),
        retired_name(),
        service(),
        task(),
        request(),
        time().prop_map(Record::Clock),
    ]
}

fn object() -> impl Strategy<Value = Record> {
    let times = (time(), time());
    (object_id(), object_name(), labels(), version(), times).prop_map(
        |(id, (kind, namespace, name), labels, last_version, (created, updated))| {
            Record::Object(Object {
                id,
                kind,
                namespace,
                name,
                labels,
                last_version,
                created,
                updated,
            })
        },
    )
}

fn retired_name() -> impl Strategy<Value = Record> {
    (object_id(), object_name(), version()).prop_map(
        |(object, (kind, namespace, name), last_version)| {
            Record::RetiredName(RetiredName {
                object,
                kind,
                namespace,
                name: name.folded(),
                last_version,
            })
        },
    )
}

fn service() -> impl Strategy<Value = Record> {
    let (names, times) = ((namespace(), name()), (time(), time()));
    (service_id(), names, labels(), files(), revision(), times).prop_map(
        |(id, (namespace, name), labels, files, revision, (created, updated))| {
            Record::Service(Service {
                id,
                namespace,
                name,
                labels,
                files,
                revision,
                created,
                updated,
            })
        },
    )
}

fn task() -> impl Strategy<Value = Record> {
    let place = (node(), container());
    (task_id(), service_id(), revision(), place, time()).prop_map(
        |(id, service, revision, (node, container), created)| {
            Record::Task(Task {
                id,
                service,
                revision,
                node,
                container,
                created,
            })
        },
    )
}

fn request() -> impl Strategy<Value = Record> {
    (any::<[u8; 16]>(), any::<u64>(), time(), response()).prop_map(|(id, index, time, response)| {
        Record::Request(RememberedRequest {
            id: RequestId::from_bytes(id),
            index,
            time,
            response,
        })
    })
}

fn object_version() -> impl Strategy<Value = Record> {
    let state = prop_oneof![
        Just(VersionState::Enabled),
        Just(VersionState::Destroying),
        Just(VersionState::Destroyed)
    ];
    (
        object_id(),
        version(),
        state,
        option::of(digest()),
        size(),
        (any::<u32>(), time()),
    )
        .prop_map(|(object, number, state, digest, size, (stored, created))| {
            Record::Version(ObjectVersion {
                object,
                number,
                state,
                digest,
                size,
                stored,
                created,
            })
        })
}

fn response() -> impl Strategy<Value = Response> {
    prop_oneof![
        Just(Response::Done),
        (object_id(), version(), any::<bool>()).prop_map(|(object, version, added)| {
            Response::Version {
                object,
                version,
                added,
            }
        }),
        service_id().prop_map(Response::Service),
        task_id().prop_map(Response::Task),
    ]
}

pub(crate) fn key_file() -> impl Strategy<Value = KeyFile> {
    let parts = (
        any::<[u8; 16]>(),
        any::<u64>(),
        vec(slot(), 0..4),
        bytes(),
        bytes(),
    );
    parts.prop_map(
        |(cluster, member, slots, wrapped_keyring, wrapped_storage_key)| KeyFile {
            cluster: ClusterId::from_bytes(cluster),
            member: MemberId(member),
            slots,
            wrapped_keyring,
            wrapped_storage_key,
        },
    )
}

fn slot() -> impl Strategy<Value = Slot> {
    let params =
        (65_536u32..=4_194_304, 3u32..=64, 4u32..=64).prop_map(|(memory_kib, passes, lanes)| {
            PassphraseParams::new(memory_kib, passes, lanes).unwrap()
        });
    prop_oneof![
        (any::<[u8; 32]>(), params, bytes()).prop_map(|(salt, params, wrapped)| Slot::Passphrase {
            salt,
            params,
            wrapped
        }),
        (any::<[u8; 32]>(), bytes()).prop_map(|(salt, wrapped)| Slot::KeyFile { salt, wrapped }),
    ]
}

fn object_name() -> impl Strategy<Value = (Kind, Namespace, Name)> {
    (kind(), namespace(), name())
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![Just(Kind::Secret), Just(Kind::Config)]
}

fn name() -> impl Strategy<Value = Name> {
    "[a-zA-Z0-9]([a-zA-Z0-9._-]{0,62}[a-zA-Z0-9])?".prop_map(|text| Name::parse(&text).unwrap())
}

fn namespace() -> impl Strategy<Value = Namespace> {
    name().prop_map(|name| Namespace::parse(name.as_str()).unwrap())
}

fn labels() -> impl Strategy<Value = Labels> {
    btree_map("[a-z./ü]{1,20}", "\\PC{0,20}", 0..5)
        .prop_map(|labels| Labels::parse(labels).unwrap())
}

fn label_key() -> impl Strategy<Value = LabelKey> {
    "[a-z./ü]{1,20}".prop_map(|text| LabelKey::parse(&text).unwrap())
}

fn requested() -> impl Strategy<Value = RequestedReference> {
    let wanted = option::of(version());
    (name(), wanted, target(), owner()).prop_map(|(source, version, target, (uid, gid, mode))| {
        RequestedReference {
            source,
            version: version.map_or(VersionRequest::Latest, VersionRequest::Number),
            target: Target::parse(&target).unwrap(),
            uid,
            gid,
            mode,
        }
    })
}

/// Each below a directory of its own, so that none stands in another's way.
fn files() -> impl Strategy<Value = ServiceFiles> {
    let reference = (kind(), object_id(), name(), version(), target(), owner());
    vec(reference, 0..5).prop_map(|references| {
        let references = references.into_iter().enumerate();
        let references =
            references.map(|(place, (kind, object, source, version, target, owner))| {
                let target = match target.strip_prefix('/') {
                    Some(rest) => format!("/{place}/{rest}"),
                    None => format!("{place}/{target}"),
                };
                let target = Target::parse(&target).unwrap();
                let (uid, gid, mode) = owner;
                Reference {
                    kind,
                    object,
                    source,
                    version,
                    target,
                    uid,
                    gid,
                    mode,
                }
            });
        ServiceFiles::new(references.collect()).unwrap()
    })
}

fn target() -> impl Strategy<Value = String> {
    "/?[a-zA-Z0-9ü_-]{1,20}(/[a-z.]{0,20}x){0,3}"
}

fn owner() -> impl Strategy<Value = (Uid, Gid, FileMode)> {
    (0..u32::MAX, 0..u32::MAX, 0u32..=0o777).prop_map(|(uid, gid, mode)| {
        (
            Uid::new(uid).unwrap(),
            Gid::new(gid).unwrap(),
            FileMode::new(mode).unwrap(),
        )
    })
}

fn node() -> impl Strategy<Value = NodeName> {
    "[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?(\\.[a-z0-9]{1,10}){0,3}"
        .prop_map(|text| NodeName::parse(&text).unwrap())
}

fn container() -> impl Strategy<Value = ContainerId> {
    "[a-zA-Z0-9+_.-]{1,64}".prop_map(|text| ContainerId::parse(&text).unwrap())
}

fn object_id() -> impl Strategy<Value = ObjectId> {
    any::<[u8; 16]>().prop_map(ObjectId::from_bytes)
}

fn service_id() -> impl Strategy<Value = ServiceId> {
    any::<[u8; 16]>().prop_map(ServiceId::from_bytes)
}

fn task_id() -> impl Strategy<Value = TaskId> {
    any::<[u8; 16]>().prop_map(TaskId::from_bytes)
}

fn version() -> impl Strategy<Value = Version> {
    (1..=u64::MAX).prop_map(|number| Version::new(number).unwrap())
}

fn revision() -> impl Strategy<Value = Revision> {
    (1..=u64::MAX).prop_map(|number| Revision::new(number).unwrap())
}

fn time() -> impl Strategy<Value = Timestamp> {
    any::<u64>().prop_map(Timestamp::from_millis)
}

fn size() -> impl Strategy<Value = PayloadSize> {
    (1usize..=1_048_576).prop_map(|length| PayloadSize::new(Kind::Secret, length).unwrap())
}

fn digest() -> impl Strategy<Value = Digest> {
    any::<[u8; 32]>().prop_map(Digest)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    vec(any::<u8>(), 0..100)
}
