//! Amazon SNS: the certificates it signs with, and the confirmation of a subscription.

use bytes::Bytes;
use http::{Method, Response};
use serde::Serialize;

use super::hands::uuid;
use super::{digits, nowhere};
use crate::answer::{self, Call};
use crate::scene;
use crate::world::{State, World};

/// A subscription that somebody confirmed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ConfirmedSubscription {
    /// The topic's ARN.
    pub topic: String,
    /// `AuthenticateOnUnsubscribe`: only the topic's owner may take it back.
    pub authenticate_on_unsubscribe: bool,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
}

impl World {
    /// Every subscription to a topic of SNS that was confirmed, in order.
    pub fn confirmed_subscriptions(&self) -> Vec<ConfirmedSubscription> {
        self.lock().managers.confirmed.clone()
    }
}

/// Serves `/sns/<region>/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    let file = path.get(1).map(|file| format!("/{file}")).unwrap_or_default();
    match (&call.method, path, file.as_str()) {
        (&Method::GET, [_, _], scene::SNS_CERTIFICATE_PATH) => pem(scene::SNS_CERTIFICATE),
        (&Method::GET, [_, _], scene::SNS_EXPIRED_CERTIFICATE_PATH) => pem(scene::SNS_EXPIRED_CERTIFICATE),
        (&Method::GET, [region] | [region, ""], _) => confirm(state, call, region),
        _ => nowhere(),
    }
}

fn pem(certificate: &str) -> Response<Bytes> {
    answer::text(200, "application/x-pem-file", certificate)
}

fn confirm(state: &mut State, call: &Call, region: &str) -> Response<Bytes> {
    let asked = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    let id = uuid(&digits(state, 32));
    if asked("Action") != "ConfirmSubscription" {
        return refused(400, "InvalidAction", "The action is not valid for this endpoint.", &id);
    }
    let topic = asked("TopicArn");
    if topic.split(':').nth(3) != Some(region) {
        return refused(400, "InvalidParameter", "Invalid parameter: TopicArn", &id);
    }
    if topic != scene::SNS_TOPIC {
        return refused(404, "NotFound", "Topic does not exist", &id);
    }
    if asked("Token") != scene::SNS_TOKEN {
        return refused(400, "InvalidParameter", "Invalid parameter: Token", &id);
    }
    let at_ms = state.now_ms();
    state.managers.confirmed.push(ConfirmedSubscription {
        topic: topic.to_owned(),
        authenticate_on_unsubscribe: asked("AuthenticateOnUnsubscribe") == "true",
        at_ms,
    });
    let result = format!(
        "<ConfirmSubscriptionResult><SubscriptionArn>{}</SubscriptionArn></ConfirmSubscriptionResult>\
         <ResponseMetadata><RequestId>{id}</RequestId></ResponseMetadata>",
        scene::SNS_SUBSCRIPTION
    );
    xml(200, "ConfirmSubscriptionResponse", &result)
}

fn refused(status: u16, code: &str, message: &str, id: &str) -> Response<Bytes> {
    let error = format!(
        "<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>{id}</RequestId>"
    );
    xml(status, "ErrorResponse", &error)
}

fn xml(status: u16, element: &str, content: &str) -> Response<Bytes> {
    let namespace = "http://sns.amazonaws.com/doc/2010-03-31/";
    answer::text(status, "text/xml", &format!(r#"<{element} xmlns="{namespace}">{content}</{element}>"#))
}
