//! A task's file tree: the model and the tree agree on which files can stand together, what is listed can be looked up
//! and nothing else, every file is found where it is mounted from, and no operation on any inode panics.
//!
//! The first byte counts the files, four bytes are a file, and what is left are operations of three bytes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use std::collections::BTreeSet;
use strongroom_fuzz::Choices;
use strongroom_model::{
    FileMode, Gid, Kind, Name, ObjectId, PayloadSize, Reference, ServiceFiles, Target, Uid, Version,
};
use strongroom_tree::{Access, Attributes, ContentId, Entry, File, Ino, Node, Tree, TreeError};

const KINDS: [Kind; 2] = [Kind::Secret, Kind::Config];
const PARTS: [&str; 8] = ["a", "b", "run", "secrets", "etc", ".hidden", "files", "0"];
const FILES: u8 = 16;

fuzz_target!(|data: &[u8]| {
    let mut choices = Choices(data);
    let count = choices.byte() % FILES;
    let files: Vec<File> = (0..count).map(|_| file(&mut choices)).collect();
    let references = files.iter().map(reference).collect();
    let apart = !files.iter().any(|file| meets_another(file, &files));
    assert_eq!(ServiceFiles::new(references).is_ok(), apart, "{files:?}");
    let built = Tree::new(files.clone());
    assert_eq!(built.is_ok(), apart, "{files:?}");
    let Ok(tree) = built else {
        return;
    };
    let inodes = walk(&tree);
    assert_eq!(
        inodes.len(),
        inodes.iter().collect::<BTreeSet<_>>().len(),
        "an inode twice"
    );
    for file in &files {
        assert_found(&tree, file);
    }
    assert_eq!(tree.files().count(), files.len());
    operate(&tree, &inodes, &mut choices);
});

fn file(choices: &mut Choices<'_>) -> File {
    let (shape, parts, content) = (
        choices.byte(),
        [choices.byte(), choices.byte()],
        choices.byte(),
    );
    let numbers = [parts[0], parts[0] >> 3, parts[1], parts[1] >> 3];
    let names = numbers.map(|number| PARTS[usize::from(number % 8)]);
    let depth = 1 + usize::from(shape >> 2 & 3);
    let absolute = if shape & 2 == 0 { "" } else { "/" };
    let owner = u32::from(content >> 4);
    File {
        kind: KINDS[usize::from(shape & 1)],
        target: Target::parse(&format!("{absolute}{}", names[..depth].join("/")))
            .expect("good parts"),
        content: ContentId {
            object: ObjectId::from_bytes([content % 4; 16]),
            version: Version::new(u64::from(content >> 2 & 3) + 1).expect("at least 1"),
        },
        size: PayloadSize::new(Kind::Secret, usize::from(content) + 1).expect("1 to 256"),
        uid: Uid::new(owner).expect("a small number"),
        gid: Gid::new(owner + 1).expect("a small number"),
        mode: FileMode::new(u32::from(shape) * 2).expect("at most 0776"),
    }
}

fn reference(file: &File) -> Reference {
    Reference {
        kind: file.kind,
        object: file.content.object,
        source: Name::parse("source").expect("a good name"),
        version: file.content.version,
        target: file.target.clone(),
        uid: file.uid,
        gid: file.gid,
        mode: file.mode,
    }
}

/// Whether the file is at another's path, above it, or where the directory of the secrets goes.
fn meets_another(file: &File, files: &[File]) -> bool {
    let path = file.path();
    let others = files.iter().filter(|other| !std::ptr::eq(*other, file));
    Target::SECRETS.starts_with(&path)
        || others
            .into_iter()
            .any(|other| other.path().starts_with(&path))
}

/// Every inode below the root; each directory's listing is held to its look-ups.
fn walk(tree: &Tree) -> Vec<Ino> {
    let (mut seen, mut open) = (vec![Ino::ROOT], vec![(Ino::ROOT, Ino::ROOT)]);
    while let Some((parent, directory)) = open.pop() {
        let entries: Vec<Entry<'_>> = tree.entries(directory, 0).expect("a directory").collect();
        let dots: Vec<_> = entries[..2]
            .iter()
            .map(|entry| (entry.name, entry.ino))
            .collect();
        assert_eq!(dots, [(".", directory), ("..", parent)]);
        let mut directories = 0;
        for entry in &entries[2..] {
            let found = tree.lookup(directory, entry.name).expect("listed");
            assert_eq!(found.ino, entry.ino);
            assert_eq!(
                matches!(found.node, Node::Directory { .. }),
                entry.directory
            );
            seen.push(entry.ino);
            if entry.directory {
                directories += 1;
                open.push((directory, entry.ino));
            }
        }
        let node = tree.attributes(directory).expect("listed").node;
        assert_eq!(node, Node::Directory { directories });
        for (position, entry) in entries.iter().enumerate() {
            let rest = tree.entries(directory, entry.next).expect("a directory");
            assert!(
                rest.eq(entries[position + 1..].iter().copied()),
                "a listing does not go on"
            );
        }
    }
    seen
}

/// The file is where its mount takes it from, as it was given.
fn assert_found(tree: &Tree, file: &File) {
    let path = file.path();
    let source: Vec<&str> = match path.strip_prefix(&Target::SECRETS) {
        Some(below) => [&[Tree::SECRETS], below].concat(),
        None => {
            let files = &tree.mountpoints().files;
            let mountpoint = files.iter().find(|mountpoint| mountpoint.path == path);
            mountpoint.expect("mounted").source.split('/').collect()
        }
    };
    assert!(
        source[0] != Tree::SECRETS || tree.mountpoints().secrets,
        "secrets are not mounted"
    );
    let found = source.iter().fold(Ino::ROOT, |ino, name| {
        tree.lookup(ino, name).expect("there").ino
    });
    let expected = Attributes {
        ino: found,
        uid: file.uid,
        gid: file.gid,
        mode: file.mode.bits(),
        node: Node::File {
            content: file.content,
            size: file.size,
        },
    };
    assert_eq!(tree.attributes(found), Ok(expected));
    assert_eq!(
        tree.open(found, Access::Read),
        Ok((file.content, file.size))
    );
}

/// Any operation on any inode, there or not.
fn operate(tree: &Tree, inodes: &[Ino], choices: &mut Choices<'_>) {
    while !choices.0.is_empty() {
        let (operation, ino) = (choices.byte(), Ino::new(u64::from(choices.byte())));
        let there = inodes.contains(&ino);
        let name = *choices.of(&PARTS);
        match operation % 4 {
            0 => match tree.lookup(ino, name) {
                Ok(found) => {
                    let mut entries = tree.entries(ino, 0).expect("found in it");
                    assert!(entries.any(|entry| entry.name == name && entry.ino == found.ino));
                }
                Err(error) => assert_eq!(error == TreeError::NotFound || there, true),
            },
            1 => assert_eq!(tree.attributes(ino).is_ok(), there),
            2 => assert_eq!(tree.open(ino, Access::Write).is_err(), true),
            _ => {
                let offset = u64::MAX >> (operation >> 2);
                if let Ok(entries) = tree.entries(ino, offset) {
                    assert!(there && entries.count() <= inodes.len() + 2);
                }
            }
        }
    }
}
