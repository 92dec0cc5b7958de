//! Entering in a dialog's form, where the operator allows it: masked, vaulted, and shown nowhere.

use emulator::scene;
use serde_json::{Value, json};

use super::{VERIFIED, in_conversation};
use crate::bot::{Bot, WAITING};
use crate::scene::ruled;

crate::stories![
    a_password_is_typed_into_a_dialog,
    what_is_missing_is_said_and_nothing_is_taken,
    a_form_sent_twice_is_taken_once;
    here only because "what is kept can be read as rows":
    what_waits_is_kept_encrypted_only,
];

impl Bot {
    /// Ana has asked where credentials may be typed into a form, and has that before her.
    fn ana_has_the_form(&mut self) -> Value {
        self.moves_to_teams(&[("CHAT_ENTRY", "allowed")], &ruled(""));
        self.ana_requests_in_teams();
        self.until_all(&[scene::ANA_OBJECT], WAITING);
        self.touches(scene::ANA_OBJECT, &self.their_card(scene::ANA_OBJECT), "Enter credential");
        self.world.teams_dialog(scene::ANA_OBJECT).expect("a form")["card"]["content"].clone()
    }
}

fn a_password_is_typed_into_a_dialog(bot: &mut Bot) {
    let form = bot.ana_has_the_form();
    let inputs = form["body"].as_array().unwrap().iter().filter(|element| element["type"] == "Input.Text");
    let [password] = inputs.collect::<Vec<_>>().try_into().expect("one input");
    assert_eq!(
        (&password["id"], &password["style"], &password["isRequired"]),
        (&json!("password"), &json!("password"), &json!(true))
    );
    assert!(form["actions"].as_array().is_some_and(|actions| actions.len() == 1), "Enter sends it");
    let said = bot.dialog(scene::ANA_OBJECT);
    assert!(said.contains("It passes through Teams") && said.contains("Enter it on a page instead"), "{said}");
    let typed = bot.secret("N3w\\pass\"word 🔐 <&>");
    bot.acts(&bot.colleague(scene::ANA_OBJECT).submits(&json!({"password": typed})));
    assert!(bot.dialog(scene::ANA_OBJECT).contains("The rotation is under way."), "{}", bot.dialog(scene::ANA_OBJECT));
    bot.until_all(&[scene::ANA_OBJECT], VERIFIED);
    let plain: Value = serde_json::from_str(&bot.world.opened()[0].plaintext).unwrap();
    assert_eq!(plain["credentialData"][1]["value"], typed);
}

fn what_is_missing_is_said_and_nothing_is_taken(bot: &mut Bot) {
    bot.ana_has_the_form();
    bot.acts(&bot.colleague(scene::ANA_OBJECT).submits(&json!({"password": ""})));
    assert!(bot.dialog(scene::ANA_OBJECT).contains("This is needed."), "{}", bot.dialog(scene::ANA_OBJECT));
    bot.nothing_was_sent();
}

fn a_form_sent_twice_is_taken_once(bot: &mut Bot) {
    bot.ana_has_the_form();
    let sent = bot.colleague(scene::ANA_OBJECT).submits(&json!({"password": bot.secret("sent-twice-taken-once")}));
    bot.acts(&sent);
    let again = bot.deliver(sent.request.clone());
    let again: Value = serde_json::from_slice(again.body()).unwrap();
    assert!(super::words(&again).contains("has moved on: it is already under way or has ended."), "{again:#}");
    bot.until_all(&[scene::ANA_OBJECT], VERIFIED);
    assert_eq!(bot.world.opened().len(), 1);
    assert_eq!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).len(), 1);
}

fn what_waits_is_kept_encrypted_only(bot: &mut Bot) {
    bot.ana_has_the_form();
    let typed = bot.secret("waits-for-the-gateway");
    bot.world.set_gateway_online(scene::GATEWAY_SALES, false);
    bot.acts(&bot.colleague(scene::ANA_OBJECT).submits(&json!({"password": typed})));
    bot.nothing_secret_shows();
}
