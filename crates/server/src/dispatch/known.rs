//! What an agent has been told.

use std::collections::{BTreeMap, BTreeSet};
use strongroom_model::{ObjectId, Revision, ServiceId, Version};
use strongroom_state::Service;

/// The bytes of one version.
pub(super) type ContentKey = (ObjectId, Version);

/// What the agent knows, once it has taken what was sent.
#[derive(Debug, Default)]
pub(super) struct Known {
    services: BTreeMap<ServiceId, (Revision, BTreeSet<ContentKey>)>,
    /// How many of the services use each.
    contents: BTreeMap<ContentKey, usize>,
}

impl Known {
    /// Whether the service is known at this revision.
    pub(super) fn has_service(&self, service: &Service) -> bool {
        let known = self.services.get(&service.id);
        known.is_some_and(|(revision, _)| *revision == service.revision)
    }

    /// Whether the content is known.
    pub(super) fn has_content(&self, content: ContentKey) -> bool {
        self.contents.contains_key(&content)
    }

    /// Notes a service and returns the contents that no service uses any more.
    pub(super) fn put_service(&mut self, service: &Service) -> Vec<ContentKey> {
        let references = service.files.references().iter();
        let contents: BTreeSet<ContentKey> = references
            .map(|reference| (reference.object, reference.version))
            .collect();
        for content in &contents {
            *self.contents.entry(*content).or_default() += 1;
        }
        let before = self
            .services
            .insert(service.id, (service.revision, contents));
        before
            .map(|(_, contents)| self.release(contents))
            .unwrap_or_default()
    }

    /// Forgets a service and returns the contents that no service uses any more; `None` where it was not known.
    pub(super) fn remove_service(&mut self, service: ServiceId) -> Option<Vec<ContentKey>> {
        let (_, contents) = self.services.remove(&service)?;
        Some(self.release(contents))
    }

    fn release(&mut self, contents: BTreeSet<ContentKey>) -> Vec<ContentKey> {
        let mut unused = Vec::new();
        for content in contents {
            if let Some(users) = self.contents.get_mut(&content) {
                *users -= 1;
                if *users == 0 {
                    self.contents.remove(&content);
                    unused.push(content);
                }
            }
        }
        unused
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use strongroom_model::{
        Kind, Labels, Name, Namespace, Reference, RequestedReference, ServiceFiles, Timestamp,
        VersionRequest,
    };

    fn service(id: u8, revision: u64, objects: &[u8]) -> Service {
        let reference = |(number, object): (usize, &u8)| {
            let source = Name::parse(&format!("s{number}")).unwrap();
            let requested = RequestedReference::new(source, VersionRequest::Latest).unwrap();
            Reference {
                kind: Kind::Secret,
                object: ObjectId::from_bytes([*object; 16]),
                source: requested.source,
                version: Version::FIRST,
                target: requested.target,
                uid: requested.uid,
                gid: requested.gid,
                mode: requested.mode,
            }
        };
        let references = objects.iter().enumerate().map(reference).collect();
        Service {
            id: ServiceId::from_bytes([id; 16]),
            namespace: Namespace::default(),
            name: Name::parse("web").unwrap(),
            labels: Labels::default(),
            files: ServiceFiles::new(references).unwrap(),
            revision: Revision::new(revision).unwrap(),
            created: Timestamp::default(),
            updated: Timestamp::default(),
        }
    }

    fn content(object: u8) -> ContentKey {
        (ObjectId::from_bytes([object; 16]), Version::FIRST)
    }

    #[test]
    fn a_content_goes_with_the_last_service_that_uses_it() {
        let mut known = Known::default();
        assert!(known.put_service(&service(1, 1, &[7, 7, 8])).is_empty());
        assert!(known.put_service(&service(2, 1, &[7])).is_empty());
        let first = ServiceId::from_bytes([1; 16]);
        assert_eq!(known.remove_service(first), Some(vec![content(8)]));
        assert!(known.has_content(content(7)) && !known.has_content(content(8)));
        let second = ServiceId::from_bytes([2; 16]);
        assert_eq!(known.remove_service(second), Some(vec![content(7)]));
        assert_eq!(known.remove_service(second), None);
    }

    #[test]
    fn a_new_revision_keeps_what_it_still_uses() {
        let mut known = Known::default();
        known.put_service(&service(1, 1, &[7, 8]));
        assert!(!known.has_service(&service(1, 2, &[8, 9])));
        assert_eq!(known.put_service(&service(1, 2, &[8, 9])), [content(7)]);
        assert!(known.has_service(&service(1, 2, &[8, 9])));
        assert!(known.has_content(content(8)) && known.has_content(content(9)));
    }
}
