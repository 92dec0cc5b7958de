//! AWS Secrets Manager: versions and their stages, and what it refuses.

use emulator::{Manager, NewVersion, World, scene};
use serde_json::{Value, json};

use crate::bot;
use crate::sigv4::{Signing, honest, request};

fn call(world: &World, action: &str, body: &Value) -> bot::Answer {
    bot::send(world, request(&honest(), scene::AWS_REGION, action, &body.to_string()))
}

fn get(world: &World, body: Value) -> Result<String, String> {
    let answer = call(world, "GetSecretValue", &body);
    let text = |name: &str| answer.body[name].as_str().map(str::to_owned);
    if answer.status == 200 { Ok(text("SecretString").unwrap()) } else { Err(text("__type").unwrap()) }
}

const NAME: &str = "sales/db";

#[test]
fn stages_move_as_versions_come() {
    let world = bot::contoso();
    let put = |value: &str| world.put_secret(Manager::Aws, NAME, NewVersion::of(value));
    let first = put("one");
    assert_eq!(
        get(&world, json!({"SecretId": NAME, "VersionStage": "AWSPREVIOUS"})).unwrap_err(),
        "ResourceNotFoundException"
    );
    let second = put("two");
    let third = world.put_secret(Manager::Aws, NAME, NewVersion { pending: true, ..NewVersion::of("three") });
    let staged = |stage: &str| get(&world, json!({"SecretId": NAME, "VersionStage": stage})).unwrap();
    assert_eq!(
        (staged("AWSCURRENT"), staged("AWSPREVIOUS"), staged("AWSPENDING")),
        ("two".into(), "one".into(), "three".into())
    );
    let stages = || call(&world, "DescribeSecret", &json!({"SecretId": NAME})).body["VersionIdsToStages"].clone();
    assert_eq!(stages(), json!({&first: ["AWSPREVIOUS"], &second: ["AWSCURRENT"], &third: ["AWSPENDING"]}));
    world.finish_rotation(NAME);
    assert_eq!(stages(), json!({&second: ["AWSPREVIOUS"], &third: ["AWSCURRENT"]}), "the first has no label left");
    assert_eq!(get(&world, json!({"SecretId": NAME})).unwrap(), "three");
    assert_eq!(get(&world, json!({"SecretId": NAME, "VersionId": first})).unwrap(), "one", "but can be read still");
    let last = world.secret_reads().pop().unwrap();
    assert_eq!((last.secret.as_str(), last.version.as_str()), (NAME, first.as_str()));
    assert_eq!(last.at_ms, bot::START_MS);
}

#[test]
fn a_secret_is_known_by_its_arn_too() {
    let world = bot::contoso();
    let version = NewVersion { binary: true, ..NewVersion::of("one").tagged("username", "svc") };
    world.put_secret(Manager::Aws, NAME, version);
    let told = call(&world, "DescribeSecret", &json!({"SecretId": NAME})).body;
    let arn = told["ARN"].as_str().unwrap();
    let prefix = "arn:aws:secretsmanager:eu-central-1:481273905516:secret:sales/db";
    assert!(arn.starts_with(&format!("{prefix}-")) && arn.len() == prefix.len() + 7, "{arn}");
    assert_eq!(told["Tags"], json!([{"Key": "username", "Value": "svc"}]));
    for id in [arn, prefix] {
        let value = call(&world, "GetSecretValue", &json!({"SecretId": id})).body;
        assert_eq!((&value["SecretBinary"], &value["SecretString"]), (&json!("b25l"), &Value::Null));
    }
    let elsewhere = arn.replace("481273905516", "000000000000");
    assert_eq!(get(&world, json!({"SecretId": elsewhere})).unwrap_err(), "ResourceNotFoundException");
}

#[test]
fn what_it_refuses() {
    let world = bot::contoso();
    let first = world.put_secret(Manager::Aws, NAME, NewVersion::of("one"));
    let unknown = "0f9e8d7c-6b5a-4948-8736-251403f2e1d0";
    let rows = [
        (json!({"SecretId": "other"}), "ResourceNotFoundException"),
        (json!({"SecretId": NAME, "VersionId": unknown}), "ResourceNotFoundException"),
        (json!({"SecretId": NAME, "VersionId": "1"}), "InvalidParameterException"),
        (json!({"SecretId": NAME, "VersionId": first, "VersionStage": "AWSPREVIOUS"}), "InvalidRequestException"),
        (json!({"SecretId": NAME, "VersionStage": "NONE"}), "ResourceNotFoundException"),
        (json!({}), "ValidationException"),
    ];
    for (body, expected) in rows {
        assert_eq!(get(&world, body.clone()).unwrap_err(), expected, "{body}");
    }
    assert_eq!(call(&world, "PutSecretValue", &json!({"SecretId": NAME})).body["__type"], "UnknownOperationException");
    let bare = Signing { leave_out: "content-type", ..honest() };
    let mut form = request(&bare, scene::AWS_REGION, "GetSecretValue", &json!({"SecretId": NAME}).to_string());
    form.headers_mut().insert("content-type", "application/json".parse().unwrap());
    assert_eq!(bot::send(&world, form).body["__type"], "UnknownOperationException");
    let words = request(&honest(), scene::AWS_REGION, "GetSecretValue", "sales/db");
    assert_eq!(bot::send(&world, words).body["__type"], "SerializationException");
    let there = Signing { region: "us-east-1", ..honest() };
    let body = json!({"SecretId": NAME}).to_string();
    let answer = bot::send(&world, request(&there, "us-east-1", "GetSecretValue", &body));
    assert_eq!(answer.body["__type"], "ResourceNotFoundException", "it is in another region");
    world.set_manager_denied(Manager::Aws, true);
    assert_eq!(get(&world, json!({"SecretId": NAME})).unwrap_err(), "AccessDeniedException");
    world.set_manager_denied(Manager::Aws, false);
    assert_eq!(get(&world, json!({"SecretId": NAME})).unwrap(), "one");
    world.delete_secret(Manager::Aws, NAME);
    assert_eq!(get(&world, json!({"SecretId": NAME})).unwrap_err(), "InvalidRequestException");
    assert!(call(&world, "DescribeSecret", &json!({"SecretId": NAME})).body["DeletedDate"].is_number());
}
