//! The pretend company with the Worker in front of it, to be measured: people act at once, and what has to come is waited for.
#![allow(clippy::disallowed_methods, reason = "the runtime is another process: waiting for it takes real time")]

use std::{
    net::Ipv4Addr,
    path::Path,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow, ensure};
use bytes::Bytes;
use emulator::{
    Clock, Destination, Server, World, scene,
    slack::{Gesture, Message},
};
use http::Request;
use serde_json::json;
use workerd::{Options, Workerd};

use crate::{contoso, folder::emptied};

/// How often it is looked whether something has come.
const PAUSE: Duration = Duration::from_millis(10);

/// Settings under which the Worker calls the services as often as it can.
pub(crate) const IN_HASTE: [(&str, &str); 2] =
    [("POWERBI_CALLS_PER_MINUTE", "10000"), ("FABRIC_CALLS_PER_MINUTE", "10000")];

/// The company and the Worker.
pub(crate) struct Company {
    pub(crate) world: World,
    pub(crate) worker: Workerd,
    _server: Server,
}

impl Company {
    /// Starts both with nothing kept, in a folder of that name, with these settings besides the usual ones; `{world}` in
    /// them is the company's address.
    pub(crate) fn open(root: &Path, scratch: &Path, name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        let options = Options::of_project(root, &scratch.join(name))?;
        Self::start(Options { script: options.script.clone().without_assets(), ..options }, settings)
    }

    /// The same with the sealing page in front.
    pub(crate) fn with_page(root: &Path, scratch: &Path, name: &str, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start(Options::of_project(root, &scratch.join(name))?, settings)
    }

    /// The same in Slack and Teams.
    pub(crate) fn in_both(root: &Path, scratch: &Path, name: &str) -> Result<Self> {
        let options = Options::of_project(root, &scratch.join(name))?;
        Self::start_with(Options { script: options.script.clone().without_assets(), ..options }, contoso::in_both)
    }

    fn start(options: Options, settings: &[(&str, &str)]) -> Result<Self> {
        Self::start_with(options, |world| {
            let settings = settings.iter().map(|(name, value)| ((*name).to_owned(), value.replace("{world}", world)));
            contoso::vars(world).into_iter().chain(settings).collect()
        })
    }

    fn start_with(mut options: Options, vars: impl FnOnce(&str) -> Vec<(String, String)>) -> Result<Self> {
        let world = World::contoso(Clock::System);
        let server = emulator::listen(world.clone(), (Ipv4Addr::LOCALHOST, 0).into()).context("opening a port")?;
        emptied(&options.dir)?;
        options.vars = vars(&format!("http://{}", server.address()));
        Ok(Self { world, worker: Workerd::start(options)?, _server: server })
    }

    /// Puts a catalog.
    pub(crate) fn knows(&self, catalog: String) -> Result<()> {
        let put = Request::put("/admin/catalog")
            .header("authorization", format!("Bearer {}", contoso::ADMIN_TOKEN))
            .body(Bytes::from(catalog))?;
        let answer = self.send(put)?;
        ensure!(answer.status().is_success(), "the catalog was refused: {}", String::from_utf8_lossy(answer.body()));
        Ok(())
    }

    /// Somebody asks for a rotation, up to the answer to the form.
    pub(crate) fn asks(&self, user: &str, target: &str) -> Result<()> {
        let person = self.world.person(user);
        self.act(&person.slash(scene::CHANNEL_SALES, &format!("rotate {target}")))?;
        self.submits(user, "reason", "Quarterly rotation")
    }

    /// Ana enters a password, once the card in her messages asks for it.
    pub(crate) fn ana_enters(&self, title: &str, patience: Duration) -> Result<()> {
        self.ana_taps(title, patience)?;
        self.submits(scene::ANA, "password", "correct-horse-battery-staple")
    }

    /// Ana asks for the link to the sealing page instead.
    pub(crate) fn ana_gets_a_link(&self, title: &str, patience: Duration) -> Result<String> {
        let link = || self.world.person(scene::ANA).sees().iter().rev().find_map(Message::link);
        let before = link();
        self.ana_taps(title, patience)?;
        self.until("a link", patience, || link() != before)?;
        link().context("a link for Ana")
    }

    fn ana_taps(&self, title: &str, patience: Duration) -> Result<()> {
        let says = format!("Rotate {title}: Waiting for the new credential");
        let waiting =
            || self.world.direct_messages(scene::ANA).into_iter().rfind(|message| message.text.starts_with(&says));
        self.until(&says, patience, || waiting().is_some())?;
        let card = waiting().context("a card in Ana's messages")?;
        let tap = self.world.person(scene::ANA).tap(&card.channel, &card.ts, "Enter credential");
        self.act(&tap.map_err(|broken| anyhow!("{broken}"))?)
    }

    /// Waits until a card in #data-ops says so.
    pub(crate) fn until_said(&self, says: &str, patience: Duration) -> Result<()> {
        let said = || self.world.messages().iter().any(|message| message.text.contains(says));
        self.until(says, patience, said)
    }

    /// Waits until `done`.
    pub(crate) fn until(&self, what: &str, patience: Duration, done: impl Fn() -> bool) -> Result<()> {
        until(&self.worker, what, patience, done)
    }

    /// Fills in the form before somebody, and closes what it becomes.
    fn submits(&self, user: &str, field: &str, value: &str) -> Result<()> {
        let person = self.world.person(user);
        let top = || self.world.modals(user).pop().context("no form is open");
        let gesture = person.submit(&top()?.id, &[(field, json!(value))]).map_err(|broken| anyhow!("{broken}"))?;
        self.act(&gesture)?;
        person.close(&top()?.id).map_err(|broken| anyhow!("{broken}"))?;
        Ok(())
    }

    fn act(&self, gesture: &Gesture) -> Result<()> {
        let response = self.send(gesture.request.clone())?;
        self.world.slack_answered(gesture, &response).map_err(|broken| anyhow!("Slack shows an error: {broken}"))
    }

    /// Sends a request to the Worker; its URI is a path.
    pub(crate) fn send(&self, request: Request<Bytes>) -> Result<http::Response<Bytes>> {
        let (mut parts, body) = request.into_parts();
        parts.uri = format!("{}{}", self.worker.base_url(), parts.uri).parse()?;
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let answer = agent.run(Request::from_parts(parts, body.as_ref())).context("calling the Worker")?;
        let (parts, mut body) = answer.into_parts();
        Ok(http::Response::from_parts(parts, Bytes::from(body.read_to_vec()?)))
    }
}

/// Waits until `done`, with the log of this Worker in the error.
pub(crate) fn until(worker: &Workerd, what: &str, patience: Duration, done: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !done() {
        ensure!(begun.elapsed() < patience, "it did not come to \"{what}\"; the log:\n{}", worker.log());
        thread::sleep(PAUSE);
    }
    Ok(())
}

/// A target of that name and title, whose credential is kept in these places and which these people or groups rotate without
/// being asked.
pub(crate) fn target(name: &str, places: &[Destination], askers: &[&str]) -> String {
    let place = |place: &Destination| match place {
        Destination::DataSource { gateway, id } => {
            format!(r#"{{ datasource = {{ gateway = "{gateway}", id = "{id}" }} }}"#)
        }
        Destination::Connection { id } => {
            format!(r#"{{ connection = {{ id = "{id}", via = "OnPremisesGateway" }} }}"#)
        }
    };
    let askers: Vec<_> = askers.iter().map(|asker| format!("\"slack:{asker}\"")).collect();
    format!(
        r#"
[targets.{name}]
title        = "{name}"
credential   = {{ kind = "Basic", username = "feed" }}
privacy      = "Organizational"
encryption   = "NotEncrypted"
destinations = [{}]
policy       = {{ askers = [{}] }}
notify       = ["slack:{}"]
"#,
        places.iter().map(place).collect::<Vec<_>>().join(", "),
        askers.join(", "),
        scene::CHANNEL_DATA_OPS,
    )
}
