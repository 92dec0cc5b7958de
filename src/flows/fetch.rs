//! Reads the new value from a target's secret manager, once it may be put in place.
//!
//! It is encrypted under our own key, and from there on like one that a person entered.

use std::rc::Rc;

use serde_json::Value;

use super::house::House;
use super::managers;
use super::rotation::step;
use super::rows::Rows;
use crate::clients::secrets::{Content, Fetched, Which, key_vault};
use crate::codec::json;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::vault::Vaulted;
use crate::codec::webhook::sealed;
use crate::codec::wiped::Wiped;
use crate::domain::credential::{Entered, Field};
use crate::domain::names::SourceName;
use crate::domain::rotation::{Event, Requester, Rotation, Stage, Supply, Taken};
use crate::domain::source::{Binding, Manager, SecretId, Source, Username};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Ports, Shelf, Unanswered};
use seal::Secret;

/// The longest value of a field that is taken, in bytes: a private key of 8192 bits has a tenth of it.
const LONGEST: usize = 64 * 1024;
/// The longest user name, in characters.
const LONGEST_ACCOUNT: usize = 256;

/// Most calls that one try takes: where the secret manager is, logging in, asking it. Nowhere else is asked as often as in
/// Azure Key Vault; changing a value, reading it and logging out are fewer.
pub(super) const CALLS: usize = 2 + key_vault::CALLS;

/// Asks the secret manager, and keeps what came of it.
///
/// # Errors
/// When the shelf fails.
pub(super) async fn fetch<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: Rc<Rotation>,
) -> Result<(), Unanswered> {
    let (result, vaulted) = match read(house, rows, &rotation).await {
        Ok((taken, vaulted)) => (Ok(taken), Some(vaulted)),
        Err(trouble) => (Err(trouble), None),
    };
    drop(rotation);
    let _ = step(house, rows, Event::Fetched(result))?;
    // Not while it has to be approved once more, or after somebody ended it meanwhile.
    let needed = rows.rotation()?.is_some_and(|now| matches!(now.stage, Stage::Holding { .. } | Stage::Applying));
    match vaulted.filter(|_| needed) {
        Some(vaulted) => {
            rows.put_credential(&vaulted)?;
            rows.delete_pushed()
        }
        None => Ok(()),
    }
}

/// Reads the value; it leaves here encrypted.
async fn read<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    rotation: &Rotation,
) -> Result<(Taken, Vaulted), Trouble> {
    let (Some(binding), Some(supply)) = (&rotation.target.binding, &rotation.supply) else {
        return Err(gone());
    };
    let source = source(house, &binding.source).await?;
    if binding.place.as_ref().is_some_and(|place| *place != source.manager.place()) {
        // What was approved, and what is known of its versions, was another place's.
        return Err(noted(managers::service(&source.manager), "its secret manager is another place by now"));
    }
    if let SecretId::StaticRole { mount, role } = &binding.secret
        && matches!(rotation.requester, Requester::Person(_))
        && supply.turned_at.is_none()
    {
        turn(house, rows, &source, mount, role, supply.turning_at.is_none()).await?;
    }
    let (fetched, current) = match source.manager {
        Manager::Pushed => pushed(house, rows, &source, supply).await?,
        _ => {
            let which = if supply.previous { Which::Previous } else { Which::Current };
            managers::fetch(house, &source, binding, which).await?
        }
    };
    let service = managers::service(&source.manager);
    let (entered, account) = entered(rotation, binding, &fetched).map_err(|note| noted(service, note))?;
    let key = &house.config.store_key;
    let vaulted = Vaulted::close(&entered, key, &rotation.id, house.nonce());
    let vaulted = vaulted.map_err(|_| noted(service, "its value is too long"))?;
    Ok((Taken { version: fetched.version, current, account }, vaulted))
}

/// Has the manager change the value first, for the `first` time or once more. That it is asked is kept before it is: should its
/// answer not come, or somebody end the rotation meanwhile, the old value may be dead all the same.
async fn turn<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    source: &Source,
    mount: &str,
    role: &str,
    first: bool,
) -> Result<(), Trouble> {
    let leave = || match step(house, rows, Event::Turning)? {
        Ok(_) => Ok(()),
        Err(_) => Err(Trouble::of(managers::service(&source.manager), Cause::Rejected)),
    };
    let turned = managers::turn(house, source, mount, role, leave).await;
    match &turned {
        Ok(()) => drop(step(house, rows, Event::Turned)),
        // A refusal now says nothing of what was asked before.
        Err(trouble) if first && !trouble.uncertain() => drop(step(house, rows, Event::Unturned)),
        Err(_) => {}
    }
    turned
}

/// The secret manager as the catalog describes it now.
///
/// # Errors
/// When it is not in the catalog any more, or the register does not answer.
pub(super) async fn source<P: Ports>(house: House<'_, P>, name: &SourceName) -> Result<Source, Trouble> {
    match house.ports.register(RegisterOrder::Source(name.clone())).await {
        Ok(RegisterReply::Source(Some(source))) => Ok(source),
        Ok(RegisterReply::Source(None)) => Err(gone()),
        _ => Err(Unanswered.into()),
    }
}

/// What a sender sealed to our key.
async fn pushed<P: Ports, S: Shelf>(
    house: House<'_, P>,
    rows: &Rows<'_, S>,
    source: &Source,
    supply: &Supply,
) -> Result<(Fetched, String), Trouble> {
    let again = || noted(Service::Push, "there is nothing new from it: it has to send the value again");
    let jwe = rows.pushed()?.ok_or_else(again)?;
    let version = supply.seen.clone().ok_or_else(again)?;
    let key = managers::private_key(house, source)?;
    let value = sealed::open(&jwe, &key, house.ports).await;
    let value =
        value.map_err(|_| noted(Service::Push, "what it sent is not sealed to the key of this installation"))?;
    Ok((Fetched { version: version.clone(), content: Content::Text(value), tags: Vec::new() }, version))
}

/// The fields of the credential, and the account where that can change; or what is wrong, in our own words.
fn entered(
    rotation: &Rotation,
    binding: &Binding,
    fetched: &Fetched,
) -> Result<(Entered, Option<String>), &'static str> {
    let mut entered = Entered::new();
    let role = matches!(binding.secret, SecretId::StaticRole { .. });
    let by_key = role || !binding.fields.is_empty() || matches!(binding.username, Some(Username::Key(_)));
    let parsed;
    let values = match (&fetched.content, by_key) {
        (Content::Fields(values), _) => Some(&values.0),
        (Content::Text(text), true) => {
            // Exposed to be taken apart; the parts are wiped.
            parsed = Wiped(
                json::read(text.expose().as_bytes()).ok_or("its value is not the JSON that fields are read from")?,
            );
            Some(&parsed.0)
        }
        (Content::Text(text), false) => {
            let field = rotation.target.login.kind().fields().first().ok_or("this kind of credential has no value")?;
            // Exposed to be copied into the credential.
            entered.insert(*field, taken(text.expose())?);
            None
        }
    };
    if let Some(values) = values {
        let fields: Vec<(Field, &str)> = match role {
            true => vec![(Field::Password, "password")],
            false => binding.fields.iter().map(|(field, key)| (*field, key.as_str())).collect(),
        };
        for (field, key) in fields {
            match values.get(key).and_then(Value::as_str) {
                Some(text) => {
                    entered.insert(field, taken(text)?);
                }
                None if field.required() => return Err("its value has no text under a key that the catalog names"),
                None => {}
            }
        }
        if entered.iter().next().is_none() {
            return Err("the catalog does not say under which key its value stands");
        }
    }
    let account = match (&binding.username, role) {
        (Some(Username::Key(key)), _) => values.and_then(|values| values.get(key)?.as_str()),
        (Some(Username::Tag(tag)), _) => {
            fetched.tags.iter().find(|(name, _)| name == tag).map(|(_, value)| value.as_str())
        }
        (None, true) => values.and_then(|values| values.get("username")?.as_str()),
        (None, false) => return Ok((entered, None)),
    };
    match account.map(str::trim).filter(|name| !name.is_empty() && name.chars().count() <= LONGEST_ACCOUNT) {
        Some(name) => Ok((entered, Some(name.to_owned()))),
        None => Err("it has no user name where the catalog says that there is one"),
    }
}

/// A value that can be a credential.
fn taken(text: &str) -> Result<Secret, &'static str> {
    match text.len() {
        0 => Err("its value is empty"),
        1..=LONGEST => Ok(Secret::new(text.to_owned())),
        _ => Err("its value is too long"),
    }
}

fn gone() -> Trouble {
    noted(Service::Manager, "the catalog does not have its secret manager any more")
}

fn noted(service: Service, note: &str) -> Trouble {
    Trouble::noted(service, Cause::SecretUnfit, note)
}
