//! SNS: its certificates, and who may confirm a subscription.

use emulator::{World, scene};
use serde_json::Value;

use crate::bot;

fn get(world: &World, path: &str) -> (u16, String) {
    let response = world.serve(bot::request("GET", path, "", &Value::Null)).unwrap();
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

fn confirm(topic: &str, token: &str) -> String {
    format!("/sns/eu-central-1/?Action=ConfirmSubscription&TopicArn={topic}&Token={token}")
}

#[test]
fn a_subscription_is_confirmed_by_its_token() {
    let world = bot::contoso();
    let (status, body) =
        get(&world, &format!("{}&AuthenticateOnUnsubscribe=true", confirm(scene::SNS_TOPIC, scene::SNS_TOKEN)));
    assert_eq!(status, 200);
    assert!(body.contains(scene::SNS_SUBSCRIPTION), "{body}");
    let [confirmed] = &world.confirmed_subscriptions()[..] else { panic!("one") };
    assert_eq!((confirmed.topic.as_str(), confirmed.authenticate_on_unsubscribe), (scene::SNS_TOPIC, true));
    assert_eq!(confirmed.at_ms, bot::START_MS);
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    let elsewhere = scene::SNS_TOPIC.replace("eu-central-1", "us-east-1");
    let rows = [
        (confirm(scene::SNS_TOPIC, "guess"), 400, "Invalid parameter: Token"),
        (confirm(&elsewhere, scene::SNS_TOKEN), 400, "Invalid parameter: TopicArn"),
        (confirm(&format!("{}2", scene::SNS_TOPIC), scene::SNS_TOKEN), 404, "Topic does not exist"),
        (confirm(scene::SNS_TOPIC, scene::SNS_TOKEN).replace("Confirm", "Delete"), 400, "InvalidAction"),
    ];
    for (path, status, words) in rows {
        let answer = get(&world, &path);
        assert!(answer.0 == status && answer.1.contains(words), "{path}: {answer:?}");
    }
    assert!(world.confirmed_subscriptions().is_empty());
}

#[test]
fn certificates_are_where_messages_say() {
    let world = bot::contoso();
    let at = |path: &str| get(&world, &format!("/sns/eu-central-1{path}"));
    assert_eq!(at(scene::SNS_CERTIFICATE_PATH), (200, scene::SNS_CERTIFICATE.to_owned()));
    assert_eq!(at(scene::SNS_EXPIRED_CERTIFICATE_PATH), (200, scene::SNS_EXPIRED_CERTIFICATE.to_owned()));
    assert_eq!(at("/SimpleNotificationService-00000000000000000000000000000000.pem").0, 404);
}
