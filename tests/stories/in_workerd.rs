//! The bot as it is deployed: the built Worker in the Workers runtime, the pretend world behind a socket.

use std::cell::OnceCell;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::time::{Duration, Instant};

use bytes::Bytes;
use emulator::{Server, World};
use http::{Request, Response};
use workerd::{Options, Workerd};

/// How long anything may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long it may be busy before it is taken to be so for ever.
const RESTLESS: Duration = Duration::from_secs(300);
/// How long nothing has to happen before it is believed that nothing will.
const SILENCE: Duration = Duration::from_millis(400);

/// The running Worker.
pub struct InWorkerd {
    world: World,
    options: Options,
    /// Started when it is first needed: many stories change the settings before.
    runtime: OnceCell<Workerd>,
    state: tempfile::TempDir,
    _server: Server,
}

impl InWorkerd {
    /// The Worker with these settings, in front of a server for that world.
    pub fn new(world: World, settings: impl FnOnce(&str) -> Vec<(String, String)>) -> Self {
        let server = emulator::listen(world.clone(), ([127, 0, 0, 1], 0).into()).expect("a free port");
        let state = tempfile::tempdir().expect("a folder for the state");
        let project = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut options = Options::of_project(project, state.path()).expect("cargo xtask build made the Worker");
        options.vars = settings(&format!("http://{}", server.address()));
        Self { world, options, runtime: OnceCell::new(), state, _server: server }
    }

    fn runtime(&self) -> &Workerd {
        self.runtime.get_or_init(|| Workerd::start(self.options.clone()).expect("workerd runs the Worker"))
    }

    /// Where the Worker listens.
    pub fn address(&self) -> String {
        self.runtime().base_url()
    }

    /// Sends a request to the Worker.
    pub fn deliver(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let url = format!("{}{}", self.runtime().base_url(), parts.uri);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut outgoing = http::Request::builder().method(parts.method).uri(url);
        *outgoing.headers_mut().expect("a fresh request") = parts.headers;
        let outgoing = outgoing.body(body.as_ref()).expect("a valid request");
        let (parts, mut body) = agent.run(outgoing).expect("the Worker answers").into_parts();
        Response::from_parts(parts, Bytes::from(body.read_to_vec().expect("a whole answer")))
    }

    /// Has the runtime wake the Worker as its schedule would, and waits until that has come to its end.
    pub fn daily(&self) {
        let request = Request::get("/cdn-cgi/handler/scheduled").body(Bytes::new()).expect("a valid request");
        let outcome = self.deliver(request);
        assert_eq!(outcome.body(), "ok", "{}", self.log());
    }

    /// Writes a request as far as the Worker takes it, and reads the answer: it may come before the end is written.
    pub fn pour(&self, request: Request<Bytes>, length_told: bool) -> Response<Bytes> {
        let (parts, body) = request.into_parts();
        let mut head = format!("{} {} HTTP/1.1\r\nhost: bot\r\nconnection: close\r\n", parts.method, parts.uri);
        for (name, value) in &parts.headers {
            head += &format!("{name}: {}\r\n", value.to_str().expect("a header of text"));
        }
        let (begin, end) = match length_told {
            true => (format!("content-length: {}\r\n\r\n", body.len()), ""),
            false => (format!("transfer-encoding: chunked\r\n\r\n{:x}\r\n", body.len()), "\r\n0\r\n\r\n"),
        };
        let whole = [head.as_bytes(), begin.as_bytes(), &body, end.as_bytes()].concat();
        let address = self.runtime().base_url();
        let mut stream = TcpStream::connect(address.trim_start_matches("http://")).expect("the Worker listens");
        let mut answer = Vec::new();
        // Neither has to come to its end when the Worker closes on what it does not read.
        let _ = stream.write_all(&whole);
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8(answer).expect("an answer of text");
        let (head, body) = answer.split_once("\r\n\r\n").expect("the Worker answers");
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).expect("a status");
        let response = lines
            .filter_map(|line| line.split_once(": "))
            .fold(Response::builder().status(status), |response, (name, value)| response.header(name, value));
        response.body(Bytes::from(body.to_owned())).expect("a valid answer")
    }

    /// Waits until `done`, for as long as is reasonable.
    pub fn until(&self, done: impl Fn() -> bool) -> bool {
        let begun = now();
        while !done() {
            if now() - begun > PATIENCE {
                return false;
            }
            pause();
        }
        true
    }

    /// Waits until the world has seen no call for a while, in which the runtime had nothing to do: on a loaded machine
    /// it is silent as well while it waits for a processor.
    pub fn rest(&self) {
        let (mut before, mut since) = (self.done(), now());
        let begun = since;
        while now() - since < SILENCE {
            pause();
            assert!(now() - begun < RESTLESS, "it does not come to rest:\n{}", self.log());
            let done = self.done();
            if done != before {
                (before, since) = (done, now());
            }
        }
    }

    /// How many calls the world has seen, and how many milliseconds the runtime was at work or would have been.
    fn done(&self) -> (usize, u64) {
        let busy = self.runtime.get().and_then(Workerd::busy).unwrap_or_default();
        (self.world.received().len(), busy / 1_000_000)
    }

    /// Ends the process in the middle of whatever it does, and starts it again on the same state.
    pub fn crash(&mut self) {
        self.runtime();
        let runtime = self.runtime.get_mut().expect("it runs");
        runtime.kill();
        runtime.restart().expect("workerd starts again");
    }

    /// Starts it again with settings changed, on the same state.
    pub fn redeploy(&mut self, changes: Vec<(String, String)>) {
        if let Some(mut runtime) = self.runtime.take() {
            runtime.kill();
        }
        self.options.vars.extend(changes);
        // Alarms that are due have to find it running.
        self.runtime();
    }

    /// Everything printed.
    pub fn log(&self) -> String {
        self.runtime().log()
    }

    /// Everything kept: each file of the state, as it is on the disk.
    pub fn kept(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut folders = vec![self.state.path().to_owned()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a readable folder").flatten() {
                let path = entry.path();
                // The runtime's configuration names where settings come from, and the log is looked at apart.
                let database = path.to_string_lossy().contains(".sqlite");
                match path.is_dir() {
                    true => folders.push(path),
                    false if database => bytes.extend(std::fs::read(path).unwrap_or_default()),
                    false => {}
                }
            }
        }
        bytes
    }
}

#[expect(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]
fn now() -> Instant {
    Instant::now()
}

fn pause() {
    std::thread::sleep(Duration::from_millis(10));
}
