//! What secret managers send: proven, read, and given to the register in one go. What follows is the register's.

use super::house::House;
use super::managers;
use super::proving::proven;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::webhook::{Malformed, Message, Post, Unproven, event_grid, sealed};
use crate::config::SourceSecrets;
use crate::domain::names::SourceName;
use crate::domain::source::{Events, Manager, Source};
use crate::ports::{Ports, Unanswered};

/// Why a message is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotHeard {
    /// Nobody sends there.
    Nobody,
    /// Somebody did, whom the catalog does not have any more.
    Gone,
    /// It is not proven.
    Unproven(Unproven),
    /// It is proven, and not understood.
    Malformed,
    /// It is larger than any message of its kind.
    TooLarge,
    /// Our own storage did not answer, or what we have to ask.
    Storage,
}

/// What a message is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// It was taken.
    Taken,
    /// It was taken, and nothing of it is new or of interest.
    Nothing,
    /// The code by which Event Grid knows that we want its events.
    Validation(String),
}

/// The largest message of those who send one event at a time, in bytes; a pushed value fits as well.
const LARGEST_THIN: usize = 192 * 1024;

/// Who sends to that path, as far as the configuration knows. Every one is compared, so that time tells nothing.
///
/// # Errors
/// When nobody does.
pub fn sender<'a, P>(house: House<'a, P>, path: &str) -> Result<&'a SourceSecrets, NotHeard> {
    let found =
        house.config.sources.iter().fold(None, |found, source| if source.is_at(path) { Some(source) } else { found });
    found.ok_or(NotHeard::Nobody)
}

/// Takes a message.
///
/// # Errors
/// Why it is not taken.
pub async fn receive<P: Ports>(
    house: House<'_, P>,
    secrets: &SourceSecrets,
    post: Post<'_>,
) -> Result<Reply, NotHeard> {
    let source = known(house, &secrets.name).await?;
    let events = source.events.as_ref().ok_or(NotHeard::Nobody)?;
    if !matches!(events, Events::EventGrid { .. }) && post.body.len() > LARGEST_THIN {
        return Err(NotHeard::TooLarge);
    }
    let message = match proven(house, &source, events, secrets, post).await {
        Ok(message) => message.map_err(|Malformed| NotHeard::Malformed)?,
        Err(why) => {
            // Counted for the doctor; what is more than anybody needs to know is not. Should that fail, the log has it.
            if why != Unproven::Unchecked && house.counts(&format!("hook/{}", source.name)).await {
                let _ = house
                    .ports
                    .register(RegisterOrder::Unproven { source: source.name.clone(), why: why.name().to_owned() })
                    .await;
            }
            return Err(NotHeard::Unproven(why));
        }
    };
    let (hints, pushed) = match message {
        Message::Validation(code) => return Ok(Reply::Validation(code)),
        Message::Confirmation(token) => {
            return managers::confirm(house, &source, &token)
                .await
                .map(|()| Reply::Taken)
                .map_err(|_| NotHeard::Storage);
        }
        Message::Hints(hints) => (hints, None),
        Message::Sealed { hint, jwe } => (vec![hint], Some(jwe)),
    };
    let order = RegisterOrder::Heard { source: source.name, hints, pushed };
    match house.ports.register(order).await {
        Ok(RegisterReply::Heard(0)) => Ok(Reply::Nothing),
        Ok(RegisterReply::Heard(_)) => Ok(Reply::Taken),
        _ => Err(NotHeard::Storage),
    }
}

/// The answer to somebody who asks whether events may be sent here (CloudEvents, HTTP 1.1 Web Hooks: validation).
///
/// # Errors
/// When nobody sends such events there, or it is not they who ask.
pub async fn consent<P: Ports>(
    house: House<'_, P>,
    secrets: &SourceSecrets,
    headers: &http::HeaderMap,
) -> Result<http::HeaderMap, NotHeard> {
    let source = known(house, &secrets.name).await?;
    match source.events {
        Some(Events::EventGrid { .. }) => event_grid::consent(headers).ok_or(NotHeard::Malformed),
        _ => Err(NotHeard::Nobody),
    }
}

/// The key to which values can be sealed for us.
///
/// # Errors
/// When there is none for that secret manager.
pub async fn sealing_key<P: Ports>(
    house: House<'_, P>,
    secrets: &SourceSecrets,
) -> Result<serde_json::Value, NotHeard> {
    let source = known(house, &secrets.name).await?;
    // The key of another manager signs our tokens: nothing is sealed to that.
    if source.manager != Manager::Pushed {
        return Err(NotHeard::Nobody);
    }
    let key = managers::private_key(house, &source).map_err(|_| NotHeard::Nobody)?;
    let public = house.ports.public_rsa(&key).await.map_err(|_| NotHeard::Nobody)?;
    Ok(sealed::public_jwk(&public))
}

async fn known<P: Ports>(house: House<'_, P>, name: &SourceName) -> Result<Source, NotHeard> {
    match house.ports.register(RegisterOrder::Source(name.clone())).await {
        Ok(RegisterReply::Source(Some(source))) => Ok(source),
        Ok(RegisterReply::Source(None)) => Err(NotHeard::Gone),
        Ok(_) | Err(Unanswered) => Err(NotHeard::Storage),
    }
}
