//! The gRPC services, one file each. Handlers admit the call, ask the vault, and put the answer into a message.

mod configs;
mod message;
mod secrets;
mod services;
mod status;

use crate::{dispatch::Dispatcher, gate::Gate, guard::GuardLayer, listen::Connection};
use futures::Stream;
use std::{future::Future, io, time::Duration};
use strongroom_api::{
    FILE_DESCRIPTOR_SET,
    dispatch::dispatcher_service_server::DispatcherServiceServer,
    v1::{
        configs_service_server::ConfigsServiceServer, secrets_service_server::SecretsServiceServer,
        services_service_server::ServicesServiceServer, status_service_server::StatusServiceServer,
    },
};
use strongroom_model::limits;
use tonic::{
    service::Routes,
    transport::{Error, Server},
};
use tonic_health::{
    ServingStatus,
    pb::health_server::HealthServer,
    server::{HealthReporter, health_reporter},
};

/// Calls of one connection at once: a quarter of those that are served at once, so that one that hangs leaves room.
const STREAMS: u32 = 32;

/// Header bytes of one call; ours have a few hundred.
const HEADERS: u32 = 16 * 1024;

/// How long a call may take, from its first byte to its answer's: uploads of 1 MiB and a full queue of writes included.
/// An agent's session counts until it begins.
const CALL_DEADLINE: Duration = Duration::from_secs(30);

/// How often a silent connection is asked whether anybody is there, and how long it may take to answer.
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_DEADLINE: Duration = Duration::from_secs(10);

/// Whether this manager can serve, for `grpc.health.v1`.
#[derive(Clone, Debug)]
pub(crate) struct Health(HealthReporter);

impl Health {
    pub(crate) async fn set(&self, ready: bool) {
        let status = if ready {
            ServingStatus::Serving
        } else {
            ServingStatus::NotServing
        };
        // The empty name stands for the server as a whole.
        self.0.set_service_status("", status).await;
    }
}

/// The health service, which says that the manager is not ready until it is told otherwise.
pub(crate) async fn health() -> (
    Health,
    HealthServer<impl tonic_health::pb::health_server::Health>,
) {
    let (reporter, service) = health_reporter();
    let health = Health(reporter);
    // tonic's reporter begins with the opposite.
    health.set(false).await;
    (health, service)
}

/// All services, around one gate.
pub(crate) fn services(
    gate: Gate,
    dispatcher: Dispatcher,
    health: HealthServer<impl tonic_health::pb::health_server::Health>,
) -> Routes {
    let reflection = tonic_reflection::server::Builder::configure()
        .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
        .build_v1()
        .expect("the build script wrote the descriptors");
    macro_rules! limited {
        ($service:expr) => {
            $service
                .max_decoding_message_size(limits::MESSAGE)
                .max_encoding_message_size(limits::MESSAGE)
        };
    }
    Routes::new(health)
        .add_service(reflection)
        .add_service(limited!(SecretsServiceServer::new(secrets::Secrets(
            gate.clone()
        ))))
        .add_service(limited!(ConfigsServiceServer::new(configs::Configs(
            gate.clone()
        ))))
        .add_service(limited!(ServicesServiceServer::new(services::Services(
            gate.clone()
        ))))
        .add_service(limited!(StatusServiceServer::new(status::StatusOf(gate))))
        .add_service(limited!(DispatcherServiceServer::new(dispatcher)))
}

/// Serves until `stop` ends, then lets calls under way finish.
pub(crate) async fn serve(
    connections: impl Stream<Item = io::Result<Connection>>,
    services: Routes,
    stop: impl Future<Output = ()>,
) -> Result<(), Error> {
    Server::builder()
        .accept_http1(false)
        .max_concurrent_streams(STREAMS)
        .http2_max_header_list_size(HEADERS)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE_DEADLINE))
        .timeout(CALL_DEADLINE)
        .layer(GuardLayer::new())
        .add_routes(services)
        .serve_with_incoming_shutdown(connections, stop)
        .await
}
