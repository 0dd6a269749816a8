//! The tree by hand where a rule is the point, else against a reference model that goes through a plain list.

use super::*;
use proptest::prelude::*;
use proptest::sample::Index;
use std::collections::BTreeSet;
use strongroom_model::{FileMode, Kind, ObjectId, Version};

fn file(kind: Kind, target: &str) -> File {
    File {
        kind,
        target: Target::parse(target).unwrap(),
        content: ContentId {
            object: ObjectId::from_bytes([7; 16]),
            version: Version::FIRST,
        },
        size: PayloadSize::new(kind, 3).unwrap(),
        uid: Uid::default(),
        gid: Gid::default(),
        mode: FileMode::default(),
    }
}

#[test]
fn two_references_to_one_version_are_two_inodes() {
    let tree = Tree::new(vec![
        file(Kind::Secret, "a"),
        file(Kind::Secret, "b"),
        file(Kind::Secret, "/etc/c"),
    ])
    .unwrap();
    let secrets = tree.lookup(Ino::ROOT, Tree::SECRETS).unwrap().ino;
    let files = tree.lookup(Ino::ROOT, Tree::FILES).unwrap().ino;
    let inos: BTreeSet<Ino> = [
        tree.lookup(secrets, "a").unwrap().ino,
        tree.lookup(secrets, "b").unwrap().ino,
        tree.lookup(files, "0").unwrap().ino,
    ]
    .into();
    assert_eq!(inos.len(), 3);
}

#[test]
fn a_file_elsewhere_is_a_mountpoint_of_its_own() {
    let tree = Tree::new(vec![
        file(Kind::Config, "etc/app.json"),
        file(Kind::Config, "/run/secrets/inside"),
    ])
    .unwrap();
    let expected = Mountpoints {
        secrets: true,
        files: vec![Mountpoint {
            source: "files/0".to_owned(),
            path: vec!["etc".to_owned(), "app.json".to_owned()],
        }],
    };
    assert_eq!(tree.mountpoints(), &expected);
}

#[test]
fn without_files_nothing_is_mounted() {
    let tree = Tree::new(Vec::new()).unwrap();
    assert_eq!(tree.mountpoints(), &Mountpoints::default());
}

#[test]
fn files_that_meet_are_refused_with_their_path() {
    for (first, second, path) in [
        ("a", "/run/secrets/a", "/run/secrets/a"),
        ("a", "a/b", "/run/secrets/a"),
        ("/run", "a", "/run"),
        ("/run/secrets", "/x", "/run/secrets"),
        ("/x/y", "/x", "/x"),
    ] {
        let files = vec![file(Kind::Secret, first), file(Kind::Secret, second)];
        let refused = Tree::new(files).unwrap_err();
        assert_eq!(refused, BuildError::Conflict(path.to_owned()), "{first}");
    }
}

#[test]
fn nothing_can_be_opened_for_writing() {
    let tree = Tree::new(vec![file(Kind::Secret, "a")]).unwrap();
    for number in 1..=4 {
        let refused = tree.open(Ino::new(number), Access::Write);
        assert_eq!(refused, Err(TreeError::ReadOnly));
    }
    let missing = tree.open(Ino::new(5), Access::Read);
    assert_eq!(missing, Err(TreeError::NotFound));
}

/// The reference model: a list of files; every answer is found by going through it.
#[derive(Debug)]
struct Model(Vec<File>);

impl Model {
    /// Where the file lies in the tree.
    fn place(&self, index: usize) -> Vec<String> {
        let path = self.0[index].path();
        if let Some(below) = path.strip_prefix(&["run", "secrets"]) {
            let below = below.iter().map(|part| (*part).to_owned());
            return [Tree::SECRETS.to_owned()]
                .into_iter()
                .chain(below)
                .collect();
        }
        let before = self.0[..index]
            .iter()
            .filter(|file| !file.path().starts_with(&["run", "secrets"]))
            .count();
        vec![Tree::FILES.to_owned(), before.to_string()]
    }

    fn places(&self) -> Vec<Vec<String>> {
        (0..self.0.len()).map(|index| self.place(index)).collect()
    }

    /// The names below a directory, each with whether it is one itself; nothing for what is no directory.
    fn list(&self, directory: &[String]) -> BTreeSet<(String, bool)> {
        let fixed = [Tree::SECRETS, Tree::FILES].map(|name| vec![name.to_owned(), String::new()]);
        self.places()
            .iter()
            .chain(&fixed)
            .filter_map(|place| place.strip_prefix(directory))
            .filter(|rest| !rest.is_empty() && !rest[0].is_empty())
            .map(|rest| (rest[0].clone(), rest.len() > 1))
            .collect()
    }

    fn directories(&self) -> BTreeSet<Vec<String>> {
        let above = |place: Vec<String>| (1..place.len()).map(move |n| place[..n].to_vec());
        let fixed = [
            vec![],
            vec![Tree::SECRETS.to_owned()],
            vec![Tree::FILES.to_owned()],
        ];
        self.places()
            .into_iter()
            .flat_map(above)
            .chain(fixed)
            .collect()
    }
}

fn walk(tree: &Tree, place: &[String]) -> Attributes {
    place
        .iter()
        .fold(tree.attributes(Ino::ROOT).unwrap(), |at, name| {
            tree.lookup(at.ino, name).unwrap()
        })
}

fn any_file() -> impl Strategy<Value = File> {
    let target = "(/|/run/secrets/)?[ab]{1,2}(/[ab]){0,3}";
    let numbers = (any::<[u8; 16]>(), 1..9u64, 1..=1_048_576usize);
    let owner = (0..70_000u32, 0..70_000u32, 0..=0o777u32);
    (target, any::<bool>(), numbers, owner).prop_map(|(target, secret, numbers, owner)| {
        let kind = if secret { Kind::Secret } else { Kind::Config };
        File {
            kind,
            target: Target::parse(&target).unwrap(),
            content: ContentId {
                object: ObjectId::from_bytes(numbers.0),
                version: Version::new(numbers.1).unwrap(),
            },
            size: PayloadSize::new(kind, numbers.2).unwrap(),
            uid: Uid::new(owner.0).unwrap(),
            gid: Gid::new(owner.1).unwrap(),
            mode: FileMode::new(owner.2).unwrap(),
        }
    })
}

/// Drops the files that meet one before them, as a service's check would have.
fn compatible(files: Vec<File>) -> Vec<File> {
    let mut kept: Vec<File> = Vec::new();
    for file in files {
        let meets = kept.iter().any(|other| {
            let (one, two) = (file.path(), other.path());
            one.starts_with(&two) || two.starts_with(&one)
        });
        if !meets && !["run", "secrets"].starts_with(&file.path()[..]) {
            kept.push(file);
        }
    }
    kept
}

fn any_model() -> impl Strategy<Value = Model> {
    prop::collection::vec(any_file(), 0..40).prop_map(|files| Model(compatible(files)))
}

proptest! {
    #[test]
    fn every_file_is_found_at_its_place_with_its_attributes(model in any_model()) {
        let tree = Tree::new(model.0.clone()).unwrap();
        let mut seen = BTreeSet::new();
        for (file, place) in model.0.iter().zip(model.places()) {
            let found = walk(&tree, &place);
            prop_assert!(seen.insert(found.ino));
            prop_assert_eq!((found.uid, found.gid, found.mode), (file.uid, file.gid, file.mode.bits()));
            prop_assert_eq!(found.node, Node::File { content: file.content, size: file.size });
            prop_assert_eq!(tree.open(found.ino, Access::Read), Ok((file.content, file.size)));
            prop_assert_eq!(tree.lookup(found.ino, "a"), Err(TreeError::NotADirectory));
            prop_assert!(tree.entries(found.ino, 0).is_err());
        }
        prop_assert_eq!(tree.files().count(), model.0.len());
    }

    #[test]
    fn a_directory_read_in_pieces_lists_each_name_once(model in any_model(), pieces: Vec<Index>) {
        let tree = Tree::new(model.0.clone()).unwrap();
        for directory in model.directories() {
            let at = walk(&tree, &directory);
            let mut offset = 0;
            let mut listed = Vec::new();
            let mut pieces = pieces.iter();
            loop {
                let size = pieces.next().map_or(usize::MAX, |piece| piece.index(4) + 1);
                let piece: Vec<_> = tree.entries(at.ino, offset).unwrap().take(size).collect();
                let Some(last) = piece.last() else { break };
                offset = last.next;
                listed.extend(piece);
            }
            prop_assert_eq!(listed[0].name, ".");
            prop_assert_eq!(listed[1].name, "..");
            prop_assert_eq!(listed[0].ino, at.ino);
            let parent = walk(&tree, &directory[..directory.len().saturating_sub(1)]);
            prop_assert_eq!(listed[1].ino, parent.ino);
            let names: Vec<_> = listed[2..].iter().map(|e| (e.name.to_owned(), e.directory)).collect();
            let expected: Vec<_> = model.list(&directory).into_iter().collect();
            prop_assert_eq!(&names, &expected);
            for entry in &listed[2..] {
                prop_assert_eq!(tree.lookup(at.ino, entry.name).map(|found| found.ino), Ok(entry.ino));
            }
            let below = expected.iter().filter(|(_, directory)| *directory).count();
            let directories = u32::try_from(below).unwrap();
            prop_assert_eq!(at.node, Node::Directory { directories });
            prop_assert_eq!(tree.open(at.ino, Access::Read), Err(TreeError::IsADirectory));
            prop_assert_eq!(tree.lookup(at.ino, "no such name"), Err(TreeError::NotFound));
        }
    }

    #[test]
    fn files_are_refused_exactly_when_two_meet(files in prop::collection::vec(any_file(), 0..6)) {
        let kept = compatible(files.clone());
        prop_assert_eq!(Tree::new(files.clone()).is_ok(), kept.len() == files.len());
    }

    #[test]
    fn any_number_and_offset_has_an_answer(model in any_model(), ino: u64, offset: u64, name in ".{0,9}") {
        let tree = Tree::new(model.0).unwrap();
        let ino = Ino::new(ino);
        let known = tree.attributes(ino).is_ok();
        prop_assert!(known || tree.lookup(ino, &name) == Err(TreeError::NotFound));
        if let Ok(entries) = tree.entries(Ino::ROOT, offset) {
            prop_assert!(entries.count() <= 4);
        }
    }
}
