//! Slack's Web API: forms, cards, people and groups (Slack API, Methods).

use std::time::Duration;

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER};
use http::{Method, Response, StatusCode};
use serde_json::{Value, json};

use super::outgoing;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json;
use crate::codec::slack::card::Message;
use crate::config::SlackConfig;
use crate::domain::names::{GroupId, PersonId};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::{Patience, Wire};

/// Largest answer read; `usergroups.users.list` of a large group has some 100 kB.
const LARGEST_ANSWER: usize = 1024 * 1024;

/// Slack answers within a second or is in trouble; nothing else should wait for it longer.
const PATIENCE: Patience = Patience(Duration::from_secs(10));

/// Slack's Web API with this app's token.
pub struct Slack<'a, W> {
    wire: &'a W,
    config: &'a SlackConfig,
}

/// A person as Slack describes them now (`users.info`).
#[derive(Clone, Debug)]
pub struct User {
    /// The id in their own workspace, which need not be the one asked for.
    pub id: String,
    /// The workspace they belong to.
    pub team_id: Option<String>,
    /// Deactivated.
    pub deleted: bool,
    /// A bot.
    pub is_bot: bool,
    /// A guest of several channels.
    pub is_restricted: bool,
    /// A guest of one channel.
    pub is_ultra_restricted: bool,
    /// From another organisation.
    pub is_stranger: bool,
    /// The name others see, if it is set.
    pub real_name: Option<String>,
    /// Their identity across an organisation's workspaces.
    pub enterprise_user: Option<EnterpriseUser>,
}

/// A person of an Enterprise Grid organisation.
#[derive(Clone, Debug)]
pub struct EnterpriseUser {
    /// The id in every workspace.
    pub id: String,
    /// The organisation.
    pub enterprise_id: Option<String>,
}

/// A form that was opened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its id, which it keeps when its content is replaced.
    pub id: String,
    /// The mark of its present content.
    pub hash: String,
}

/// Why a form did not open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenError {
    /// The trigger's three seconds were over, or it was used before.
    Trigger,
    /// Something else.
    Trouble(Trouble),
}

impl<'a, W: Wire> Slack<'a, W> {
    /// The API of the configured workspace.
    pub const fn new(wire: &'a W, config: &'a SlackConfig) -> Self {
        Self { wire, config }
    }

    /// Opens a form.
    ///
    /// # Errors
    /// When the trigger is no longer good, or Slack is in trouble.
    pub async fn open(&self, trigger: &str, view: &Value) -> Result<Opened, OpenError> {
        let body = json!({ "trigger_id": trigger, "view": view });
        match self.call("views.open", &body).await {
            Ok(answer) => {
                let part = |name| needed(&answer, &["view", name]).map_err(OpenError::Trouble);
                Ok(Opened { id: part("id")?, hash: part("hash")? })
            }
            Err(failure) if failure.about_trigger => Err(OpenError::Trigger),
            Err(failure) => Err(OpenError::Trouble(failure.trouble)),
        }
    }

    /// Replaces an open form, if it still shows what it was opened with.
    ///
    /// # Errors
    /// When Slack refuses it, the person sent or closed it meanwhile, or Slack is in trouble.
    pub async fn replace(&self, opened: &Opened, view: &Value) -> Result<(), Trouble> {
        let body = json!({ "view_id": opened.id, "hash": opened.hash, "view": view });
        self.call("views.update", &body).await?;
        Ok(())
    }

    /// The person as Slack knows them now.
    ///
    /// # Errors
    /// When there is no such person, or Slack is in trouble.
    pub async fn user(&self, id: &str) -> Result<User, Trouble> {
        let answer = self.query("users.info", &[("user", id)]).await?;
        answer.get("user").ok_or(Unexpected).and_then(user).map_err(|_| unintelligible())
    }

    /// Whether somebody with one of these ids is in the group now.
    ///
    /// # Errors
    /// When there is no such group, or Slack is in trouble.
    pub async fn in_group(&self, group: &GroupId, ids: &[PersonId]) -> Result<bool, Trouble> {
        let mut arguments = vec![("usergroup", group.slack_id())];
        // An organisation's token has to say which workspace's group it means.
        arguments.extend(self.config.team_id.as_deref().map(|team| ("team_id", team)));
        let answer = self.query("usergroups.users.list", &arguments).await?;
        let members = answer.get("users").and_then(Value::as_array).ok_or_else(unintelligible)?;
        Ok(members.iter().filter_map(Value::as_str).any(|member| ids.iter().any(|id| id.slack_id() == member)))
    }

    /// Opens the direct messages with a person; answers the channel.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn direct(&self, person: &PersonId) -> Result<String, Trouble> {
        let answer = self.call("conversations.open", &json!({ "users": person.slack_id() })).await?;
        needed(&answer, &["channel", "id"])
    }

    /// Posts a message; answers its channel and timestamp, by which it can be rewritten.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn post(&self, channel: &str, message: &Message) -> Result<(String, String), Trouble> {
        let (text, blocks) = (&message.text, &message.blocks);
        let body = json!({ "channel": channel, "text": text, "blocks": blocks, "unfurl_links": false });
        let answer = self.call("chat.postMessage", &body).await?;
        Ok((needed(&answer, &["channel"])?, needed(&answer, &["ts"])?))
    }

    /// Rewrites a message of ours.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn rewrite(&self, channel: &str, ts: &str, message: &Message) -> Result<(), Trouble> {
        let (text, blocks) = (&message.text, &message.blocks);
        self.call("chat.update", &json!({ "channel": channel, "ts": ts, "text": text, "blocks": blocks })).await?;
        Ok(())
    }

    /// Answers an interaction where it happened, for nobody else to see. The URL is a bearer secret and is only
    /// followed to Slack's own host.
    ///
    /// # Errors
    /// When the URL is not Slack's, it was used up, or Slack is in trouble.
    pub async fn respond(&self, response_url: &str, message: &Message) -> Result<(), Trouble> {
        let path = response_url.strip_prefix(&self.config.hooks_url).filter(|rest| rest.starts_with('/'));
        path.ok_or_else(|| Trouble::of(Service::Slack, Cause::NotAllowed))?;
        let headers = vec![(CONTENT_TYPE, JSON)];
        status(&self.exchange(response_url, headers, message.ephemeral().to_string()).await?)
    }

    async fn call(&self, method: &str, body: &Value) -> Result<Value, Failure> {
        self.send(method, JSON, body.to_string()).await
    }

    /// The methods that read take form fields rather than JSON (Slack API, Using the Web API).
    async fn query(&self, method: &str, arguments: &[(&str, &str)]) -> Result<Value, Failure> {
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(arguments).finish();
        self.send(method, HeaderValue::from_static("application/x-www-form-urlencoded"), form).await
    }

    async fn send(&self, method: &str, kind: HeaderValue, body: String) -> Result<Value, Failure> {
        let url = format!("{}/{method}", self.config.api_url);
        // The token goes to the configured host only.
        let bearer = outgoing::bearer(&self.config.bot_token);
        let bearer = bearer.map_err(|_| Trouble::of(Service::Slack, Cause::Identity))?;
        let response = self.exchange(&url, vec![(AUTHORIZATION, bearer), (CONTENT_TYPE, kind)], body).await?;
        status(&response)?;
        if response.body().len() > LARGEST_ANSWER {
            return Err(unintelligible().into());
        }
        // Slack answers 200 whatever happened; `ok` tells.
        let answer: Value = json::read(response.body()).ok_or_else(unintelligible)?;
        match fields::flag(&answer, "ok") {
            Ok(true) => Ok(answer),
            Ok(false) => Err(Failure::read(&answer)),
            Err(Unexpected) => Err(unintelligible().into()),
        }
    }

    async fn exchange(
        &self,
        url: &str,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: String,
    ) -> Result<Response<Bytes>, Trouble> {
        let mut request = outgoing::request(Method::POST, url, headers, Bytes::from(body))
            .map_err(|_| Trouble::of(Service::Slack, Cause::Rejected))?;
        request.extensions_mut().insert(PATIENCE);
        self.wire.send(request).await.map_err(|_| lost())
    }
}

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A text that an answer has to have.
fn needed(answer: &Value, path: &[&str]) -> Result<String, Trouble> {
    fields::required(answer, path).map_err(|_| unintelligible())
}

/// What `users.info` says of a person.
fn user(user: &Value) -> Result<User, Unexpected> {
    let enterprise_user = match fields::at(user, &["enterprise_user"])? {
        None => None,
        Some(user) => Some(EnterpriseUser {
            id: fields::owned(user, &["id"])?.unwrap_or_default(),
            enterprise_id: fields::owned(user, &["enterprise_id"])?,
        }),
    };
    Ok(User {
        id: fields::owned(user, &["id"])?.unwrap_or_default(),
        team_id: fields::owned(user, &["team_id"])?,
        deleted: fields::flag(user, "deleted")?,
        is_bot: fields::flag(user, "is_bot")?,
        is_restricted: fields::flag(user, "is_restricted")?,
        is_ultra_restricted: fields::flag(user, "is_ultra_restricted")?,
        is_stranger: fields::flag(user, "is_stranger")?,
        real_name: fields::owned(user, &["real_name"])?,
        enterprise_user,
    })
}

/// A refusal by Slack.
struct Failure {
    trouble: Trouble,
    /// Whether the trigger is what it is about, which Slack says in several ways (Slack API, views.open, Errors).
    about_trigger: bool,
}

impl Failure {
    fn read(answer: &Value) -> Self {
        let code = answer.get("error").and_then(Value::as_str).unwrap_or("no_error_code");
        let cause = match code {
            "invalid_auth" | "not_authed" | "account_inactive" | "token_revoked" | "token_expired" => Cause::Identity,
            "missing_scope" | "not_in_channel" | "restricted_action" | "is_archived" | "no_permission" => {
                Cause::NotAllowed
            }
            "channel_not_found" | "user_not_found" | "message_not_found" | "no_such_subteam" | "not_found" => {
                Cause::NotFound
            }
            "ratelimited" | "rate_limited" => Cause::Throttled,
            "internal_error" | "fatal_error" | "service_unavailable" | "request_timeout" => Cause::Unavailable,
            _ => Cause::Rejected,
        };
        let mut about_trigger = code.contains("trigger");
        if code == "invalid_arguments" {
            let messages = answer.pointer("/response_metadata/messages").and_then(Value::as_array);
            about_trigger = messages
                .into_iter()
                .flatten()
                .any(|message| message.as_str().is_some_and(|message| message.contains("trigger_id")));
        }
        let code = code.chars().filter(|c| c.is_ascii_alphanumeric() || "._-".contains(*c)).take(120).collect();
        let mut trouble = Trouble::of(Service::Slack, cause);
        trouble.code = Some(code);
        Self { trouble, about_trigger }
    }
}

impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        Self { trouble, about_trigger: false }
    }
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        failure.trouble
    }
}

fn status(response: &Response<Bytes>) -> Result<(), Trouble> {
    let code = response.status();
    let cause = match code {
        StatusCode::OK => return Ok(()),
        StatusCode::TOO_MANY_REQUESTS => Cause::Throttled,
        StatusCode::FORBIDDEN | StatusCode::NOT_FOUND => Cause::NotFound,
        other if other.is_server_error() => Cause::Unavailable,
        _ => Cause::Unintelligible,
    };
    let mut trouble = Trouble::of(Service::Slack, cause);
    trouble.status = Some(code.as_u16());
    let after = response.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    trouble.retry_after = after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    Err(trouble)
}

const fn lost() -> Trouble {
    Trouble::of(Service::Slack, Cause::Unreachable)
}

const fn unintelligible() -> Trouble {
    Trouble::of(Service::Slack, Cause::Unintelligible)
}
