//! Amazon EventBridge: events of Secrets Manager, as an API destination posts them.

use bytes::Bytes;
use http::Request;
use serde_json::{Value, json};

use super::post;
use crate::answer::timestamp;
use crate::fields::merged;
use crate::managers::secret_arn;
use crate::scene;

/// A delivery.
#[derive(Clone, Debug)]
pub struct EventBridge {
    /// What the header [`scene::HOOK_KEY_HEADER`] brings; none for no header.
    pub key: Option<String>,
    /// The event.
    pub event: Value,
}

impl EventBridge {
    /// The scene's API destination.
    pub fn honest(event: Value) -> EventBridge {
        EventBridge { key: Some(scene::HOOK_KEY.to_owned()), event }
    }

    /// The request.
    pub fn post(&self, path: &str) -> Request<Bytes> {
        let mut headers = vec![
            ("content-type", "application/json; charset=utf-8"),
            ("user-agent", "Amazon/EventBridge/ApiDestinations"),
            ("range", "bytes=0-1048575"),
        ];
        headers.extend(self.key.iter().map(|key| (scene::HOOK_KEY_HEADER, key.as_str())));
        post(path, &headers, self.event.to_string())
    }
}

/// `Secret Label Updated`: `AWSCURRENT` has moved to that version.
pub fn label_updated(id: &str, secret: &str, version: &str, at_ms: u64) -> Value {
    let detail = json!({"name": secret, "labelUpdated": "AWSCURRENT", "versionId": version});
    event(id, "Secret Label Updated", &[secret_arn(secret)], at_ms, &detail)
}

/// An event by way of CloudTrail. `RotationStarted`, `RotationSucceeded`, `RotationFailed` and `RotationAbandoned` are the
/// service's own; any other name is a call of somebody, whose answer names the ARN under `arn` (until February 2024 `aRN`).
pub fn cloud_trail_event(id: &str, name: &str, secret: &str, at_ms: u64) -> Value {
    let arn = secret_arn(secret);
    let detail = json!({
        "eventVersion": "1.08", "eventSource": "secretsmanager.amazonaws.com", "eventName": name,
        "eventTime": timestamp(at_ms), "awsRegion": scene::AWS_REGION, "recipientAccountId": scene::AWS_ACCOUNT,
        "eventID": id,
    });
    let (kind, own) = if name.starts_with("Rotation") {
        let own = json!({"additionalEventData": {"SecretId": arn}, "eventType": "AwsServiceEvent"});
        ("AWS Service Event via CloudTrail", own)
    } else {
        let answered = json!({"arn": arn, "name": secret});
        let own = json!({
            "requestParameters": {"secretId": secret}, "responseElements": answered, "eventType": "AwsApiCall",
        });
        ("AWS API Call via CloudTrail", own)
    };
    event(id, kind, &[], at_ms, &merged(&detail, &own))
}

fn event(id: &str, kind: &str, resources: &[String], at_ms: u64, detail: &Value) -> Value {
    json!({
        "version": "0",
        "id": id,
        "detail-type": kind,
        "source": "aws.secretsmanager",
        "account": scene::AWS_ACCOUNT,
        "time": timestamp(at_ms),
        "region": scene::AWS_REGION,
        "resources": resources,
        "detail": detail,
    })
}
