//! What surrounds every call, health and reflection included: the caller is checked before anything else happens, calls
//! under way are bounded, and a panic fails the one call that it happened in.

use crate::peer::{Administrator, Peer};
use futures::FutureExt as _;
use std::{
    convert::Infallible,
    future::Future,
    panic::AssertUnwindSafe,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Instant,
};
use strongroom_api::{Refusal, v1::ErrorReason};
use tokio::sync::Semaphore;
use tonic::{Status, body::Body, codegen::http};
use tower::{Layer, Service};

/// Calls under way at once, in all connections together. Each may hold a message and what it decodes to; the others
/// wait with their bodies unread, for which HTTP/2's flow control allows a fixed number of bytes per connection.
const CALLS: usize = 128;

/// Puts a [`Guard`] around a service; clones share the limit.
#[derive(Clone, Debug)]
pub(crate) struct GuardLayer {
    calls: Arc<Semaphore>,
}

/// See the module.
#[derive(Clone, Debug)]
pub(crate) struct Guard<S> {
    inner: S,
    calls: Arc<Semaphore>,
}

type Answer = http::Response<Body>;

impl GuardLayer {
    pub(crate) fn new() -> Self {
        let calls = Arc::new(Semaphore::new(CALLS));
        Self { calls }
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guard<S>;

    fn layer(&self, inner: S) -> Guard<S> {
        let calls = Arc::clone(&self.calls);
        Guard { inner, calls }
    }
}

impl<S> Service<http::Request<Body>> for Guard<S>
where
    S: Service<http::Request<Body>, Response = Answer, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
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
        // The one that is ready is taken; its clone may not be.
        let clone = self.inner.clone();
        let mut ready = core::mem::replace(&mut self.inner, clone);
        let calls = Arc::clone(&self.calls);
        Box::pin(async move {
            let _permit = calls
                .acquire()
                .await
                .expect("the semaphore is never closed");
            let began = Instant::now();
            let called = AssertUnwindSafe(async { ready.call(request).await });
            let answer = called
                .catch_unwind()
                .await
                .unwrap_or_else(|_| Ok(internal()))?;
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
        let mut guard = GuardLayer::new().layer(service_fn(|_| async { panic!("s3cret") }));
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
        let mut guard =
            GuardLayer::new().layer(service_fn(|_| async { unreachable!("refused before") }));
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

    #[tokio::test]
    async fn calls_past_the_limit_wait_for_one_to_end() {
        let (entered, mut entries) = tokio::sync::mpsc::channel(CALLS + 1);
        let ends = Arc::new(Semaphore::new(0));
        let layer = GuardLayer::new();
        let waiting = Arc::clone(&ends);
        let guard = layer.layer(service_fn(move |_| {
            let (entered, ends) = (entered.clone(), Arc::clone(&waiting));
            async move {
                entered.send(()).await.unwrap();
                ends.acquire().await.unwrap().forget();
                Ok(internal())
            }
        }));
        let root = Peer { uid: Some(0) };
        let calls = (0..=CALLS).map(|_| tokio::spawn(guard.clone().call(request(Some(root)))));
        let calls: Vec<_> = calls.collect();
        for _ in 0..CALLS {
            entries.recv().await.unwrap();
        }
        assert_eq!(layer.calls.available_permits(), 0);
        assert!(entries.try_recv().is_err());
        ends.add_permits(1);
        entries.recv().await.unwrap();
        ends.add_permits(CALLS);
        for call in calls {
            call.await.unwrap().unwrap();
        }
    }
}
