//! Random commands over a universe so small that they meet.

use crate::durable::{
    Durable, default, destroy, labels, name, remove, remove_service, remove_version, version,
};
use crate::tasks::{container, node};
use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use std::collections::BTreeSet;
use strongroom_model::{
    Kind, LabelKey, Labels, ObjectId, RequestedReference, Revision, ServiceId, TaskId,
    VersionRequest,
};
use strongroom_state::{Change, Intent};

/// Two names, one of them in two cases.
pub(crate) const NAMES: [&str; 3] = ["a", "A", "b"];

/// A command before ids are drawn and expectations read, which needs a state.
#[derive(Clone, Debug)]
pub(crate) enum Step {
    Add {
        intent: Intent,
        kind: Kind,
        name: usize,
        content: u8,
        labels: Option<u8>,
        if_version: Option<u64>,
        stale: Stale,
    },
    Label {
        kind: Kind,
        name: usize,
        label: u8,
        remove: bool,
    },
    Remove(Kind, usize),
    RemoveVersion(Kind, usize, u64),
    Destroy(Kind, usize, u64),
    CreateService(usize, Vec<(Kind, usize, Option<u64>)>),
    RemoveService(usize),
    Attach(Option<usize>, u8, u8, u64),
    Detach(u8, u8),
    Keep(u8, BTreeSet<u8>),
}

/// What a leader got wrong because another write came between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stale {
    Nothing,
    Object,
    Number,
}

pub(crate) fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    vec(step(), 1..most)
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let kind = || prop_oneof![4 => Just(Kind::Secret), 1 => Just(Kind::Config)];
    let named = move || (kind(), 0..NAMES.len());
    prop_oneof![
        8 => add(),
        1 => (named(), 0..4u8, any::<bool>()).prop_map(|((kind, name), label, remove)| Step::Label {
            kind, name, label, remove,
        }),
        1 => named().prop_map(|(kind, name)| Step::Remove(kind, name)),
        2 => (named(), 1..6u64).prop_map(|((kind, name), n)| Step::RemoveVersion(kind, name, n)),
        2 => (named(), 1..6u64).prop_map(|((kind, name), n)| Step::Destroy(kind, name, n)),
        3 => (0..NAMES.len(), vec((kind(), 0..NAMES.len(), option::of(1..5u64)), 0..3))
            .prop_map(|(name, references)| Step::CreateService(name, references)),
        2 => (0..NAMES.len()).prop_map(Step::RemoveService),
        2 => (option::weighted(0.9, 0..NAMES.len()), 0..2u8, 0..3u8, 1..3u64)
            .prop_map(|(service, node, container, revision)| {
                Step::Attach(service, node, container, revision)
            }),
        2 => (0..2u8, 0..3u8).prop_map(|(node, container)| Step::Detach(node, container)),
        1 => (0..2u8, btree_set(0..3u8, 0..3)).prop_map(|(node, kept)| Step::Keep(node, kept)),
    ]
}

fn add() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![4 => Just(Kind::Secret), 1 => Just(Kind::Config)];
    let intent = prop_oneof![
        1 => Just(Intent::Create),
        3 => Just(Intent::Put),
        1 => Just(Intent::PutNew),
    ];
    let stale = prop_oneof![
        8 => Just(Stale::Nothing),
        1 => Just(Stale::Object),
        1 => Just(Stale::Number),
    ];
    (
        intent,
        kind,
        0..NAMES.len(),
        0..3u8,
        option::weighted(0.3, 0..3u8),
        option::weighted(0.2, 0..4u64),
        stale,
    )
        .prop_map(
            |(intent, kind, name, content, labels, if_version, stale)| Step::Add {
                intent,
                kind,
                name,
                content,
                labels,
                if_version,
                stale,
            },
        )
}

impl Step {
    /// The command that a leader makes of it.
    pub(crate) fn change(&self, store: &mut Durable) -> Change {
        match self {
            Self::Add { .. } => self.addition(store),
            Self::Label {
                kind,
                name,
                label,
                remove,
            } => Change::UpdateLabels {
                kind: *kind,
                namespace: default(),
                name: named(*name),
                add: if *remove {
                    Labels::default()
                } else {
                    label_set(*label)
                },
                remove: if *remove {
                    vec![LabelKey::parse(&label.to_string()).unwrap()]
                } else {
                    vec![]
                },
            },
            Self::Remove(kind, name) => remove(*kind, NAMES[*name]),
            Self::RemoveVersion(kind, name, number) => remove_version(*kind, NAMES[*name], *number),
            Self::Destroy(kind, name, number) => destroy(*kind, NAMES[*name], *number),
            Self::CreateService(name, references) => Change::CreateService {
                id: ServiceId::from_bytes(store.draw()),
                namespace: default(),
                name: named(*name),
                labels: Labels::default(),
                references: references.iter().map(reference).collect(),
            },
            Self::RemoveService(name) => remove_service(NAMES[*name]),
            Self::Attach(service, on, id, revision) => Change::AttachTask {
                id: TaskId::from_bytes(store.draw()),
                node: node(&on.to_string()),
                container: container(&id.to_string()),
                service: service
                    .and_then(|name| store.state.service_named(&default(), &named(name)))
                    .map_or_else(|| ServiceId::from_bytes([9; 16]), |service| service.id),
                revision: Revision::new(*revision).unwrap(),
            },
            Self::Detach(on, id) => Change::DetachTask {
                node: node(&on.to_string()),
                container: container(&id.to_string()),
            },
            Self::Keep(on, ids) => Change::KeepTasks {
                node: node(&on.to_string()),
                containers: ids.iter().map(|id| container(&id.to_string())).collect(),
            },
        }
    }

    fn addition(&self, store: &mut Durable) -> Change {
        let Self::Add {
            intent,
            kind,
            name,
            content,
            labels,
            if_version,
            stale,
        } = self
        else {
            panic!("{self:?} adds nothing");
        };
        let mut add = store.addition(*intent, *kind, NAMES[*name], *content);
        add.labels = labels.map(label_set);
        add.if_version = *if_version;
        match stale {
            Stale::Nothing => {}
            // Where the name does not exist, any fresh id is as good as the one that was drawn.
            Stale::Object if store.state.object(add.object).is_none() => {}
            Stale::Object => add.object = ObjectId::from_bytes(store.draw()),
            Stale::Number => add.version = add.version.next(),
        }
        Change::AddVersion(add)
    }
}

pub(crate) fn label_set(label: u8) -> Labels {
    labels(&[(&label.to_string(), "")])
}

fn named(index: usize) -> strongroom_model::Name {
    name(NAMES[index])
}

fn reference((kind, source, number): &(Kind, usize, Option<u64>)) -> (Kind, RequestedReference) {
    let request = number.map_or(VersionRequest::Latest, |number| {
        VersionRequest::Number(version(number))
    });
    (
        *kind,
        RequestedReference::new(named(*source), request).unwrap(),
    )
}
