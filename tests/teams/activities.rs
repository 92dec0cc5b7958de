//! Activities: whom they are for, what was done, and what is not taken.

use pbi_rotate::codec::teams::activity::{Activity, ActivityError, Kind, Sender, What, decode};
use pbi_rotate::codec::teams::invoke::Invoke;
use pbi_rotate::domain::names::Guid;
use serde_json::{Value, json};

use crate::scene::{APP, SERVICE, Sent, TENANT};

const ANA: &str = "6f1c2d3e-4a5b-4c6d-8e7f-102938475601";
const OTHER: &str = "7a1c2d3e-4a5b-4c6d-8e7f-102938475602";

fn guid(text: &str) -> Guid {
    Guid::parse(text).expect("a GUID")
}

/// Something Ana did in a channel, with these fields set; `null` takes one away.
fn did(changes: &[(&str, Value)]) -> Value {
    let mut body = json!({
        "type": "message", "id": "1795285800000", "channelId": "msteams", "serviceUrl": SERVICE,
        "from": {"id": "29:ana", "name": "Ana Ortiz", "aadObjectId": ANA},
        "recipient": {"id": format!("28:{APP}"), "name": "pbi"},
        "conversation": {
            "id": "19:abc@thread.tacv2;messageid=17", "conversationType": "channel", "tenantId": TENANT, "isGroup": true,
        },
        "channelData": {"tenant": {"id": TENANT}, "team": {"id": "19:team"}, "channel": {"id": "19:abc@thread.tacv2"}},
        "text": "<at>pbi</at> rotate sales-db",
        "entities": [
            {"type": "mention", "mentioned": {"id": format!("28:{APP}"), "name": "pbi"}, "text": "<at>pbi</at>"},
            {"type": "clientInfo", "locale": "en-US", "platform": "Web"},
        ],
    });
    for (pointer, value) in changes {
        let (parent, name) = pointer.rsplit_once('/').expect("a pointer");
        let parent = body.pointer_mut(parent).and_then(Value::as_object_mut).expect("an object");
        match value {
            Value::Null => drop(parent.remove(name)),
            value => drop(parent.insert(name.to_owned(), value.clone())),
        }
    }
    body
}

/// What is read of a body that is proven to be Teams'.
fn read(body: &Value) -> Result<Activity, ActivityError> {
    let mut sent = Sent { body: body.to_string(), ..Sent::default() };
    sent.claims["serviceurl"] = body["serviceUrl"].clone();
    decode(sent.judged().expect("a good token"), &guid(APP), &guid(TENANT))
}

fn refused(changes: &[(&str, Value)]) -> Option<ActivityError> {
    read(&did(changes)).err()
}

fn invoked(name: &str, value: Value) -> Result<Invoke, ActivityError> {
    let body = did(&[("/type", json!("invoke")), ("/name", json!(name)), ("/value", value), ("/text", Value::Null)]);
    read(&body).map(|activity| match activity.what {
        What::Invoked { invoke, .. } => invoke,
        _ => panic!("an invoke"),
    })
}

fn text(changes: &[(&str, Value)]) -> String {
    match read(&did(changes)).expect("an activity").what {
        What::Message { text, .. } => text,
        _ => panic!("a message"),
    }
}

#[test]
fn a_message_says_who_where_and_what() {
    let activity = read(&did(&[])).expect("an activity");
    assert_eq!(activity.id, "1795285800000");
    assert_eq!((activity.place.service_url.as_str(), activity.kind), (SERVICE, Kind::Channel));
    assert_eq!(activity.place.conversation, "19:abc@thread.tacv2;messageid=17");
    let What::Message { by, text, targeted } = activity.what else { panic!("a message") };
    let ana = Sender { tenant: guid(TENANT), object: guid(ANA), id: "29:ana".into(), name: Some("Ana Ortiz".into()) };
    assert_eq!((by, text.as_str(), targeted), (ana, "rotate sales-db", false));

    let slash = [("/recipient/isTargeted", json!(true)), ("/text", json!("rotate sales-db")), ("/entities", json!([]))];
    let activity = read(&did(&slash)).expect("an activity");
    assert!(matches!(activity.what, What::Message { targeted: true, text, .. } if text == "rotate sales-db"));
    for (word, kind) in [("personal", Kind::Personal), ("groupChat", Kind::Group)] {
        let changes = [("/conversation/conversationType", json!(word)), ("/channelData/channel", Value::Null)];
        let activity = read(&did(&changes)).expect("an activity");
        assert_eq!(activity.kind, kind);
    }
}

#[test]
fn only_the_mention_of_the_bot_is_taken_out() {
    let mention = |id: &str, text: &str| json!({"type": "mention", "mentioned": {"id": id}, "text": text});
    let bot = format!("28:{APP}");
    let with = |text: &str, entities: Value| self::text(&[("/text", json!(text)), ("/entities", entities)]);
    assert_eq!(
        with(
            "<at>pbi</at> give to <at>Ben</at>",
            json!([mention(&bot, "<at>pbi</at>"), mention("29:ben", "<at>Ben</at>")])
        ),
        "give to <at>Ben</at>"
    );
    assert_eq!(with("<at>pbi</at> a <at>pbi</at>", json!([mention(&bot, "<at>pbi</at>")])), "a <at>pbi</at>");
    assert_eq!(
        with("<at>pbi</at> a <at>pbi</at>", json!([mention(&bot, "<at>pbi</at>"), mention(&bot, "<at>pbi</at>")])),
        "a"
    );
    assert_eq!(with("<at>pbi</at> a", json!([])), "<at>pbi</at> a", "without an entity it is text");
    assert_eq!(with("\u{a0}a\n", json!([mention(&bot, "")])), "a");
    assert_eq!(with(&"x".repeat(4001), json!([])).len(), 4000);
    assert_eq!(text(&[("/text", Value::Null)]), "");
    for entities in [json!({}), json!([7]), json!([{"type": 7}])] {
        assert_eq!(refused(&[("/entities", entities)]), Some(ActivityError::Malformed));
    }
}

#[test]
fn what_is_of_another_tenant_or_bot_is_foreign() {
    for (why, pointer, value) in [
        ("another tenant's conversation", "/conversation/tenantId", json!(OTHER)),
        ("a conversation without a tenant", "/conversation/tenantId", Value::Null),
        ("another tenant's channel data", "/channelData/tenant/id", json!(OTHER)),
        ("channel data without a tenant", "/channelData/tenant", Value::Null),
        ("no channel data", "/channelData", Value::Null),
        ("a sender of another tenant", "/from/tenantId", json!(OTHER)),
        ("a recipient of another tenant", "/recipient/tenantId", json!(OTHER)),
        ("another tenant's address", "/serviceUrl", json!(format!("https://smba.trafficmanager.net/emea/{OTHER}/"))),
        ("another bot", "/recipient/id", json!(format!("28:{OTHER}"))),
        ("a person", "/recipient/id", json!(format!("29:{APP}"))),
        ("the bot without its prefix", "/recipient/id", json!(APP)),
        ("nobody", "/recipient", Value::Null),
        ("a sender who is nobody in the tenant", "/from/aadObjectId", Value::Null),
        ("no sender", "/from", Value::Null),
    ] {
        assert_eq!(refused(&[(pointer, value)]), Some(ActivityError::Foreign), "{why}");
    }
    for (pointer, value) in [
        ("/serviceUrl", json!("https://smba.trafficmanager.net/emea/")),
        ("/conversation/tenantId", json!(TENANT.to_uppercase())),
        ("/recipient/id", json!(format!("28:{}", APP.to_uppercase()))),
        ("/from/tenantId", json!(TENANT)),
        ("/from/name", Value::Null),
    ] {
        assert_eq!(refused(&[(pointer, value)]), None, "{pointer}");
    }
}

#[test]
fn what_the_documents_do_not_describe_is_malformed() {
    for (pointer, value) in [
        ("/type", Value::Null),
        ("/type", json!(7)),
        ("/id", Value::Null),
        ("/id", json!("")),
        ("/id", json!("1".repeat(513))),
        ("/conversation/id", Value::Null),
        ("/conversation/id", json!("1".repeat(513))),
        ("/conversation/conversationType", Value::Null),
        ("/conversation/conversationType", json!("seance")),
        ("/conversation/tenantId", json!([TENANT])),
        ("/channelData", json!("x")),
        ("/from/id", Value::Null),
        ("/from/aadObjectId", json!("ana")),
        ("/from/name", json!(7)),
        ("/recipient/isTargeted", json!("true")),
        ("/text", json!(["rotate"])),
    ] {
        assert_eq!(refused(&[(pointer, value.clone())]), Some(ActivityError::Malformed), "{pointer} {value}");
    }
}

#[test]
fn taps_that_send_a_message_carry_their_data() {
    let changes =
        [("/value", json!({"id": "r1", "password": "hunter2"})), ("/text", Value::Null), ("/replyToId", json!("17"))];
    let activity = read(&did(&changes)).expect("an activity");
    let What::Submitted { by, data } = activity.what else { panic!("a tap") };
    assert_eq!((by.object.as_str(), &data.0["password"]), (ANA, &json!("hunter2")));
}

#[test]
fn each_invoke_is_known_by_its_name() {
    let action = |trigger: Value| json!({"action": {"type": "Action.Execute", "verb": "approve", "data": {"id": "r1"}}, "trigger": trigger});
    for (trigger, by_itself) in [(json!("manual"), false), (json!("automatic"), true), (Value::Null, false)] {
        let Ok(Invoke::Card { verb, data, automatic }) = invoked("adaptiveCard/action", action(trigger)) else {
            panic!("a card")
        };
        assert_eq!((verb.as_str(), &data.0["id"], automatic), ("approve", &json!("r1"), by_itself));
    }
    let Ok(Invoke::OpenDialog { data }) = invoked("task/fetch", json!({"data": {"id": "r1"}, "context": {}})) else {
        panic!("a dialog")
    };
    assert_eq!(data.0, json!({"id": "r1"}));
    let Ok(Invoke::SubmitDialog { data }) = invoked("task/submit", json!({"data": {"password": "x"}})) else {
        panic!("a dialog")
    };
    assert_eq!(data.0, json!({"password": "x"}));
    let value = json!({"commandId": "rotate", "commandContext": "compose", "data": {"target": "sales-db"}});
    assert!(
        matches!(invoked("composeExtension/fetchTask", value.clone()), Ok(Invoke::OpenCommand { command }) if command == "rotate")
    );
    let Ok(Invoke::SubmitCommand { command, data }) = invoked("composeExtension/submitAction", value) else {
        panic!("a command")
    };
    assert_eq!((command.as_str(), &data.0), ("rotate", &json!({"target": "sales-db"})));
    assert!(matches!(invoked("task/fetch", Value::Null), Ok(Invoke::OpenDialog { data }) if data.0.is_null()));
}

#[test]
fn an_invoke_that_is_not_known_is_told_apart_from_one_that_is_not_understood() {
    let execute = |kind: &str, verb: Value, data: Value| json!({"action": {"type": kind, "verb": verb, "data": data}});
    for name in ["composeExtension/query", "signin/verifyState", "fileConsent/invoke", "Task/Fetch", ""] {
        assert_eq!(invoked(name, json!({})).err(), Some(ActivityError::UnknownInvoke), "{name}");
    }
    for (name, value) in [
        ("adaptiveCard/action", json!({})),
        ("adaptiveCard/action", json!("x")),
        ("adaptiveCard/action", execute("Action.Submit", json!("approve"), json!({}))),
        ("adaptiveCard/action", execute("Action.Execute", Value::Null, json!({}))),
        ("adaptiveCard/action", execute("Action.Execute", json!("a".repeat(513)), json!({}))),
        ("adaptiveCard/action", execute("Action.Execute", json!("approve"), json!("r1"))),
        ("adaptiveCard/action", json!({"action": {"type": "Action.Execute", "verb": "a"}, "trigger": "magic"})),
        ("task/submit", json!({"data": ["x"]})),
        ("composeExtension/fetchTask", json!({})),
        ("composeExtension/submitAction", json!({"commandId": 7})),
    ] {
        assert_eq!(invoked(name, value.clone()).err(), Some(ActivityError::Malformed), "{name} {value}");
    }
    assert_eq!(refused(&[("/type", json!("invoke"))]), Some(ActivityError::Malformed), "no name");
}

#[test]
fn the_bot_notices_when_it_comes_and_goes_and_passes_over_the_rest() {
    let bot = format!("28:{APP}");
    let update = |list: &str, id: &str| {
        [
            ("/type", json!("conversationUpdate")),
            (
                match list {
                    "membersAdded" => "/membersAdded",
                    _ => "/membersRemoved",
                },
                json!([{"id": id}]),
            ),
            ("/from/aadObjectId", Value::Null),
        ]
    };
    let what = |changes: &[(&str, Value)]| read(&did(changes)).expect("an activity").what;
    assert!(matches!(what(&update("membersAdded", &bot)), What::Installed));
    assert!(matches!(what(&update("membersRemoved", &bot)), What::Removed));
    assert!(matches!(what(&update("membersAdded", "29:ben")), What::Other));
    let install = |action: &str| {
        [("/type", json!("installationUpdate")), ("/action", json!(action)), ("/from/aadObjectId", Value::Null)]
    };
    assert!(
        matches!(what(&install("add")), What::Installed) && matches!(what(&install("add-upgrade")), What::Installed)
    );
    assert!(
        matches!(what(&install("remove")), What::Removed) && matches!(what(&install("remove-upgrade")), What::Removed)
    );
    assert_eq!(refused(&install("explode")), Some(ActivityError::Malformed));
    for kind in ["messageReaction", "messageUpdate", "messageDelete", "typing", "event"] {
        assert!(matches!(what(&[("/type", json!(kind))]), What::Other), "{kind}");
    }
}
