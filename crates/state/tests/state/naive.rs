//! A second, naive telling of what happens to objects, without ids, indexes or records; the state must agree.

use crate::durable::{Durable, default, digest};
use crate::step::{NAMES, Stale, Step, label_set, steps};
use proptest::prelude::*;
use std::collections::BTreeSet;
use strongroom_model::{Kind, Labels, VersionState};
use strongroom_state::{Filter, Intent, Rejection, Response};

/// What a command comes to, as far as the naive telling goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Done,
    Newest { number: u64, added: bool },
    Service,
    NotFound,
    VersionNotFound,
    AlreadyExists,
    Conflict { newest: u64 },
    InUse,
    LastVersion,
    Destroyed,
    SameTarget,
    Raced,
}

#[derive(Clone, Debug, PartialEq)]
struct Version {
    number: u64,
    content: u8,
    enabled: bool,
}

/// A name that was ever used. It has no versions while it is removed.
#[derive(Clone, Debug)]
struct Entry {
    kind: Kind,
    name: String,
    last: u64,
    labels: BTreeSet<u8>,
    versions: Vec<Version>,
}

/// A service and the versions that it uses.
struct Service {
    name: String,
    uses: Vec<(Kind, String, u64)>,
}

/// What a list shows of an object: its name, its labels, its versions and which of them can be read.
type Shown = (String, Labels, Vec<(u64, bool)>);

#[derive(Default)]
struct Naive {
    entries: Vec<Entry>,
    services: Vec<Service>,
}

impl Naive {
    fn entry(&mut self, kind: Kind, name: usize) -> &mut Entry {
        let name = NAMES[name].to_lowercase();
        let known = |entry: &Entry| entry.kind == kind && entry.name == name;
        let position = self.entries.iter().position(known);
        let position = position.unwrap_or_else(|| {
            self.entries.push(Entry {
                kind,
                name: name.clone(),
                last: 0,
                labels: BTreeSet::new(),
                versions: Vec::new(),
            });
            self.entries.len() - 1
        });
        &mut self.entries[position]
    }

    fn used(&self, kind: Kind, name: usize, number: Option<u64>) -> bool {
        let name = NAMES[name].to_lowercase();
        let mut all = self.services.iter().flat_map(|service| &service.uses);
        all.any(|(other, source, version)| {
            *other == kind && *source == name && number.is_none_or(|number| *version == number)
        })
    }

    /// Does what the step asks for; `None` where it is about tasks, which this telling leaves out.
    fn follow(&mut self, step: &Step) -> Option<Outcome> {
        Some(match *step {
            Step::Add { .. } => self.add(step),
            Step::Label {
                kind,
                name,
                label,
                remove,
            } => {
                let entry = self.entry(kind, name);
                if entry.versions.is_empty() {
                    return Some(Outcome::NotFound);
                }
                if remove {
                    entry.labels.remove(&label);
                } else {
                    entry.labels.insert(label);
                }
                Outcome::Done
            }
            Step::Remove(kind, name) => self.remove(kind, name),
            Step::RemoveVersion(kind, name, number) => self.remove_version(kind, name, number),
            Step::Destroy(kind, name, number) => self.destroy(kind, name, number),
            Step::CreateService(name, ref references) => self.create_service(name, references),
            Step::RemoveService(name) => {
                let before = self.services.len();
                self.services
                    .retain(|service| service.name != NAMES[name].to_lowercase());
                if self.services.len() < before {
                    Outcome::Done
                } else {
                    Outcome::NotFound
                }
            }
            Step::Attach(..) | Step::Detach(..) | Step::Keep(..) => return None,
        })
    }

    fn add(&mut self, step: &Step) -> Outcome {
        let Step::Add {
            intent,
            kind,
            name,
            content,
            labels,
            if_version,
            stale,
        } = *step
        else {
            panic!("{step:?} adds nothing");
        };
        let entry = self.entry(kind, name);
        let newest = entry.versions.last().cloned();
        if intent == Intent::Create && newest.is_some() {
            return Outcome::AlreadyExists;
        }
        let number = newest.as_ref().map_or(0, |version| version.number);
        if if_version.is_some_and(|expected| expected != number) {
            return Outcome::Conflict { newest: number };
        }
        let same = newest.is_some_and(|version| version.enabled && version.content == content);
        let added = !(same && intent == Intent::Put);
        let exists = number > 0;
        if added && (stale == Stale::Number || (stale == Stale::Object && exists)) {
            return Outcome::Raced;
        }
        if !exists {
            entry.labels.clear();
        }
        if let Some(label) = labels {
            entry.labels = BTreeSet::from([label]);
        }
        if added {
            entry.last += 1;
            entry.versions.push(Version {
                number: entry.last,
                content,
                enabled: true,
            });
        }
        let number = entry.versions.last().map_or(0, |version| version.number);
        Outcome::Newest { number, added }
    }

    fn remove(&mut self, kind: Kind, name: usize) -> Outcome {
        if self.entry(kind, name).versions.is_empty() {
            return Outcome::NotFound;
        }
        if self.used(kind, name, None) {
            return Outcome::InUse;
        }
        self.entry(kind, name).versions.clear();
        Outcome::Done
    }

    fn version(&mut self, kind: Kind, name: usize, number: u64) -> Result<usize, Outcome> {
        let entry = self.entry(kind, name);
        if entry.versions.is_empty() {
            return Err(Outcome::NotFound);
        }
        let position = entry
            .versions
            .iter()
            .position(|version| version.number == number);
        position.ok_or(Outcome::VersionNotFound)
    }

    fn remove_version(&mut self, kind: Kind, name: usize, number: u64) -> Outcome {
        let position = match self.version(kind, name, number) {
            Ok(position) => position,
            Err(outcome) => return outcome,
        };
        if self.used(kind, name, Some(number)) {
            return Outcome::InUse;
        }
        let entry = self.entry(kind, name);
        if entry.versions.len() == 1 {
            return Outcome::LastVersion;
        }
        entry.versions.remove(position);
        Outcome::Done
    }

    fn destroy(&mut self, kind: Kind, name: usize, number: u64) -> Outcome {
        let position = match self.version(kind, name, number) {
            Ok(position) => position,
            Err(outcome) => return outcome,
        };
        if self.used(kind, name, Some(number)) {
            return Outcome::InUse;
        }
        self.entry(kind, name).versions[position].enabled = false;
        Outcome::Done
    }

    fn create_service(
        &mut self,
        name: usize,
        references: &[(Kind, usize, Option<u64>)],
    ) -> Outcome {
        let name = NAMES[name].to_lowercase();
        if self.services.iter().any(|service| service.name == name) {
            return Outcome::AlreadyExists;
        }
        let (mut resolved, mut targets) = (Vec::new(), BTreeSet::new());
        for &(kind, source, number) in references {
            let entry = self.entry(kind, source);
            let Some(newest) = entry.versions.last() else {
                return Outcome::NotFound;
            };
            let number = number.unwrap_or(newest.number);
            let Some(version) = entry
                .versions
                .iter()
                .find(|version| version.number == number)
            else {
                return Outcome::VersionNotFound;
            };
            if !version.enabled {
                return Outcome::Destroyed;
            }
            resolved.push((kind, NAMES[source].to_lowercase(), number));
            // The target is the source's name as the reference writes it.
            targets.insert((kind, NAMES[source]));
        }
        if targets.len() < references.len() {
            return Outcome::SameTarget;
        }
        self.services.push(Service {
            name,
            uses: resolved,
        });
        Outcome::Service
    }

    /// What a list of one kind shows, in the order of the names.
    fn listed(&self, kind: Kind) -> Vec<(String, BTreeSet<u8>, Vec<Version>)> {
        let live = |entry: &&Entry| entry.kind == kind && !entry.versions.is_empty();
        let entries = self.entries.iter().filter(live);
        let mut listed: Vec<_> = entries
            .map(|entry| {
                (
                    entry.name.clone(),
                    entry.labels.clone(),
                    entry.versions.clone(),
                )
            })
            .collect();
        listed.sort_by(|one, other| one.0.cmp(&other.0));
        listed
    }
}

fn outcome(actual: Result<Response, Rejection>) -> Outcome {
    match actual {
        Ok(Response::Done | Response::Task(_)) => Outcome::Done,
        Ok(Response::Version { version, added, .. }) => Outcome::Newest {
            number: version.get(),
            added,
        },
        Ok(Response::Service(_)) => Outcome::Service,
        Err(rejection) => match rejection {
            Rejection::NotFound { .. } => Outcome::NotFound,
            Rejection::VersionNotFound { .. } => Outcome::VersionNotFound,
            Rejection::AlreadyExists { .. } => Outcome::AlreadyExists,
            Rejection::VersionConflict { newest, .. } => Outcome::Conflict { newest },
            Rejection::InUse { .. } => Outcome::InUse,
            Rejection::LastVersion { .. } => Outcome::LastVersion,
            Rejection::Destroyed { .. } => Outcome::Destroyed,
            Rejection::Files(_) => Outcome::SameTarget,
            Rejection::Raced => Outcome::Raced,
            other => panic!("{other} is beyond so small a universe"),
        },
    }
}

fn listed(store: &Durable, kind: Kind) -> Vec<Shown> {
    let page = store
        .state
        .objects(kind, &default(), &Filter::default(), None, 100);
    let objects = page.items.iter().map(|object| {
        let versions = store.state.versions(object.id);
        let versions = versions.map(|one| (one.number.get(), one.state == VersionState::Enabled));
        let name = object.name.folded().as_str().to_owned();
        (name, object.labels.clone(), versions.collect())
    });
    objects.collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn the_state_agrees_with_the_naive_telling(steps in steps(80)) {
        let (mut store, mut naive) = (Durable::default(), Naive::default());
        for step in steps {
            let Some(expected) = naive.follow(&step) else { continue };
            let change = step.change(&mut store);
            prop_assert_eq!(outcome(store.apply(change)), expected, "{:?}", step);
            for kind in Kind::ALL {
                let told = naive.listed(kind);
                let shown = listed(&store, kind);
                prop_assert_eq!(shown.len(), told.len());
                for ((name, labels, versions), (told_name, told_labels, told_versions)) in shown.into_iter().zip(told) {
                    prop_assert_eq!(&name, &told_name);
                    let expected = told_labels.iter().fold(Labels::default(), |all, label| {
                        all.changed(&label_set(*label), &[]).unwrap()
                    });
                    prop_assert_eq!(labels, expected);
                    let numbers: Vec<_> = told_versions.iter().map(|one| (one.number, one.enabled)).collect();
                    prop_assert_eq!(versions, numbers);
                    let id = store.id(kind, &name);
                    for version in store.state.versions(id) {
                        let told = told_versions.iter().find(|one| one.number == version.number.get()).unwrap();
                        let bytes = told.enabled.then(|| digest(id, told.content));
                        prop_assert_eq!(version.digest, bytes);
                    }
                }
            }
        }
    }
}
