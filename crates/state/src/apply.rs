//! Carrying out a command: check everything, then change the state through records, so that what is written is what
//! has changed.

mod object;
mod service;
mod task;

use crate::{
    Applied, Change, Command, Event, Record, RecordKey, Rejection, RememberedRequest, Response,
    State, Task, Write,
};
use strongroom_model::{RequestId, Timestamp, limits};

/// How many requests one command forgets at most. More than one, so that the old ones go; few, so that the first
/// write after a quiet hour is not slower than the others.
const FORGOTTEN_AT_ONCE: usize = 16;

impl State {
    /// Carries out the command of the committed log entry `index`.
    ///
    /// Total: whatever the command holds, there is an outcome. A rejection leaves the state exactly as it was, and so
    /// does a command that changes nothing or was carried out before.
    pub fn apply(&mut self, index: u64, command: &Command) -> Applied {
        let before = command.request.and_then(|id| self.requests.get(&id));
        if let Some(request) = before {
            return Applied {
                outcome: Ok(request.response),
                writes: Vec::new(),
                events: Vec::new(),
            };
        }
        let mut changes = Changes {
            time: self.time.max(command.time),
            state: self,
            writes: Vec::new(),
            events: Vec::new(),
        };
        let outcome = changes.carry_out(&command.change);
        if let Ok(response) = outcome {
            changes.close(index, command.request, response);
        }
        Applied {
            outcome,
            writes: changes.writes,
            events: changes.events,
        }
    }
}

/// A command at work. Its methods check first and change afterwards: nothing is ever taken back.
struct Changes<'a> {
    state: &'a mut State,
    /// The state's time if something changes.
    time: Timestamp,
    writes: Vec<Write>,
    events: Vec<Event>,
}

impl Changes<'_> {
    fn carry_out(&mut self, change: &Change) -> Result<Response, Rejection> {
        match change {
            Change::AddVersion(add) => self.add_version(add),
            Change::UpdateLabels {
                kind,
                namespace,
                name,
                add,
                remove,
            } => self.update_labels((*kind, namespace, name), add, remove),
            Change::RemoveObject {
                kind,
                namespace,
                name,
            } => self.remove_object((*kind, namespace, name)),
            Change::RemoveVersion {
                kind,
                namespace,
                name,
                version,
            } => self.remove_version((*kind, namespace, name), *version),
            Change::DestroyVersion {
                kind,
                namespace,
                name,
                version,
            } => self.destroy_version((*kind, namespace, name), *version),
            Change::CreateService {
                id,
                namespace,
                name,
                labels,
                references,
            } => self.create_service(*id, namespace, name, labels, references),
            Change::RemoveService { namespace, name } => self.remove_service(namespace, name),
            Change::AttachTask {
                id,
                node,
                container,
                service,
                revision,
            } => self.attach_task(Task {
                id: *id,
                service: *service,
                revision: *revision,
                node: node.clone(),
                container: container.clone(),
                created: self.time,
            }),
            Change::DetachTask { node, container } => Ok(self.detach_task(node, container)),
            Change::KeepTasks { node, containers } => Ok(self.keep_tasks(node, containers)),
        }
    }

    /// What every command that was carried out does beside its own change.
    fn close(&mut self, index: u64, request: Option<RequestId>, response: Response) {
        if let Some(id) = request {
            self.put(Record::Request(RememberedRequest {
                id,
                index,
                time: self.time,
                response,
            }));
        }
        if self.writes.is_empty() {
            return;
        }
        for _ in 0..FORGOTTEN_AT_ONCE {
            let Some(forgotten) = self.forgettable() else {
                break;
            };
            self.delete(RecordKey::Request(forgotten));
        }
        if self.time > self.state.time {
            self.put(Record::Clock(self.time));
        }
    }

    /// The oldest remembered request, if it is too old or one too many.
    fn forgettable(&self) -> Option<RequestId> {
        let (_, oldest) = self.state.request_order.first()?;
        let age = self
            .time
            .millis_since(self.state.requests.get(oldest)?.time);
        let forgettable =
            age > limits::REQUEST_AGE_MS || self.state.requests.len() > limits::REQUESTS;
        forgettable.then_some(*oldest)
    }

    fn put(&mut self, record: Record) {
        self.state.put(record.clone());
        self.writes.push(Write::Put(record));
    }

    fn delete(&mut self, key: RecordKey) {
        self.state.delete(&key);
        self.writes.push(Write::Delete(key));
    }
}
