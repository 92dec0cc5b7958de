//! The pipe to Chromium: calls with their answers, events as they come.

use std::{
    collections::HashMap,
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use crate::Error;

/// How long an answer may take on a loaded machine.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// No window, no first-run pages, and nothing that calls home. `--no-sandbox`, because tests often run as root, where
/// Chromium's sandbox does not: only pages of the test itself are opened.
const FLAGS: [&str; 13] = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-default-apps",
    "--no-first-run",
    "--no-default-browser-check",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
];

/// Chromium reads calls from descriptor 3 and writes to 4, each message ended by a zero byte. A shell puts them there.
const SHELL: &str = r#"exec "$@" 3<&0 4>&1 </dev/null >/dev/null 2>&1"#;

/// The connection. The process ends when it is dropped.
pub(crate) struct Pipe {
    child: Child,
    heard: Arc<Heard>,
    next: AtomicU64,
}

/// What came from the browser, and the way back to it.
struct Heard {
    stdin: Mutex<Option<ChildStdin>>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    answers: HashMap<u64, Value>,
    /// Events by session, in order.
    events: HashMap<String, Vec<Value>>,
    ended: bool,
}

impl Pipe {
    pub(crate) fn open(program: &Path, profile: &Path) -> Result<Self, Error> {
        let mut folder = std::ffi::OsString::from("--user-data-dir=");
        folder.push(profile);
        let mut child = Command::new("/bin/sh")
            .args(["-c", SHELL, "sh"])
            .arg(program)
            .args(FLAGS)
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(Error::Io)?;
        let (stdin, stdout) = (child.stdin.take(), child.stdout.take());
        let heard = Arc::new(Heard { stdin: Mutex::new(stdin), state: Mutex::default(), changed: Condvar::new() });
        if let Some(stdout) = stdout {
            let heard = Arc::clone(&heard);
            thread::spawn(move || heard.listen(stdout));
        }
        Ok(Self { child, heard, next: AtomicU64::new(1) })
    }

    /// Calls a method and waits for its result.
    pub(crate) fn call(&self, session: Option<&str>, method: &str, params: Value) -> Result<Value, Error> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        self.heard.send(id, session, method, &params)?;
        let state = self.heard.state();
        let waiting = |state: &mut State| !state.ended && !state.answers.contains_key(&id);
        let (mut state, _) =
            self.heard.changed.wait_timeout_while(state, PATIENCE, waiting).unwrap_or_else(PoisonError::into_inner);
        let Some(mut answer) = state.answers.remove(&id) else {
            return Err(Error::Silent { asked: method.to_owned(), waited: PATIENCE });
        };
        match answer.get("error") {
            Some(error) => Err(Error::Refused { asked: method.to_owned(), reason: error.to_string() }),
            None => Ok(answer["result"].take()),
        }
    }

    /// Waits until an event of that name has come after the first `seen` events.
    pub(crate) fn wait_for(&self, session: &str, method: &str, seen: usize) -> Result<(), Error> {
        let here = |state: &State| {
            let events = state.events.get(session).and_then(|events| events.get(seen..));
            events.is_some_and(|events| events.iter().any(|event| event["method"] == method))
        };
        let waiting = |state: &mut State| !state.ended && !here(state);
        let state = self.heard.state();
        let (state, _) =
            self.heard.changed.wait_timeout_while(state, PATIENCE, waiting).unwrap_or_else(PoisonError::into_inner);
        let asked = || format!("waiting for {method}");
        if here(&state) { Ok(()) } else { Err(Error::Silent { asked: asked(), waited: PATIENCE }) }
    }

    /// Every event of a session so far.
    pub(crate) fn events(&self, session: &str) -> Vec<Value> {
        self.heard.state().events.get(session).cloned().unwrap_or_default()
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        // Closing the pipe is how Chromium is told to end; all of its processes do.
        drop(self.heard.stdin.lock().unwrap_or_else(PoisonError::into_inner).take());
        let _ended = self.child.wait();
    }
}

impl Heard {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, id: u64, session: Option<&str>, method: &str, params: &Value) -> Result<(), Error> {
        let mut message = json!({ "id": id, "method": method, "params": params });
        if let Some(session) = session {
            message["sessionId"] = session.into();
        }
        let mut stdin = self.stdin.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(stdin) = stdin.as_mut() else { return Ok(()) };
        stdin.write_all(format!("{message}\0").as_bytes()).and_then(|()| stdin.flush()).map_err(Error::Io)
    }

    /// Sorts what comes until the browser ends.
    fn listen(&self, stdout: ChildStdout) {
        let messages = BufReader::new(stdout).split(0).map_while(Result::ok);
        for message in messages.filter_map(|bytes| serde_json::from_slice::<Value>(&bytes).ok()) {
            let session = message["sessionId"].as_str().unwrap_or_default();
            if message["method"] == "Fetch.requestPaused" {
                // Only answers that are to be lost are paused (`Page::lose_answers`). Nobody waits for this call.
                let lost = json!({ "requestId": message["params"]["requestId"], "errorReason": "ConnectionReset" });
                let _ended = self.send(0, Some(session), "Fetch.failRequest", &lost);
            }
            let mut state = self.state();
            match message["id"].as_u64() {
                Some(id) => drop(state.answers.insert(id, message)),
                None => state.events.entry(session.to_owned()).or_default().push(message),
            }
            self.changed.notify_all();
        }
        self.state().ended = true;
        self.changed.notify_all();
    }
}
