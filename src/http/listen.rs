//! Connections: how many there may be, and how long each may say nothing.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use axum::{Router, body::Body, extract::ConnectInfo};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tower::ServiceExt;

use crate::graphql::limits::Limits;

/// Connections at one time; who comes later waits for one to end.
const CONNECTIONS: usize = 1_024;
/// Time that a caller has to send the headers of a request, the first and each further one.
const HEADERS: Duration = Duration::from_secs(10);
/// Rest after the system has refused a connection, for want of files or memory.
const REST: Duration = Duration::from_millis(200);

/// Answers with `router` whoever connects, until `stop`; what is under way then is
/// finished, within the time that a request has.
///
/// HTTP/1.1 alone: TLS, and HTTP/2 with it, are the business of the proxy in front.
pub async fn listen(listener: TcpListener, router: Router, stop: impl Future<Output = ()>) {
    let mut server = http1::Builder::new();
    server.timer(TokioTimer::new()).header_read_timeout(HEADERS);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    let under_way = GracefulShutdown::new();
    let mut stop = std::pin::pin!(stop);
    loop {
        let next = async {
            // It is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, connected(&listener).await)
        };
        let (place, (stream, peer)) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let router = router.clone();
        let answer = service_fn(move |mut request: hyper::Request<Incoming>| {
            request.extensions_mut().insert(ConnectInfo(peer));
            let answered = router.clone().oneshot(request.map(Body::new));
            async move { Ok::<_, Infallible>(answered.await.unwrap_or_else(|never| match never {})) }
        });
        let connection = under_way.watch(server.serve_connection(TokioIo::new(stream), answer));
        tokio::spawn(async move {
            // A caller that breaks off is no fault of ours.
            let _ = connection.await;
            drop(place);
        });
    }
    drop(listener);
    if timeout(Limits::TIME, under_way.shutdown()).await.is_err() {
        tracing::warn!("some connections were cut off");
    }
}

async fn connected(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                // Small answers leave at once; a connection that can't is still served.
                let _ = stream.set_nodelay(true);
                return (stream, peer);
            }
            Err(error) if is_of_one_caller(&error) => {}
            Err(error) => {
                tracing::error!(%error, "no connection can be taken now");
                sleep(REST).await;
            }
        }
    }
}

/// Whether an error says no more than that one caller has gone again.
fn is_of_one_caller(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionRefused
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
    )
}
