//! What a service's containers need: its files, checked against each other.

use crate::{Reference, limits};
use core::{fmt, num::NonZeroU64};
use std::collections::BTreeMap;

/// The number of an accepted spec: 1, 2, 3 …
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Revision(NonZeroU64);

/// A service's references; no two of them meet in the container, however their targets are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceFiles(Vec<Reference>);

/// Why references cannot stand together.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FilesError {
    /// More than [`limits::REFERENCES`].
    #[error("{0} references; at most {max} are allowed", max = limits::REFERENCES)]
    TooMany(usize),
    /// Two files at one path.
    #[error("{first} and {second} have the same target {path}: give one of them another")]
    SameTarget {
        /// The reference that was there, as `kind "name"`.
        first: String,
        /// The one that met it.
        second: String,
        /// The absolute path.
        path: String,
    },
    /// A file at a path that another needs as a directory.
    #[error(
        "{first} is a file at {path}, which {second} needs as a directory: give one of them another target"
    )]
    FileIsDirectory {
        /// The file.
        first: String,
        /// The one below it.
        second: String,
        /// The file's absolute path.
        path: String,
    },
    /// A file where the mount of all secrets goes.
    #[error("{0} has the target {1}, which holds the secrets' directory: give it another")]
    Reserved(String, String),
}

impl Revision {
    /// The first.
    pub const FIRST: Self = Self(NonZeroU64::MIN);

    /// The revision with that number; 0 is none.
    #[must_use]
    pub const fn new(number: u64) -> Option<Self> {
        match NonZeroU64::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }
}

impl ServiceFiles {
    /// Checks that the references can stand together.
    ///
    /// # Errors
    /// [`FilesError`], naming the two that cannot.
    pub fn new(references: Vec<Reference>) -> Result<Self, FilesError> {
        if references.len() > limits::REFERENCES {
            return Err(FilesError::TooMany(references.len()));
        }
        let mut files: BTreeMap<Vec<&str>, &Reference> = BTreeMap::new();
        for reference in &references {
            let path = reference.path();
            if crate::Target::SECRETS.starts_with(&path) {
                return Err(FilesError::Reserved(named(reference), absolute(&path)));
            }
            if let Some(first) = files.insert(path, reference) {
                return Err(FilesError::SameTarget {
                    first: named(first),
                    second: named(reference),
                    path: absolute(&reference.path()),
                });
            }
        }
        for (path, second) in &files {
            let above = (1..path.len()).find_map(|length| files.get_key_value(&path[..length]));
            if let Some((path, first)) = above {
                return Err(FilesError::FileIsDirectory {
                    first: named(first),
                    second: named(second),
                    path: absolute(path),
                });
            }
        }
        Ok(Self(references))
    }

    /// The references, in the order in which they were given.
    #[must_use]
    pub fn references(&self) -> &[Reference] {
        &self.0
    }
}

impl fmt::Display for Revision {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn named(reference: &Reference) -> String {
    format!("{} {:?}", reference.kind, reference.source.as_str())
}

fn absolute(path: &[&str]) -> String {
    format!("/{}", path.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{FileMode, Gid, Kind, Name, ObjectId, Target, Uid, Version};

    fn reference(kind: Kind, target: &str) -> Reference {
        Reference {
            kind,
            object: ObjectId::from_bytes([1; 16]),
            source: Name::parse("db").unwrap(),
            version: Version::FIRST,
            target: Target::parse(target).unwrap(),
            uid: Uid::default(),
            gid: Gid::default(),
            mode: FileMode::default(),
        }
    }

    #[test]
    fn one_target_written_in_two_ways_is_a_conflict() {
        for (kind, target) in [
            (Kind::Secret, "x"),
            (Kind::Secret, "/run/secrets/x"),
            (Kind::Config, "run/secrets/x"),
            (Kind::Config, "/run/secrets/x"),
        ] {
            let both = vec![reference(Kind::Secret, "x"), reference(kind, target)];
            assert!(matches!(
                ServiceFiles::new(both),
                Err(FilesError::SameTarget { .. })
            ));
        }
    }

    #[test]
    fn a_file_cannot_be_anothers_directory() {
        let both = vec![reference(Kind::Secret, "a/b"), reference(Kind::Secret, "a")];
        assert!(matches!(
            ServiceFiles::new(both),
            Err(FilesError::FileIsDirectory { .. })
        ));
    }

    #[test]
    fn a_file_cannot_stand_where_the_secrets_directory_goes() {
        for target in ["/run", "/run/secrets"] {
            let one = vec![reference(Kind::Config, target)];
            assert!(matches!(
                ServiceFiles::new(one),
                Err(FilesError::Reserved(..))
            ));
        }
    }

    #[test]
    fn one_version_can_be_there_twice() {
        let both = vec![
            reference(Kind::Secret, "a"),
            reference(Kind::Secret, "/etc/a"),
        ];
        assert_eq!(ServiceFiles::new(both).unwrap().references().len(), 2);
    }
}
