//! Accepted connections: a bounded number of them, each with its peer, none that never says anything.

use super::Socket;
use crate::peer::Peer;
use futures::{Stream, stream};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::UnixStream,
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Sleep, sleep},
};
use tonic::transport::server::Connected;

/// Connections at once. A command line uses one for a moment, an agent one all the time; past this the system queues.
const CONNECTIONS: usize = 512;

/// How long a peer may take for HTTP/2's first bytes.
const PREFACE_DEADLINE: Duration = Duration::from_secs(5);

/// Length of what HTTP/2 begins with.
const PREFACE: usize = 24;

/// How long to wait after a failed accept, which is for want of descriptors as a rule.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// One accepted connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: UnixStream,
    peer: Peer,
    /// What is missing of the preface, and until when it may be.
    preface: Option<(usize, Pin<Box<Sleep>>)>,
    _permit: OwnedSemaphorePermit,
}

/// The socket's connections, for as long as the stream is polled.
pub(crate) fn connections(socket: Socket) -> impl Stream<Item = io::Result<Connection>> {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    stream::unfold((socket, permits), |(socket, permits)| async {
        let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
        let stream = loop {
            match socket.listener.accept().await {
                Ok((stream, _)) => break stream,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    sleep(ACCEPT_PAUSE).await;
                }
            }
        };
        Some((Ok(Connection::new(stream, permit)), (socket, permits)))
    })
}

impl Connection {
    fn new(stream: UnixStream, permit: OwnedSemaphorePermit) -> Self {
        let uid = stream.peer_cred().ok().map(|peer| peer.uid());
        Self {
            stream,
            peer: Peer { uid },
            preface: Some((PREFACE, Box::pin(sleep(PREFACE_DEADLINE)))),
            _permit: permit,
        }
    }
}

impl Connected for Connection {
    type ConnectInfo = Peer;

    fn connect_info(&self) -> Peer {
        self.peer
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let Self {
            stream, preface, ..
        } = &mut *self;
        let read = Pin::new(stream).poll_read(context, buffer);
        let Some((missing, deadline)) = preface else {
            return read;
        };
        if read.is_pending() {
            ready!(deadline.as_mut().poll(context));
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        *missing = missing.saturating_sub(buffer.filled().len() - before);
        if *missing == 0 {
            *preface = None;
        }
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
