//! Users of a container as the host counts them: the server's attributes are in the host's numbers.

use strongroom_model::{Gid, Uid};
use strongroom_tree::File;

/// A user namespace's maps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct IdMaps {
    users: IdMap,
    groups: IdMap,
}

/// The lines of `/proc/PID/uid_map` or `gid_map`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct IdMap(Vec<Range>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    inside: u32,
    outside: u32,
    length: u32,
}

/// An owner that the container's user namespace does not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Unmapped {
    /// `uid 5000`.
    pub(crate) owner: String,
    /// The file's path in the container.
    pub(crate) path: String,
}

impl IdMaps {
    /// Parses both maps' text.
    pub(crate) fn parse(users: &str, groups: &str) -> Self {
        Self {
            users: IdMap::parse(users),
            groups: IdMap::parse(groups),
        }
    }

    /// The host's number of a user; nobody's where there is none, which [`Self::refuse_unmapped`] rules out.
    pub(crate) fn user(&self, uid: Uid) -> u32 {
        self.users.outside(uid.get()).unwrap_or(NOBODY)
    }

    /// The host's number of a group.
    pub(crate) fn group(&self, gid: Gid) -> u32 {
        self.groups.outside(gid.get()).unwrap_or(NOBODY)
    }

    /// Refuses files whose owner could not read them.
    pub(crate) fn refuse_unmapped<'a>(
        &self,
        files: impl Iterator<Item = &'a File>,
    ) -> Result<(), Unmapped> {
        for file in files {
            let owner = if self.users.outside(file.uid.get()).is_none() {
                format!("uid {}", file.uid.get())
            } else if self.groups.outside(file.gid.get()).is_none() {
                format!("gid {}", file.gid.get())
            } else {
                continue;
            };
            let path = format!("/{}", file.path().join("/"));
            return Err(Unmapped { owner, path });
        }
        Ok(())
    }
}

impl IdMap {
    fn parse(text: &str) -> Self {
        let range = |line: &str| {
            let mut numbers = line.split_ascii_whitespace().map(str::parse::<u32>);
            let mut next = || numbers.next()?.ok();
            Some(Range {
                inside: next()?,
                outside: next()?,
                length: next()?,
            })
        };
        Self(text.lines().filter_map(range).collect())
    }

    fn outside(&self, id: u32) -> Option<u32> {
        self.0.iter().find_map(|range| {
            let distance = id.checked_sub(range.inside)?;
            (distance < range.length).then(|| range.outside.checked_add(distance))?
        })
    }
}

/// The kernel's default `overflowuid`.
const NOBODY: u32 = 65534;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_looked_up_in_every_range() {
        let map =
            IdMap::parse("         0     100000      65536\n     70000          5          1\n");
        for (inside, outside) in [
            (0, Some(100_000)),
            (65_535, Some(165_535)),
            (65_536, None),
            (70_000, Some(5)),
            (70_001, None),
        ] {
            assert_eq!(map.outside(inside), outside, "{inside}");
        }
    }

    #[test]
    fn the_hosts_own_map_changes_nothing() {
        let map = IdMap::parse("         0          0 4294967295\n");
        assert_eq!(map.outside(4_294_967_294), Some(4_294_967_294));
    }
}
