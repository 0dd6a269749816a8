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
        let line = |line: &str| {
            let (_, rest) = line.split_once(':')?;
            let (hierarchy, path) = rest.split_once(':')?;
            Some((hierarchy.to_owned(), path.to_owned()))
        };
        Self(text.lines().filter_map(line).collect())
    }
}

impl OwnCgroups {
    /// Those of `container` that do not hold `host` as well, which is the agent; nothing when there are none.
    pub(crate) fn new(container: &Memberships, host: &Memberships) -> Option<Self> {
        let own: BTreeMap<_, _> = container
            .0
            .iter()
            .filter(|(hierarchy, path)| {
                let host = host.0.get(*hierarchy);
                host.is_some_and(|host| !is_within(host, path))
            })
            .map(|(hierarchy, path)| (hierarchy.clone(), path.clone()))
            .collect();
        (!own.is_empty()).then_some(Self(own))
    }

    /// Whether the unified hierarchy alone tells.
    pub(crate) fn is_unified(&self) -> bool {
        self.0.contains_key(UNIFIED)
    }

    /// Whether a process is in the container by all of them, or below.
    pub(crate) fn hold(&self, process: &Memberships) -> bool {
        self.0.iter().all(|(hierarchy, own)| {
            let path = process.0.get(hierarchy);
            path.is_some_and(|path| is_within(path, own))
        })
    }
}

fn is_within(path: &str, own: &str) -> bool {
    let own = own.trim_end_matches('/');
    path.strip_prefix(own)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
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
    fn a_container_is_told_by_every_hierarchy_that_the_host_is_not_in() {
        let own = own("3:cpuset:/web\n2:memory:/agents\n0::/\n", HYBRID_HOST).unwrap();
        assert!(!own.is_unified());
        assert!(own.hold(&Memberships::parse("3:cpuset:/web\n2:memory:/x\n0::/\n")));
        assert!(own.hold(&Memberships::parse("3:cpuset:/web/below\n")));
        for other in [
            "3:cpuset:/website\n",
            "3:cpuset:/\n",
            "2:memory:/agents\n",
            "",
        ] {
            assert!(!own.hold(&Memberships::parse(other)), "{other:?}");
        }
    }

    #[test]
    fn all_of_them_are_asked_not_one() {
        let own = own("3:cpuset:/web\n2:memory:/web\n0::/web\n", HYBRID_HOST).unwrap();
        assert!(own.is_unified());
        assert!(!own.hold(&Memberships::parse("3:cpuset:/web\n2:memory:/\n0::/web\n")));
        assert!(own.hold(&Memberships::parse(
            "3:cpuset:/web\n2:memory:/web\n0::/web\n"
        )));
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
        assert!(own.hold(&Memberships::parse("1:name=systemd:/a:b/c\n")));
        assert!(!own.hold(&Memberships::parse("1:name=systemd:/a\n")));
    }
}
