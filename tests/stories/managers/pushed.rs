//! A vault that we cannot reach pushes the value itself, sealed to our key, and we open it once it may be put in place.

use bytes::Bytes;
use emulator::scene as company;
use emulator::senders::{SealedValue, StandardWebhook};
use http::{Method, Request, StatusCode};
use serde_json::{Value, json};

use super::{Source, VERIFIED, address};
use crate::bot::{Bot, is_card, words};
use crate::people::UNAPPROVED;
use crate::scene::ONE_LEAD;

crate::stories![
    a_sealed_value_is_put_in_place,
    a_sealed_value_may_have_several_fields,
    whoever_sends_is_given_the_key_to_seal_to,
    a_key_for_tokens_is_given_to_nobody,
    what_is_sealed_to_another_key_is_not_put_in_place,
    what_was_altered_after_sealing_is_not_put_in_place,
    what_is_pushed_twice_is_put_in_place_once,
    a_value_pushed_during_an_approval_comes_after_it,
    a_lower_number_that_comes_late_is_left_alone,
    a_wrong_number_that_was_rejected_stands_in_no_ones_way,
    what_was_pushed_and_rejected_is_never_opened,
    without_a_new_push_there_is_nothing_to_rotate,
    a_push_for_a_vault_that_we_read_is_only_a_hint,
    what_is_pushed_of_one_secret_is_not_taken_for_another;
    here only because "what is kept can be read as rows":
    what_is_pushed_again_during_an_approval_is_forgotten_with_it,
    a_pushed_value_that_cannot_be_read_once_is_read_again,
];

const SECRET: &str = "sales-db-password";
const BINDING: &str = "name = \"sales-db-password\"";

/// A sender behind a firewall.
fn sender() -> Source {
    let table = "manager = { kind = \"Pushed\" }\nevents = { kind = \"StandardWebhooks\" }".to_owned();
    let secrets = json!({ "keys": [company::WEBHOOK_SECRET], "private_key": company::WORKER_SEALING_KEY });
    Source { table, secrets }
}

/// The key that the bot gives to senders.
fn key(bot: &Bot) -> Value {
    let response = bot.deliver(Request::get(address()).body(Bytes::new()).unwrap());
    assert_eq!(response.status(), StatusCode::OK, "{}", bot.log());
    serde_json::from_slice(response.body()).unwrap()
}

fn pushed(bot: &Bot, id: &str, version: &str, value: &SealedValue) -> Request<Bytes> {
    StandardWebhook::pushed(id, bot.world.now_ms(), SECRET, version, value).post(&address())
}

/// A message that brings a password as that version of the secret.
fn push(bot: &Bot, version: &str, password: &str) -> Request<Bytes> {
    let seed = version.bytes().next().unwrap();
    let value = SealedValue::honest(&key(bot), &bot.secret(password), [seed; 32]);
    pushed(bot, &format!("push-{version}"), version, &value)
}

/// The ciphertext that a message brings.
fn sealed(message: &Request<Bytes>) -> String {
    let body: Value = serde_json::from_slice(message.body()).unwrap();
    body["data"]["sealed"].as_str().unwrap().to_owned()
}

fn keeps(bot: &Bot, text: &str) -> bool {
    bot.kept().windows(text.len()).any(|window| window == text.as_bytes())
}

fn a_sealed_value_is_put_in_place(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    let message = push(bot, "1", "behind-a-firewall");
    bot.takes(&message);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("behind-a-firewall"));
    assert_eq!(bot.opened(), 1);
    assert!(bot.world.secret_reads().is_empty(), "there is nobody to ask");
    if bot.is_here() {
        assert!(!keeps(bot, &sealed(&message)), "not even the ciphertext is kept for longer than it is needed");
    }
}

fn a_sealed_value_may_have_several_fields(bot: &mut Bot) {
    let binding = format!("{BINDING}, fields = {{ password = \"pw\" }}, username = {{ key = \"user\" }}");
    bot.is_bound(&sender(), &binding, "");
    let value = json!({ "user": "feed_green", "pw": bot.secret("of-the-green-one") }).to_string();
    bot.takes(&push(bot, "1", &value));
    bot.until_card(VERIFIED);
    assert_eq!(["username", "password"].map(|name| bot.opened_field(name)), ["feed_green", "of-the-green-one"]);
}

fn whoever_sends_is_given_the_key_to_seal_to(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    let (given, expected) = (key(bot), SealedValue::public_key(company::WORKER_SEALING_KEY));
    for part in ["kty", "n", "e", "alg", "use"] {
        assert_eq!(given[part], expected[part], "{part}");
    }
    let mut parts: Vec<_> = given.as_object().unwrap().keys().map(String::as_str).collect();
    parts.sort_unstable();
    assert_eq!(parts, ["alg", "e", "kid", "kty", "n", "use"], "nothing of the private half");
    let consent = Request::builder().method(Method::OPTIONS).uri(address()).body(Bytes::new()).unwrap();
    assert_eq!(bot.deliver(consent).status(), StatusCode::NOT_FOUND, "only Event Grid asks like that");
}

fn a_key_for_tokens_is_given_to_nobody(bot: &mut Bot) {
    let login = format!(
        "{{ method = \"Jwt\", role = \"{}\", audience = \"{}\" }}",
        company::VAULT_JWT_ROLE,
        company::VAULT_AUDIENCE
    );
    let table = format!(
        "manager = {{ kind = \"Vault\", url = \"{{base}}/vault\", login = {login} }}\nevents = {{ kind = \"OpenBaoAudit\" }}"
    );
    let secrets = json!({ "keys": [company::HOOK_KEY], "private_key": company::WORKER_SIGNING_KEY });
    let binding = "mount = \"secret\", path = \"sales\", fields = { password = \"pw\" }";
    bot.is_bound(&Source { table, secrets }, binding, "");
    let response = bot.deliver(Request::get(address()).body(Bytes::new()).unwrap());
    assert_eq!(response.status(), StatusCode::NOT_FOUND, "nobody is to seal to what signs our tokens");
}

fn what_is_sealed_to_another_key_is_not_put_in_place(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    let other = SealedValue::public_key(company::WORKER_SIGNING_KEY);
    let wrong = SealedValue::honest(&other, &bot.secret("for-somebody-else"), [7; 32]);
    bot.takes(&pushed(bot, "push-1", "1", &wrong));
    is_not_ours(bot);
    bot.takes(&push(bot, "2", "for-us"));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("for-us"));
}

fn what_was_altered_after_sealing_is_not_put_in_place(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    let value = SealedValue::honest(&key(bot), &bot.secret("as-it-was-sealed"), [7; 32]);
    let jwe = value.jwe();
    let mut parts: Vec<_> = jwe.split('.').map(str::to_owned).collect();
    let first = if parts[3].starts_with('A') { "B" } else { "A" };
    parts[3].replace_range(..1, first);
    // Whoever did it can sign, and could not open.
    let data = json!({ "secret": SECRET, "version": "1", "sealed": parts.join(".") });
    let altered = StandardWebhook::honest("push-1", bot.world.now_ms(), "secret.pushed", data);
    bot.takes(&altered.post(&address()));
    is_not_ours(bot);
    bot.takes(&pushed(bot, "push-2", "2", &value));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("as-it-was-sealed"));
}

/// Checks that the rotation ended before anything was changed, for what was sent.
fn is_not_ours(bot: &Bot) {
    bot.until_card("Not rotated");
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("What it sent is not sealed to the key of this installation"), "{card}");
    bot.some_time_later();
    bot.only_looked();
}

fn what_is_pushed_twice_is_put_in_place_once(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    let message = push(bot, "1", "pushed-and-pushed");
    bot.takes(&message);
    bot.takes(&message);
    bot.until_card(VERIFIED);
    bot.takes(&message);
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1));
    // The same version as another event, sealed anew.
    let value = SealedValue::honest(&key(bot), "pushed-and-pushed", [8; 32]);
    let again = pushed(bot, "push-again", "1", &value);
    bot.takes(&again);
    assert_eq!((bot.opened(), bot.world.opened().len()), (1, 1), "{}", bot.log());
    if bot.is_here() {
        assert!(!keeps(bot, &sealed(&again)), "what is in place already is not kept");
    }
    bot.takes(&push(bot, "2", "pushed-next"));
    bot.until("the next one arrives", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("pushed-next"));
}

fn a_value_pushed_during_an_approval_comes_after_it(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    bot.takes(&push(bot, "1", "the-first-value"));
    bot.until_card(UNAPPROVED);
    bot.takes(&push(bot, "2", "the-second-value"));
    bot.rest();
    bot.taps(company::BEN, "Approve");
    bot.until("the first arrives", |world| world.opened().len() == 1);
    assert_eq!(bot.password().as_deref(), Some("the-first-value"), "what was approved");
    bot.until("the other is asked for", |world| {
        let cards = world.messages().into_iter().filter(is_card);
        let here: Vec<_> = cards.filter(|card| card.channel == company::CHANNEL_DATA_OPS).collect();
        here.len() == 2 && here[0].text.contains(VERIFIED) && here[1].text.contains(UNAPPROVED)
    });
    bot.rest();
    assert_eq!(bot.world.opened().len(), 1, "it has to be approved as well");
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("the-second-value"));
}

fn a_pushed_value_that_cannot_be_read_once_is_read_again(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    bot.takes(&push(bot, "1", "still-there"));
    bot.until_card(UNAPPROVED);
    bot.here().break_row("pushed", 0);
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("still-there"));
    assert_eq!(bot.happened("fetch", "unreachable"), 1, "{}", bot.log());
}

fn a_lower_number_that_comes_late_is_left_alone(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    bot.takes(&push(bot, "10", "the-tenth"));
    bot.until_card(VERIFIED);
    bot.rest();
    bot.takes(&push(bot, "9", "the-ninth"));
    bot.rest();
    assert_eq!((bot.happened("open", "ok"), bot.password().as_deref()), (1, Some("the-tenth")), "{}", bot.log());
    assert_eq!(bot.happened("secret", "older"), 1, "the log says why: {}", bot.log());
    bot.takes(&push(bot, "11", "the-eleventh"));
    bot.until("the eleventh is there", |world| world.opened().len() == 2);
    bot.until_card(VERIFIED);
}

fn a_wrong_number_that_was_rejected_stands_in_no_ones_way(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    let wrong = push(bot, "999999", "by-a-wrong-number");
    bot.takes(&wrong);
    bot.until_card(UNAPPROVED);
    bot.rest();
    bot.rejects(company::BEN, "There is no such version");
    bot.until("it is settled", |_| bot.happened("finish", "ok") == 1);
    bot.takes(&push(bot, "2", "by-the-right-one"));
    bot.until("the right one is asked for", |_| bot.opened() == 2);
    bot.until_card(UNAPPROVED);
    bot.rest();
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-the-right-one"));
    bot.rest();
    // What is in place does, and what was rejected is not asked for again.
    bot.takes(&push(bot, "1", "before-the-right-one"));
    bot.takes(&wrong);
    bot.some_time_later();
    assert_eq!((bot.opened(), bot.happened("secret", "older")), (2, 1), "{}", bot.log());
}

fn what_was_pushed_and_rejected_is_never_opened(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    let message = push(bot, "1", "never-to-be-opened");
    bot.takes(&message);
    bot.until_card(UNAPPROVED);
    bot.rest();
    // The plaintext is looked for at the end of every story.
    assert!(!bot.is_here() || keeps(bot, &sealed(&message)), "the ciphertext waits, as it came");
    bot.rejects(company::BEN, "Not on a Friday");
    bot.until_card("Rejected");
    bot.some_time_later();
    assert!(bot.world.opened().is_empty());
    if bot.is_here() {
        assert!(!keeps(bot, &sealed(&message)), "and is forgotten with the rotation");
    }
    bot.takes(&message);
    assert_eq!(bot.opened(), 1, "what was not wanted is not asked for again");
}

fn without_a_new_push_there_is_nothing_to_rotate(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, "");
    bot.takes(&push(bot, "1", "used-once"));
    bot.until_card(VERIFIED);
    bot.ana_requests("sales-db");
    bot.until_card("Not rotated");
    let card = words(&bot.card(company::CHANNEL_DATA_OPS).blocks);
    assert!(card.contains("There is nothing new from it: it has to send the value again"), "{card}");
    assert!(!card.contains("What was entered"), "nobody entered anything: {card}");
    assert_eq!(bot.world.opened().len(), 1);
    bot.takes(&push(bot, "2", "sent-anew"));
    bot.until("the next one arrives", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("sent-anew"));
}

fn a_push_for_a_vault_that_we_read_is_only_a_hint(bot: &mut Bot) {
    let table = format!(
        "manager = {{ kind = \"AzureKeyVault\", vault = \"{}\" }}\nevents = {{ kind = \"StandardWebhooks\" }}",
        company::KEY_VAULT
    );
    let secrets = json!({ "keys": [company::WEBHOOK_SECRET], "private_key": company::WORKER_SEALING_KEY });
    bot.is_bound(&Source { table, secrets }, BINDING, "");
    let new = emulator::NewVersion::of(&bot.secret("what-the-vault-has"));
    bot.world.put_secret(emulator::Manager::KeyVault, SECRET, new);
    let ours = SealedValue::public_key(company::WORKER_SEALING_KEY);
    let value = SealedValue::honest(&ours, &bot.secret("what-a-sender-says"), [7; 32]);
    let message = pushed(bot, "push-1", "1", &value);
    bot.takes(&message);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("what-the-vault-has"));
    if bot.is_here() {
        assert!(!keeps(bot, &sealed(&message)), "nobody will open it");
    }
}

fn what_is_pushed_of_one_secret_is_not_taken_for_another(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    bot.takes(&push(bot, "1", "of-the-one-secret"));
    bot.until_card(UNAPPROVED);
    bot.takes(&push(bot, "2", "of-it-as-well"));
    bot.rest();
    let other = super::catalog(&sender(), super::LOGIN, "name = \"another-secret\"", ONE_LEAD);
    bot.knows(&other.replace("{base}", &bot.world.base_url()));
    bot.rejects(company::BEN, "It is about another secret now");
    bot.until("it has ended", |_| bot.happened("finish", "ok") == 1);
    bot.some_time_later();
    assert_eq!(bot.opened(), 1, "{}", bot.log());
}

fn what_is_pushed_again_during_an_approval_is_forgotten_with_it(bot: &mut Bot) {
    bot.is_bound(&sender(), BINDING, ONE_LEAD);
    bot.takes(&push(bot, "1", "pushed-once-more"));
    bot.until_card(UNAPPROVED);
    let value = SealedValue::honest(&key(bot), "pushed-once-more", [8; 32]);
    let again = pushed(bot, "push-again", "1", &value);
    bot.takes(&again);
    bot.taps(company::BEN, "Approve");
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(bot.opened(), 1);
    assert!(!keeps(bot, &sealed(&again)), "what is in place is not kept");
}
