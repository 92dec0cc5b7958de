//! Whether a message is from the secret manager whose address it came to, by the way the catalog says that it sends.

use std::rc::Rc;

use super::house::House;
use crate::clients::keys::Published;
use crate::codec::jwks::KeySet;
use crate::codec::jwt::{Claims, Presented};
use crate::codec::proof::Verified;
use crate::codec::webhook::{Malformed, Message, Post, Unproven};
use crate::codec::webhook::{doppler, event_bridge, event_grid, infisical, openbao, pub_sub, sns, standard};
use crate::config::SourceSecrets;
use crate::domain::names::Guid;
use crate::domain::source::{EventGridToken, Events, Source};
use crate::ports::Ports;

/// What the message says, once it is proven; it may be proven and not understood.
///
/// # Errors
/// Why it is not proven. [`Unproven::Unchecked`] when that cannot be told now.
pub(super) async fn proven<P: Ports>(
    house: House<'_, P>,
    source: &Source,
    events: &Events,
    secrets: &SourceSecrets,
    post: Post<'_>,
) -> Result<Result<Message, Malformed>, Unproven> {
    let (keys, manager, now) = (&secrets.keys[..], &source.manager, house.ports.now());
    Ok(match events {
        Events::StandardWebhooks => standard::read(standard::verify(post, keys, now, house.ports).await?),
        Events::EventGrid { topic, entra: None } => {
            event_grid::read(&event_grid::verify_key(post, keys)?, manager, topic)
        }
        Events::EventGrid { topic, entra: Some(token) } => {
            event_grid::read(&by_entra(house, token, post).await?, manager, topic)
        }
        Events::EventBridge => event_bridge::read(event_bridge::verify(post, keys)?, manager),
        Events::Sns { topic, sha1 } => {
            let presented = sns::Presented::read(post, topic, *sha1, now)?;
            let region = sns::region(topic).ok_or(Unproven::Foreign)?;
            let base = house.config.managers.sns_url(region);
            let certificate = house.kept.certificates.get(house.ports, &base, presented.certificate(), now).await;
            // Without it nobody can be told to be anybody: that is our trouble, and SNS tries again.
            let certificate = certificate.map_err(|_| Unproven::Unchecked)?;
            sns::read(presented.verify(&certificate, now, house.ports).await?, manager)
        }
        Events::PubSub { audience, email } => {
            let published = Published::Google(&house.config.managers.google_certs_url);
            let parties = pub_sub::Parties { audience, email };
            let keys = keys_for(house, published, post, |claims| parties.check(claims)).await?;
            pub_sub::read(&pub_sub::verify(post, &keys, parties, now, house.ports).await?, manager)
        }
        Events::OpenBaoAudit => openbao::read(openbao::verify(post, keys)?),
        Events::Doppler => doppler::read(doppler::verify(post, keys, now)?, manager),
        Events::Infisical => infisical::read(infisical::verify(post, keys, now)?, manager),
    })
}

async fn by_entra<'p, P: Ports>(
    house: House<'_, P>,
    token: &EventGridToken,
    post: Post<'p>,
) -> Result<Verified<event_grid::Delivery<'p>>, Unproven> {
    let (now, config) = (house.ports.now(), house.config);
    // In a cloud for which no application is published, nobody can be Event Grid.
    let app = config.managers.event_grid_app.as_ref().map(Guid::as_str).ok_or(Unproven::Party)?;
    let login_url = config.entra.login_url.as_str();
    let published = Published::Entra(login_url, &token.tenant);
    let parties = event_grid::Parties {
        tenant: &token.tenant,
        audience: &token.audience,
        app,
        issuer_v1: &config.managers.entra_issuer_v1,
        login_url,
    };
    let keys = keys_for(house, published, post, |claims| parties.check(claims)).await?;
    event_grid::verify_token(post, &keys, parties, now, house.ports).await
}

/// The keys that may have signed the token of a message. Anybody can name a key that nobody knows: only for what might be
/// meant for us, as `check` has it, is it looked for.
async fn keys_for<P: Ports>(
    house: House<'_, P>,
    published: Published<'_>,
    post: Post<'_>,
    check: impl FnOnce(&Claims) -> Result<(), Unproven>,
) -> Result<Rc<KeySet>, Unproven> {
    let (presented, now) = (Presented::read(post.headers)?, house.ports.now());
    if let Some(kept) = house.kept.keys.kept(published, presented.kid(), now) {
        return Ok(kept);
    }
    presented.refuse_unverified(now, check)?;
    // What is refused is dropped for good, so our own trouble is never a refusal.
    house.kept.keys.get(house.ports, published, presented.kid(), now).await.map_err(|_| Unproven::Unchecked)
}
