//! The world behind a socket, with its faults: connections that break, and ones that stay silent.

use std::convert::Infallible;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::thread::JoinHandle;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::sync::oneshot;

use crate::faults::Lost;
use crate::world::World;

/// A running server; it stops when dropped.
pub struct Server {
    address: SocketAddr,
    stop: Option<oneshot::Sender<Infallible>>,
    thread: Option<JoinHandle<()>>,
}

/// Serves a world over HTTP/1.1 on an address, and makes the server's own address the one that payloads name. Port 0 takes a
/// free one. Where [`World::serve`] lets a scripted delay pass on the world's clock, the server waits.
///
/// # Errors
/// When the address cannot be listened on.
pub fn listen(world: World, address: SocketAddr) -> io::Result<Server> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    world.set_base_url(&format!("http://{address}"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    let (stop, stopped) = oneshot::channel();
    let thread = std::thread::spawn(move || {
        runtime.spawn(accept(world, listener));
        // Ends when the `Server` drops its end; there is nothing to receive.
        let _dropped = runtime.block_on(stopped);
    });
    Ok(Server { address, stop: Some(stop), thread: Some(thread) })
}

impl Server {
    /// The address it listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves until the process ends.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _stopped = thread.join();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _stopped = thread.join();
        }
    }
}

async fn accept(world: World, listener: TcpListener) {
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    loop {
        // A connection that fails before it is accepted is the caller's affair.
        let Ok((stream, _)) = listener.accept().await else { continue };
        let world = world.clone();
        let service = service_fn(move |request| answer(world.clone(), request));
        // An error ends this connection alone; a scripted one is meant to.
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}

/// Answers one request; an error makes hyper drop the connection without a word.
async fn answer(world: World, request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Lost> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| Lost::Request)?.to_bytes();
    let taken = world.take(Request::from_parts(parts, body));
    tokio::time::sleep(Duration::from_millis(taken.delay_ms)).await;
    match taken.answer {
        Err(Lost::Silence) => std::future::pending().await,
        answer => answer.map(|response| response.map(Full::new)),
    }
}
