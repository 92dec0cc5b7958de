//! The bot in this process: the real doors and flows, objects in memory, the world's own clock.

mod breaking;
mod rotations;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, VecDeque};
use std::future::poll_fn;
use std::pin::pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use emulator::{Lost as Broke, World};
use http::{Request, Response};
use pbi_rotate::codec::record::{self, Record, RegisterOrder, RegisterReply};
use pbi_rotate::config::{Config, ConfigProblem};
use pbi_rotate::domain::names::Zone;
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::doors::{self, Door};
use pbi_rotate::flows::answer::After;
use pbi_rotate::flows::house::{Kept, Surroundings};
use pbi_rotate::flows::rows::{self, Rows};
use pbi_rotate::flows::{apply, daily, register, watch};
use pbi_rotate::ports::{Alarm as _, Clock, Entropy, Limits, Log, Lost, Patience, Register, Unanswered, Wire, Zones};
use pbi_rotate::trail::Line;

use crate::object::Object;

/// The bot and what it keeps.
pub struct InProcess {
    world: World,
    config: Result<Config, Vec<ConfigProblem>>,
    rotations: RefCell<BTreeMap<String, Rc<Object>>>,
    register: Rc<Object>,
    isolate: RefCell<Rc<Isolate>>,
    afters: RefCell<Vec<After>>,
    log: RefCell<String>,
    random: Cell<u64>,
    /// Calls in the present invocation.
    sent: Cell<usize>,
    /// How far the bot's clock is behind the world's, in milliseconds.
    behind: Cell<i64>,
    /// How long answers are waited for in it.
    deadline: Cell<Option<Timestamp>>,
    register_breaks: RefCell<VecDeque<Option<Broke>>>,
    rotation_breaks: RefCell<VecDeque<Option<Broke>>>,
    /// What the catalog becomes just before the next claim.
    before_claim: RefCell<Option<String>>,
    /// The service whose answers let others go first.
    late: RefCell<Option<&'static str>>,
    /// Whether something let others go first, and goes on when asked again.
    yielded: Cell<bool>,
    /// Whether the next claim takes so long that its rotation has expired by then.
    late_claim: Cell<bool>,
    /// What was counted, by key, since when; nothing is counted without it.
    counts: RefCell<Option<BTreeMap<String, (Timestamp, u32)>>>,
}

/// What dies with the isolate.
#[derive(Default)]
struct Isolate {
    kept: Kept,
    register: register::Memory,
    rotations: RefCell<BTreeMap<String, Rc<rows::Memory>>>,
}

impl Isolate {
    /// What the object of that name remembers.
    fn memory(&self, name: &str) -> Rc<rows::Memory> {
        Rc::clone(self.rotations.borrow_mut().entry(name.to_owned()).or_default())
    }
}

impl InProcess {
    /// A bot with these settings in that world.
    pub fn new(world: World, settings: &[(String, String)]) -> Self {
        Self {
            world,
            config: configured(settings),
            rotations: RefCell::default(),
            register: Rc::default(),
            isolate: RefCell::default(),
            afters: RefCell::default(),
            log: RefCell::default(),
            random: Cell::new(0x9e37_79b9_7f4a_7c15),
            sent: Cell::new(0),
            behind: Cell::new(0),
            deadline: Cell::new(None),
            register_breaks: RefCell::default(),
            rotation_breaks: RefCell::default(),
            before_claim: RefCell::default(),
            late: RefCell::default(),
            yielded: Cell::new(false),
            late_claim: Cell::new(false),
            counts: RefCell::new(Some(BTreeMap::new())),
        }
    }

    /// Answers a request as the Worker's entry does; `None` when the isolate died over it.
    pub fn deliver(&self, request: Request<Bytes>) -> Option<Response<Bytes>> {
        let door = match Door::find(request.method(), request.uri().path()) {
            Ok(door) => door,
            Err(closed) => return Some(doors::refused(self, None, closed)),
        };
        let config = match &self.config {
            Ok(config) => config,
            Err(problems) => return Some(doors::unconfigured(self, door, problems)),
        };
        let isolate = Rc::clone(&self.isolate.borrow());
        self.begin();
        let handled = self.run(doors::handle(&self.house(config, &isolate), door, request))?;
        self.afters.borrow_mut().extend(handled.after);
        Some(handled.response)
    }

    /// Does what was left for after an answer, then one alarm that is due. Whether there was anything to do.
    pub fn work(&self) -> bool {
        let Ok(config) = &self.config else { return false };
        let isolate = Rc::clone(&self.isolate.borrow());
        let house = &self.house(config, &isolate);
        let afters: Vec<_> = self.afters.borrow_mut().drain(..).collect();
        let busy = !afters.is_empty();
        for after in afters {
            let _ = self.run(doors::after(house, after));
        }
        let Some((name, object, _)) = self.next_alarm().filter(|(_, _, at)| *at <= self.now()) else {
            return busy;
        };
        object.alarm.set(None);
        self.begin();
        let woken = match name {
            Some(name) => {
                let memory = isolate.memory(&name);
                self.run(apply::wake(house, &Rows::new(&*object, &memory)))
            }
            None => self.run(watch::wake(house, &*object, &isolate.register)),
        };
        match woken {
            Some(result) => {
                result.expect("an alarm never fails for an outside reason");
                assert!(self.sent.get() <= config.calls_per_waking, "the platform stops at that many calls");
            }
            // The platform wakes an object again whose alarm did not come to its end.
            None => object.alarm.set(Some(self.now())),
        }
        true
    }

    /// Does what the platform's schedule wakes the bot for.
    pub fn daily(&self) {
        let Ok(config) = &self.config else { return };
        let isolate = Rc::clone(&self.isolate.borrow());
        self.sent.set(0);
        self.run(daily::run(&self.house(config, &isolate))).expect("the isolate lives");
    }

    /// When the next alarm is due, by the world's clock.
    pub fn next_due(&self) -> Option<Timestamp> {
        self.next_alarm().map(|(_, _, at)| Timestamp(at.0 + self.behind.get()))
    }

    /// A new isolate; the objects keep their rows and alarms.
    pub fn restart(&self) {
        *self.isolate.borrow_mut() = Rc::default();
        self.afters.borrow_mut().clear();
    }

    /// A new isolate with other settings.
    pub fn redeploy(&mut self, settings: &[(String, String)]) {
        self.config = configured(settings);
        self.restart();
    }

    /// Everything logged.
    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    /// Everything kept.
    pub fn kept(&self) -> Vec<u8> {
        let rotations = self.rotations.borrow();
        let objects = rotations.values().chain([&self.register]);
        let rows: Vec<_> = objects.map(|object| format!("{:?}", object.rows.borrow())).collect();
        rows.join("\n").into_bytes()
    }

    fn house<'a>(&'a self, config: &'a Config, isolate: &'a Isolate) -> Surroundings<'a, Self> {
        Surroundings { config, ports: self, kept: &isolate.kept, caller: None }
    }

    /// A new invocation, which has all its calls before it.
    fn begin(&self) {
        self.sent.set(0);
        self.deadline.set(None);
    }

    /// The object that is woken next, by the name of its rotation; the register has none.
    fn next_alarm(&self) -> Option<(Option<String>, Rc<Object>, Timestamp)> {
        let rotations = self.rotations.borrow();
        let rotations = rotations.iter().map(|(name, object)| (Some(name.clone()), object));
        let due = rotations.chain([(None, &self.register)]);
        let due = due.filter_map(|(name, object)| Some((name, Rc::clone(object), object.alarm.get()?)));
        due.min_by_key(|(_, _, at)| *at)
    }

    /// Runs work to its end. Everything here is ready at once, or when it is asked again, but for a call that is never
    /// answered: that is where the isolate dies, and whatever it remembered with it.
    fn run<T>(&self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = pin!(work);
        loop {
            match work.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                Poll::Ready(done) => return Some(done),
                Poll::Pending if self.yielded.take() => {}
                Poll::Pending => {
                    self.restart();
                    return None;
                }
            }
        }
    }

    /// Lets everything else that is done at once go first.
    async fn yields(&self) {
        let mut first = true;
        poll_fn(|_| {
            self.yielded.set(self.yielded.get() || first);
            if std::mem::take(&mut first) { Poll::Pending } else { Poll::Ready(()) }
        })
        .await;
    }
}

fn configured(settings: &[(String, String)]) -> Result<Config, Vec<ConfigProblem>> {
    let names: Vec<_> = settings.iter().map(|(name, _)| name.clone()).collect();
    let get = |name: &str| settings.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.clone());
    Config::read(get, &names)
}

impl Wire for InProcess {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.sent.set(self.sent.get() + 1);
        let late =
            self.late.borrow().is_some_and(|service| request.uri().path().trim_start_matches('/').starts_with(service));
        let patience = request.extensions().get().copied().unwrap_or(Patience(std::time::Duration::from_secs(60)));
        let patient_until = self.world.now_ms() + u64::try_from(patience.0.as_millis()).unwrap();
        let answer = self.world.serve(request);
        if late {
            self.yields().await;
        }
        let over = self.deadline.get().map(|deadline| u64::try_from(deadline.0).unwrap());
        match (answer, over) {
            (_, Some(over)) if over < self.world.now_ms() => Err(Lost),
            _ if patient_until < self.world.now_ms() => Err(Lost),
            (Ok(response), _) => Ok(response),
            (Err(Broke::Request | Broke::Response), _) => Err(Lost),
            (Err(Broke::Silence), None) => std::future::pending().await,
            (Err(Broke::Silence), Some(over)) => {
                self.world.advance(over.saturating_sub(self.world.now_ms()));
                Err(Lost)
            }
        }
    }

    fn sent(&self) -> usize {
        self.sent.get()
    }

    fn wait_until(&self, at: Timestamp) {
        self.deadline.set(Some(at));
    }
}

/// The time zone database that comes with a crate; in the Worker it is the platform's.
impl Zones for InProcess {
    fn offset(&self, zone: &Zone, at: Timestamp) -> Option<i32> {
        let zone = jiff::tz::TimeZone::get(zone.as_str()).ok()?;
        let at = jiff::Timestamp::from_millisecond(at.0).ok()?;
        Some(zone.to_offset(at).seconds() / 60)
    }
}

impl Clock for InProcess {
    fn now(&self) -> Timestamp {
        Timestamp(i64::try_from(self.world.now_ms()).unwrap() - self.behind.get())
    }
}

impl Entropy for InProcess {
    fn fill(&self, out: &mut [u8]) {
        for byte in out {
            // xorshift64*: the same story draws the same bytes each time.
            let mut x = self.random.get();
            x ^= x >> 12;
            x ^= x << 25;
            x ^= x >> 27;
            self.random.set(x);
            *byte = (x.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 56) as u8;
        }
    }
}

/// As `wrangler.toml` says: a hundred a minute.
impl Limits for InProcess {
    async fn count(&self, key: &str) -> Result<bool, Unanswered> {
        let mut counts = self.counts.borrow_mut();
        let (since, count) = counts.as_mut().ok_or(Unanswered)?.entry(key.to_owned()).or_insert((self.now(), 0));
        if self.now() >= *since + std::time::Duration::from_secs(60) {
            (*since, *count) = (self.now(), 0);
        }
        *count += 1;
        Ok(*count <= 100)
    }
}

impl Log for InProcess {
    fn line(&self, line: &Line) {
        let mut log = self.log.borrow_mut();
        log.push_str(&line.to_string());
        log.push('\n');
    }
}

/// Orders and replies cross as text, as they do between a Worker and its objects.
fn cross<T: Record>(value: &T) -> T {
    record::read(&record::write(value)).unwrap()
}

impl Register for InProcess {
    async fn register(&self, order: RegisterOrder) -> Result<RegisterReply, Unanswered> {
        self.sent.set(self.sent.get() + 1);
        let Ok(config) = &self.config else { return Err(Unanswered) };
        let isolate = Rc::clone(&self.isolate.borrow());
        let breaks = self.register_breaks.borrow_mut().pop_front().flatten();
        if breaks == Some(Broke::Request) {
            return Err(Unanswered);
        }
        if matches!(order, RegisterOrder::Claim { .. }) && self.late_claim.replace(false) {
            self.world.advance(31_000);
            let (sent, deadline) = (self.sent.get(), self.deadline.get());
            while self.work() {}
            self.sent.set(sent);
            self.deadline.set(deadline);
        }
        let handle = |order| register::handle(&self.house(config, &isolate), &*self.register, &isolate.register, order);
        if matches!(order, RegisterOrder::Claim { .. })
            && let Some(text) = self.before_claim.take()
        {
            handle(RegisterOrder::PutCatalog { text, dry_run: false })?;
        }
        let reply = handle(cross(&order))?;
        if register::plans(&order) && !register::nothing_new(&reply) {
            self.register.wake_at(register::due(&*self.register, &isolate.register)?).await?;
        }
        match breaks {
            Some(Broke::Silence) => std::future::pending().await,
            Some(_) => Err(Unanswered),
            None => Ok(cross(&reply)),
        }
    }
}
