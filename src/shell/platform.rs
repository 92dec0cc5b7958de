//! The ports as Workers provide them, and what an isolate remembers between requests.

use std::cell::{Cell, OnceCell};
use std::rc::Rc;

use bytes::Bytes;
use http::{Request, Response};
use wasm_bindgen::JsValue;
use worker::Env;
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Date, Reflect};
use zeroize::Zeroizing;

use super::{outside, wire};
use crate::codec::record::{Record, RegisterOrder, RegisterReply, RotationOrder, RotationReply, read, write};
use crate::codec::signatures::{Hash, PrivateKey, RsaKey, Signatures, Unchecked};
use crate::config::{Config, ConfigProblem};
use crate::domain::names::{RotationId, Zone};
use crate::domain::time::Timestamp;
use crate::flows::house::{Kept, Surroundings};
use crate::ports::{Clock, Entropy, Limits, Log, Lost, Register, Rotations, Unanswered, Wire, Zones};
use crate::trail::Line;

/// The bindings in wrangler.toml.
const ROTATIONS: &str = "ROTATIONS";
const REGISTER: &str = "REGISTER";
const LIMITS: &str = "LIMITS";
/// The one register of an installation.
const THE_REGISTER: &str = "register";

type Settings = Result<Config, Vec<ConfigProblem>>;

thread_local! {
    // The environment of an isolate never changes: a new deployment or secret starts new isolates.
    static SETTINGS: OnceCell<Rc<Settings>> = const { OnceCell::new() };
    static KEPT: Rc<Kept> = Rc::default();
}

/// The platform, for as long as one request or alarm.
pub(super) struct Platform {
    env: Env,
    settings: Rc<Settings>,
    kept: Rc<Kept>,
    sent: Cell<usize>,
    deadline: Cell<Option<Timestamp>>,
}

impl Platform {
    /// The platform behind these bindings.
    pub(super) fn new(env: Env) -> Self {
        let read = || {
            let names = Reflect::own_keys(&env).map(|names| names.iter().filter_map(|name| name.as_string()).collect());
            let names: Vec<String> = names.unwrap_or_default();
            Rc::new(Config::read(|name| Reflect::get(&env, &name.into()).ok()?.as_string(), &names))
        };
        let settings = SETTINGS.with(|kept| Rc::clone(kept.get_or_init(read)));
        Self { env, settings, kept: KEPT.with(Rc::clone), sent: Cell::new(0), deadline: Cell::new(None) }
    }

    /// What flows are given, or what is wrong with the configuration.
    pub(super) fn house(&self) -> Result<Surroundings<'_, Self>, &[ConfigProblem]> {
        match &*self.settings {
            Ok(config) => Ok(Surroundings { config, ports: self, kept: &self.kept, caller: None }),
            Err(problems) => Err(problems),
        }
    }

    async fn ask<A: Record>(&self, objects: &str, name: &str, order: &dyn Record) -> Result<A, Unanswered> {
        let reply = self.reply(objects, name, &write(order)).await.map_err(|_| Unanswered)?;
        read(&reply.as_string().ok_or(Unanswered)?).map_err(|_| Unanswered)
    }

    async fn reply(&self, objects: &str, name: &str, order: &str) -> Result<JsValue, JsValue> {
        self.sent.set(self.sent.get() + 1);
        let namespace = Reflect::get(&self.env, &objects.into())?;
        JsFuture::from(outside::order(&namespace, name, order)?).await
    }
}

impl Wire for Platform {
    async fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, Lost> {
        self.sent.set(self.sent.get() + 1);
        let left = self.deadline.get().map(|deadline| deadline.since(self.now()));
        wire::send(request, left).await
    }

    fn sent(&self) -> usize {
        self.sent.get()
    }

    fn wait_until(&self, at: Timestamp) {
        self.deadline.set(Some(at));
    }
}

impl Zones for Platform {
    fn offset(&self, zone: &Zone, Timestamp(at): Timestamp) -> Option<i32> {
        // Milliseconds are far below 2^53, so they are exact as a JavaScript number.
        let minutes = outside::offset(zone.as_str(), at as f64);
        minutes.is_finite().then_some(minutes as i32)
    }
}

impl Clock for Platform {
    fn now(&self) -> Timestamp {
        Timestamp(Date::now() as i64)
    }
}

impl Entropy for Platform {
    fn fill(&self, out: &mut [u8]) {
        // The platform's generator does not fail; should it ever, stopping here beats a key made of zeros.
        #[expect(clippy::expect_used, clippy::disallowed_methods, reason = "the one place that asks the platform")]
        getrandom::getrandom(out).expect("the platform has randomness");
    }
}

impl Signatures for Platform {
    async fn verify_rsa(&self, key: &RsaKey, hash: Hash, message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        let hash = match hash {
            Hash::Sha1 => "SHA-1",
            Hash::Sha256 => "SHA-256",
        };
        let checked = outside::verify(&key.modulus, &key.exponent, hash, message, signature);
        JsFuture::from(checked).await.map(|good| good.value_of()).map_err(|_| Unchecked)
    }

    async fn verify_ed25519(&self, key: &[u8; 32], message: &[u8], signature: &[u8]) -> Result<bool, Unchecked> {
        let checked = outside::verify_ed25519(key, message, signature);
        JsFuture::from(checked).await.map(|good| good.value_of()).map_err(|_| Unchecked)
    }

    async fn sign_rs256(&self, PrivateKey(pkcs8): &PrivateKey, message: &[u8]) -> Result<Vec<u8>, Unchecked> {
        let signed = JsFuture::from(outside::sign(pkcs8, message)).await;
        signed.map(|signature| signature.to_vec()).map_err(|_| Unchecked)
    }

    async fn open_oaep(&self, PrivateKey(pkcs8): &PrivateKey, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Unchecked> {
        let opened = JsFuture::from(outside::open(pkcs8, sealed)).await.map_err(|_| Unchecked)?;
        let plain = Zeroizing::new(opened.to_vec());
        // The platform's own copy.
        opened.fill(0, 0, opened.length());
        Ok(plain)
    }

    async fn public_rsa(&self, PrivateKey(pkcs8): &PrivateKey) -> Result<RsaKey, Unchecked> {
        let numbers = String::from(JsFuture::from(outside::public_part(pkcs8)).await.map_err(|_| Unchecked)?);
        let (modulus, exponent) = numbers.split_once('\n').ok_or(Unchecked)?;
        Ok(RsaKey { modulus: modulus.to_owned(), exponent: exponent.to_owned() })
    }
}

impl Limits for Platform {
    async fn count(&self, key: &str) -> Result<bool, Unanswered> {
        let limits = Reflect::get(&self.env, &LIMITS.into()).map_err(|_| Unanswered)?;
        let within = JsFuture::from(outside::count(&limits, key)).await;
        within.ok().and_then(|within| within.as_bool()).ok_or(Unanswered)
    }
}

impl Log for Platform {
    fn line(&self, line: &Line) {
        outside::log(&line.to_string());
    }
}

impl Rotations for Platform {
    async fn rotation(&self, id: &RotationId, order: RotationOrder) -> Result<RotationReply, Unanswered> {
        self.ask(ROTATIONS, id.as_str(), &order).await
    }
}

impl Register for Platform {
    async fn register(&self, order: RegisterOrder) -> Result<RegisterReply, Unanswered> {
        self.ask(REGISTER, THE_REGISTER, &order).await
    }
}
