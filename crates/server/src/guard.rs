//! What surrounds every call, health and reflection included: the caller is checked before anything else happens, and
//! a panic fails the one call that it happened in.

use crate::peer::{Administrator, Peer};
use futures::FutureExt as _;
use std::{
    convert::Infallible,
    future::Future,
    panic::{AssertUnwindSafe, catch_unwind},
    pin::Pin,
    task::{Context, Poll},
    time::Instant,
};
use strongroom_api::{Refusal, v1::ErrorReason};
use tonic::{Status, body::Body, codegen::http};
use tower::{Layer, Service};

/// Puts a [`Guard`] around a service.
#[derive(Clone, Copy, Debug)]
pub(crate) struct GuardLayer;

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Guard<S> {
    inner: S,
}

type Answer = http::Response<Body>;

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        Guard { inner }
    }
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = Answer, Error = Infallible>,
    S::Future: Send + 'static,
{
    type Response = Answer;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Answer, Infallible>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: http::Request<Body>) -> Self::Future {
        let administrator = match administrator(&request) {
            Ok(administrator) => administrator,
            Err(refusal) => return Box::pin(async { Ok(Status::from(refusal).into_http()) }),
        };
        request.extensions_mut().insert(administrator);
        let method = request.uri().path().to_owned();
        let began = Instant::now();
        let called = catch_unwind(AssertUnwindSafe(|| self.inner.call(request)));
        Box::pin(async move {
            let answered = match called {
                Ok(future) => AssertUnwindSafe(future).catch_unwind().await,
                Err(panic) => Err(panic),
            };
            let answer = answered.unwrap_or_else(|_| Ok(internal()))?;
            log(&method, administrator, &answer, began);
            Ok(answer)
        })
    }
}

fn administrator(request: &http::Request<Body>) -> Result<Administrator, Refusal> {
    let peer = request.extensions().get::<Peer>().copied();
    peer.unwrap_or(Peer { uid: None }).administrator()
}

fn internal() -> Answer {
    let message = "a fault inside strongroomd: look at its log for the place, and report it";
    Status::from(Refusal::new(ErrorReason::Internal, message)).into_http()
}

/// One line for each call. What is no method of ours is not repeated: a caller may have put anything there.
fn log(method: &str, administrator: Administrator, answer: &Answer, began: Instant) {
    let code = answer
        .headers()
        .get("grpc-status")
        .map_or("0", |code| code.to_str().unwrap_or("?"));
    let method = if code == UNIMPLEMENTED {
        "unknown"
    } else {
        method
    };
    let micros = began.elapsed().as_micros();
    tracing::debug!(method, code, uid = administrator.uid(), micros, "call");
}

/// gRPC's number for a method that does not exist.
const UNIMPLEMENTED: &str = "12";

#[cfg(test)]
mod tests {
    use super::*;
    use tonic::Code;
    use tower::service_fn;

    fn request(peer: Option<Peer>) -> http::Request<Body> {
        let mut request = http::Request::new(Body::empty());
        if let Some(peer) = peer {
            request.extensions_mut().insert(peer);
        }
        request
    }

    fn code(answer: &Answer) -> Code {
        Status::from_header_map(answer.headers()).unwrap().code()
    }

    #[tokio::test]
    async fn a_call_that_panics_fails_alone() {
        let mut guard = GuardLayer.layer(service_fn(|_| async { panic!("s3cret") }));
        let root = Peer { uid: Some(0) };
        let answer = guard.call(request(Some(root))).await.unwrap();
        assert_eq!(code(&answer), Code::Internal);
        let message = Status::from_header_map(answer.headers())
            .unwrap()
            .message()
            .to_owned();
        assert!(!message.contains("s3cret"));
    }

    #[tokio::test]
    async fn nothing_behind_the_guard_is_reached_without_a_known_peer() {
        let mut guard = GuardLayer.layer(service_fn(|_| async { unreachable!("refused before") }));
        for peer in [
            None,
            Some(Peer { uid: None }),
            Some(Peer {
                uid: Some(u32::MAX - 1),
            }),
        ] {
            let answer = guard.call(request(peer)).await.unwrap();
            assert_eq!(code(&answer), Code::PermissionDenied);
        }
    }
}
