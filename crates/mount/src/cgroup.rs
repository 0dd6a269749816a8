//! What tells a container's processes from all others: its cgroups, in those hierarchies where they are its own.

use std::collections::BTreeMap;

/// The cgroups of a process by hierarchy, as `/proc/PID/cgroup` lists them; the unified hierarchy has no name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Memberships(BTreeMap<String, String>);

/// The cgroups that a container has for itself; at least one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnCgroups(BTreeMap<String, String>);

impl Memberships {
    /// Parses the lines `ID:CONTROLLERS:PATH`; a line of another form belongs to no hierarchy.
    pub(crate) fn parse(text: &str) -> Self {
        let owned = |(hierarchy, path): (&str, &str)| (hierarchy.to_owned(), path.to_owned());
        Self(lines(text).map(owned).collect())
    }
}

impl OwnCgroups {
    /// Those of `container` that do not hold `host` as well, which is the agent; nothing when there are none.
    ///
    /// An agent in a cgroup namespace of its own reads paths relative to that: `/..` holds it, and does not look so.
    /// No hierarchy in which such a path turns up tells anything.
    pub(crate) fn new(container: &Memberships, host: &Memberships) -> Option<Self> {
        let own: BTreeMap<_, _> = container
            .0
            .iter()
            .filter(|(hierarchy, path)| {
                let host = host.0.get(*hierarchy);
                host.is_some_and(|host| {
                    !is_within(host, path) && !is_outside(host) && !is_outside(path)
                })
            })
            .map(|(hierarchy, path)| (hierarchy.clone(), path.clone()))
            .collect();
        (!own.is_empty()).then_some(Self(own))
    }

    /// Whether the unified hierarchy alone tells.
    pub(crate) fn is_unified(&self) -> bool {
        self.0.contains_key(UNIFIED)
    }

    /// Whether a process is in the container by all of them, or below. `listing` is its `/proc/PID/cgroup`, each
    /// hierarchy once. Called for every open, so it makes nothing.
    pub(crate) fn hold(&self, listing: &str) -> bool {
        let mut seen = 0;
        for (hierarchy, path) in lines(listing) {
            match self.0.get(hierarchy) {
                Some(own) if is_within(path, own) => seen += 1,
                Some(_) => return false,
                None => {}
            }
        }
        seen == self.0.len()
    }
}

/// Hierarchy and path of each line.
fn lines(listing: &str) -> impl Iterator<Item = (&str, &str)> {
    listing.lines().filter_map(|line| {
        let (_, rest) = line.split_once(':')?;
        rest.split_once(':')
    })
}

fn is_within(path: &str, own: &str) -> bool {
    let own = own.trim_end_matches('/');
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Whether a path leads out of the cgroup namespace of who reads it.
fn is_outside(path: &str) -> bool {
    path.split('/').any(|part| part == "..")
}

const UNIFIED: &str = "";

#[cfg(test)]
mod tests {
    use super::*;

    fn own(container: &str, host: &str) -> Option<OwnCgroups> {
        OwnCgroups::new(&Memberships::parse(container), &Memberships::parse(host))
    }

    const HYBRID_HOST: &str = "3:cpuset:/\n2:memory:/agents/one\n0::/\n";

    #[test]
    fn an_agent_in_a_cgroup_namespace_of_its_own_takes_no_ancestor_for_a_container() {
        assert_eq!(own("0::/..\n", "0::/\n"), None);
        assert_eq!(own("0::/../..\n", "0::/\n"), None);
        assert_eq!(own("0::/../web\n", "0::/\n"), None);
        assert!(own("0::/web\n", "0::/\n").is_some());
    }

    #[test]
    fn a_container_is_told_by_every_hierarchy_that_the_host_is_not_in() {
        let own = own("3:cpuset:/web\n2:memory:/agents\n0::/\n", HYBRID_HOST).unwrap();
        assert!(!own.is_unified());
        assert!(own.hold("3:cpuset:/web\n2:memory:/x\n0::/\n"));
        assert!(own.hold("3:cpuset:/web/below\n"));
        for other in [
            "3:cpuset:/website\n",
            "3:cpuset:/\n",
            "2:memory:/agents\n",
            "",
        ] {
            assert!(!own.hold(other), "{other:?}");
        }
    }

    #[test]
    fn all_of_them_are_asked_not_one() {
        let own = own("3:cpuset:/web\n2:memory:/web\n0::/web\n", HYBRID_HOST).unwrap();
        assert!(own.is_unified());
        assert!(!own.hold("3:cpuset:/web\n2:memory:/\n0::/web\n"));
        assert!(own.hold("3:cpuset:/web\n2:memory:/web\n0::/web\n"));
    }

    #[test]
    fn a_container_in_the_hosts_cgroups_cannot_be_told() {
        assert_eq!(
            own("3:cpuset:/\n2:memory:/agents\n0::/\n", HYBRID_HOST),
            None
        );
        assert_eq!(own("", HYBRID_HOST), None);
        assert_eq!(own("0::/agents\n", "0::/agents/one\n"), None);
    }

    #[test]
    fn paths_may_hold_colons_and_hierarchies_may_have_names() {
        let own = own("1:name=systemd:/a:b\n", "1:name=systemd:/\n").unwrap();
        assert!(own.hold("1:name=systemd:/a:b/c\n"));
        assert!(!own.hold("1:name=systemd:/a\n"));
    }
}
