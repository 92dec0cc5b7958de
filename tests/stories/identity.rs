//! Our own identity at Microsoft: tokens that are withdrawn, secrets that expire, Entra out of order.

use emulator::{Fault, FaultKind, SecretState, scene};
use serde_json::json;

use crate::bot::{Bot, words};
use crate::failures::updates;
use crate::scene::{WINDOWS, cluster, sales_db, target};

crate::stories![
    withdrawn_tokens_are_fetched_anew,
    a_token_refused_over_the_update_is_fetched_anew,
    a_token_refused_again_and_again_is_not_fetched_for_ever,
    a_wrong_secret_is_told_with_its_number,
    an_expired_secret_is_told_with_its_number,
    a_wrong_tenant_is_told_with_its_number,
    entra_may_be_down_for_a_moment,
];

const VERIFIED: &str = "Rotated and verified, 2 of 2";
const REFUSED: &str = "The old credential is still in force. Microsoft Entra refused this program's own identity.";

fn tokens_asked_for(bot: &Bot) -> usize {
    bot.world.received().iter().filter(|call| call.service == "login").count()
}

fn withdrawn_tokens_are_fetched_anew(bot: &mut Bot) {
    bot.knows(&sales_db());
    bot.ana_rotates("sales-db", &[("password", "with-the-first-tokens")], VERIFIED);
    assert_eq!(tokens_asked_for(bot), 2, "one for each service");
    bot.world.revoke_tokens();
    bot.ana_rotates("sales-db", &[("password", "with-fresh-tokens")], VERIFIED);
    assert_eq!(tokens_asked_for(bot), 4);
    bot.ana_asks("sales-db");
    bot.world.revoke_tokens();
    bot.ana_enters("withdrawn-after-the-check");
    bot.until_card(VERIFIED);
    assert_eq!(tokens_asked_for(bot), 6);
}

fn a_token_refused_over_the_update_is_fetched_anew(bot: &mut Bot) {
    bot.knows(&sales_db());
    let expired = json!({"error": {"code": "TokenExpired"}});
    bot.world.script(Fault::once("powerbi", "", FaultKind::status(401, &expired)).on_method("PATCH"));
    bot.world.script(Fault::once("powerbi", "status", FaultKind::status(401, &expired)));
    bot.ana_rotates("sales-db", &[("password", "over-the-update")], VERIFIED);
    assert_eq!(tokens_asked_for(bot), 4, "Power BI's three times, Fabric's once");
}

fn a_token_refused_again_and_again_is_not_fetched_for_ever(bot: &mut Bot) {
    bot.knows(&target("sales-db", "Sales warehouse", WINDOWS, &[&cluster()]));
    let refused = emulator::fabric::refusal(401, "InvalidToken", "Access token is invalid", None);
    for after_the_check in [true, false] {
        let before = tokens_asked_for(bot);
        if after_the_check {
            bot.ana_asks("sales-db");
            bot.world.script(Fault::once("fabric", "", refused.clone()).repeated(u32::MAX));
            bot.ana_enters("never-sent-anywhere");
            bot.until_card("Not rotated");
        } else {
            bot.ana_rotates("sales-db", &[], "Not rotated");
        }
        let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
        assert!(card.contains("Fabric did not accept this program's access token."), "{card}");
        assert!(card.contains("Check the tenant's setting for service principals. (401, InvalidToken)"), "{card}");
        assert_eq!((tokens_asked_for(bot) - before, updates(bot)), (2, 0));
    }
}

/// Entra refuses us: said with its number, and no service was called.
fn is_refused(bot: &mut Bot, number: &str) {
    bot.knows(&sales_db());
    let card = bot.ana_rotates("sales-db", &[("password", "never-sent-anywhere")], "Not rotated");
    assert_eq!(card.matches(REFUSED).count(), 2, "{card}");
    assert_eq!(card.matches(number).count(), 2, "{card}");
    assert!(bot.log().contains("\"outcome\":\"identity\""), "{}", bot.log());
    let called = |service| bot.world.received().iter().any(|call| call.service == service);
    assert!(!called("powerbi") && !called("fabric"));
}

fn a_wrong_secret_is_told_with_its_number(bot: &mut Bot) {
    let wrong = bot.secret("not-the-secret-of-the-app");
    bot.with(&[("ENTRA_CLIENT_SECRET", &wrong)]);
    is_refused(bot, "(401, AADSTS7000215)");
}

fn an_expired_secret_is_told_with_its_number(bot: &mut Bot) {
    bot.world.set_client_secret(SecretState::Expired);
    is_refused(bot, "(401, AADSTS7000222)");
    bot.world.set_client_secret(SecretState::Valid);
    bot.ana_rotates("sales-db", &[("password", "with-a-secret-renewed")], VERIFIED);

    // Expired after the check.
    let (before, sent) = (bot.world.opened().len(), updates(bot));
    bot.ana_asks("sales-db");
    bot.world.set_client_secret(SecretState::Expired);
    bot.world.revoke_tokens();
    bot.ana_enters("never-sent-anywhere");
    bot.until_card("Not rotated");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    assert_eq!(card.matches(REFUSED).count(), 2, "{card}");
    assert_eq!((bot.world.opened().len(), updates(bot)), (before, sent));
}

fn a_wrong_tenant_is_told_with_its_number(bot: &mut Bot) {
    bot.with(&[("ENTRA_TENANT_ID", "deadbeef-0000-4000-8000-000000000000")]);
    is_refused(bot, "(400, AADSTS90002)");
}

fn entra_may_be_down_for_a_moment(bot: &mut Bot) {
    bot.knows(&sales_db());
    let down = FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
    bot.world.script(Fault::once("login", "token", down.clone()).repeated(2));
    bot.ana_asks("sales-db");
    let failures = |bot: &Bot| bot.log().matches("\"outcome\":\"unavailable\",\"status\":503").count();
    let in_the_check = failures(bot);
    assert!(in_the_check > 0, "{}", bot.log());
    bot.world.revoke_tokens();
    bot.world.script(Fault::once("login", "token", down).repeated(2));
    bot.ana_enters("after-a-moment");
    bot.until_card(VERIFIED);
    assert!(failures(bot) > in_the_check, "{}", bot.log());
}
