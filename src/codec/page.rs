//! What the sealing page sends, and what it is told: JSON, with nothing in it that could be a secret of a gateway's place.

use seal::Secret;
use serde_json::{Value, json};

use super::fields::{self, Unexpected};
use super::json;
use super::record::{GatewayMember, Record, SealedMember, SealedPlace};
use super::wiped::Wiped;
use super::words::place_name;
use crate::domain::credential::{Entered, Field};
use crate::domain::names::Guid;
use crate::domain::rotation::{Rotation, Verdict};
use crate::domain::time::Timestamp;

/// Places of one submission at most: what a catalog allows, with what models add.
const MOST_PLACES: usize = 1200;
/// Members of one gateway at most (Fabric REST, Gateways: a cluster has at most ten).
const MOST_MEMBERS: usize = 16;

/// What the page submits.
pub struct Submission {
    /// The ticket.
    pub ticket: String,
    /// A random id that the page gives it, and keeps when it has to send it again.
    pub id: String,
    /// The ciphertexts for each place behind a gateway.
    pub sealed: Vec<SealedPlace>,
    /// What was entered, when there are places in the cloud.
    pub clear: Option<Entered>,
}

/// The ticket in a body that has nothing else.
///
/// # Errors
/// When the body is not that.
pub fn ticket(body: &[u8]) -> Result<String, Unexpected> {
    let body = json::read(body).ok_or(Unexpected)?;
    fields::required(&body, &["ticket"])
}

/// Reads a submission.
///
/// # Errors
/// When the body is not one.
pub fn submission(body: &[u8]) -> Result<Submission, Unexpected> {
    let mut body = Wiped(json::read(body).ok_or(Unexpected)?);
    let ticket = fields::required(&body.0, &["ticket"])?;
    let id = fields::required(&body.0, &["id"])?;
    if !(16..=64).contains(&id.len()) || !id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        return Err(Unexpected);
    }
    let listed = fields::list(&body.0, "sealed")?;
    if listed.len() > MOST_PLACES {
        return Err(Unexpected);
    }
    let mut sealed = Vec::with_capacity(listed.len());
    for place in listed {
        sealed.push(sealed_place(place)?);
    }
    let clear = match body.0.get_mut("clear").map(Value::take) {
        None | Some(Value::Null) => None,
        Some(clear) => Some(entered(Wiped(clear))?),
    };
    Ok(Submission { ticket, id, sealed, clear })
}

fn sealed_place(place: &Value) -> Result<SealedPlace, Unexpected> {
    let at = place.get("at").and_then(Value::as_u64).and_then(|at| usize::try_from(at).ok()).ok_or(Unexpected)?;
    let listed = fields::list(place, "members")?;
    if listed.len() > MOST_MEMBERS {
        return Err(Unexpected);
    }
    let mut members = Vec::with_capacity(listed.len());
    for member in listed {
        members.push(SealedMember {
            member: Guid::parse(&fields::required(member, &["member"])?).map_err(|_| Unexpected)?,
            fingerprint: fields::required(member, &["fingerprint"])?,
            sealed: fields::required(member, &["sealed"])?,
        });
    }
    Ok(SealedPlace { at, members })
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

/// A gateway member that a place is sealed to: the member, its key, and the key's fingerprint.
pub type Member = (GatewayMember, String);

/// What the page shows and seals to: the plan of a rotation, and the keys of each place's gateway.
pub fn plan(
    rotation: &Rotation,
    places: &[(usize, Vec<Member>)],
    until: Timestamp,
    now: Timestamp,
    legacy: bool,
) -> Value {
    let target = &rotation.target;
    let kind = target.login.kind();
    let field = |field: &Field| json!({ "id": field.id(), "required": field.required() });
    let approved = rotation.decisions.iter().filter(|decision| decision.verdict == Verdict::Approved);
    let approved = approved.map(|decision| json!({ "name": decision.by.name, "at": decision.at.0 }));
    let place = |(at, members): &(usize, Vec<Member>)| {
        let name = rotation.runs.get(*at).map(|run| place_name(&run.place)).unwrap_or_default();
        let member = |(member, fingerprint): &Member| {
            json!({
                "member": member.member.as_str(),
                "exponent": member.exponent,
                "modulus": member.modulus,
                "fingerprint": fingerprint,
            })
        };
        json!({ "at": at, "name": name, "members": members.iter().map(member).collect::<Vec<_>>() })
    };
    json!({
        "reference": rotation.id.reference(),
        "target": target.name.as_str(),
        "title": target.title,
        "reason": rotation.reason,
        "requested_by": rotation.requester.name,
        "approved_by": approved.collect::<Vec<_>>(),
        "break_glass": rotation.break_glass,
        "kind": kind.name(),
        "account": target.login.account(),
        "login": target.login.to_value(),
        "fields": kind.fields().iter().map(field).collect::<Vec<_>>(),
        "places": places.iter().map(place).collect::<Vec<_>>(),
        "now": now.0,
        "until": until.0,
        "legacy": legacy,
    })
}
