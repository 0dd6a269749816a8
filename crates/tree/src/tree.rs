//! The tree: inodes in one map, directories as sorted names.

use crate::{ContentId, File};
use core::fmt;
use std::collections::BTreeMap;
use strongroom_model::{Gid, PayloadSize, Target, Uid};

/// The number of an inode; never used for another one in the life of a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ino(u64);

/// The files of one task.
#[derive(Debug)]
pub struct Tree {
    inodes: BTreeMap<Ino, Inode>,
    next: u64,
    mountpoints: Mountpoints,
}

/// What of a tree goes where in the container; no place lies at or below another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mountpoints {
    /// Whether there is anything below `/run/secrets`; then `secrets` of the tree goes there.
    pub secrets: bool,
    /// The files that go to a path of their own.
    pub files: Vec<Mountpoint>,
}

/// One file that goes to a path of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mountpoint {
    /// Its path in the tree, relative to the root.
    pub source: String,
    /// The parts of its absolute path in the container.
    pub path: Vec<String>,
}

/// What `stat` shows; owners are the container's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attributes {
    /// The inode.
    pub ino: Ino,
    /// The owner.
    pub uid: Uid,
    /// The group.
    pub gid: Gid,
    /// Permission bits.
    pub mode: u16,
    /// Directory or file.
    pub node: Node,
}

/// What an inode is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Node {
    /// A directory.
    Directory {
        /// Directories right below.
        directories: u32,
    },
    /// A file, which shows one content for ever.
    File {
        /// What it shows.
        content: ContentId,
        /// Bytes.
        size: PayloadSize,
    },
}

/// One name of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The inode.
    pub ino: Ino,
    /// The name; `.` and `..` come first.
    pub name: &'a str,
    /// Whether it is a directory.
    pub directory: bool,
    /// Where a listing goes on after this entry.
    pub next: u64,
}

/// What an opener wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Bytes.
    Read,
    /// Anything else.
    Write,
}

/// Why an operation has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// No such inode or name.
    #[error("no such file or directory")]
    NotFound,
    /// A file where a directory is needed.
    #[error("not a directory")]
    NotADirectory,
    /// A directory where a file is needed.
    #[error("is a directory")]
    IsADirectory,
    /// Nothing here can be written.
    #[error("read-only file system")]
    ReadOnly,
}

/// Why files make no tree.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// Two files meet.
    #[error("two files of the service meet at {0}: give one of them another target")]
    Conflict(String),
}

#[derive(Debug)]
struct Inode {
    parent: Ino,
    kind: InodeKind,
}

#[derive(Debug)]
enum InodeKind {
    Directory(BTreeMap<String, Ino>),
    File(File),
}

impl Ino {
    /// The root of every tree; the number that FUSE gives to it.
    pub const ROOT: Self = Self(1);

    /// The inode with that number, be it there or not.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl Tree {
    /// The name of the directory that goes to `/run/secrets`.
    pub const SECRETS: &'static str = "secrets";

    /// The name of the directory of the files that go elsewhere.
    pub const FILES: &'static str = "files";

    /// A tree that shows `files`.
    ///
    /// # Errors
    /// [`BuildError::Conflict`] when two files have one path, or one is a directory of the other's path.
    pub fn new(files: Vec<File>) -> Result<Self, BuildError> {
        let root = Inode {
            parent: Ino::ROOT,
            kind: InodeKind::Directory(BTreeMap::new()),
        };
        let mut tree = Self {
            inodes: BTreeMap::from([(Ino::ROOT, root)]),
            next: Ino::ROOT.get() + 1,
            mountpoints: Mountpoints::default(),
        };
        refuse_conflicts(&files)?;
        let secrets = tree.directory(Ino::ROOT, Self::SECRETS)?;
        let elsewhere = tree.directory(Ino::ROOT, Self::FILES)?;
        for file in files {
            match file.path().strip_prefix(&Target::SECRETS) {
                Some(below) => {
                    let below: Vec<String> = below.iter().map(|part| (*part).to_owned()).collect();
                    tree.add_secret(secrets, &below, file)?;
                }
                None => tree.add_elsewhere(elsewhere, file)?,
            }
        }
        Ok(tree)
    }

    /// What goes where in the container.
    #[must_use]
    pub fn mountpoints(&self) -> &Mountpoints {
        &self.mountpoints
    }

    /// The files, in the order of their inodes.
    pub fn files(&self) -> impl Iterator<Item = &File> {
        self.inodes.values().filter_map(|inode| match &inode.kind {
            InodeKind::File(file) => Some(file),
            InodeKind::Directory(_) => None,
        })
    }

    /// The inode that `name` is in `parent`.
    ///
    /// # Errors
    /// [`TreeError::NotFound`], [`TreeError::NotADirectory`].
    pub fn lookup(&self, parent: Ino, name: &str) -> Result<Attributes, TreeError> {
        let child = self.names(parent)?.get(name).ok_or(TreeError::NotFound)?;
        self.attributes(*child)
    }

    /// What `stat` shows.
    ///
    /// # Errors
    /// [`TreeError::NotFound`].
    pub fn attributes(&self, ino: Ino) -> Result<Attributes, TreeError> {
        let inode = self.inodes.get(&ino).ok_or(TreeError::NotFound)?;
        Ok(match &inode.kind {
            InodeKind::Directory(names) => Attributes {
                ino,
                uid: Uid::default(),
                gid: Gid::default(),
                mode: DIRECTORY_MODE,
                node: Node::Directory {
                    directories: self.count_directories(names),
                },
            },
            InodeKind::File(file) => Attributes {
                ino,
                uid: file.uid,
                gid: file.gid,
                mode: file.mode.bits(),
                node: Node::File {
                    content: file.content,
                    size: file.size,
                },
            },
        })
    }

    /// The entries of a directory from `offset`: 0, or what an entry had as `next`.
    ///
    /// # Errors
    /// [`TreeError::NotFound`], [`TreeError::NotADirectory`].
    pub fn entries(
        &self,
        ino: Ino,
        offset: u64,
    ) -> Result<impl Iterator<Item = Entry<'_>>, TreeError> {
        let names = self.names(ino)?;
        let parent = self.inodes.get(&ino).map_or(ino, |inode| inode.parent);
        let dots = [(ino, ".", true), (parent, "..", true)].into_iter();
        let children = names
            .iter()
            .map(|(name, child)| (*child, name.as_str(), self.is_directory(*child)));
        let skip = usize::try_from(offset).unwrap_or(usize::MAX);
        Ok((1..)
            .zip(dots.chain(children))
            .skip(skip)
            .map(|(next, (ino, name, directory))| Entry {
                ino,
                name,
                directory,
                next,
            }))
    }

    /// The content and size that a reader of the file gets.
    ///
    /// # Errors
    /// [`TreeError::ReadOnly`] for anything but reading, [`TreeError::NotFound`], [`TreeError::IsADirectory`].
    pub fn open(&self, ino: Ino, access: Access) -> Result<(ContentId, PayloadSize), TreeError> {
        match (self.attributes(ino)?.node, access) {
            (_, Access::Write) => Err(TreeError::ReadOnly),
            (Node::Directory { .. }, Access::Read) => Err(TreeError::IsADirectory),
            (Node::File { content, size }, Access::Read) => Ok((content, size)),
        }
    }

    fn add_secret(&mut self, secrets: Ino, below: &[String], file: File) -> Result<(), BuildError> {
        let (name, directories) = below.split_last().ok_or_else(|| conflict(&file))?;
        let mut parent = secrets;
        for directory in directories {
            parent = self.directory(parent, directory)?;
        }
        self.mountpoints.secrets = true;
        self.insert(parent, name.clone(), InodeKind::File(file))?;
        Ok(())
    }

    fn add_elsewhere(&mut self, elsewhere: Ino, file: File) -> Result<(), BuildError> {
        let number = self.mountpoints.files.len().to_string();
        self.mountpoints.files.push(Mountpoint {
            source: format!("{}/{number}", Self::FILES),
            path: file.path().into_iter().map(str::to_owned).collect(),
        });
        self.insert(elsewhere, number, InodeKind::File(file))?;
        Ok(())
    }

    fn directory(&mut self, parent: Ino, name: &str) -> Result<Ino, BuildError> {
        match self.names(parent).map(|names| names.get(name)) {
            Ok(Some(there)) => Ok(*there),
            _ => {
                let new = InodeKind::Directory(BTreeMap::new());
                self.insert(parent, name.to_owned(), new)
            }
        }
    }

    fn insert(&mut self, parent: Ino, name: String, kind: InodeKind) -> Result<Ino, BuildError> {
        let ino = Ino(self.next);
        match self.inodes.get_mut(&parent).map(|inode| &mut inode.kind) {
            Some(InodeKind::Directory(names)) if !names.contains_key(&name) => {
                names.insert(name, ino);
            }
            _ => return Err(BuildError::Conflict(name)),
        }
        self.next += 1;
        self.inodes.insert(ino, Inode { parent, kind });
        Ok(ino)
    }

    fn names(&self, ino: Ino) -> Result<&BTreeMap<String, Ino>, TreeError> {
        match &self.inodes.get(&ino).ok_or(TreeError::NotFound)?.kind {
            InodeKind::Directory(names) => Ok(names),
            InodeKind::File(_) => Err(TreeError::NotADirectory),
        }
    }

    fn is_directory(&self, ino: Ino) -> bool {
        self.names(ino).is_ok()
    }

    fn count_directories(&self, names: &BTreeMap<String, Ino>) -> u32 {
        let count = names
            .values()
            .filter(|child| self.is_directory(**child))
            .count();
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

impl fmt::Display for Ino {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Everybody may look: what a name shows is guarded by the file's own mode.
const DIRECTORY_MODE: u16 = 0o755;

/// Refuses files of which one is at another's path, above it, or where the directory of the secrets goes.
fn refuse_conflicts(files: &[File]) -> Result<(), BuildError> {
    let mut paths: BTreeMap<Vec<&str>, &File> = BTreeMap::new();
    for file in files {
        let path = file.path();
        if Target::SECRETS.starts_with(&path) || paths.insert(path, file).is_some() {
            return Err(conflict(file));
        }
    }
    let above = |path: &Vec<&str>| {
        let length = path.len();
        (1..length).find_map(|length| paths.get(&path[..length]).copied())
    };
    paths
        .keys()
        .find_map(above)
        .map_or(Ok(()), |file| Err(conflict(file)))
}

fn conflict(file: &File) -> BuildError {
    BuildError::Conflict(format!("/{}", file.path().join("/")))
}

#[cfg(test)]
mod tests;
