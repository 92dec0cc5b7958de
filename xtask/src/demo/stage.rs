//! The pretend company, the Worker in front of it, and the hands of the people in it.
#![allow(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]

use std::{
    cell::RefCell,
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use bytes::Bytes;
use emulator::{
    Clock, Server, World, scene,
    slack::{Gesture, Message, View},
};
use http::{Request, Response};
use serde_json::{Value, json};
use workerd::{Options, Workerd};

use super::transcript;
use crate::{bundle, contoso, folder::emptied};

/// When nothing has reached the world for this long, the Worker is done with what it was asked.
const QUIET: Duration = Duration::from_millis(500);
/// How long something that has to come is waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);
/// Everything that runs.
pub(crate) struct Stage {
    pub(crate) world: World,
    server: Server,
    pub(super) worker: Workerd,
    /// What has been printed, by channel and timestamp: the number of edits and the text then.
    pub(super) printed: RefCell<BTreeMap<(String, String), (u32, String)>>,
}

impl Stage {
    /// Starts the company and the Worker on free ports, with nothing remembered from an earlier run.
    pub(crate) fn open(root: &Path) -> Result<Self> {
        let world = World::contoso(Clock::System);
        let server = emulator::listen(world.clone(), SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))
            .context("opening a port for the pretend company")?;
        let dir = bundle::target_dir(root)?.join("demo");
        emptied(&dir)?;
        let mut options = Options::of_project(root, &dir)?;
        options.vars = contoso::in_both(&format!("http://{}", server.address()));
        let worker = Workerd::start(options)?;
        let mut stage = Self { world, server, worker, printed: RefCell::default() };
        // Its own address is known only now.
        let page = stage.worker_url();
        stage.configure(&[("PUBLIC_URL", &page), ("CHAT_ENTRY", "off")])?;
        Ok(stage)
    }

    /// The operator changes settings of the Worker, which starts again with what it remembers.
    pub(crate) fn configure(&mut self, settings: &[(&str, &str)]) -> Result<()> {
        Ok(self.worker.restart_with(settings)?)
    }

    /// Where the Worker listens.
    pub(crate) fn worker_url(&self) -> String {
        self.worker.base_url()
    }

    /// Where the company listens.
    pub(crate) fn world_url(&self) -> String {
        format!("http://{}", self.server.address())
    }

    /// Sends a request to the Worker; its URI is a path.
    pub(crate) fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        parts.uri = format!("{}{}", self.worker.base_url(), parts.uri).parse()?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let answer = agent.run(Request::from_parts(parts, body.as_ref())).context("calling the Worker")?;
        let (parts, mut body) = answer.into_parts();
        Ok(Response::from_parts(parts, Bytes::from(body.read_to_vec()?)))
    }

    /// Somebody types a slash command in a channel.
    pub(crate) fn types(&self, user: &str, channel: &str, text: &str) -> Result<()> {
        transcript::says(user, channel, &format!("{} {text}", scene::COMMAND));
        self.does(&self.world.person(user).slash(channel, text))
    }

    /// Somebody taps a button on the newest message that has it, or will have it in a moment: copies of a card are
    /// rewritten one after the other.
    pub(crate) fn taps(&self, user: &str, button: &str) -> Result<()> {
        let person = self.world.person(user);
        let begun = Instant::now();
        let gesture = loop {
            let messages = person.sees();
            let tap = messages.iter().rev().find_map(|message| person.tap(&message.channel, &message.ts, button).ok());
            if let Some(gesture) = tap {
                break gesture;
            }
            ensure!(begun.elapsed() < PATIENCE, "no message that they see has a button \"{button}\"");
            self.print_new();
            thread::sleep(Duration::from_millis(20));
        };
        transcript::acts(user, &format!("taps [{button}]"));
        self.does(&gesture)
    }

    /// Fills in the forms in front of somebody, one after the other; `answer` is asked for each field by its label, and
    /// nothing means to leave the form. A form that only tells something is closed.
    pub(crate) fn fills_in(&self, user: &str, mut answer: impl FnMut(&str) -> Option<String>) -> Result<()> {
        let person = self.world.person(user);
        let mut last = String::new();
        while let Some(form) = self.world.modals(user).last().cloned() {
            ensure!(form.hash != last, "the form was not accepted: {}", form.errors);
            last.clone_from(&form.hash);
            transcript::form(user, &form);
            let mut values = Vec::new();
            let fields = fields(&form);
            for (name, label) in &fields {
                let Some(value) = answer(label).filter(|value| !value.is_empty()) else { break };
                // What is asked after the reason is the credential.
                let shown = if name == "reason" { value.as_str() } else { transcript::MASK };
                transcript::acts(user, &format!("enters {label}: {shown}"));
                values.push((name.as_str(), json!(value)));
            }
            if fields.is_empty() || values.len() < fields.len() {
                let told = person.close(&form.id).map_err(|broken| anyhow!("{broken}"))?;
                return told.map_or(Ok(()), |told| self.does(&told));
            }
            let gesture = person.submit(&form.id, &values).map_err(|broken| anyhow!("{broken}"))?;
            self.does(&gesture)?;
        }
        Ok(())
    }

    /// Takes a gesture to the Worker, shows the person its answer, and prints what became visible.
    fn does(&self, gesture: &Gesture) -> Result<()> {
        let response = self.send(gesture.request.clone())?;
        self.world.slack_answered(gesture, &response).map_err(|broken| anyhow!("Slack shows an error: {broken}"))?;
        self.settle();
        Ok(())
    }

    /// Waits until the Worker rests, printing each message as it appears or changes.
    pub(crate) fn settle(&self) {
        let mut calls = self.world.received().len();
        let mut since = Instant::now();
        while since.elapsed() < QUIET {
            self.print_new();
            thread::sleep(Duration::from_millis(20));
            let now = self.world.received().len();
            if now != calls {
                (calls, since) = (now, Instant::now());
            }
        }
        self.print_new();
    }

    /// Waits for a message that says `words`.
    pub(crate) fn until_said(&self, words: &str) -> Result<Message> {
        let begun = Instant::now();
        loop {
            self.print_new();
            let said = self.world.messages().into_iter().rfind(|message| message.text.contains(words));
            if let Some(message) = said {
                return Ok(message);
            }
            ensure!(
                begun.elapsed() < PATIENCE,
                "nobody was told \"{words}\"; the Worker's log:\n{}",
                self.worker.log()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Updates that the services were sent so far.
    pub(crate) fn patches(&self) -> usize {
        self.world.received().iter().filter(|received| received.method == "PATCH").count()
    }

    pub(super) fn print_new(&self) {
        let mut printed = self.printed.borrow_mut();
        for message in self.world.messages() {
            let state = (message.edits, message.text.clone());
            let key = (message.channel.clone(), message.ts.clone());
            if printed.get(&key) != Some(&state) {
                transcript::message(&message);
                printed.insert(key, state);
            }
        }
        self.print_new_in_teams(&mut printed);
    }
}

/// A form's fields: the name a value goes by, and the label above it.
fn fields(form: &View) -> Vec<(String, String)> {
    let blocks = form.body.get("blocks").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let word = |block: &Value, path: &str| block.pointer(path).and_then(Value::as_str).map(str::to_owned);
    blocks.iter().filter_map(|block| Some((word(block, "/block_id")?, word(block, "/label/text")?))).collect()
}
