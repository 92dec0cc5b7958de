//! Ten thousand deliveries of five hundred events, some forged, to a Worker that is killed twice: whether any is lost or doubled.
#![allow(clippy::disallowed_methods, reason = "measuring is reading the clock; the runtime is another process")]

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt,
    path::Path,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Result, ensure};
use bytes::Bytes;
use emulator::{
    Destination, Manager, NewVersion, TokenKey, World, scene,
    senders::{EntraToken, EventGrid, EventGridProof, EventGridSchema, SecretEvent, TokenVersion},
};
use http::Request;
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{
    company::{Company, IN_HASTE, target},
    load::{CONNECTIONS, agent, cpu_seconds, post},
    senders::{PLACES, address, event_grid_source, path},
};

/// Events, each of a secret of its own that a target of its own is bound to.
const EVENTS: usize = 500;
/// Deliveries of all of them.
const DELIVERIES: usize = 10_000;
/// How many of these are forged.
const FORGED: usize = DELIVERIES / 10;
/// Events that are forged, in each way.
const FORGED_EVENTS: usize = 10;
/// How often the runtime is killed, at even distances.
const KILLS: usize = 2;
/// How long a sender waits before it repeats what was not answered.
const PAUSE: Duration = Duration::from_millis(50);
/// How long no rotation has to end before it is believed that none will: longer than anything is put off (a minute).
const STANDSTILL: Duration = Duration::from_secs(90);
/// How long no call has to come before it is believed that none will, once all are done.
const SILENCE: Duration = Duration::from_secs(10);
/// How long the deliveries may take on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
/// What the card says of a version that is in place.
const DONE: &str = "Rotated and verified, 1 of 1";

/// The source's name in the catalog.
const SOURCE: &str = "storm";

/// What became of them.
#[derive(Serialize)]
pub(crate) struct Storm {
    deliveries: usize,
    events: usize,
    /// Until the last delivery was answered for good.
    answered_seconds: f64,
    /// Until every card said that its new version is in place.
    done_seconds: f64,
    /// How often something was sent again because it was not answered.
    repeated: usize,
    /// Genuine ones that were refused.
    genuine_refused: usize,
    /// Forged ones that were let in, or answered otherwise than with 401, or 503 where the key is not known yet.
    forged_taken: usize,
    /// Events whose version is not in its gateway.
    lost: usize,
    /// Events with more than one rotation.
    doubled: usize,
    /// Events whose update was sent more than once, in one rotation: a killed runtime does not know whether it was done.
    sent_again: usize,
    /// CPU of the runtime, user and system: deliveries and rotations together.
    cpu_seconds: f64,
}

/// One event that is to be answered for good.
struct Delivery<'r> {
    request: &'r Request<Bytes>,
    genuine: bool,
}

/// What senders share.
#[derive(Default)]
struct Tally {
    answered: AtomicUsize,
    repeated: AtomicUsize,
    genuine_refused: AtomicUsize,
    forged_taken: AtomicUsize,
}

/// Delivers all of them.
pub(crate) fn run(root: &Path, scratch: &Path) -> Result<Storm> {
    println!("Delivering {EVENTS} events {DELIVERIES} times to a Worker that is killed {KILLS} times (about 3 min)");
    let knows = json!({"path": path(SOURCE)}).to_string();
    let settings: Vec<_> = [("SOURCE_STORM", knows.as_str())].into_iter().chain(PLACES).chain(IN_HASTE).collect();
    let mut company = Company::open(root, scratch, "storm", &settings)?;
    let places = company.world.fleet(EVENTS);
    company.knows(catalog(&places))?;
    let versions: Vec<_> = (0..EVENTS)
        .map(|number| company.world.put_secret(Manager::KeyVault, &name(number), NewVersion::of(&password(number))))
        .collect();
    let genuine: Vec<_> = (0..EVENTS).map(|number| delivery(&company.world, number, &versions, None)).collect();
    let ways = forgeries(company.world.now_ms() / 1000);
    let forged: Vec<_> = ways
        .iter()
        .flat_map(|proof| (0..FORGED_EVENTS).map(move |number| (number, proof)))
        .map(|(number, proof)| delivery(&company.world, number, &versions, Some(proof)))
        .collect();
    let queue = shuffled(&genuine, &forged);

    let (begun, tally, queue) = (Instant::now(), Tally::default(), Mutex::new(queue));
    let (base, mut cpu) = (company.worker.base_url(), 0.0);
    thread::scope(|scope| -> Result<()> {
        let send = || scope.spawn(|| sends(&base, &queue, &tally, begun));
        let senders: Vec<_> = (0..CONNECTIONS).map(|_| send()).collect();
        for kill in 1..=KILLS {
            while tally.answered.load(Relaxed) < DELIVERIES * kill / (KILLS + 1) {
                ensure!(begun.elapsed() < PATIENCE, "the senders came no further; the log:\n{}", company.worker.log());
                thread::sleep(PAUSE);
            }
            cpu += cpu_seconds(company.worker.pid())?;
            company.worker.kill();
            company.worker.restart()?;
        }
        senders.into_iter().try_for_each(|sender| sender.join().map_err(|_| anyhow::anyhow!("a sender panicked")))
    })?;
    let answered = tally.answered.load(Relaxed);
    ensure!(answered == DELIVERIES, "{answered} deliveries were answered; the log:\n{}", company.worker.log());
    let answered_seconds = begun.elapsed().as_secs_f64();
    let done_seconds = done(&company.world, begun);
    cpu += cpu_seconds(company.worker.pid())?;
    let updates = updates(&company.world, &places);
    Ok(Storm {
        deliveries: DELIVERIES,
        events: EVENTS,
        answered_seconds,
        done_seconds,
        repeated: tally.repeated.into_inner(),
        genuine_refused: tally.genuine_refused.into_inner(),
        forged_taken: tally.forged_taken.into_inner(),
        lost: EVENTS - in_place(&company.world, &places),
        doubled: cards(&company.world, "").into_values().filter(|cards| cards.len() > 1).count(),
        sent_again: updates.into_iter().filter(|updates| *updates > 1).count(),
        cpu_seconds: cpu,
    })
}

/// Answers a delivery after the other, until there are none: what is not answered with 2xx is repeated later, except what
/// is refused for good.
fn sends(base: &str, queue: &Mutex<VecDeque<Delivery<'_>>>, tally: &Tally, begun: Instant) {
    let (agent, lock) = (agent(), || queue.lock().unwrap_or_else(PoisonError::into_inner));
    while tally.answered.load(Relaxed) < DELIVERIES && begun.elapsed() < PATIENCE {
        let Some(delivery) = lock().pop_front() else {
            // The last ones are under way elsewhere, and may come back.
            thread::sleep(PAUSE);
            continue;
        };
        let counted = match (post(&agent, base, delivery.request).map(|(status, _)| status), delivery.genuine) {
            // A key that nobody knows may be newer than the set, so that one is told to come again; it would in vain.
            (Ok(200..=299), true) | (Ok(401 | 503), false) => None,
            (Ok(400 | 401 | 413), true) => Some(&tally.genuine_refused),
            (Ok(200..=499), false) => Some(&tally.forged_taken),
            _ => {
                tally.repeated.fetch_add(1, Relaxed);
                lock().push_back(delivery);
                thread::sleep(PAUSE);
                continue;
            }
        };
        if let Some(count) = counted {
            count.fetch_add(1, Relaxed);
        }
        tally.answered.fetch_add(1, Relaxed);
    }
}

/// Waits until each event has its card, and nothing goes on any more; tells when the last of them had it.
fn done(world: &World, begun: Instant) -> f64 {
    let (mut seen, mut at) = (0, begun.elapsed());
    while seen < EVENTS && begun.elapsed() - at < STANDSTILL {
        thread::sleep(Duration::from_secs(1));
        let done = cards(world, DONE).len();
        if done != seen {
            (seen, at) = (done, begun.elapsed());
        }
    }
    let mut calls = 0;
    while calls != world.received().len() {
        calls = world.received().len();
        thread::sleep(SILENCE);
    }
    at.as_secs_f64()
}

/// The rotations whose cards in #data-ops say so, by what they are about; a card that was posted twice counts once.
fn cards(world: &World, says: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut cards: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for message in world.messages().into_iter().filter(|message| message.channel == scene::CHANNEL_DATA_OPS) {
        if let Some((title, said)) = message.text.split_once(": ")
            && let Some((said, reference)) = said.split_once("Reference ")
            && said.contains(says)
        {
            cards.entry(title.to_owned()).or_default().insert(reference.to_owned());
        }
    }
    cards
}

/// How many updates each place took.
fn updates(world: &World, places: &[Destination]) -> Vec<usize> {
    let mut updates: BTreeMap<String, usize> = BTreeMap::new();
    for call in world.received().into_iter().filter(|call| call.method == "PATCH") {
        *updates.entry(call.path.rsplit('/').next().unwrap_or_default().to_owned()).or_default() += 1;
    }
    places.iter().map(|place| updates.get(id(place)).copied().unwrap_or_default()).collect()
}

/// The places whose gateway holds the newest version.
fn in_place(world: &World, places: &[Destination]) -> usize {
    let newest: BTreeMap<_, _> = world.opened().into_iter().map(|opened| (opened.place, opened.plaintext)).collect();
    let holds = |(number, place): &(usize, &Destination)| {
        newest.get(id(place)).is_some_and(|plaintext| plaintext.contains(&password(*number)))
    };
    places.iter().enumerate().filter(holds).count()
}

fn id(place: &Destination) -> &str {
    match place {
        Destination::DataSource { id, .. } | Destination::Connection { id } => id,
    }
}

fn catalog(places: &[Destination]) -> String {
    let targets = places.iter().enumerate().map(|(number, place)| {
        let (name, place) = (name(number), std::slice::from_ref(place));
        let secret = format!("secret       = {{ from = \"{SOURCE}\", name = \"{name}\" }}\nprivacy ");
        target(&name, place, &[scene::GROUP_DATA]).replacen("privacy ", &secret, 1)
    });
    format!("[sources.{SOURCE}]\n{}\n", event_grid_source()) + &targets.collect::<String>()
}

fn name(number: usize) -> String {
    format!("storm-{number:04}")
}

fn password(number: usize) -> String {
    format!("in-the-vault-{number:04}")
}

/// An event as Event Grid delivers it, in both schemas by turns; proven otherwise, if told.
fn delivery(world: &World, number: usize, versions: &[String], proof: Option<&EventGridProof>) -> Request<Bytes> {
    let (name, now) = (name(number), world.now_ms());
    let version = versions.get(number).map_or("", String::as_str);
    let event = SecretEvent::new_version(&format!("event-{number}"), &name, version, now);
    let schema = if number.is_multiple_of(2) { EventGridSchema::EventGrid } else { EventGridSchema::CloudEvents };
    let mut sent = EventGrid::honest(schema, vec![event], now);
    if let Some(proof) = proof {
        sent.proof = proof.clone();
    }
    sent.post(&address(SOURCE))
}

/// What is wrong with a forged delivery, one thing each.
fn forgeries(now_s: u64) -> Vec<EventGridProof> {
    let honest = || EntraToken::honest(TokenVersion::V1);
    let stranger = scene::FOREIGN_TENANT_ID;
    let foreign = json!({"tid": stranger, "iss": format!("https://sts.windows.net/{stranger}/")});
    let tokens = [
        EntraToken { key: TokenKey::Stranger, ..honest() },
        EntraToken { key: TokenKey::Stranger, header: json!({"kid": TokenKey::Entra.kid()}), ..honest() },
        EntraToken { header: json!({"alg": "HS256"}), ..honest() },
        EntraToken { claims: foreign, ..honest() },
        EntraToken { claims: json!({"appid": scene::CLIENT_ID}), ..honest() },
        EntraToken { claims: json!({"aud": scene::CLIENT_ID}), ..honest() },
        EntraToken { claims: json!({"roles": null}), ..honest() },
        EntraToken { claims: json!({"exp": now_s - 3600}), ..honest() },
    ];
    let others = [EventGridProof::Nothing, EventGridProof::Header(scene::HOOK_KEY.to_owned())];
    tokens.into_iter().map(EventGridProof::Entra).chain(others).collect()
}

/// All deliveries, in an order that is no order, and the same in every run.
fn shuffled<'r>(genuine: &'r [Request<Bytes>], forged: &'r [Request<Bytes>]) -> VecDeque<Delivery<'r>> {
    let some = |requests: &'r [Request<Bytes>], genuine, count| {
        requests.iter().cycle().take(count).map(move |request| Delivery { request, genuine })
    };
    let all = some(genuine, true, DELIVERIES - FORGED).chain(some(forged, false, FORGED));
    let mut all: Vec<_> = all.enumerate().collect();
    all.sort_by_cached_key(|(number, _)| Sha256::digest(number.to_be_bytes()));
    all.into_iter().map(|(_, delivery)| delivery).collect()
}

impl fmt::Display for Storm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { deliveries, events, answered_seconds, done_seconds, repeated, cpu_seconds, .. } = self;
        let Self { genuine_refused, forged_taken, lost, doubled, sent_again, .. } = self;
        let rate = *deliveries as f64 / answered_seconds;
        write!(f, "{deliveries} deliveries of {events} events, the runtime killed {KILLS} times")?;
        write!(f, "\n  answered after {answered_seconds:.1} s, {rate:.0} a second, {repeated} sent again")?;
        write!(f, "\n  all in place after {done_seconds:.1} s; {cpu_seconds:.1} s CPU for everything")?;
        write!(f, "\n  {lost} lost, {doubled} doubled, {sent_again} updates repeated after a kill")?;
        write!(f, "\n  {genuine_refused} genuine refused, {forged_taken} of {FORGED} forged not refused")
    }
}
