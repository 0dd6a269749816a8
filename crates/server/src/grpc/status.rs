//! `StatusService`: the only one that answers while the manager is sealed.

use crate::{gate::Gate, peer::Administrator};
use strongroom_api::v1::{
    GetStatusRequest, GetStatusResponse, status_service_server::StatusService,
};
use tonic::{Request, Response, Status, async_trait};

/// See the module.
#[derive(Debug)]
pub(super) struct StatusOf(pub(super) Gate);

#[async_trait]
impl StatusService for StatusOf {
    async fn get_status(
        &self,
        request: Request<GetStatusRequest>,
    ) -> Result<Response<GetStatusResponse>, Status> {
        let _administrator = Administrator::of(request.extensions())?;
        let version = env!("CARGO_PKG_VERSION").to_owned();
        let Some(vault) = self.0.vault() else {
            let sealed = GetStatusResponse {
                sealed: true,
                version,
                ..Default::default()
            };
            return Ok(Response::new(sealed));
        };
        let status = vault.consensus().status();
        let log = vault.consensus().metrics();
        Ok(Response::new(GetStatusResponse {
            sealed: false,
            ready: status.running && status.leader.is_some(),
            leader: status
                .leader
                .map(|leader| leader.to_string())
                .unwrap_or_default(),
            version,
            cluster_id: vault.cipher().cluster().to_string(),
            applied_index: status.applied,
            log_entries: log.entries,
            log_syncs: log.fsyncs,
        }))
    }
}
