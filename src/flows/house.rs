//! What every flow is given: the configuration, the ways out, and what an isolate remembers.

use std::cell::OnceCell;
use std::rc::Rc;

use bytes::Bytes;
use hmac::{Hmac, Mac};
use rand_core::{CryptoRng, RngCore};
use sha2::{Digest, Sha256};

use crate::clients::certificates::Certificates;
use crate::clients::entra::{AccessToken, Tokens};
use crate::clients::fabric::Fabric;
use crate::clients::keys::Keys;
use crate::clients::powerbi::PowerBi;
use crate::codec::hex;
use crate::config::{Config, Endpoint};
use crate::domain::names::RotationId;
use crate::domain::rotation::{Moment, Person};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Entropy, Ports, Unanswered};
use crate::trail::Line;

/// The surroundings, as flows hand them on: more than a pointer would be copied at each of some hundred calls.
pub type House<'a, P> = &'a Surroundings<'a, P>;

/// The surroundings of a flow.
pub struct Surroundings<'a, P> {
    /// The configuration.
    pub config: &'a Config,
    /// The ways out.
    pub ports: &'a P,
    /// What an isolate remembers.
    pub kept: &'a Kept,
    /// Whom the request turns out to be from, once their platform was asked; for the audit.
    pub caller: Option<&'a OnceCell<Person>>,
}

/// What an isolate remembers from one request to the next. Whatever it is, it can be had again.
#[derive(Default)]
pub struct Kept {
    /// Access tokens, until shortly before they expire.
    pub tokens: Tokens,
    /// The keys that tokens are signed with, wherever they are published.
    pub keys: Keys,
    /// The certificates that messages are signed with.
    pub certificates: Certificates,
    /// What Slack is answered to `help`: it follows from the configuration alone, and there is one in an isolate's life.
    pub help: OnceCell<Bytes>,
}

impl<'a, P: Ports> Surroundings<'a, P> {
    /// The same for one caller, who will be known once their platform was asked.
    pub const fn of(&self, caller: &'a OnceCell<Person>) -> Self {
        Self { caller: Some(caller), ..*self }
    }

    /// The id of the rotation that an occurrence opens: the same for the same occurrence, so that a form sent twice,
    /// or an event delivered twice, meets the same rotation. Keyed, so that nobody else can compute it.
    pub fn rotation_id(&self, occurrence: &str) -> RotationId {
        let mut bits = [0; 10];
        // HMAC takes keys of any length, so there is no other case.
        if let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.config.store_key.as_slice()) {
            mac.update(b"pbi-rotate rotation id v1\0");
            mac.update(occurrence.as_bytes());
            for (bit, byte) in bits.iter_mut().zip(mac.finalize().into_bytes()) {
                *bit = byte;
            }
        }
        RotationId::from_bits(bits)
    }

    /// An id that nothing has had before.
    pub fn random_id(&self) -> RotationId {
        let mut bits = [0; 10];
        self.ports.fill(&mut bits);
        RotationId::from_bits(bits)
    }

    /// A nonce for one encryption under the store's key.
    pub fn nonce(&self) -> [u8; 24] {
        let mut nonce = [0; 24];
        self.ports.fill(&mut nonce);
        nonce
    }

    /// An access token for Power BI.
    ///
    /// # Errors
    /// When Entra does not give one.
    pub async fn powerbi_token(&self) -> Result<Rc<AccessToken>, Trouble> {
        self.token(&self.config.powerbi.scope).await
    }

    /// Where Fabric is, and an access token for it.
    ///
    /// # Errors
    /// When Entra does not give one; or when this cloud has no Fabric: the catalog is refused then, so only a changed
    /// configuration leads here.
    pub async fn fabric_token(&self) -> Result<(&'a Endpoint, Rc<AccessToken>), Trouble> {
        let endpoint = self.config.fabric.as_ref().ok_or_else(|| {
            Trouble::noted(Service::Fabric, Cause::Mismatch, "this installation has no Fabric host configured")
        })?;
        Ok((endpoint, self.token(&endpoint.scope).await?))
    }

    /// Has a token for that service, so that what is done there at once does not ask for one each.
    ///
    /// # Errors
    /// When there is none to be had; then there is nothing to be done there.
    pub async fn has_token(&self, service: Service) -> Result<(), Trouble> {
        match service {
            Service::Fabric => self.fabric_token().await.map(|_| ()),
            _ => self.powerbi_token().await.map(|_| ()),
        }
    }

    async fn token(&self, scope: &str) -> Result<Rc<AccessToken>, Trouble> {
        self.kept.tokens.get(self.ports, &self.config.entra, scope, self.ports.now()).await
    }

    /// Power BI with that token.
    pub const fn powerbi<'t>(&self, token: &'t AccessToken) -> PowerBi<'t, P>
    where
        'a: 't,
    {
        PowerBi { wire: self.ports, base: self.config.powerbi.url.as_str(), token }
    }

    /// Fabric there, with that token.
    pub const fn fabric<'t>(&self, endpoint: &'t Endpoint, token: &'t AccessToken) -> Fabric<'t, P>
    where
        'a: 't,
    {
        Fabric { wire: self.ports, base: endpoint.url.as_str(), token }
    }

    /// Counts one more request under that key; whether it may go on. If nobody counts, it may: what else protects the doors
    /// stands without it, and the log says so.
    pub async fn counts(&self, key: &str) -> bool {
        self.ports.count(key).await.unwrap_or_else(|Unanswered| {
            self.log(&Line::new("limits", "missing"));
            true
        })
    }

    /// A random number to spread retries with.
    pub fn chance(&self) -> u16 {
        let mut bits = [0; 2];
        self.ports.fill(&mut bits);
        u16::from_be_bytes(bits)
    }

    /// What a rotation's step is given of the world.
    pub fn moment(&self) -> Moment<'a> {
        Moment { now: self.ports.now(), chance: self.chance(), zones: self.ports }
    }

    /// Writes a line to the log.
    pub fn log(&self, line: &Line) {
        self.ports.line(line);
    }
}

/// Randomness as the sealing crate takes it.
pub struct Random<'a, P>(pub &'a P);

impl<P: Entropy> RngCore for Random<'_, P> {
    fn next_u32(&mut self) -> u32 {
        let mut bytes = [0; 4];
        self.0.fill(&mut bytes);
        u32::from_le_bytes(bytes)
    }

    fn next_u64(&mut self) -> u64 {
        let mut bytes = [0; 8];
        self.0.fill(&mut bytes);
        u64::from_le_bytes(bytes)
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl<P: Entropy> CryptoRng for Random<'_, P> {}

/// A short digest that tells two texts apart; not a secret and not a proof.
pub fn digest(text: &str) -> String {
    let mut digits = hex::digits(&Sha256::digest(text.as_bytes()));
    digits.truncate(16);
    digits
}
