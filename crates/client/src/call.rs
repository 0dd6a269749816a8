//! One call: its deadline, its request id, and the attempts that it gets.

use crate::error::{Cause, ClientError, Failure};
use crate::{Endpoint, transport};
use core::time::Duration;
use strongroom_model::{Namespace, RequestId};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// A client of one server. Clones share the connection; many calls may run at once.
#[derive(Clone, Debug)]
pub struct Client {
    endpoint: Endpoint,
    channel: Channel,
    namespace: Namespace,
    deadline: Duration,
}

/// Whether an unanswered call may have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Reads,
    Writes,
}

impl Client {
    /// How long a call may take, with all its attempts, unless [`Self::with_deadline`] says otherwise.
    pub const DEADLINE: Duration = Duration::from_secs(30);

    /// A client of the server at `endpoint`. It connects with the first call; needs a tokio runtime.
    #[must_use]
    pub fn new(endpoint: &Endpoint) -> Self {
        Self {
            endpoint: endpoint.clone(),
            channel: transport::channel(endpoint),
            namespace: Namespace::default(),
            deadline: Self::DEADLINE,
        }
    }

    /// The same client with another deadline for each call.
    #[must_use]
    pub const fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    pub(crate) fn namespace(&self) -> String {
        self.namespace.as_str().to_owned()
    }

    /// Sends a message until it is answered for good, at most [`ATTEMPTS`] times and until the deadline.
    ///
    /// Sending again is safe: `message` makes the same message with the same request id each time.
    pub(crate) async fn call<Q, R, F>(
        &self,
        effect: Effect,
        message: impl Fn() -> Q,
        send: impl Fn(Channel, Request<Q>) -> F,
    ) -> Result<R, ClientError>
    where
        F: Future<Output = Result<Response<R>, Status>>,
    {
        let deadline = Instant::now() + self.deadline;
        let mut in_doubt = false;
        let mut attempt = 0;
        loop {
            attempt += 1;
            let mut request = Request::new(message());
            request.set_timeout(deadline.saturating_duration_since(Instant::now()));
            let answer = timeout_at(deadline, send(self.channel.clone(), request)).await;
            let failure = match answer {
                Ok(Ok(response)) => return Ok(response.into_inner()),
                Ok(Err(status)) if !timed_out(&status) => Failure::judge(&self.endpoint, &status),
                Ok(Err(_)) | Err(_) => {
                    in_doubt = true;
                    let error = ClientError::no_answer(&self.endpoint, self.deadline);
                    return Err(concluded(error, effect, in_doubt));
                }
            };
            in_doubt |= failure.cause == Cause::Broken;
            let again = match failure.cause {
                Cause::Refused => return Err(failure.error),
                Cause::Passing | Cause::Broken => true,
                // Nothing to wait for, unless the server was there a moment ago and is starting again.
                Cause::NotConnected | Cause::Sealed => in_doubt,
            };
            let pause = FIRST_PAUSE * 2u32.saturating_pow(attempt - 1);
            if !again || attempt == ATTEMPTS || Instant::now() + pause >= deadline {
                return Err(concluded(failure.error, effect, in_doubt));
            }
            sleep(pause).await;
        }
    }
}

/// A new request's id, from the operating system.
pub(crate) fn request_id() -> Result<RequestId, ClientError> {
    let mut bytes = [0; 16];
    // 16 bytes come whole or not at all: getrandom cuts only what is longer than 256.
    rustix::rand::getrandom(&mut bytes, rustix::rand::GetRandomFlags::empty())
        .map_err(|error| ClientError::no_randomness(error.into()))?;
    Ok(RequestId::from_bytes(bytes))
}

fn concluded(error: ClientError, effect: Effect, in_doubt: bool) -> ClientError {
    match effect {
        Effect::Writes if in_doubt => error.in_doubt(),
        Effect::Writes | Effect::Reads => error,
    }
}

/// The deadline that travels with the request, when tonic or the server notices first that it has passed.
fn timed_out(status: &Status) -> bool {
    status.code() == tonic::Code::DeadlineExceeded || status.message() == "Timeout expired"
}

/// With the pauses between them 3 s, about twice what a restarted server needs to unseal by key file.
const ATTEMPTS: u32 = 7;

/// Doubled after each attempt.
const FIRST_PAUSE: Duration = Duration::from_millis(50);
