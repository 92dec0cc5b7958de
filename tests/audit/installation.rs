//! A register on rows in memory, and the operator before its doors. Nobody else is there.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::ops::Bound;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use pbi_rotate::codec::record::{RegisterOrder, RegisterReply, RotationOrder, RotationReply};
use pbi_rotate::codec::signatures::{Hash, PrivateKey, RsaKey, Unchecked};
use pbi_rotate::config::Config;
use pbi_rotate::domain::audit::{Entry, Origin};
use pbi_rotate::domain::names::{PersonId, RotationId, TargetName, Zone};
use pbi_rotate::domain::time::Timestamp;
use pbi_rotate::doors::{self, Door};
use pbi_rotate::flows::house::{Kept, Surroundings};
use pbi_rotate::flows::{daily, register};
use pbi_rotate::ports::{
    Clock, Entropy, Limits, Log, Lost, Range, Register, Rotations, Shelf, Signatures, Unanswered, Wire, Zones,
};
use pbi_rotate::trail::Line;
use serde_json::Value;
use zeroize::Zeroizing;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const SETTINGS: [(&str, &str); 9] = [
    ("SLACK_SIGNING_SECRET", "signing-secret"),
    ("SLACK_BOT_TOKEN", "xoxb-token"),
    ("SLACK_APP_ID", "A0PBI"),
    ("SLACK_TEAM_ID", "T0CONTOSO"),
    ("ENTRA_TENANT_ID", "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60"),
    ("ENTRA_CLIENT_ID", "9d1f6a8e-2b3c-4d5e-8f90-a1b2c3d4e5f6"),
    ("ENTRA_CLIENT_SECRET", "client~secret"),
    ("ADMIN_TOKEN", TOKEN),
    ("STORE_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="),
];

/// 2026-11-21 18:30 UTC.
pub const BEGINNING: Timestamp = Timestamp(1_795_285_800_000);

pub struct Installation {
    config: Config,
    rows: Rows,
    memory: register::Memory,
    now: Cell<Timestamp>,
    sent: Cell<usize>,
    log: RefCell<String>,
}

#[derive(Default)]
struct Rows(RefCell<BTreeMap<String, String>>);

impl Installation {
    pub fn new(changes: &[(&str, &str)]) -> Self {
        let all: BTreeMap<_, _> = SETTINGS.iter().chain(changes).copied().collect();
        Self {
            config: Config::read(|name| all.get(name).map(|value| (*value).to_owned()), &[]).ok().unwrap(),
            rows: Rows::default(),
            memory: register::Memory::default(),
            now: Cell::new(BEGINNING),
            sent: Cell::new(0),
            log: RefCell::default(),
        }
    }

    /// One with so many entries about `sales-db`, each a second after the one before, none of them for histories.
    pub fn with_entries(count: u32) -> Self {
        let installation = Self::new(&[]);
        let mut passing = entries(0..count);
        passing.iter_mut().for_each(|entry| entry.from = Origin::Clock);
        installation.told("7f3k9qxm2b4c6d8e", 0, &passing);
        installation
    }

    /// What the register answers to entries that a source tells.
    pub fn told(&self, source: &str, first: u32, entries: &[Entry]) -> u32 {
        let order = RegisterOrder::Record { source: source.to_owned(), first, entries: entries.to_vec() };
        match run(self.register(order)) {
            Ok(RegisterReply::Recorded(next)) => next,
            other => panic!("{other:?}"),
        }
    }

    /// What the register answers to an order.
    pub fn ordered(&self, order: RegisterOrder) -> RegisterReply {
        run(self.register(order)).expect("the register answers")
    }

    /// Does something with the rows behind the program's back.
    pub fn behind_its_back<T>(&self, act: impl FnOnce(&mut BTreeMap<String, String>) -> T) -> T {
        act(&mut self.rows.0.borrow_mut())
    }

    /// What the operator is answered.
    pub fn get(&self, path_and_query: &str) -> Response<Bytes> {
        let request = Request::get(path_and_query).header("authorization", format!("Bearer {TOKEN}"));
        self.deliver(request.body(Bytes::new()).unwrap())
    }

    /// What anybody is answered.
    pub fn deliver(&self, request: Request<Bytes>) -> Response<Bytes> {
        self.sent.set(0);
        let door = Door::find(request.method(), request.uri().path()).expect("a door");
        run(doors::handle(&self.house(), door, request)).response
    }

    /// Status and body of a verification.
    pub fn verified(&self) -> (u16, Value) {
        let response = self.get("/admin/audit/verify");
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    /// Lets time go by, and then what is done once a day.
    pub fn next_run_after(&self, time: Duration) {
        self.wait(time);
        self.sent.set(0);
        run(daily::run(&self.house()));
    }

    /// Lets time go by.
    pub fn wait(&self, time: Duration) {
        self.now.set(self.now.get() + time);
    }

    pub fn log(&self) -> String {
        self.log.borrow().clone()
    }

    fn house(&self) -> Surroundings<'_, Self> {
        thread_local!(static KEPT: &'static Kept = Box::leak(Box::default()));
        Surroundings { config: &self.config, ports: self, kept: KEPT.with(|kept| *kept), caller: None }
    }
}

/// Entries with these numbers in their reasons.
pub fn entries(numbers: std::ops::Range<u32>) -> Vec<Entry> {
    let entry = |number: u32| Entry {
        who: PersonId::slack("U0ANA").ok(),
        name: Some("Ana Ortiz".to_owned()),
        target: TargetName::parse("sales-db").ok(),
        rotation: RotationId::parse("7f3k9qxm2b4c6d8e").ok(),
        reason: Some(format!("reason {number}")),
        ..Entry::new("open", "ok", Origin::Slack, BEGINNING + Duration::from_secs(number.into()))
    };
    numbers.map(entry).collect()
}

fn run<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => panic!("nobody is waited for"),
    }
}

impl Shelf for Rows {
    fn get(&self, key: &str) -> Result<Option<String>, Unanswered> {
        Ok(self.0.borrow().get(key).cloned())
    }

    fn put(&self, key: &str, value: &str) -> Result<(), Unanswered> {
        self.0.borrow_mut().insert(key.to_owned(), value.to_owned());
        Ok(())
    }

    fn delete(&self, key: &str) -> Result<(), Unanswered> {
        self.0.borrow_mut().remove(key);
        Ok(())
    }

    fn range(&self, range: Range<'_>) -> Result<Vec<(String, String)>, Unanswered> {
        let rows = self.0.borrow();
        let rows = rows.range::<str, _>((Bound::Included(range.from), Bound::Excluded(range.to)));
        Ok(rows.take(range.most).map(|(key, value)| (key.clone(), value.clone())).collect())
    }

    async fn clear(&self) -> Result<(), Unanswered> {
        self.0.borrow_mut().clear();
        Ok(())
    }
}

impl Register for Installation {
    async fn register(&self, order: RegisterOrder) -> Result<RegisterReply, Unanswered> {
        self.sent.set(self.sent.get() + 1);
        register::handle(&self.house(), &self.rows, &self.memory, order)
    }
}

impl Rotations for Installation {
    async fn rotation(&self, _: &RotationId, _: RotationOrder) -> Result<RotationReply, Unanswered> {
        Err(Unanswered)
    }
}

impl Wire for Installation {
    async fn send(&self, _: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        Err(Lost)
    }

    fn sent(&self) -> usize {
        self.sent.get()
    }

    fn wait_until(&self, _: Timestamp) {}
}

impl Clock for Installation {
    fn now(&self) -> Timestamp {
        self.now.get()
    }
}

impl Zones for Installation {
    fn offset(&self, _: &Zone, _: Timestamp) -> Option<i32> {
        Some(0)
    }
}

impl Entropy for Installation {
    fn fill(&self, out: &mut [u8]) {
        out.fill(7);
    }
}

/// Nobody here sends anything that is signed.
impl Signatures for Installation {
    async fn verify_rsa(&self, _: &RsaKey, _: Hash, _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn verify_ed25519(&self, _: &[u8; 32], _: &[u8], _: &[u8]) -> Result<bool, Unchecked> {
        Err(Unchecked)
    }

    async fn sign_rs256(&self, _: &PrivateKey, _: &[u8]) -> Result<Vec<u8>, Unchecked> {
        Err(Unchecked)
    }

    async fn open_oaep(&self, _: &PrivateKey, _: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        Err(Unchecked)
    }

    async fn public_rsa(&self, _: &PrivateKey) -> Result<RsaKey, Unchecked> {
        Err(Unchecked)
    }
}

impl Limits for Installation {
    async fn count(&self, _: &str) -> Result<bool, Unanswered> {
        Ok(true)
    }
}

impl Log for Installation {
    fn line(&self, line: &Line) {
        self.log.borrow_mut().push_str(&format!("{line}\n"));
    }
}
