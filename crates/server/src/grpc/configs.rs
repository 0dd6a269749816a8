//! `ConfigsService`: configs, whose bytes can be read.

use super::message;
use crate::gate::{Admitted, Gate};
use strongroom_api::{
    request::{
        ChangeLabels, ListObjects, ObjectPath, OnObject, OnVersion, ReadVersion, WriteVersion,
    },
    v1::{self, configs_service_server::ConfigsService},
};
use tonic::{Request, Response, Status, async_trait};

/// See the module.
#[derive(Debug)]
pub(super) struct Configs(pub(super) Gate);

#[async_trait]
impl ConfigsService for Configs {
    async fn create_config(
        &self,
        request: Request<v1::CreateConfigRequest>,
    ) -> Result<Response<v1::CreateConfigResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, WriteVersion>(request)?;
        let written = vault.write(administrator, ask).await?;
        let config = Some(written.object.into());
        Ok(Response::new(v1::CreateConfigResponse { config }))
    }

    async fn put_config(
        &self,
        request: Request<v1::PutConfigRequest>,
    ) -> Result<Response<v1::PutConfigResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, WriteVersion>(request)?;
        let written = vault.write(administrator, ask).await?;
        let (config, added) = (Some(written.object.into()), written.added);
        Ok(Response::new(v1::PutConfigResponse { config, added }))
    }

    async fn get_config(
        &self,
        request: Request<v1::GetConfigRequest>,
    ) -> Result<Response<v1::GetConfigResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ObjectPath>(request)?;
        let (described, bytes) = vault.describe_with_bytes(administrator, &ask).await?;
        let config = Some(described.into());
        let payload = bytes
            .map(|bytes| bytes.expose().to_vec())
            .unwrap_or_default();
        Ok(Response::new(v1::GetConfigResponse { config, payload }))
    }

    async fn list_configs(
        &self,
        request: Request<v1::ListConfigsRequest>,
    ) -> Result<Response<v1::ListConfigsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ListObjects>(request)?;
        let (described, next) = vault.list(administrator, ask).await?;
        let configs = described.into_iter().map(Into::into).collect();
        let next_page_token = next.map(|token| token.to_string()).unwrap_or_default();
        Ok(Response::new(v1::ListConfigsResponse {
            configs,
            next_page_token,
        }))
    }

    async fn update_config_labels(
        &self,
        request: Request<v1::UpdateConfigLabelsRequest>,
    ) -> Result<Response<v1::UpdateConfigLabelsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ChangeLabels>(request)?;
        let config = Some(vault.change_labels(administrator, ask).await?.into());
        Ok(Response::new(v1::UpdateConfigLabelsResponse { config }))
    }

    async fn delete_config(
        &self,
        request: Request<v1::DeleteConfigRequest>,
    ) -> Result<Response<v1::DeleteConfigResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnObject>(request)?;
        vault.remove_object(administrator, ask).await?;
        Ok(Response::new(v1::DeleteConfigResponse {}))
    }

    async fn delete_config_version(
        &self,
        request: Request<v1::DeleteConfigVersionRequest>,
    ) -> Result<Response<v1::DeleteConfigVersionResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnVersion>(request)?;
        vault.remove_version(administrator, ask).await?;
        Ok(Response::new(v1::DeleteConfigVersionResponse {}))
    }

    async fn destroy_config_version(
        &self,
        request: Request<v1::DestroyConfigVersionRequest>,
    ) -> Result<Response<v1::DestroyConfigVersionResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnVersion>(request)?;
        let destroyed = vault.destroy_version(administrator, ask).await?;
        let version = Some(message::version(&destroyed));
        Ok(Response::new(v1::DestroyConfigVersionResponse { version }))
    }

    async fn list_config_versions(
        &self,
        request: Request<v1::ListConfigVersionsRequest>,
    ) -> Result<Response<v1::ListConfigVersionsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ObjectPath>(request)?;
        let versions = vault.versions(administrator, &ask).await?;
        let versions = versions.iter().map(message::version).collect();
        Ok(Response::new(v1::ListConfigVersionsResponse { versions }))
    }

    async fn read_config(
        &self,
        request: Request<v1::ReadConfigRequest>,
    ) -> Result<Response<v1::ReadConfigResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ReadVersion>(request)?;
        let bytes = vault.read(administrator, &ask).await?;
        let (version, payload) = (bytes.version.get(), bytes.payload.expose().to_vec());
        Ok(Response::new(v1::ReadConfigResponse { version, payload }))
    }
}
