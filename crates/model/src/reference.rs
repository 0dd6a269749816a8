//! A service's use of one version of a secret or config, and its text form `source=NAME[@V],target=T,uid=U,gid=G,mode=M`.

use crate::version::VersionError;
use crate::{
    FileMode, Gid, Kind, Name, NameError, ObjectId, OwnerError, Target, TargetError, Uid, Version,
};

/// Which version a reference asks for; resolved once, when the spec is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum VersionRequest {
    /// The newest at that moment.
    Latest,
    /// That one.
    Number(Version),
}

/// A reference as its writer gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestedReference {
    /// The secret's or config's name.
    pub source: Name,
    /// Which of its versions.
    pub version: VersionRequest,
    /// Where its file appears.
    pub target: Target,
    /// The file's owner.
    pub uid: Uid,
    /// The file's group.
    pub gid: Gid,
    /// The file's permission bits.
    pub mode: FileMode,
}

/// A reference as it is stored: the version is resolved, the object known by its id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Which of the two name spaces the source is from.
    pub kind: Kind,
    /// The object.
    pub object: ObjectId,
    /// Its name when the spec was written.
    pub source: Name,
    /// The resolved version.
    pub version: Version,
    /// Where its file appears.
    pub target: Target,
    /// The file's owner.
    pub uid: Uid,
    /// The file's group.
    pub gid: Gid,
    /// The file's permission bits.
    pub mode: FileMode,
}

/// Why a reference's text is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReferenceError {
    /// No `source=`.
    #[error("the reference {0:?} names no source: write source=NAME[@VERSION] or just NAME")]
    NoSource(String),
    /// A key that is none of source, target, uid, gid, mode.
    #[error("{0:?} is no option of a reference: use source, target, uid, gid, mode")]
    UnknownOption(String),
    /// A key without `=value`.
    #[error("the option {0:?} has no value: write OPTION=VALUE")]
    NoValue(String),
    /// A key given twice.
    #[error("the option {0:?} is given twice")]
    Twice(String),
    /// The source's name.
    #[error(transparent)]
    Name(#[from] NameError),
    /// The source's version.
    #[error(transparent)]
    Version(#[from] VersionError),
    /// The target.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// The uid, gid or mode.
    #[error(transparent)]
    Owner(#[from] OwnerError),
}

impl VersionRequest {
    /// Parses what stands behind the `@`.
    ///
    /// # Errors
    /// [`VersionError`].
    pub fn parse(text: &str) -> Result<Self, VersionError> {
        match text {
            "latest" => Ok(Self::Latest),
            number => Version::parse(number).map(Self::Number),
        }
    }
}

impl RequestedReference {
    /// A reference to `source` with the defaults: the target is the source's name, owner 0, group 0, mode 0444.
    ///
    /// # Errors
    /// None today: every [`Name`] is a good [`Target`] unless it has `..` as a whole, which names cannot be.
    pub fn new(source: Name, version: VersionRequest) -> Result<Self, ReferenceError> {
        let target = Target::parse(source.as_str())?;
        let (uid, gid, mode) = (Uid::default(), Gid::default(), FileMode::default());
        Ok(Self {
            source,
            version,
            target,
            uid,
            gid,
            mode,
        })
    }

    /// Parses `NAME[@V]` or `source=NAME[@V][,target=T][,uid=U][,gid=G][,mode=M]`; Docker's `src` is taken too.
    ///
    /// # Errors
    /// [`ReferenceError`].
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if !text.contains(['=', ',']) {
            let (source, version) = parse_source(text)?;
            return Self::new(source, version);
        }
        let mut options = Options::default();
        for option in text.split(',') {
            let Some((key, value)) = option.split_once('=') else {
                return Err(ReferenceError::NoValue(option.to_owned()));
            };
            let slot = match key {
                "source" | "src" => &mut options.source,
                "target" => &mut options.target,
                "uid" => &mut options.uid,
                "gid" => &mut options.gid,
                "mode" => &mut options.mode,
                _ => return Err(ReferenceError::UnknownOption(key.to_owned())),
            };
            if slot.replace(value).is_some() {
                return Err(ReferenceError::Twice(key.to_owned()));
            }
        }
        options.into_reference(text)
    }
}

impl Reference {
    /// The parts of the absolute path at which the file appears.
    #[must_use]
    pub fn path(&self) -> Vec<&str> {
        self.target.path(self.kind)
    }
}

#[derive(Default)]
struct Options<'a> {
    source: Option<&'a str>,
    target: Option<&'a str>,
    uid: Option<&'a str>,
    gid: Option<&'a str>,
    mode: Option<&'a str>,
}

impl Options<'_> {
    fn into_reference(self, text: &str) -> Result<RequestedReference, ReferenceError> {
        let source = self
            .source
            .ok_or_else(|| ReferenceError::NoSource(text.to_owned()))?;
        let (source, version) = parse_source(source)?;
        let mut reference = RequestedReference::new(source, version)?;
        if let Some(target) = self.target {
            reference.target = Target::parse(target)?;
        }
        if let Some(uid) = self.uid {
            reference.uid = Uid::parse(uid)?;
        }
        if let Some(gid) = self.gid {
            reference.gid = Gid::parse(gid)?;
        }
        if let Some(mode) = self.mode {
            reference.mode = FileMode::parse(mode)?;
        }
        Ok(reference)
    }
}

fn parse_source(text: &str) -> Result<(Name, VersionRequest), ReferenceError> {
    let (name, version) = match text.split_once('@') {
        Some((name, version)) => (name, VersionRequest::parse(version)?),
        None => (text, VersionRequest::Latest),
    };
    Ok((Name::parse(name)?, version))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn just_a_name_gets_swarms_defaults() {
        let reference = RequestedReference::parse("db").unwrap();
        assert_eq!(reference.version, VersionRequest::Latest);
        assert_eq!(reference.target.to_string(), "db");
        assert_eq!((reference.uid.get(), reference.gid.get()), (0, 0));
        assert_eq!(reference.mode.bits(), 0o444);
    }

    #[test]
    fn every_option_is_taken() {
        let text = "source=db@3,target=/etc/db,uid=10,gid=20,mode=0400";
        let reference = RequestedReference::parse(text).unwrap();
        assert_eq!(
            reference.version,
            VersionRequest::Number(Version::new(3).unwrap())
        );
        assert_eq!(reference.target.to_string(), "/etc/db");
        assert_eq!((reference.uid.get(), reference.gid.get()), (10, 20));
        assert_eq!(reference.mode.bits(), 0o400);
    }

    #[test]
    fn bad_references_are_refused() {
        for text in [
            "",
            "db@",
            "db@0",
            "db@x",
            "@1",
            "target=x",
            "source=",
            "source=db,mode=999",
            "source=db,target=../../etc/passwd",
            "source=db,target=",
            "source=db,colour=red",
            "source=db,uid=root",
            "source=db,source=db",
            "source=db,target",
            "db,target=x",
            "=",
        ] {
            assert!(RequestedReference::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_refusal_is_one_line_whatever_was_refused() {
        for text in [
            "\n,",
            "uid\u{1b}[2J,",
            "source=db,\n=",
            "source=db@\n",
            "source=db,uid=\n",
        ] {
            let refusal = RequestedReference::parse(text).unwrap_err().to_string();
            assert!(!refusal.contains(char::is_control), "{refusal:?}");
        }
    }
}
