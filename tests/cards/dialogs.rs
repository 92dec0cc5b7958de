//! Dialogs: what they ask, how they are sent, and how a credential is typed into one.

use pbi_rotate::codec::content::form;
use pbi_rotate::codec::sheet::{Notice, Suggestion};
use pbi_rotate::codec::teams::draw::{self, CHOICES};
use pbi_rotate::domain::credential::Login;
use pbi_rotate::domain::names::TargetName;
use pbi_rotate::domain::policy::Manner;
use serde_json::{Value, json};

use crate::elements::{objects, of, taken};
use crate::samples::{rotation, titles};

/// The card of a dialog, which is sent from its own level, by a submit.
fn card<'d>(dialog: &'d Value, form: &str, about: &str) -> &'d Value {
    taken(dialog);
    let card = &dialog["task"]["value"]["card"]["content"];
    assert_eq!(of(card, "ActionSet").len() + of(card, "Action.Execute").len(), 0);
    let data = json!({ "form": form, "about": about, "occurrence": "one" });
    let actions = card["actions"].as_array().unwrap();
    assert_eq!(actions.len(), 1);
    assert_eq!((&actions[0]["type"], &actions[0]["data"]), (&json!("Action.Submit"), &data));
    card
}

#[test]
fn the_request_form_chooses_from_a_list_or_knows_its_target() {
    let choices = |count: usize| -> Vec<_> {
        let choice = |n: usize| Suggestion { words: "🔐".repeat(80), value: format!("{n:03}{}", "n".repeat(60)) };
        (0..count).map(choice).collect()
    };
    let any = form::request(None, Manner::Usual);
    let drawn = draw::form(&any, "one", &choices(CHOICES));
    let input = of(card(&drawn, "request", ""), "Input.ChoiceSet")[0];
    assert_eq!(
        (&input["id"], &input["style"], &input["isRequired"]),
        (&json!("target"), &json!("filtered"), &json!(true))
    );
    assert_eq!(input["choices"].as_array().map(Vec::len), Some(CHOICES));
    assert!(!drawn.to_string().contains("not in this list"));
    let drawn = draw::form(&any, "one", &choices(CHOICES + 7));
    taken(&drawn);
    assert_eq!(of(&drawn, "Input.ChoiceSet")[0]["choices"].as_array().map(Vec::len), Some(CHOICES));
    assert!(drawn.to_string().contains("There are more, which are not in this list"), "{drawn}");

    let name = TargetName::parse("sales-db").unwrap();
    let drawn = draw::form(&form::request(Some(&name), Manner::BreakGlass), "one", &[]);
    let card = card(&drawn, "break_glass", "sales-db");
    assert_eq!(of(card, "Input.ChoiceSet").len(), 0);
    let reason = of(card, "Input.Text")[0];
    assert_eq!(
        (&reason["id"], &reason["maxLength"], &reason["isRequired"]),
        (&json!("reason"), &json!(300), &json!(true))
    );
    assert!(reason.get("style").is_none(), "a reason is no secret");
}

#[test]
fn a_credential_is_masked_wherever_it_is_one_line() {
    let username = || "sales".to_owned();
    let logins = [
        Login::Basic { username: username() },
        Login::Windows { username: username() },
        Login::Key,
        Login::Sas,
        Login::OAuth2,
        Login::KeyPair { identifier: username() },
    ];
    let mut rotation = rotation("Sales", 2, 0);
    for login in logins {
        rotation.target.login = login;
        let drawn = draw::form(&form::credential(&rotation, Some("https://bot.example/enter#ticket")), "one", &[]);
        let inputs = of(card(&drawn, "credential", "0123456789abcdef"), "Input.Text");
        assert!(!inputs.is_empty());
        for input in inputs {
            let style = if input["isMultiline"] == true { Value::Null } else { json!("password") };
            assert_eq!(input["style"], style, "{input}");
            assert!(input.get("value").is_none(), "nothing stands in it");
        }
        assert!(drawn.to_string().contains("It passes through Teams, and is kept in no message."), "{drawn}");
        assert!(objects(&drawn).iter().any(|object| object["url"] == "https://bot.example/enter#ticket"), "the page");
    }
}

#[test]
fn a_notice_has_nothing_to_send_and_a_page_a_way_round() {
    for title in titles() {
        let drawn = draw::notice(&Notice { title: "Not possible", text: title.repeat(100) });
        taken(&drawn);
        assert_eq!(drawn["task"]["type"], "continue");
        assert_eq!(drawn["task"]["value"]["title"], "Not possible");
        assert!(drawn["task"]["value"]["card"]["content"].get("actions").is_none());
    }
    let url = "https://bot.example/enter#ticket";
    let value = json!({ "title": "Enter", "height": "large", "width": "medium", "url": url, "fallbackUrl": url });
    assert_eq!(draw::page("Enter", url), json!({ "task": { "type": "continue", "value": value } }));
}
