//! `ServicesService`: services, and the containers that have their files.

use super::message;
use crate::{
    gate::{Admitted, Gate},
    page, refusals,
    vault::draw_id,
};
use strongroom_api::{
    Refusal,
    request::{CreateService, ListServices, ListTasks, LookUpService, RemoveService},
    v1::{self, ErrorReason, services_service_server::ServicesService},
};
use strongroom_model::{ServiceId, TaskId};
use strongroom_state::{self as state, Change, Filter, PageToken, State};
use tonic::{Request, Response, Status, async_trait};

/// See the module.
#[derive(Debug)]
pub(super) struct Services(pub(super) Gate);

#[async_trait]
impl ServicesService for Services {
    async fn create_service(
        &self,
        request: Request<v1::CreateServiceRequest>,
    ) -> Result<Response<v1::CreateServiceResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, CreateService>(request)?;
        let change = Change::CreateService {
            id: ServiceId::from_bytes(draw_id()?),
            namespace: ask.namespace,
            name: ask.name,
            labels: ask.labels,
            references: ask.references,
        };
        let response = vault.change(administrator, ask.request, change).await?;
        let state::Response::Service(id) = response else {
            return Err(refusals::unexpected().into());
        };
        let service = vault
            .consensus()
            .read(|state| state.service(id).map(message::service));
        // A retry can come after somebody has removed what the first attempt made.
        let gone = || format!("service {id} was created, and has been removed since");
        let service = service.ok_or_else(|| Refusal::new(ErrorReason::NotFound, gone()))?;
        Ok(Response::new(v1::CreateServiceResponse {
            service: Some(service),
        }))
    }

    async fn get_service(
        &self,
        request: Request<v1::GetServiceRequest>,
    ) -> Result<Response<v1::GetServiceResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, LookUpService>(request)?;
        let found = vault.settled(administrator, |state| {
            state
                .find_service(&ask.namespace, &ask.name)
                .map(message::service)
        });
        let service = found.await?.map_err(refusals::rejected)?;
        Ok(Response::new(v1::GetServiceResponse {
            service: Some(service),
        }))
    }

    async fn list_services(
        &self,
        request: Request<v1::ListServicesRequest>,
    ) -> Result<Response<v1::ListServicesResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ListServices>(request)?;
        let after = ask.page.token.as_deref().map(PageToken::parse);
        let after = after.transpose().map_err(refusals::no_page)?;
        let all = Filter::default();
        let page = vault.settled(administrator, |state| {
            let services = |limit| state.services(&ask.namespace, &all, after.as_ref(), limit);
            let page = page::fitting(services, ask.page.size, weight);
            let services = page.items.into_iter().map(message::service).collect();
            (services, page.next)
        });
        let (services, next) = page.await?;
        let next_page_token = next.map(|token| token.to_string()).unwrap_or_default();
        Ok(Response::new(v1::ListServicesResponse {
            services,
            next_page_token,
        }))
    }

    async fn delete_service(
        &self,
        request: Request<v1::DeleteServiceRequest>,
    ) -> Result<Response<v1::DeleteServiceResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, RemoveService>(request)?;
        let RemoveService {
            namespace,
            name,
            request,
        } = ask;
        let change = Change::RemoveService { namespace, name };
        vault.change(administrator, request, change).await?;
        Ok(Response::new(v1::DeleteServiceResponse {}))
    }

    async fn list_tasks(
        &self,
        request: Request<v1::ListTasksRequest>,
    ) -> Result<Response<v1::ListTasksResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ListTasks>(request)?;
        let after = ask.page.token.as_deref().map(TaskId::parse).transpose();
        let after = after.map_err(|_| refusals::no_page(state::PageTokenError))?;
        let page = vault.settled(administrator, |state| tasks(state, &ask, after));
        let (tasks, next_page_token) = page.await?.map_err(refusals::rejected)?;
        Ok(Response::new(v1::ListTasksResponse {
            tasks,
            next_page_token,
        }))
    }
}

/// A page of tasks in the order of their ids, and the token of the next one.
fn tasks(
    state: &State,
    ask: &ListTasks,
    after: Option<TaskId>,
) -> Result<(Vec<v1::Task>, String), state::Rejection> {
    let of_one: Option<ServiceId> = match &ask.service {
        Some(name) => Some(state.find_service(&ask.namespace, name)?.id),
        None => None,
    };
    let candidates: Box<dyn Iterator<Item = &state::Task>> = match of_one {
        Some(service) => Box::new(state.tasks_of(service)),
        None => Box::new(state.tasks()),
    };
    let listed = candidates
        .filter(|task| after.is_none_or(|after| task.id > after))
        .filter_map(|task| Some((task, state.service(task.service)?)))
        .filter(|(_, service)| service.namespace == ask.namespace);
    let mut listed: Vec<_> = listed.take(ask.page.size + 1).collect();
    let weights = listed.iter().map(|(task, _)| task_weight(task));
    let count = page::fitting_count(weights).min(ask.page.size);
    let more = listed.len() > count;
    listed.truncate(count);
    let last = listed.last().filter(|_| more);
    let next = last
        .map(|(task, _)| task.id.to_string())
        .unwrap_or_default();
    let tasks = listed
        .into_iter()
        .map(|(task, service)| message::task(task, service));
    Ok((tasks.collect(), next))
}

fn task_weight(task: &state::Task) -> usize {
    320 + task.node.as_str().len() + task.container.as_str().len()
}

/// Roughly the bytes of its message.
fn weight(service: &state::Service) -> usize {
    let labels = service
        .labels
        .iter()
        .map(|(key, value)| key.len() + value.len() + 8);
    let files = service.files.references().iter();
    let files =
        files.map(|file| 128 + file.path().iter().map(|part| part.len() + 1).sum::<usize>());
    256 + labels.sum::<usize>() + files.sum::<usize>()
}
