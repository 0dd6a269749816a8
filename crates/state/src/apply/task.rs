//! Commands on tasks: what agents report. A report is a fact, so none is refused but for a service that is not there.

use super::Changes;
use crate::query::{SERVICE, not_found};
use crate::{Event, Record, RecordKey, Rejection, Response, Task};
use std::collections::BTreeSet;
use strongroom_model::{ContainerId, NodeName, TaskId};

impl Changes<'_> {
    pub(super) fn attach_task(&mut self, task: Task) -> Result<Response, Rejection> {
        if self.state.service(task.service).is_none() {
            return Err(not_found(SERVICE, &task.service.to_string()));
        }
        let before = self.state.task_of(&task.node, &task.container);
        if let Some(before) = before
            && (before.service, before.revision) == (task.service, task.revision)
        {
            return Ok(Response::Task(before.id));
        }
        if self.state.task(task.id).is_some() {
            return Err(Rejection::Raced);
        }
        // The container has other files now: its id was used again, or its end was not reported.
        if let Some(before) = before.map(|before| before.id) {
            self.end_task(before);
        }
        let id = task.id;
        self.put(Record::Task(task));
        self.events.push(Event::Task(id));
        Ok(Response::Task(id))
    }

    pub(super) fn detach_task(&mut self, node: &NodeName, container: &ContainerId) -> Response {
        if let Some(id) = self.state.task_of(node, container).map(|task| task.id) {
            self.end_task(id);
        }
        Response::Done
    }

    pub(super) fn keep_tasks(
        &mut self,
        node: &NodeName,
        containers: &BTreeSet<ContainerId>,
    ) -> Response {
        let ended: Vec<TaskId> = self
            .state
            .tasks_on(node)
            .filter(|task| !containers.contains(&task.container))
            .map(|task| task.id)
            .collect();
        for id in ended {
            self.end_task(id);
        }
        Response::Done
    }

    fn end_task(&mut self, id: TaskId) {
        self.delete(RecordKey::Task(id));
        self.events.push(Event::Task(id));
    }
}
