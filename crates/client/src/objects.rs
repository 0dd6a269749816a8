//! Secrets and configs: one set of calls for both, as their messages differ in nothing but names.

use crate::call::{Effect, request_id};
use crate::described::{all, present, version};
use crate::{Client, ClientError, Object, Put, PutOutcome, VersionInfo};
use std::collections::BTreeMap;
use strongroom_api::v1;
use strongroom_api::v1::configs_service_client::ConfigsServiceClient;
use strongroom_api::v1::secrets_service_client::SecretsServiceClient;
use strongroom_model::{Kind, LabelKey, Labels, Name, RequestId, Version, limits};
use strongroom_sensitive::SecretBytes;
use tonic::transport::Channel;

/// Which objects to list; the default lists all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Beginnings of names, without regard to case; one must fit, unless there is none.
    pub name_prefixes: Vec<String>,
    /// Labels that must all be there; an empty value asks only for the key.
    pub labels: BTreeMap<String, String>,
}

/// One call for either kind: the messages `Secret` and `Config` of the same fields, then one expression for the answer,
/// whose field is named after the kind.
macro_rules! either {
    (
        $client:ident, $effect:ident, $kind:expr,
        $secret_call:ident($secret_request:ident) / $config_call:ident($config_request:ident) $fields:tt,
        |$answer:ident| $secret_result:expr, $config_result:expr
    ) => {
        match $kind {
            Kind::Secret => {
                let $answer = $client
                    .call(
                        Effect::$effect,
                        || v1::$secret_request $fields,
                        |channel, request| async move { secrets(channel).$secret_call(request).await },
                    )
                    .await?;
                $secret_result
            }
            Kind::Config => {
                let $answer = $client
                    .call(
                        Effect::$effect,
                        || v1::$config_request $fields,
                        |channel, request| async move { configs(channel).$config_call(request).await },
                    )
                    .await?;
                $config_result
            }
        }
    };
}

impl Client {
    /// Makes a secret or config, and its first version.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if the name exists, or as [`ClientError`] says.
    pub async fn create(
        &self,
        kind: Kind,
        name: &Name,
        put: &Put<'_>,
    ) -> Result<Object, ClientError> {
        let id = request_id()?;
        either!(
            self, Writes, kind,
            create_secret(CreateSecretRequest) / create_config(CreateConfigRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                labels: put.labels.map(message_of).unwrap_or_default(),
                payload: put.payload.expose().to_vec(),
                request_id: id.to_string(),
                if_version: put.if_version,
            },
            |answer| present(answer.secret), present(answer.config)
        )
    }

    /// Makes the object or adds a version, unless the newest has the same bytes.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) if it is not at `if_version`, or as [`ClientError`] says.
    pub async fn put(
        &self,
        kind: Kind,
        name: &Name,
        put: &Put<'_>,
    ) -> Result<PutOutcome, ClientError> {
        let id = request_id()?;
        let (added, object) = either!(
            self, Writes, kind,
            put_secret(PutSecretRequest) / put_config(PutConfigRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                labels: put.labels.map(|labels| v1::LabelSet { labels: message_of(labels) }),
                payload: put.payload.expose().to_vec(),
                request_id: id.to_string(),
                if_version: put.if_version,
                force_new: put.force_new,
            },
            |answer| (answer.added, present(answer.secret)?), (answer.added, present(answer.config)?)
        );
        Ok(PutOutcome { object, added })
    }

    /// Describes the object with that name, id, or unique beginning of an id. Of a config, and never of a secret, with
    /// the newest version's bytes, unless those are destroyed.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn object(
        &self,
        kind: Kind,
        name: &Name,
    ) -> Result<(Object, Option<SecretBytes>), ClientError> {
        let answer = either!(
            self, Reads, kind,
            get_secret(GetSecretRequest) / get_config(GetConfigRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
            },
            |answer| (present(answer.secret)?, None), (present(answer.config)?, Some(answer.payload))
        );
        let (object, payload) = answer;
        let payload = payload.filter(|bytes| !bytes.is_empty());
        Ok((object, payload.map(SecretBytes::from_vec)))
    }

    /// Lists the objects that pass the filter, by name: all pages.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn objects(&self, kind: Kind, filter: &Filter) -> Result<Vec<Object>, ClientError> {
        let mut objects = Vec::new();
        let mut token = String::new();
        loop {
            let (page, next): (Vec<Object>, String) = either!(
                self, Reads, kind,
                list_secrets(ListSecretsRequest) / list_configs(ListConfigsRequest) {
                    namespace: self.namespace(),
                    filter: Some(v1::Filter {
                        name_prefixes: filter.name_prefixes.clone(),
                        labels: filter.labels.clone(),
                    }),
                    page_size: 0,
                    page_token: token.clone(),
                },
                |answer| (all(answer.secrets)?, answer.next_page_token), (all(answer.configs)?, answer.next_page_token)
            );
            objects.extend(page);
            if next.is_empty() {
                return Ok(objects);
            }
            token = next;
        }
    }

    /// Adds and removes labels; a key in both stays.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn update_labels(
        &self,
        kind: Kind,
        name: &Name,
        add: &Labels,
        remove: &[LabelKey],
    ) -> Result<Object, ClientError> {
        let id = request_id()?;
        either!(
            self, Writes, kind,
            update_secret_labels(UpdateSecretLabelsRequest) / update_config_labels(UpdateConfigLabelsRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                add: message_of(add),
                remove: remove.iter().map(|key| key.as_str().to_owned()).collect(),
                request_id: id.to_string(),
            },
            |answer| present(answer.secret), present(answer.config)
        )
    }

    /// Removes an object with all its versions.
    ///
    /// # Errors
    /// [`ErrorKind::Conflict`](crate::ErrorKind::Conflict) naming the services that use it, or as [`ClientError`] says.
    pub async fn remove(&self, kind: Kind, name: &Name) -> Result<(), ClientError> {
        let id = request_id()?;
        either!(
            self, Writes, kind,
            delete_secret(DeleteSecretRequest) / delete_config(DeleteConfigRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                request_id: id.to_string(),
            },
            |_answer| Ok(()), Ok(())
        )
    }

    /// Removes one version; its number is not used again.
    ///
    /// # Errors
    /// As [`Self::remove`], and a conflict if it is the only version.
    pub async fn remove_version(
        &self,
        kind: Kind,
        name: &Name,
        number: Version,
    ) -> Result<(), ClientError> {
        let id = request_id()?;
        either!(
            self, Writes, kind,
            delete_secret_version(DeleteSecretVersionRequest) / delete_config_version(DeleteConfigVersionRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                version: number.get(),
                request_id: id.to_string(),
            },
            |_answer| Ok(()), Ok(())
        )
    }

    /// Ends access to one version, for good.
    ///
    /// # Errors
    /// As [`Self::remove`].
    pub async fn destroy(
        &self,
        kind: Kind,
        name: &Name,
        number: Version,
    ) -> Result<VersionInfo, ClientError> {
        let id: RequestId = request_id()?;
        either!(
            self, Writes, kind,
            destroy_secret_version(DestroySecretVersionRequest) / destroy_config_version(DestroyConfigVersionRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
                version: number.get(),
                request_id: id.to_string(),
            },
            |answer| present(answer.version), present(answer.version)
        )
    }

    /// Lists an object's versions, oldest first.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn versions(&self, kind: Kind, name: &Name) -> Result<Vec<VersionInfo>, ClientError> {
        either!(
            self, Reads, kind,
            list_secret_versions(ListSecretVersionsRequest) / list_config_versions(ListConfigVersionsRequest) {
                namespace: self.namespace(),
                name: name.to_string(),
            },
            |answer| all(answer.versions), all(answer.versions)
        )
    }

    /// The bytes of one version of a config; of the newest if none is named. For secrets there is no such call.
    ///
    /// # Errors
    /// [`ClientError`].
    pub async fn read_config(
        &self,
        name: &Name,
        number: Option<Version>,
    ) -> Result<(Version, SecretBytes), ClientError> {
        let message = || v1::ReadConfigRequest {
            namespace: self.namespace(),
            name: name.to_string(),
            version: number.map_or(0, Version::get),
        };
        let send = |channel, request| async move { configs(channel).read_config(request).await };
        let answer = self.call(Effect::Reads, message, send).await?;
        Ok((
            version(answer.version)?,
            SecretBytes::from_vec(answer.payload),
        ))
    }
}

fn secrets(channel: Channel) -> SecretsServiceClient<Channel> {
    SecretsServiceClient::new(channel)
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE)
}

fn configs(channel: Channel) -> ConfigsServiceClient<Channel> {
    ConfigsServiceClient::new(channel)
        .max_decoding_message_size(limits::MESSAGE)
        .max_encoding_message_size(limits::MESSAGE)
}

/// Labels as the messages hold them.
pub(crate) fn message_of(labels: &Labels) -> BTreeMap<String, String> {
    labels
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}
