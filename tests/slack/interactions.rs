//! Interactive payloads: what is read of each kind, under a workspace's install and an organisation's.

use emulator::slack::sign;
use pbi_rotate::codec::chat::{Caller, Opening, Reply, Submission};
use pbi_rotate::codec::sheet::{Action, FormKind};
use pbi_rotate::codec::slack::envelope::{Envelope, Foreign};
use pbi_rotate::codec::slack::interaction::{Interaction, InteractionError, decode};
use pbi_rotate::codec::slack::signature::verify;
use pbi_rotate::config::{Config, SlackConfig};
use pbi_rotate::domain::time::Timestamp;
use seal::Secret;
use serde_json::{Value, json};

/// Reads a payload that Slack signed.
fn read(payload: &Value) -> Result<Interaction, InteractionError> {
    let form: String =
        url::form_urlencoded::Serializer::new(String::new()).append_pair("payload", &payload.to_string()).finish();
    let (secret, signature) = (Secret::new("secret".to_owned()), sign("secret", "1795285800", form.as_bytes()));
    let now = Timestamp::from_secs(1_795_285_800);
    decode(verify(&secret, Some("1795285800"), Some(&signature), form.as_bytes(), now).unwrap())
}

/// What each payload begins with in a workspace.
fn payload(kind: &str, more: Value) -> Value {
    let mut payload = json!({
        "type": kind,
        "user": { "id": "U0ANA", "username": "ana", "name": "ana", "team_id": "T0CONTOSO" },
        "api_app_id": "A0PBI",
        "token": "deprecated",
        "team": { "id": "T0CONTOSO", "domain": "contoso" },
        "enterprise": null,
        "is_enterprise_install": false,
        "trigger_id": "12.34.ab",
    });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    payload
}

fn submission(values: Value) -> Submission {
    let view = json!({
        "id": "V0FORM",
        "type": "modal",
        "callback_id": "credential",
        "private_metadata": "0123456789abcdef",
        "hash": "156772938.1827394",
        "state": { "values": values },
        "blocks": [],
    });
    match read(&payload("view_submission", json!({ "view": view, "response_urls": [] }))).ok().unwrap() {
        Interaction::Submitted(submission) => submission,
        _ => panic!("a submission"),
    }
}

fn envelope(payload: &Value) -> Envelope {
    let caller = match read(payload).ok().unwrap() {
        Interaction::Submitted(submission) => submission.occasion.caller,
        Interaction::Tapped(tap) => tap.occasion.caller,
        Interaction::Suggest(suggest) => suggest.caller,
        Interaction::Closed(caller) | Interaction::Other(caller) => caller,
    };
    match caller {
        Caller::Slack(envelope) => envelope,
        Caller::Teams(_) => panic!("from Slack"),
    }
}

fn ours(team: &str, enterprise: &str) -> SlackConfig {
    let get = |name: &str| {
        let value = match name {
            "SLACK_SIGNING_SECRET" | "SLACK_BOT_TOKEN" | "ENTRA_CLIENT_SECRET" => "secret",
            "SLACK_APP_ID" => "A0PBI",
            "SLACK_TEAM_ID" => team,
            "SLACK_ENTERPRISE_ID" => enterprise,
            "ENTRA_TENANT_ID" | "ENTRA_CLIENT_ID" => "6c4d35a5-6e5f-4d2c-9f2c-3c1c9c8b7a60",
            "ADMIN_TOKEN" => "0123456789abcdef0123456789abcdef",
            "STORE_KEY" => "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
            _ => return None,
        };
        Some(value.to_owned())
    };
    Config::read(get, &[]).ok().unwrap().slack.unwrap()
}

#[test]
fn a_form_is_read_with_what_was_typed_and_chosen() {
    let mut form = submission(json!({
        "target": { "target": { "type": "external_select", "selected_option": { "text": {}, "value": "sales-db" } } },
        "reason": { "value": { "type": "plain_text_input", "value": "Left the company 🔐" } },
        "password": { "value": { "type": "plain_text_input", "value": "hunter2" } },
    }));
    assert_eq!((form.form, form.id.as_str()), (Some(FormKind::Credential), "V0FORM"));
    assert_eq!(form.about, "0123456789abcdef");
    assert_eq!(form.inputs.text("target"), Some("sales-db"));
    assert_eq!(form.inputs.text("reason"), Some("Left the company 🔐"));
    assert!(form.inputs.has("password") && !form.inputs.has("passphrase"));
    assert_eq!(form.inputs.take_secret("password").unwrap().expose(), "hunter2");
    assert!(form.inputs.take_secret("password").is_none() && form.inputs.text("password").is_none(), "taken once");
}

#[test]
fn an_untouched_input_has_no_value_and_is_there() {
    let mut form = submission(json!({
        "reason": { "value": { "type": "plain_text_input", "value": null } },
        "target": { "target": { "type": "external_select", "selected_option": null } },
        "days": { "days": { "type": "checkboxes", "selected_options": [] } },
        "empty": {},
    }));
    for block in ["reason", "target", "days", "empty"] {
        assert!(form.inputs.has(block), "{block}");
        assert_eq!(form.inputs.text(block), None, "{block}");
        assert!(form.inputs.take_secret(block).is_none(), "{block}");
    }
    assert!(!form.inputs.has("other") && form.inputs.text("other").is_none());
}

#[test]
fn a_form_without_inputs_metadata_or_name_is_still_a_form() {
    for view in [json!({ "id": "V1" }), json!({ "id": "V1", "state": null }), json!({ "id": "V1", "state": {} })] {
        let Ok(Interaction::Submitted(form)) = read(&payload("view_submission", json!({ "view": view }))) else {
            panic!("{view}")
        };
        assert_eq!((form.form, form.about.as_str(), form.inputs.has("reason")), (None, "", false));
    }
}

#[test]
fn a_tap_is_read_with_its_button_and_where_to_answer() {
    let action = json!({ "type": "button", "action_id": "enter_credential", "block_id": "b", "value": "0123456789abcdef", "action_ts": "1" });
    let hook = "https://hooks.slack.com/actions/T0CONTOSO/1/x";
    let more = json!({ "actions": [action], "response_url": hook, "container": {}, "message": {}, "state": {} });
    let Ok(Interaction::Tapped(tap)) = read(&payload("block_actions", more)) else { panic!("a tap") };
    assert_eq!((tap.action, tap.value.as_str()), (Some(Action::Enter), "0123456789abcdef"));
    assert_eq!(tap.occasion.opening, Opening::Trigger("12.34.ab".into()));
    assert_eq!(tap.occasion.reply, Some(Reply::Slack(hook.into())));

    // In a form there is nowhere to answer, and a button may carry nothing.
    let more = json!({ "actions": [{ "action_id": "open_form" }, { "action_id": "second" }], "view": { "id": "V1" } });
    let Ok(Interaction::Tapped(tap)) = read(&payload("block_actions", more)) else { panic!("a tap") };
    assert_eq!((tap.action, tap.value.as_str(), tap.occasion.reply), (Some(Action::Open), "", None));
}

#[test]
fn a_typeahead_is_read_with_its_words() {
    let more = json!({ "action_id": "target", "block_id": "target", "value": "sal", "view": { "id": "V1" } });
    let mut typed = payload("block_suggestion", more);
    // On Enterprise Grid the organisation can stand in the place of the user's workspace.
    typed["user"]["team_id"] = json!("E0CONTOSO");
    let Ok(Interaction::Suggest(suggest)) = read(&typed) else { panic!("a typeahead") };
    assert_eq!((suggest.action.as_str(), suggest.words.as_str()), ("target", "sal"));
    assert_eq!(envelope(&typed).team.as_deref(), Some("T0CONTOSO"));
}

#[test]
fn everything_else_is_known_by_its_sender_only() {
    let closed = payload("view_closed", json!({ "view": { "id": "V1" }, "is_cleared": true }));
    assert!(matches!(read(&closed), Ok(Interaction::Closed(caller)) if caller.person().unwrap().slack_id() == "U0ANA"));
    for kind in ["shortcut", "message_action", "workflow_step_edit", "from_tomorrow", ""] {
        let other = payload(kind, json!({ "callback_id": "rotate", "message": { "text": "x" } }));
        assert!(
            matches!(read(&other), Ok(Interaction::Other(caller)) if caller.person().unwrap().slack_id() == "U0ANA"),
            "{kind}"
        );
    }
}

#[test]
fn an_organisations_install_names_no_workspace() {
    let more = json!({
        "team": null,
        "enterprise": { "id": "E0CONTOSO", "name": "Contoso" },
        "is_enterprise_install": true,
        "user": { "id": "W0ANA", "team_id": "E0CONTOSO" },
        "view": { "id": "V1", "app_installed_team_id": "E0CONTOSO", "state": { "values": {} } },
    });
    let envelope = envelope(&payload("view_submission", more));
    let expected =
        Envelope { app: Some("A0PBI".into()), team: None, enterprise: Some("E0CONTOSO".into()), user: "W0ANA".into() };
    assert_eq!(envelope, expected);
}

#[test]
fn a_request_is_for_the_installation_it_names() {
    const OK: Result<(), Foreign> = Ok(());
    const OTHER: Result<(), Foreign> = Err(Foreign::Workspace);
    let (team, organisation) = (ours("T0CONTOSO", ""), ours("", "E0CONTOSO"));
    let both = ours("T0CONTOSO", "E0CONTOSO");
    for (workspace, enterprise, expected) in [
        (Some("T0CONTOSO"), None, [OK, OTHER, OTHER]),
        (Some("T0CONTOSO"), Some("E0CONTOSO"), [OK, OK, OK]),
        (Some("T0CONTOSO"), Some("E0FABRIKAM"), [OK, OTHER, OTHER]),
        (Some("T1CONTOSO"), Some("E0CONTOSO"), [OTHER, OK, OK]),
        (Some("T0FABRIKAM"), None, [OTHER, OTHER, OTHER]),
        (None, Some("E0CONTOSO"), [OTHER, OK, OK]),
        (None, Some("E0FABRIKAM"), [OTHER, OTHER, OTHER]),
        (None, None, [OTHER, OTHER, OTHER]),
    ] {
        let from = |app: Option<&str>| Envelope {
            app: app.map(str::to_owned),
            team: workspace.map(str::to_owned),
            enterprise: enterprise.map(str::to_owned),
            user: "U0ANA".into(),
        };
        let told = [&team, &organisation, &both].map(|config| from(Some("A0PBI")).check(config));
        assert_eq!(told, expected, "{workspace:?} {enterprise:?}");
        for app in [None, Some(""), Some("A0OTHER")] {
            assert_eq!(from(app).check(&both), Err(Foreign::App), "{app:?}");
        }
    }
}

#[test]
fn what_is_no_interaction_is_refused_without_its_content() {
    let without = |field: &str| {
        let mut payload = payload("block_actions", json!({ "actions": [{ "action_id": "open_form" }] }));
        payload.as_object_mut().unwrap().remove(field);
        payload
    };
    let secret = json!({ "id": "V1", "state": { "values": { "password": { "value": { "value": 7 } } } } });
    for bad in [
        Value::Null,
        json!("hunter2"),
        without("user"),
        without("type"),
        without("actions"),
        payload("view_submission", json!({})),
        payload("view_submission", json!({ "view": { "callback_id": "request" } })),
        payload("view_submission", json!({ "view": secret })),
        payload("block_actions", json!({ "actions": [{ "value": "hunter2" }] })),
    ] {
        assert_eq!(read(&bad).err(), Some(InteractionError::Payload));
    }
}
