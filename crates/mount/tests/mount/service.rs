//! A service's files with recognisable bytes, and their attachment.

use crate::bundle::{Bundle, Container, Creating};
use std::sync::LazyLock;
use strongroom_model::{FileMode, Gid, Kind, ObjectId, PayloadSize, Target, Uid, Version};
use strongroom_mount::{
    AttachError, Attached, ContainerProcess, ContentError, ContentSource, Mounter,
};
use strongroom_sensitive::SecretBytes;
use strongroom_tree::{ContentId, File, Tree};

/// The node's mounter, shared as in the agent.
pub(crate) static MOUNTER: LazyLock<Mounter> = LazyLock::new(|| Mounter::new().unwrap());

/// Gives each content the bytes that [`bytes`] says.
#[derive(Debug)]
pub(crate) struct Source;

impl ContentSource for Source {
    fn read(&self, content: ContentId) -> Result<SecretBytes, ContentError> {
        let number = content.object.as_bytes()[0];
        let size = usize::from(content.object.as_bytes()[1]) * SIZE_UNIT + 1;
        let bytes = bytes(number, size);
        Ok(SecretBytes::init_with(size, |secret| {
            secret.copy_from_slice(bytes.as_bytes());
        }))
    }
}

/// Letters, different for each number.
pub(crate) fn bytes(number: u8, size: usize) -> String {
    let letters = (0..size).map(|index| {
        let letter = (index * 7 + usize::from(number)) % 26;
        char::from(b'a' + u8::try_from(letter).unwrap())
    });
    letters.collect()
}

/// One file of [`file`] has `units * SIZE_UNIT + 1` bytes.
pub(crate) const SIZE_UNIT: usize = 4095;

/// A secret with content `number`, small, of root and for all.
pub(crate) fn secret(number: u8, target: &str) -> File {
    file(Kind::Secret, number, 0, target)
}

/// A file with content `number` of `units * SIZE_UNIT + 1` bytes.
pub(crate) fn file(kind: Kind, number: u8, units: u8, target: &str) -> File {
    let mut object = [0; 16];
    object[..2].copy_from_slice(&[number, units]);
    let size = usize::from(units) * SIZE_UNIT + 1;
    File {
        kind,
        target: Target::parse(target).unwrap(),
        content: ContentId {
            object: ObjectId::from_bytes(object),
            version: Version::FIRST,
        },
        size: PayloadSize::new(kind, size).unwrap(),
        uid: Uid::default(),
        gid: Gid::default(),
        mode: FileMode::default(),
    }
}

/// The same file with another owner and mode.
pub(crate) fn owned(file: File, uid: u32, gid: u32, mode: u32) -> File {
    File {
        uid: Uid::new(uid).unwrap(),
        gid: Gid::new(gid).unwrap(),
        mode: FileMode::new(mode).unwrap(),
        ..file
    }
}

/// Attaches `files` to a container that waits for its hook.
pub(crate) fn attach(creating: &Creating, files: Vec<File>) -> Result<Attached, AttachError> {
    let container = ContainerProcess::new(&MOUNTER, creating.pid(), &creating.root()).unwrap();
    MOUNTER.attach(container, Tree::new(files).unwrap(), Source)
}

/// A running container with `files`.
pub(crate) fn run(bundle: Bundle, files: Vec<File>) -> (Container, Attached) {
    let creating = bundle.create();
    let attached = attach(&creating, files).unwrap_or_else(|error| panic!("{error}"));
    (creating.start(), attached)
}

/// The one line with which `files` are refused; the container is not created.
pub(crate) fn refusal(bundle: Bundle, files: Vec<File>) -> String {
    let creating = bundle.create();
    let error = attach(&creating, files).expect_err("an attachment that is refused");
    creating.refuse();
    let line = error.to_string();
    assert!(!line.contains('\n'), "{line}");
    line
}
