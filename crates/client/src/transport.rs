//! The HTTP/2 channel over a Unix socket.

use crate::Endpoint;
use hyper_util::rt::TokioIo;
use strongroom_model::limits;
use tokio::net::UnixStream;
use tonic::transport::{self, Channel};

/// A channel that connects with the first call, and anew after the connection broke.
#[must_use]
pub fn channel(endpoint: &Endpoint) -> Channel {
    // HTTP/2 wants an authority; a socket has none, and nobody looks at it.
    transport::Endpoint::from_static("http://strongroom")
        .initial_stream_window_size(WINDOW)
        .initial_connection_window_size(WINDOW)
        .connect_with_connector_lazy(tower::service_fn({
            let endpoint = endpoint.clone();
            move |_| {
                let endpoint = endpoint.clone();
                async move { UnixStream::connect(endpoint.path()).await.map(TokioIo::new) }
            }
        }))
}

/// A whole message fits, so that a config of 1 MiB needs no round trips.
#[expect(clippy::cast_possible_truncation, reason = "a few MiB")]
const WINDOW: u32 = limits::MESSAGE as u32;
