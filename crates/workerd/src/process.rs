//! The running process: start, learn the port, read its log, stop, kill, start again on the same state.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use serde::Deserialize;

use crate::{Error, Script, assets, config};

/// How long a start may take on a loaded machine before it counts as failed; it takes 50 ms on an idle one.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it listens: starts are measured.
const PAUSE: Duration = Duration::from_millis(1);

/// What to run and where.
#[derive(Clone)]
pub struct Options {
    /// The Worker.
    pub script: Script,
    /// The `workerd` program, as npm installs it: `node_modules/workerd/bin/workerd`.
    pub program: PathBuf,
    /// Variables and secrets, over those of `wrangler.toml`. They reach the process by its environment.
    pub vars: Vec<(String, String)>,
    /// Folder of the state, the configuration and the log. The same folder again is the same state.
    pub dir: PathBuf,
}

impl Options {
    /// The built Worker of the project whose root is `project`, with nothing overridden.
    ///
    /// # Errors
    /// As [`Script::from_wrangler`].
    pub fn of_project(project: &Path, dir: &Path) -> Result<Self, Error> {
        Ok(Self {
            script: Script::from_wrangler(project)?,
            program: project.join("node_modules/workerd/bin/workerd"),
            vars: Vec::new(),
            dir: dir.to_owned(),
        })
    }
}

/// A Worker that answers on loopback. Dropping it kills the process.
pub struct Workerd {
    options: Options,
    child: Child,
    port: u16,
}

/// What the runtime writes to its control descriptor when a socket is open.
#[derive(Deserialize)]
struct Listen {
    event: String,
    port: u16,
}

impl Workerd {
    /// Starts the Worker on a free port and returns once it listens.
    ///
    /// # Errors
    /// [`Error::Missing`] without the program, [`Error::NotListening`] with what the runtime said when it refused.
    pub fn start(options: Options) -> Result<Self, Error> {
        let (child, port) = spawn(&options, 0)?;
        Ok(Self { options, child, port })
    }

    /// `http://127.0.0.1:<port>`; the port stays the same over restarts.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The process id, for reading what it costs.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Everything the Worker and the runtime printed, over all restarts. What a request had printed is there before
    /// its answer is.
    #[must_use]
    pub fn log(&self) -> String {
        String::from_utf8_lossy(&fs::read(log_path(&self.options)).unwrap_or_default()).into_owned()
    }

    /// How long the thread that runs the Worker has run, or waited for a processor to run on, in nanoseconds: while this
    /// stands still, it has nothing to do, or waits for a disk or for others. `None` where the system does not tell.
    #[must_use]
    pub fn busy(&self) -> Option<u64> {
        let told = fs::read_to_string(format!("/proc/{}/schedstat", self.pid())).ok()?;
        let mut numbers = told.split_whitespace().map_while(|number| number.parse::<u64>().ok());
        Some(numbers.next()? + numbers.next()?)
    }

    /// Ends the process at once, in the middle of whatever it does: a crash.
    pub fn kill(&mut self) {
        // Either call fails only when the process has already ended, which is what was asked.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Asks the process to end and waits for it: requests under way are answered first.
    pub fn stop(&mut self) {
        if let Some(pid) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process(pid, Signal::TERM);
        }
        let _ = self.child.wait();
    }

    /// Starts again on the same state and port, after [`kill`](Self::kill) or [`stop`](Self::stop).
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn restart(&mut self) -> Result<(), Error> {
        self.kill();
        (self.child, self.port) = spawn(&self.options, self.port)?;
        Ok(())
    }

    /// The same with some variables changed, as after a deployment: what is under way is answered first.
    ///
    /// # Errors
    /// As [`start`](Self::start).
    pub fn restart_with(&mut self, vars: &[(&str, &str)]) -> Result<(), Error> {
        self.stop();
        self.options.vars.extend(vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        self.restart()
    }
}

impl Drop for Workerd {
    fn drop(&mut self) {
        self.kill();
    }
}

fn log_path(options: &Options) -> PathBuf {
    options.dir.join("workerd.log")
}

fn spawn(options: &Options, port: u16) -> Result<(Child, u16), Error> {
    if !options.program.is_file() {
        return Err(Error::Missing { path: options.program.clone(), remedy: "npm ci" });
    }
    let state = options.dir.join("state");
    fs::create_dir_all(&state).map_err(Error::io(format!("making {}", state.display())))?;

    let vars = || options.script.vars.iter().chain(options.vars.iter().map(|(name, value)| (name, value)));
    let mut names: Vec<&str> = vars().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let write = |name: &str, text: &str| {
        let path = options.dir.join(name);
        fs::write(&path, text).map_err(Error::io(format!("writing {}", path.display()))).map(|()| path)
    };
    let answers = match &options.script.assets {
        None => None,
        Some(folder) => {
            write(config::FRONT, include_str!("front.js"))?;
            let answers = serde_json::to_string(&assets::answers(folder)?);
            Some(answers.map_err(|error| Error::io("listing the assets")(error.into()))?)
        }
    };
    if !options.script.limits.is_empty() {
        write(config::LIMITS, include_str!("limits.js"))?;
    }
    let text = config::capnp(&options.script, names.into_iter(), port, answers.as_deref());
    let config = write("workerd.capnp", &text)?;

    let log = open_log(options)?;
    let begins = log.metadata().map_err(Error::io("reading the log"))?.len();
    let stderr = log.try_clone().map_err(Error::io("sharing the log"))?;
    let mut child = Command::new(&options.program)
        .arg("serve")
        .arg(&config)
        .arg("config")
        .arg(prefixed("--import-path=", &options.script.folder))
        .arg(prefixed("--directory-path=state=", &state))
        .args(options.script.assets.iter().map(|folder| prefixed("--directory-path=assets=", folder)))
        // Lets the script in front call another handler than `fetch`. No flag of the Worker's own changes by it.
        .arg("--experimental")
        .arg("--control-fd=1")
        .envs(vars())
        .stdin(Stdio::null())
        .stdout(log)
        .stderr(stderr)
        .spawn()
        .map_err(Error::io(format!("starting {}", options.program.display())))?;
    match wait_for_port(&mut child, &log_path(options), begins) {
        Some(port) => Ok((child, port)),
        None => {
            let _ = child.kill();
            let _ = child.wait();
            Err(Error::NotListening { log: fs::read_to_string(log_path(options)).unwrap_or_default() })
        }
    }
}

fn open_log(options: &Options) -> Result<File, Error> {
    let path = log_path(options);
    OpenOptions::new().create(true).append(true).open(&path).map_err(Error::io(format!("opening {}", path.display())))
}

fn prefixed(flag: &str, path: &Path) -> std::ffi::OsString {
    let mut argument = std::ffi::OsString::from(flag);
    argument.push(path);
    argument
}

/// What the log has from there on: a log of many runs is long.
fn since(log: &Path, begins: u64) -> io::Result<String> {
    let (mut log, mut printed) = (File::open(log)?, Vec::new());
    log.seek(SeekFrom::Start(begins))?;
    log.read_to_end(&mut printed)?;
    Ok(String::from_utf8_lossy(&printed).into_owned())
}

/// Looks for the port in the control message, which is among what the process has printed since the log was as long as
/// `begins`; until the process ends, or for as long as is reasonable.
fn wait_for_port(child: &mut Child, log: &Path, begins: u64) -> Option<u16> {
    for _ in 0..PATIENCE.as_millis() / PAUSE.as_millis() {
        let printed = since(log, begins).ok()?;
        let mut lines = printed.split_inclusive('\n').filter(|line| line.ends_with('\n'));
        let listening =
            lines.find_map(|line| serde_json::from_str(line).ok().filter(|it: &Listen| it.event == "listen"));
        if let Some(message) = listening {
            return Some(message.port);
        }
        if child.try_wait().ok()?.is_some() {
            return None;
        }
        thread::sleep(PAUSE);
    }
    None
}
