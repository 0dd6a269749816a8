//! `SecretsService`: secrets, whose bytes never leave by this door.

use super::message;
use crate::gate::{Admitted, Gate};
use strongroom_api::{
    request::{ChangeLabels, ListObjects, ObjectPath, OnObject, OnVersion, WriteVersion},
    v1::{self, secrets_service_server::SecretsService},
};
use tonic::{Request, Response, Status, async_trait};

/// See the module.
#[derive(Debug)]
pub(super) struct Secrets(pub(super) Gate);

#[async_trait]
impl SecretsService for Secrets {
    async fn create_secret(
        &self,
        request: Request<v1::CreateSecretRequest>,
    ) -> Result<Response<v1::CreateSecretResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, WriteVersion>(request)?;
        let written = vault.write(administrator, ask).await?;
        let secret = Some(written.object.into());
        Ok(Response::new(v1::CreateSecretResponse { secret }))
    }

    async fn put_secret(
        &self,
        request: Request<v1::PutSecretRequest>,
    ) -> Result<Response<v1::PutSecretResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, WriteVersion>(request)?;
        let written = vault.write(administrator, ask).await?;
        let (secret, added) = (Some(written.object.into()), written.added);
        Ok(Response::new(v1::PutSecretResponse { secret, added }))
    }

    async fn get_secret(
        &self,
        request: Request<v1::GetSecretRequest>,
    ) -> Result<Response<v1::GetSecretResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ObjectPath>(request)?;
        let secret = Some(vault.describe(administrator, &ask).await?.into());
        Ok(Response::new(v1::GetSecretResponse { secret }))
    }

    async fn list_secrets(
        &self,
        request: Request<v1::ListSecretsRequest>,
    ) -> Result<Response<v1::ListSecretsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ListObjects>(request)?;
        let (described, next) = vault.list(administrator, ask).await?;
        let secrets = described.into_iter().map(Into::into).collect();
        let next_page_token = next.map(|token| token.to_string()).unwrap_or_default();
        Ok(Response::new(v1::ListSecretsResponse {
            secrets,
            next_page_token,
        }))
    }

    async fn update_secret_labels(
        &self,
        request: Request<v1::UpdateSecretLabelsRequest>,
    ) -> Result<Response<v1::UpdateSecretLabelsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ChangeLabels>(request)?;
        let secret = Some(vault.change_labels(administrator, ask).await?.into());
        Ok(Response::new(v1::UpdateSecretLabelsResponse { secret }))
    }

    async fn delete_secret(
        &self,
        request: Request<v1::DeleteSecretRequest>,
    ) -> Result<Response<v1::DeleteSecretResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnObject>(request)?;
        vault.remove_object(administrator, ask).await?;
        Ok(Response::new(v1::DeleteSecretResponse {}))
    }

    async fn delete_secret_version(
        &self,
        request: Request<v1::DeleteSecretVersionRequest>,
    ) -> Result<Response<v1::DeleteSecretVersionResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnVersion>(request)?;
        vault.remove_version(administrator, ask).await?;
        Ok(Response::new(v1::DeleteSecretVersionResponse {}))
    }

    async fn destroy_secret_version(
        &self,
        request: Request<v1::DestroySecretVersionRequest>,
    ) -> Result<Response<v1::DestroySecretVersionResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, OnVersion>(request)?;
        let destroyed = vault.destroy_version(administrator, ask).await?;
        let version = Some(message::version(&destroyed));
        Ok(Response::new(v1::DestroySecretVersionResponse { version }))
    }

    async fn list_secret_versions(
        &self,
        request: Request<v1::ListSecretVersionsRequest>,
    ) -> Result<Response<v1::ListSecretVersionsResponse>, Status> {
        let Admitted {
            administrator,
            vault,
            ask,
        } = self.0.admit::<_, ObjectPath>(request)?;
        let versions = vault.versions(administrator, &ask).await?;
        let versions = versions.iter().map(message::version).collect();
        Ok(Response::new(v1::ListSecretVersionsResponse { versions }))
    }
}
