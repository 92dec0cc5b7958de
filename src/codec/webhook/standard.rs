//! Standard Webhooks 1.0.0: signatures by shared secret (`v1`) and by Ed25519 (`v1a`), and our events in them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use seal::Secret;
use serde_json::Value;
use subtle::{Choice, ConstantTimeEq as _};
use zeroize::Zeroizing;

use super::delivery::{Delivery, told};
use super::{Malformed, Message, Post, Unproven, mac, sealed, window};
use crate::codec::fields;
use crate::codec::proof::Verified;
use crate::codec::signatures::Signatures;
use crate::domain::source::{News, SecretId};
use crate::domain::time::Timestamp;

/// As many signatures are read: two keys during an overlap, in both algorithms, and twice that again.
const MOST_SIGNATURES: usize = 8;
/// The longest id, in bytes; the document's own examples have 31.
const LONGEST_ID: usize = 256;

/// What a sender's messages are checked with. Not printable.
pub enum Key {
    /// `whsec_` and the base64 of 24 to 64 bytes: a secret that the sender has too.
    Shared(Zeroizing<Vec<u8>>),
    /// `whpk_` and the base64 of 32 bytes: the public half of the sender's key.
    Public([u8; 32]),
}

impl Key {
    /// Reads a key; `None` when it is none.
    pub fn read(text: &Secret) -> Option<Self> {
        // Exposed to be decoded into bytes that are wiped.
        let text = text.expose();
        if let Some(shared) = text.strip_prefix("whsec_") {
            let bytes = Zeroizing::new(STANDARD.decode(shared).ok()?);
            return (24..=64).contains(&bytes.len()).then_some(Self::Shared(bytes));
        }
        let public = STANDARD.decode(text.strip_prefix("whpk_")?).ok()?;
        public.try_into().ok().map(Self::Public)
    }
}

/// The signatures that a post brings.
#[derive(Default)]
struct Given {
    shared: Vec<[u8; 32]>,
    ed25519: Vec<[u8; 64]>,
}

/// Verifies a post by its three headers, the time first and the signature last.
///
/// # Errors
/// The first check that fails. Every signature is tried with every key of its algorithm, whichever matches.
pub async fn verify(
    post: Post<'_>,
    keys: &[Secret],
    now: Timestamp,
    platform: &impl Signatures,
) -> Result<Verified<Delivery>, Unproven> {
    let [id, sent, list] = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(|name| post.header(name));
    let (id, sent, list) = (id?, sent?, list?);
    // A point in the id would let the same bytes be signed for another id and time.
    if id.is_empty() || id.len() > LONGEST_ID || !id.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
        return Err(Unproven::Form);
    }
    let signed = Timestamp::from_secs(window::number(sent)?);
    window::within(signed, Timestamp::from_secs(now.as_secs()))?;
    let given = Given::read(list)?;
    let keys: Option<Vec<_>> = keys.iter().map(Key::read).collect();
    let keys = keys.filter(|keys| !keys.is_empty()).ok_or(Unproven::Unchecked)?;

    let content = [id.as_bytes(), b".", sent.as_bytes(), b".", post.body].concat();
    let (mut proven, mut tried, mut unchecked) = (Choice::from(0), false, false);
    for key in &keys {
        match key {
            Key::Shared(key) => {
                let Some(code) = mac::of(key, &content) else { continue };
                for given in &given.shared {
                    tried = true;
                    proven |= code.ct_eq(given);
                }
            }
            Key::Public(key) => {
                for given in &given.ed25519 {
                    tried = true;
                    match platform.verify_ed25519(key, &content, given).await {
                        Ok(good) => proven |= Choice::from(u8::from(good)),
                        Err(_) => unchecked = true,
                    }
                }
            }
        }
    }
    if bool::from(proven) {
        Ok(Verified::vouch(Delivery::new(id.to_owned(), post)))
    } else if unchecked {
        Err(Unproven::Unchecked)
    } else if tried {
        Err(Unproven::Signature)
    } else {
        Err(Unproven::Algorithm)
    }
}

impl Given {
    /// Reads a list, without the signatures of versions that this document does not know.
    fn read(list: &str) -> Result<Self, Unproven> {
        let mut given = Self::default();
        for (at, entry) in list.split(' ').enumerate() {
            let (version, text) = entry.split_once(',').ok_or(Unproven::Form)?;
            if at >= MOST_SIGNATURES {
                return Err(Unproven::Form);
            }
            let bytes = || STANDARD.decode(text).map_err(|_| Unproven::Form);
            match version {
                "v1" => given.shared.push(bytes()?.try_into().map_err(|_| Unproven::Form)?),
                "v1a" => given.ed25519.push(bytes()?.try_into().map_err(|_| Unproven::Form)?),
                _ => {}
            }
        }
        Ok(given)
    }
}

/// Reads one of our events: `type` names what happened, `data` the secret, its version and, if it is pushed, the value.
///
/// # Errors
/// When it is not JSON, or an event of ours that does not say which one secret it is about, or brings a value without its
/// version.
pub fn read(delivery: Verified<Delivery>) -> Result<Message, Malformed> {
    let delivery = delivery.get();
    let body = delivery.json()?;
    let kind = fields::text(body, &["type"])?.ok_or(Malformed)?;
    let news = match kind {
        "secret.changed" | "secret.pushed" => News::Changed,
        "secret.expiring" => News::Expiring,
        "secret.expired" => News::Expired,
        "secret.rotation-failed" => News::RotationFailed,
        "secret.due" => News::Due,
        _ => return Ok(delivery.says(None, News::Other)),
    };
    let version = fields::text(body, &["data", "version"])?.map(told).transpose()?;
    let pushed = kind == "secret.pushed";
    if pushed && version.is_none() {
        // Nothing else tells a value that is new from one that is in place.
        return Err(Malformed);
    }
    let hint = delivery.hint(Some(secret(body)?), version, news);
    if !pushed {
        return Ok(Message::Hints(vec![hint]));
    }
    let jwe = fields::required(body, &["data", "sealed"])?;
    if jwe.len() > sealed::LONGEST {
        return Err(Malformed);
    }
    Ok(Message::Sealed { hint, jwe })
}

/// The one secret that `data` names, in one of three ways.
fn secret(body: &Value) -> Result<SecretId, Malformed> {
    let named = |name| fields::text(body, &["data", name])?.map(told).transpose();
    match (named("secret")?, named("mount")?, named("path")?, named("role")?) {
        (Some(name), None, None, None) => Ok(SecretId::Named(name)),
        (None, Some(mount), Some(path), None) => Ok(SecretId::Kv { mount, path }),
        (None, Some(mount), None, Some(role)) => Ok(SecretId::StaticRole { mount, role }),
        _ => Err(Malformed),
    }
}
