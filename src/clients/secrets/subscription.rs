//! Amazon SNS: telling it that we want the messages of a topic.

use bytes::Bytes;
use http::Method;
use http::header::USER_AGENT;
use url::form_urlencoded;

use crate::clients::answer;
use crate::clients::call::AGENT;
use crate::clients::outgoing::{self, SOON};
use crate::domain::trouble::{Service, Trouble};
use crate::ports::Wire;

/// Confirms a subscription by the token that was sent for it (Amazon SNS API, ConfirmSubscription). The address is made here:
/// the one in the message is not followed.
///
/// # Errors
/// What keeps SNS from taking it.
pub async fn confirm(wire: &impl Wire, base: &str, topic: &str, token: &str) -> Result<(), Trouble> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("Action", "ConfirmSubscription").append_pair("TopicArn", topic).append_pair("Token", token);
    let url = format!("{base}/?{}", query.finish());
    let request = outgoing::request(Method::GET, &url, vec![(USER_AGENT, AGENT)], Bytes::new());
    let response = outgoing::ask(wire, Service::Aws, request, SOON).await?;
    answer::success(Service::Aws, response).map(|_| ())
}
