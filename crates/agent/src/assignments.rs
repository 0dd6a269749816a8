//! What this node is assigned: services with their files, and the contents that these need.
//!
//! A manager sends everything (`start` … `complete`) and then each change. What is being sent anew replaces the old
//! all at once, so hooks are answered from a whole state at any time. Each message names the state that it applies to;
//! where that is another one, something was lost and everything is asked for again.

use crate::contents::{Content, TaskContents};
use crate::limits;
use crate::messages::{Change, MessageError, Service};
use std::collections::BTreeMap;
use std::sync::Arc;
use strongroom_api::dispatch;
use strongroom_crypto::SessionSecret;
use strongroom_model::{FoldedName, Name, Namespace, ServiceId};
use strongroom_tree::ContentId;

/// The assignments, as far as they have come.
#[derive(Debug, Default)]
pub(crate) struct Assignments {
    current: Option<Set>,
    /// What a session sends at its start, until it is complete.
    coming: Option<Set>,
    sequence: Option<u64>,
}

/// One message of the stream, parsed.
#[derive(Debug)]
pub(crate) struct Update {
    pub(crate) applies_to: u64,
    pub(crate) results_in: u64,
    pub(crate) start: bool,
    pub(crate) complete: bool,
    pub(crate) changes: Vec<Change>,
}

/// A service with all that its containers need.
#[derive(Debug)]
pub(crate) struct Found {
    pub(crate) service: Service,
    pub(crate) contents: TaskContents,
}

/// Why a session cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum UpdateError {
    /// A message was lost.
    #[error("a message of the manager was lost; everything is asked for again")]
    Gap,
    /// More than this node holds.
    #[error("the manager assigns more {0} than a node holds: assign fewer services to this node")]
    TooMany(&'static str),
    /// Not understood.
    #[error(transparent)]
    Message(#[from] MessageError),
}

#[derive(Debug, Default)]
struct Set {
    services: BTreeMap<ServiceId, Service>,
    names: BTreeMap<(Namespace, FoldedName), ServiceId>,
    contents: BTreeMap<ContentId, Arc<Content>>,
    bytes: usize,
}

impl Assignments {
    /// Whether a manager has sent everything once.
    pub(crate) const fn is_ready(&self) -> bool {
        self.current.is_some()
    }

    /// The service of that name, once all of its contents are here.
    pub(crate) fn find(&self, namespace: &Namespace, name: &Name) -> Option<Found> {
        let set = self.current.as_ref()?;
        let id = set.names.get(&(namespace.clone(), name.folded()))?;
        let service = set.services.get(id)?.clone();
        let content = |id: ContentId| Some((id, Arc::clone(set.contents.get(&id)?)));
        let contents = service.files.iter().map(|file| content(file.content));
        let contents = TaskContents(contents.collect::<Option<_>>()?);
        Some(Found { service, contents })
    }

    /// Applies a message. After an error the session has to be opened anew; what was
    /// complete before still holds.
    pub(crate) fn apply(&mut self, update: Update) -> Result<(), UpdateError> {
        let applied = self.apply_in_order(update);
        if applied.is_err() {
            self.sequence = None;
            self.coming = None;
        }
        applied
    }

    fn apply_in_order(&mut self, update: Update) -> Result<(), UpdateError> {
        if update.start {
            self.coming = Some(Set::default());
        } else if self.sequence != Some(update.applies_to) {
            return Err(UpdateError::Gap);
        }
        self.sequence = Some(update.results_in);
        for change in update.changes {
            match (&mut self.coming, &mut self.current) {
                (Some(coming), current) => coming.apply(change, current.as_ref())?,
                (None, Some(current)) => current.apply(change, None)?,
                (None, None) => return Err(UpdateError::Gap),
            }
        }
        if update.complete && self.coming.is_some() {
            self.current = self.coming.take();
        }
        Ok(())
    }
}

impl Update {
    /// Parses a message of the session with that secret.
    pub(crate) fn parse(
        message: dispatch::SessionResponse,
        session: &Arc<SessionSecret>,
    ) -> Result<Self, MessageError> {
        let changes = message.changes.into_iter();
        Ok(Self {
            applies_to: message.applies_to,
            results_in: message.results_in,
            start: message.start,
            complete: message.complete,
            changes: changes
                .map(|change| Change::parse(change, session))
                .collect::<Result<_, _>>()?,
        })
    }
}

impl Set {
    /// `before` is what this set will replace.
    fn apply(&mut self, change: Change, before: Option<&Self>) -> Result<(), UpdateError> {
        match change {
            Change::PutService(service) => self.put_service(service),
            Change::RemoveService(id) => {
                self.remove_service(id);
                Ok(())
            }
            Change::PutContent(content) => self.put_content(content, before),
            Change::RemoveContent(id) => {
                self.remove_content(id);
                Ok(())
            }
        }
    }

    fn put_service(&mut self, service: Service) -> Result<(), UpdateError> {
        self.remove_service(service.id);
        if self.services.len() >= limits::SERVICES {
            return Err(UpdateError::TooMany("services"));
        }
        let name = (service.namespace.clone(), service.name.folded());
        self.names.insert(name, service.id);
        self.services.insert(service.id, service);
        Ok(())
    }

    fn remove_service(&mut self, id: ServiceId) {
        let Some(service) = self.services.remove(&id) else {
            return;
        };
        let name = (service.namespace, service.name.folded());
        // A name that was created again belongs to the new service already.
        if self.names.get(&name) == Some(&id) {
            self.names.remove(&name);
        }
    }

    fn put_content(&mut self, content: Content, before: Option<&Self>) -> Result<(), UpdateError> {
        self.remove_content(content.id);
        let bytes = self.bytes + content.record.len();
        if self.contents.len() >= limits::CONTENTS || bytes > limits::CONTENT_BYTES {
            return Err(UpdateError::TooMany("secrets and configs"));
        }
        self.bytes = bytes;
        // A version never changes: the one that containers hold already serves, with the session that it came by.
        let held = before.and_then(|before| before.contents.get(&content.id));
        let same = held.filter(|held| held.record == content.record);
        let content = same.map_or_else(|| Arc::new(content), Arc::clone);
        self.contents.insert(content.id, content);
        Ok(())
    }

    fn remove_content(&mut self, id: ContentId) {
        if let Some(content) = self.contents.remove(&id) {
            self.bytes -= content.record.len();
        }
    }
}

#[cfg(test)]
mod tests;
