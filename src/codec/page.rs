//! What the sealing page sends, and what it is told: JSON, with nothing in it that could be a secret of a gateway's place.

use seal::Secret;
use serde_json::Value;

use super::fields::{self, Unexpected};
use super::json;
use super::record::{GatewayMember, LeftOut, Offer, OfferedPlace, Record, SealedGateway, SealedMember};
use super::wiped::Wiped;
use super::words::{self, place_name};
use crate::codec::json::object;
use crate::domain::credential::{Entered, Field};
use crate::domain::names::Guid;
use crate::domain::rotation::{Rotation, Verdict};
use crate::domain::time::Timestamp;

/// Keys of one submission at most: for a hundred clusters of three, each with places in Power BI, which has one key for
/// a cluster, and in Fabric, which has one for each member.
pub const MOST_KEYS: usize = 400;
/// The longest ciphertext, in bytes: an encrypted private key of 8192 bits with its passphrase, sealed to a gateway's key of
/// 8192 bits, as the test below says.
const LONGEST_SEALED: usize = 12 * 1024;
/// What stands around a ciphertext at most: the names of the fields, the member, the fingerprint, and the gateway's number
/// when it is the only member.
const AROUND_SEALED: usize = 256;
/// What is entered in clear at most: the largest file that the page reads, with its line ends escaped, and what else there is.
const LONGEST_CLEAR: usize = 80 * 1024;
/// The largest submission, in bytes: it fits into the Worker's memory several times (128 MB; Cloudflare Workers, Limits).
pub const LARGEST: usize = MOST_KEYS * (LONGEST_SEALED + AROUND_SEALED) + LONGEST_CLEAR;

/// What the page submits.
pub struct Submission {
    /// A random id that the page gives it, and keeps when it has to send it again.
    pub id: String,
    /// The ciphertexts for each gateway.
    pub sealed: Vec<SealedGateway>,
    /// What was entered, when there are places in the cloud.
    pub clear: Option<Entered>,
}

/// Reads a submission.
///
/// # Errors
/// When the body is not one.
pub fn submission(body: &[u8]) -> Result<Submission, Unexpected> {
    let mut body = Wiped(json::read(body).ok_or(Unexpected)?);
    let id = fields::required(&body.0, &["id"])?;
    if !(16..=64).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Unexpected);
    }
    let mut room = MOST_KEYS;
    let mut sealed = Vec::new();
    for gateway in fields::list(&body.0, "sealed")? {
        let gateway = sealed_gateway(gateway)?;
        room = room.checked_sub(gateway.members.len().max(1)).ok_or(Unexpected)?;
        sealed.push(gateway);
    }
    let clear = match body.0.get_mut("clear").map(Value::take) {
        None | Some(Value::Null) => None,
        Some(clear) => Some(entered(Wiped(clear))?),
    };
    Ok(Submission { id, sealed, clear })
}

fn sealed_gateway(sealed: &Value) -> Result<SealedGateway, Unexpected> {
    let number = sealed.get("gateway").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let mut members = Vec::new();
    for member in fields::list(sealed, "members")? {
        let sealed: String = fields::required(member, &["sealed"])?;
        if sealed.len() > LONGEST_SEALED {
            return Err(Unexpected);
        }
        members.push(SealedMember {
            member: Guid::parse(&fields::required(member, &["member"])?).map_err(|_| Unexpected)?,
            fingerprint: fields::required(member, &["fingerprint"])?,
            sealed,
        });
    }
    Ok(SealedGateway { gateway: number.ok_or(Unexpected)?, members })
}

/// What was entered, taken out of the body and not copied.
fn entered(mut clear: Wiped) -> Result<Entered, Unexpected> {
    let mut entered = Entered::new();
    let fields = clear.0.as_object_mut().ok_or(Unexpected)?;
    for (name, value) in fields.iter_mut() {
        let field = Field::ALL.into_iter().find(|field| field.id() == name).ok_or(Unexpected)?;
        match value.take() {
            Value::String(text) if !text.is_empty() => entered.insert(field, Secret::new(text)),
            _ => return Err(Unexpected),
        }
    }
    Ok(entered)
}

/// The fingerprints of the keys of each gateway of an offer, in its order.
pub type Fingerprints = Vec<Vec<String>>;

/// What the page shows and seals to: the plan of a rotation, and what is offered of it.
pub fn plan(
    rotation: &Rotation,
    offer: &Offer,
    fingerprints: &Fingerprints,
    until: Timestamp,
    now: Timestamp,
    legacy: bool,
) -> Value {
    let target = &rotation.target;
    let kind = target.login.kind();
    let field = |field: &Field| object! { "id": field.id(), "required": field.required() };
    let approved = rotation.decisions.iter().filter(|decision| decision.verdict == Verdict::Approved);
    let approved = approved.map(|decision| object! { "name": decision.by.name.as_str(), "at": decision.at.0 });
    let member = |(member, fingerprint): (&GatewayMember, &String)| {
        object! {
            "member": member.member.as_str(),
            "exponent": member.exponent.as_str(),
            "modulus": member.modulus.as_str(),
            "fingerprint": fingerprint.as_str(),
        }
    };
    let gateways = offer.gateways.iter().zip(fingerprints);
    let gateways = gateways
        .map(|(gateway, of)| gateway.members.iter().zip(of).map(member).collect::<Vec<_>>())
        .collect::<Vec<_>>();
    let name = |at: usize| rotation.runs.get(at).map(|run| place_name(&run.place)).unwrap_or_default();
    let place = |place: &OfferedPlace| object! { "at": place.at, "name": name(place.at), "gateway": place.gateway };
    let left_out = |left: &LeftOut| object! { "name": name(left.at), "why": words::trouble(&left.trouble) };
    object! {
        "reference": rotation.id.reference(),
        "target": target.name.as_str(),
        "title": target.title.as_str(),
        "reason": rotation.reason.as_str(),
        "requested_by": rotation.requester.name(),
        "approved_by": approved.collect::<Vec<_>>(),
        "break_glass": rotation.break_glass,
        "kind": kind.name(),
        "account": target.login.account(),
        "login": target.login.to_value(),
        "fields": kind.fields().iter().map(field).collect::<Vec<_>>(),
        "gateways": gateways,
        "places": offer.places.iter().map(place).collect::<Vec<_>>(),
        "left_out": offer.left_out.iter().map(left_out).collect::<Vec<_>>(),
        "now": now.0,
        "until": until.0,
        "legacy": legacy,
    }
}

/// That gateways are still read, and after how many milliseconds the plan is to be asked for again.
pub fn reading(done: usize, of: usize, wait: u64) -> Value {
    object! { "reading": object! { "done": done, "of": of, "wait": wait } }
}

#[cfg(test)]
mod tests {
    use rand_core::OsRng;
    use seal::{Credential, GatewayKey, Legacy};

    use serde_json::json;

    use super::*;

    const ID: &str = "5f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11";

    fn whole(keys: usize, sealed: usize) -> Value {
        let guid = "0a2dafe6-5852-4fdd-ab01-33bb14b6e934";
        let fingerprint = "F".repeat(80);
        let member = json!({ "member": guid, "fingerprint": fingerprint.as_str(), "sealed": "A".repeat(sealed) });
        let gateway = |number: usize| json!({ "gateway": number, "members": [member] });
        let clear = json!({ "private_key": "\n".repeat(LONGEST_CLEAR / 2 - 200) });
        json!({ "id": ID, "sealed": (0..keys).map(gateway).collect::<Vec<_>>(), "clear": clear })
    }

    #[test]
    fn the_largest_submission_fits_and_a_larger_one_is_refused() {
        let largest = whole(MOST_KEYS, LONGEST_SEALED).to_string();
        assert!(largest.len() <= LARGEST, "{} > {LARGEST}", largest.len());
        assert!(submission(largest.as_bytes()).is_ok());
        for larger in [whole(MOST_KEYS + 1, 1), whole(1, LONGEST_SEALED + 1)] {
            assert!(submission(larger.to_string().as_bytes()).is_err());
        }
    }

    #[test]
    fn an_encrypted_private_key_fits_under_the_largest_gateway_key() {
        // PKCS#8 of RSA at 8192 bits has 100 lines of PEM, encrypted 102 (OpenSSL 3, PBES2 with AES-256).
        let credential = Credential::KeyPair {
            identifier: "i".repeat(256),
            private_key: Secret::new(format!("{}\n", "p".repeat(64)).repeat(106)),
            passphrase: Some(Secret::new("\"".repeat(128))),
        };
        use base64::Engine as _;
        let mut modulus = [0xff; 8192 / 8];
        modulus[8192 / 8 - 1] = 0x0f;
        let modulus = base64::engine::general_purpose::STANDARD.encode(modulus);
        let key = GatewayKey::parse("AQAB", &modulus, Legacy::Refuse).unwrap();
        let sealed = key.seal(&credential, &mut OsRng).as_str().len();
        assert!((LONGEST_SEALED / 2..=LONGEST_SEALED).contains(&sealed), "{sealed}");
        assert!(key.fingerprint().to_string().len() <= 80);
    }
}
