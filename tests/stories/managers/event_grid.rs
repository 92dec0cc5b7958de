//! Azure Event Grid at the door: both schemas, both handshakes, tokens of both versions, the secret header, batches.

use std::time::Duration;

use bytes::Bytes;
use emulator::senders::{
    EntraToken, EventGrid, EventGridProof, EventGridSchema, SecretEvent, TokenVersion, handshake_options,
};
use emulator::{Fault, FaultKind, Manager, NewVersion, TokenKey, scene as company};
use http::header::{AUTHORIZATION, RETRY_AFTER};
use http::{Request, StatusCode};
use serde_json::{Value, json};

use super::key_vault::{BOUND, SECRET, vault};
use super::messages::{asked, forged, ignored, refused, unheard};
use super::{Source, VERIFIED, address, catalog};
use crate::bot::{Bot, is_card};
use crate::scene::{BASIC, on_premises, target};

crate::stories![
    either_schema_is_understood,
    a_key_in_a_header_does_instead_of_a_token,
    another_key_in_the_header_is_refused,
    blanks_around_names_and_values_are_none_of_them,
    both_handshakes_are_answered,
    nothing_is_fetched_from_an_address_in_a_message,
    a_batch_is_about_several_targets,
    of_five_thousand_events_two_are_ours,
    more_than_event_grid_sends_is_refused,
    what_is_about_something_else_comes_to_nothing,
    a_token_of_somebody_else_is_refused;
    here only because "a time goes by before it is delivered again, or the token's issuer has to be known":
    a_token_of_version_2_is_as_good,
    without_keys_nobody_is_refused_and_it_comes_again,
    without_the_newest_keys_nobody_is_refused,
    a_new_key_is_believed_within_five_minutes,
];

/// The same vault, whose events bring a key in a header.
fn by_header() -> Source {
    let manager = format!(r#"manager = {{ kind = "AzureKeyVault", vault = "{}" }}"#, company::KEY_VAULT);
    let table = format!("{manager}\nevents = {{ kind = \"EventGrid\", topic = \"{}\" }}", company::KEY_VAULT_TOPIC);
    Source { table, secrets: json!({"keys": [company::HOOK_KEY, company::HOOK_KEY_OLD]}) }
}

/// An event of a new version that is there.
fn event(bot: &Bot, secret: &str, password: &str) -> SecretEvent {
    let version = bot.world.put_secret(Manager::KeyVault, secret, NewVersion::of(&bot.secret(password)));
    SecretEvent::new_version(&format!("event-{version}"), secret, &version, bot.world.now_ms())
}

fn delivery(bot: &Bot, events: Vec<SecretEvent>) -> EventGrid {
    EventGrid::honest(EventGridSchema::EventGrid, events, bot.world.now_ms())
}

/// A delivery of an event that would be acted on, with that proof.
fn proven_by(bot: &Bot, proof: EventGridProof) -> Request<Bytes> {
    let event = SecretEvent::new_version("event-of-nobody", SECRET, "3f2c7b9e5d1a4b388e0d91c64f7a2b11", 0);
    EventGrid { proof, ..delivery(bot, vec![event]) }.post(&address())
}

fn either_schema_is_understood(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    for (schema, password) in
        [(EventGridSchema::EventGrid, "by-its-own"), (EventGridSchema::CloudEvents, "by-cloud-events")]
    {
        let event = event(bot, SECRET, password);
        bot.takes(&EventGrid { schema, ..delivery(bot, vec![event]) }.post(&address()));
        bot.until("the gateway has it", |world| world.opened().iter().any(|had| had.plaintext.contains(password)));
        bot.until_card(VERIFIED);
    }
}

fn a_key_in_a_header_does_instead_of_a_token(bot: &mut Bot) {
    bot.is_bound(&by_header(), BOUND, "");
    for (key, password) in [(company::HOOK_KEY_OLD, "by-the-old-key"), (company::HOOK_KEY, "by-the-new-key")] {
        let event = event(bot, SECRET, password);
        let proof = EventGridProof::Header(key.to_owned());
        bot.takes(&EventGrid { proof, ..delivery(bot, vec![event]) }.post(&address()));
        bot.until("the gateway has it", |world| world.opened().iter().any(|had| had.plaintext.contains(password)));
        bot.until_card(VERIFIED);
    }
}

fn another_key_in_the_header_is_refused(bot: &mut Bot) {
    bot.is_bound(&by_header(), BOUND, "");
    let token = EventGridProof::Entra(EntraToken::honest(TokenVersion::V1));
    forged(bot, "a token instead of the key", &proven_by(bot, token), "hook-missing");
    forged(bot, "no key", &proven_by(bot, EventGridProof::Nothing), "hook-missing");
    let by = |key: &str| proven_by(bot, EventGridProof::Header(key.to_owned()));
    forged(bot, "another key", &by("XIHcBnoYWuPDqLFaL72bonsfBeZso8JHS7CxuE5GsC5"), "hook-signature");
    forged(bot, "a part of the key", &by(&company::HOOK_KEY[..20]), "hook-signature");
    forged(bot, "an empty key", &by(""), "hook-signature");
    let mut twice = by(company::HOOK_KEY);
    twice.headers_mut().append(company::HOOK_KEY_HEADER, company::HOOK_KEY.parse().unwrap());
    refused(bot, "two keys", &twice, 401);
    assert_eq!(asked(bot), [""; 0], "nothing is asked of anybody for those");
}

fn blanks_around_names_and_values_are_none_of_them(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let event = event(bot, SECRET, "among-blanks");
    let mut sent =
        delivery(bot, vec![SecretEvent { blanks: true, nbf: json!("1798761600"), ..event }]).post(&address());
    // Without the full id, only what has the blanks says which secret it is.
    alter(&mut sent, |events| drop(events[0]["data"].as_object_mut().unwrap().remove("Id")));
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("among-blanks"));
}

fn both_handshakes_are_answered(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let sent = delivery(bot, Vec::new()).validation(&address(), "8c2b9d1e-code", "https://rp.eventgrid.example:553/v");
    let response = bot.posted(&sent);
    assert_eq!(response.status(), StatusCode::OK, "202 would be no consent");
    assert_eq!(
        serde_json::from_slice::<Value>(response.body()).unwrap(),
        json!({"validationResponse": "8c2b9d1e-code"})
    );

    let response = bot.posted(&handshake_options(&address(), None));
    assert_eq!(response.status(), StatusCode::OK);
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(header("webhook-allowed-origin"), "eventgrid.azure.net");
    assert_eq!((header("webhook-allowed-rate"), header("allow")), ("120".to_owned(), "POST".to_owned()));

    let response = refused(bot, "somebody else", &handshake_options(&address(), Some("evil.example")), 400);
    assert!(!response.headers().contains_key("webhook-allowed-origin"));
    refused(bot, "a path of nobody", &handshake_options("/hooks/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", None), 404);
    let nobody = EventGrid { proof: EventGridProof::Nothing, ..delivery(bot, Vec::new()) };
    forged(bot, "unproven", &nobody.validation(&address(), "code", "https://evil.example/"), "hook-missing");
    let mut two = sent;
    alter(&mut two, |events| events.push(json!({"id": "another"})));
    refused(bot, "not alone", &two, 400);
}

fn nothing_is_fetched_from_an_address_in_a_message(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let sent = delivery(bot, Vec::new());
    for url in ["http://127.0.0.1:9/evil/validate", "https://evil.example/validate"] {
        assert_eq!(bot.posted(&sent.validation(&address(), "a-code", url)).status(), StatusCode::OK);
    }
    let event = event(bot, SECRET, "from-our-own-vault");
    for (host, vault) in [("evil.vault.azure.net", "evil"), ("contoso-data.vault.azure.net.evil.example", "evil")] {
        let id = format!("event-of-{host}");
        let forged = SecretEvent { id, host: host.to_owned(), vault: vault.to_owned(), ..event.clone() };
        bot.takes(&delivery(bot, vec![forged]).post(&address()));
    }
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("from-our-own-vault"));
    let ours = ["GET login/", "POST login/", "GET keyvault/contoso-data/"];
    for call in asked(bot) {
        assert!(ours.iter().any(|ours| call.starts_with(ours)), "{call}");
    }
}

fn a_batch_is_about_several_targets(bot: &mut Bot) {
    let source = vault();
    bot.is_bound(&source, BOUND, "");
    let place = on_premises(company::GATEWAY_FINANCE, company::FINANCE_SQL);
    let finance = target("finance-db", "Finance", BASIC, &[&place]);
    let finance =
        finance.replace("destinations =", "secret = { from = \"vault\", name = \"finance-pw\" }\ndestinations =");
    let place = on_premises(company::GATEWAY_PLANT, company::PLANT_SQL);
    let plant = target("plant-db", "Plant", BASIC, &[&place]);
    let same = format!("secret = {{ from = \"vault\", {BOUND} }}\ndestinations =");
    let plant = plant.replace("destinations =", &same);
    bot.knows(&(catalog(&source, BASIC, BOUND, "") + &finance + &plant));
    let events = vec![
        event(bot, SECRET, "for-sales"),
        event(bot, "a-secret-of-nobody", "for-nobody"),
        event(bot, "finance-pw", "for-finance"),
    ];
    bot.takes(&delivery(bot, events).post(&address()));
    let (sales, plant) = ((company::SALES_SQL, "for-sales"), (company::PLANT_SQL, "for-sales"));
    for (place, password) in [sales, plant, (company::FINANCE_SQL, "for-finance")] {
        bot.until("the gateway has it", |world| {
            world.opened().iter().any(|had| had.place == place && had.plaintext.contains(password))
        });
    }
    bot.until("all are done", |world| {
        let cards = world.messages().into_iter().filter(is_card);
        cards.filter(|card| card.text.contains(VERIFIED)).count() == 3
    });
    assert_eq!(bot.world.secret_reads().len(), 3, "what nobody is bound to is not read");
}

fn of_five_thousand_events_two_are_ours(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let first = event(bot, SECRET, "the-first");
    // The vault tells the order of its versions by the second.
    bot.world.advance(1000);
    let second = event(bot, SECRET, "the-second");
    let mut sent = delivery(bot, vec![second, first]).post(&address());
    alter(&mut sent, |events| events.splice(1..1, (0..4998).map(small)).for_each(drop));
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    bot.rest();
    assert_eq!(bot.password().as_deref(), Some("the-second"), "the newest, whatever their order");
    assert_eq!(bot.world.opened().len(), 1, "both are one rotation");
    alter(&mut sent, |events| events.push(small(4998)));
    let response = bot.posted(&sent);
    assert_eq!(response.status(), StatusCode::BAD_REQUEST, "5,001 events");
}

fn more_than_event_grid_sends_is_refused(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let mut sent = proven_by(bot, EventGridProof::Entra(EntraToken::honest(TokenVersion::V1)));
    alter(&mut sent, |events| events.extend((0..5000).map(small)));
    refused(bot, "5,001 events", &sent, 400);
    *sent.body_mut() = Bytes::from(vec![b' '; 2 * 1024 * 1024]);
    let response = bot.pour(sent, true);
    assert_eq!(response.status(), StatusCode::PAYLOAD_TOO_LARGE);
    unheard(bot, "2 MB");
}

fn what_is_about_something_else_comes_to_nothing(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let ours = event(bot, SECRET, "never-asked-for");
    let other_topic = company::KEY_VAULT_TOPIC.replace("contoso-data", "contoso-other");
    let cases = [
        ("an unknown type", SecretEvent { kind: "Microsoft.KeyVault.VaultAccessPolicyChanged".into(), ..ours.clone() }),
        ("another vault", SecretEvent { topic: other_topic, ..ours.clone() }),
        ("an unbound secret", SecretEvent { secret: "sales-db-password-2".into(), ..ours.clone() }),
    ];
    for (what, event) in cases {
        ignored(bot, what, &delivery(bot, vec![event]).post(&address()));
    }
    let mut sent = delivery(bot, vec![ours]).post(&address());
    alter(&mut sent, |events| events[0] = json!({"eventType": "Microsoft.KeyVault.SecretNewVersionCreated"}));
    refused(bot, "no event", &sent, 400);
    *sent.body_mut() = Bytes::from_static(b"[{\"id\": ");
    refused(bot, "no JSON", &sent, 400);
    assert_eq!(bot.world.secret_reads(), []);
}

/// A case: its name, how the token differs, and the refusal in the log.
type Case = (&'static str, TokenKey, Value, Value, &'static str);

fn a_token_of_somebody_else_is_refused(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let now = bot.world.now_ms() / 1000;
    let (ours, stranger) = (TokenKey::Entra, TokenKey::Stranger);
    let foreign = company::FOREIGN_TENANT_ID;
    let issuer = format!("https://sts.windows.net/{foreign}/");
    let cases: [Case; 17] = [
        ("another tenant", ours, json!({}), json!({"tid": foreign}), "hook-foreign"),
        ("no tenant", ours, json!({}), json!({"tid": null}), "hook-foreign"),
        ("another tenant's issuer", ours, json!({}), json!({"iss": issuer}), "hook-foreign"),
        ("another application", ours, json!({}), json!({"appid": company::CLIENT_ID}), "hook-party"),
        (
            "the application where the other version has it",
            ours,
            json!({}),
            json!({"appid": null, "azp": company::EVENT_GRID_APP_ID}),
            "hook-party",
        ),
        ("without the role", ours, json!({}), json!({"roles": null}), "hook-party"),
        ("another role", ours, json!({}), json!({"roles": ["Reader"]}), "hook-party"),
        ("for somebody else", ours, json!({}), json!({"aud": company::CLIENT_ID}), "hook-party"),
        ("past its end", ours, json!({}), json!({"exp": now - 310}), "hook-expired"),
        ("without an end", ours, json!({}), json!({"exp": null}), "hook-expired"),
        ("too early", ours, json!({}), json!({"nbf": now + 320}), "hook-future"),
        ("an unknown key", stranger, json!({}), json!({}), "hook-key"),
        ("no key named", ours, json!({"kid": null}), json!({}), "hook-key"),
        ("by another key than it names", stranger, json!({"kid": ours.kid()}), json!({}), "hook-signature"),
        ("no algorithm", ours, json!({"alg": "none"}), json!({}), "hook-algorithm"),
        ("a secret's algorithm", ours, json!({"alg": "HS256"}), json!({}), "hook-algorithm"),
        ("an extension demanded", ours, json!({"crit": ["exp"]}), json!({}), "hook-form"),
    ];
    for (what, key, header, claims, name) in cases {
        let token = EntraToken { version: TokenVersion::V1, key, header, claims };
        forged(bot, what, &proven_by(bot, EventGridProof::Entra(token)), name);
    }
    forged(bot, "no token", &proven_by(bot, EventGridProof::Nothing), "hook-missing");
    let key = EventGridProof::Header(company::HOOK_KEY.to_owned());
    forged(bot, "a key in a header instead", &proven_by(bot, key), "hook-missing");
    let mut cut = proven_by(bot, EventGridProof::Entra(EntraToken::honest(TokenVersion::V1)));
    let token = cut.headers()[AUTHORIZATION].to_str().unwrap().to_owned();
    cut.headers_mut().insert(AUTHORIZATION, token[..token.len() - 2].parse().unwrap());
    forged(bot, "a part of a token", &cut, "hook-signature");
    let next = EntraToken { key: TokenKey::EntraNext, ..EntraToken::honest(TokenVersion::V1) };
    let next = proven_by(bot, EventGridProof::Entra(next));
    refused(bot, "a next key, which may have been published since", &next, 503);
    let keys = format!("GET login/{}/discovery/v2.0/keys", company::TENANT_ID);
    assert_eq!(asked(bot), [keys], "the keys, once, however many strangers name others");
}

fn a_token_of_version_2_is_as_good(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let token = |claims| EntraToken { claims, ..EntraToken::honest(TokenVersion::V2) };
    forged(
        bot,
        "the issuer of another cloud",
        &proven_by(bot, EventGridProof::Entra(token(json!({})))),
        "hook-foreign",
    );
    let issuer = format!("http://127.0.0.1:9/login/{}/v2.0", company::TENANT_ID);
    let swapped = json!({"iss": issuer, "azp": null, "appid": company::EVENT_GRID_APP_ID});
    forged(bot, "the claim of version 1", &proven_by(bot, EventGridProof::Entra(token(swapped))), "hook-party");
    let event = event(bot, SECRET, "by-version-2");
    let proof = EventGridProof::Entra(token(json!({"iss": issuer})));
    bot.takes(&EventGrid { proof, ..delivery(bot, vec![event]) }.post(&address()));
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("by-version-2"));
}

fn without_keys_nobody_is_refused_and_it_comes_again(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let event = event(bot, SECRET, "delivered-again");
    let sent = EventGrid { delivery_count: 1, ..delivery(bot, vec![event]) }.post(&address());
    for (what, kind) in [
        ("the login service is down", FaultKind::status(500, &json!({}))),
        ("no answer", FaultKind::LoseRequest),
        ("no key set", FaultKind::status(200, &json!({"keys": "none"}))),
    ] {
        bot.world.script(Fault::once("login", "discovery", kind));
        let response = refused(bot, what, &sent, 503);
        assert_eq!(response.headers()[RETRY_AFTER], "60", "{what}");
        // Nothing is asked for a while, so nobody learns more by asking often.
        let before = asked(bot).len();
        refused(bot, what, &sent, 503);
        assert_eq!(asked(bot).len(), before, "{what}");
        bot.wait(Duration::from_secs(11));
    }
    assert_eq!(bot.logged("unchecked"), 6);
    bot.takes(&sent);
    bot.until_card(VERIFIED);
    assert_eq!(bot.password().as_deref(), Some("delivered-again"));
}

fn a_new_key_is_believed_within_five_minutes(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let first = event(bot, SECRET, "by-the-present-key");
    bot.takes(&delivery(bot, vec![first]).post(&address()));
    bot.until_card(VERIFIED);
    bot.world.publish_next_entra_key();
    let second = event(bot, SECRET, "by-a-key-of-just-now");
    let token = |claims| EntraToken { key: TokenKey::EntraNext, claims, ..EntraToken::honest(TokenVersion::V1) };
    let sent = |claims| {
        let proof = EventGridProof::Entra(token(claims));
        EventGrid { proof, ..delivery(bot, vec![second.clone()]) }.post(&address())
    };
    let before = asked(bot).len();
    // What is refused with 401 is never delivered again.
    refused(bot, "a key that is newer than what was read", &sent(json!({})), 503);
    forged(bot, "the same for somebody else", &sent(json!({"aud": company::CLIENT_ID})), "hook-party");
    assert_eq!(asked(bot).len(), before);
    bot.wait(Duration::from_secs(5 * 60));
    bot.takes(&sent(json!({})));
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("by-a-key-of-just-now"));
}

fn without_the_newest_keys_nobody_is_refused(bot: &mut Bot) {
    bot.is_bound(&vault(), BOUND, "");
    let first = event(bot, SECRET, "by-the-present-key");
    bot.takes(&delivery(bot, vec![first]).post(&address()));
    bot.until_card(VERIFIED);
    bot.world.publish_next_entra_key();
    bot.wait(Duration::from_secs(60 * 60));
    let second = event(bot, SECRET, "by-the-next-key");
    let token = EntraToken { key: TokenKey::EntraNext, ..EntraToken::honest(TokenVersion::V1) };
    let proof = EventGridProof::Entra(token);
    let sent = EventGrid { proof, ..delivery(bot, vec![second]) }.post(&address());
    bot.world.script(Fault::once("login", "discovery", FaultKind::status(503, &json!({}))));
    for _ in 0..2 {
        // What is refused is not delivered again, and the keys of an hour ago say nothing against this one.
        assert_eq!(bot.posted(&sent).status(), StatusCode::SERVICE_UNAVAILABLE);
    }
    bot.wait(Duration::from_secs(11));
    bot.takes(&sent);
    bot.until("it is in place", |world| world.opened().len() == 2);
    assert_eq!(bot.password().as_deref(), Some("by-the-next-key"));
}

/// An event of no interest, as small as one can be.
fn small(number: usize) -> Value {
    json!({"id": format!("small-{number}"), "topic": "t", "eventType": "t", "data": {}})
}

/// The same delivery with other events.
fn alter(sent: &mut Request<Bytes>, change: impl FnOnce(&mut Vec<Value>)) {
    let mut events: Vec<Value> = serde_json::from_slice(sent.body()).unwrap();
    change(&mut events);
    *sent.body_mut() = Bytes::from(Value::from(events).to_string());
}
