//! Slack's messages: posted, answered in their thread, rewritten, and for one person's eyes.

use http::header::CONTENT_TYPE;

use super::Slack;
use super::call::{JSON, needed, status};
use crate::codec::json::{self, object};
use crate::codec::slack::message::Message;
use crate::domain::names::PersonId;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

impl<W: Wire> Slack<'_, W> {
    /// Opens the direct messages with a person; answers the channel.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn direct(&self, person: &PersonId) -> Result<String, Trouble> {
        let answer = self.call("conversations.open", &object! { "users": person.slack_id() }).await?;
        needed(&answer, &["channel", "id"])
    }

    /// Posts a message; answers its channel and timestamp, by which it can be rewritten.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn post(&self, channel: &str, message: &Message) -> Result<(String, String), Trouble> {
        let (text, blocks) = (message.text.as_str(), message.blocks.as_slice());
        let body = object! { "channel": channel, "text": text, "blocks": blocks, "unfurl_links": false };
        let answer = self.call("chat.postMessage", &body).await?;
        Ok((needed(&answer, &["channel"])?, needed(&answer, &["ts"])?))
    }

    /// Posts a message into the direct messages with a person.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn tell(&self, person: &PersonId, message: &Message) -> Result<(), Trouble> {
        let channel = self.direct(person).await?;
        self.post(&channel, message).await.map(|_| ())
    }

    /// Posts a message into the thread under a message, by that message's timestamp.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn reply(&self, channel: &str, thread: &str, message: &Message) -> Result<(), Trouble> {
        let (text, blocks) = (message.text.as_str(), message.blocks.as_slice());
        let body = object! {
            "channel": channel, "thread_ts": thread, "text": text, "blocks": blocks, "unfurl_links": false,
        };
        self.call("chat.postMessage", &body).await?;
        Ok(())
    }

    /// Rewrites a message of ours.
    ///
    /// # Errors
    /// When Slack refuses, or is in trouble.
    pub async fn rewrite(&self, channel: &str, ts: &str, message: &Message) -> Result<(), Trouble> {
        let (text, blocks) = (message.text.as_str(), message.blocks.as_slice());
        self.call("chat.update", &object! { "channel": channel, "ts": ts, "text": text, "blocks": blocks }).await?;
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
        status(&self.exchange(response_url, headers, json::text(&message.clone().ephemeral())).await?)
    }
}
