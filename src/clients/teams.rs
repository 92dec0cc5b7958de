//! Teams' connector: messages sent, answered and rewritten, conversations opened, members read.
//!
//! Bot Framework, REST API reference for the Bot Connector service. Every call goes to the service address of its
//! conversation, which came from outside: the token is sent only to hosts that the configuration names.

use http::Method;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::entra::AccessToken;
use super::secret_bytes::SecretBytes;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json::object;
use crate::codec::teams::place::Place;
use crate::config::{TeamsConfig, base_url};
use crate::domain::names::Guid;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// What stays as it is in a segment of a path (RFC 3986, 2.3).
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Somebody in a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// What the service calls them towards this bot, `29:…`.
    pub id: String,
    /// Who they are in the tenant.
    pub object: Guid,
    /// The name others see.
    pub name: Option<String>,
}

/// The connector with that token.
pub struct Teams<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// The configuration.
    pub config: &'a TeamsConfig,
    /// A token for `config.scope`.
    pub token: &'a AccessToken,
}

impl<W: Wire> Teams<'_, W> {
    /// Sends an activity; answers its id, by which it can be rewritten.
    ///
    /// # Errors
    /// When the service refuses, or is in trouble.
    pub async fn send(&self, place: &Place, activity: &Value) -> Result<String, Trouble> {
        let path = format!("{}/activities", conversation(&place.conversation));
        self.call(Method::POST, &place.service_url, &path, Some(activity), id).await
    }

    /// Sends an activity in answer to another one; answers its id.
    ///
    /// # Errors
    /// When the service refuses, or is in trouble.
    pub async fn reply(&self, place: &Place, to: &str, activity: &Value) -> Result<String, Trouble> {
        let path = format!("{}/activities/{}", conversation(&place.conversation), segment(to));
        self.call(Method::POST, &place.service_url, &path, Some(activity), id).await
    }

    /// Rewrites an activity of ours, for everybody.
    ///
    /// # Errors
    /// When the service refuses, or is in trouble.
    pub async fn update(&self, place: &Place, activity_id: &str, activity: &Value) -> Result<(), Trouble> {
        let path = format!("{}/activities/{}", conversation(&place.conversation), segment(activity_id));
        self.call(Method::PUT, &place.service_url, &path, Some(activity), |_| Ok(())).await
    }

    /// Opens the conversation with one person, by what the service calls them; there is one, however often it is opened.
    ///
    /// # Errors
    /// When the service refuses, or is in trouble.
    pub async fn direct(&self, service_url: &str, person: &str) -> Result<Place, Trouble> {
        let tenant = self.config.bot.tenant.as_str();
        let body = object! {
            "isGroup": false,
            "bot": object! { "id": format!("28:{}", self.config.bot.client) },
            "members": [object! { "id": person }],
            "tenantId": tenant,
            "channelData": object! { "tenant": object! { "id": tenant } },
        };
        let conversation = self.call(Method::POST, service_url, "/v3/conversations", Some(&body), id).await?;
        Ok(Place { service_url: service_url.to_owned(), conversation })
    }

    /// Somebody in the conversation, by what the service calls them or by their object id.
    ///
    /// # Errors
    /// When they are not in it, or the service refuses, or is in trouble.
    pub async fn member(&self, place: &Place, id: &str) -> Result<Member, Trouble> {
        let path = format!("{}/members/{}", conversation(&place.conversation), segment(id));
        self.call(Method::GET, &place.service_url, &path, None, member).await
    }

    async fn call<T>(
        &self,
        method: Method,
        service_url: &str,
        path: &str,
        body: Option<&Value>,
        read: fn(&Value) -> Result<T, Unexpected>,
    ) -> Result<T, Trouble> {
        let url = format!("{}{path}", self.base(service_url)?);
        let body = body.map(SecretBytes::json);
        let call = Call { service: Service::Teams, token: self.token, profile: None, method, url, body };
        let response = call.send(self.wire).await.map_err(passing)?;
        // An update is answered with no more than a status by some versions of the service.
        let answered = if response.body().is_empty() { Value::Null } else { answer::body(Service::Teams, &response)? };
        read(&answered).map_err(|_| answer::unintelligible(Service::Teams, &response))
    }

    /// The address without the slash at its end, if a token may be sent there.
    fn base(&self, service_url: &str) -> Result<String, Trouble> {
        let base = base_url(service_url).ok();
        let host = |base: &String| base.split('/').nth(2).map(str::to_owned);
        let known = |base: &String| host(base).is_some_and(|host| self.config.connector_hosts.contains(&host));
        base.filter(known).ok_or_else(|| {
            Trouble::noted(Service::Teams, Cause::Mismatch, "the conversation is not on one of TEAMS_CONNECTOR_HOSTS")
        })
    }
}

/// 412 is a state of the service that passes (Teams, Optimize your bot with rate limiting: retry 412, 429, 502, 504).
fn passing(mut trouble: Trouble) -> Trouble {
    if trouble.status == Some(412) {
        trouble.cause = Cause::Unavailable;
    }
    trouble
}

fn conversation(id: &str) -> String {
    format!("/v3/conversations/{}", segment(id))
}

fn segment(text: &str) -> String {
    utf8_percent_encode(text, SEGMENT).to_string()
}

fn id(answer: &Value) -> Result<String, Unexpected> {
    fields::required(answer, &["id"])
}

/// One kind of list calls the object id so, the other so.
fn member(answer: &Value) -> Result<Member, Unexpected> {
    let object = fields::text(answer, &["aadObjectId"])?.or(fields::text(answer, &["objectId"])?).ok_or(Unexpected)?;
    Ok(Member {
        id: id(answer)?,
        object: Guid::parse(object).map_err(|_| Unexpected)?,
        name: fields::owned(answer, &["name"])?,
    })
}
