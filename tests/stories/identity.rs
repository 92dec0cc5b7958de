//! Our own identity at Microsoft: tokens that are withdrawn, secrets that expire, Entra out of order.

use emulator::{Fault, FaultKind, SecretState};
use serde_json::json;

use crate::bot::Bot;
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
    bot.world.script(Fault::once("fabric", "", refused).repeated(u32::MAX));
    let card = bot.ana_rotates("sales-db", &[("password", "never-sent-anywhere")], "Not rotated");
    assert!(card.contains("Fabric did not accept this program's access token."), "{card}");
    assert!(card.contains("Check the tenant's setting for service principals. (401, InvalidToken)"), "{card}");
    assert_eq!((tokens_asked_for(bot), updates(bot)), (2, 0));
}

/// Entra refuses us: said with its number, and no service was called.
fn is_refused(bot: &mut Bot, number: &str) {
    bot.knows(&sales_db());
    let card = bot.ana_rotates("sales-db", &[("password", "never-sent-anywhere")], "Not rotated");
    let words = "The old credential is still in force. Microsoft Entra refused this program's own identity.";
    assert_eq!(card.matches(words).count(), 2, "{card}");
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
}

fn a_wrong_tenant_is_told_with_its_number(bot: &mut Bot) {
    bot.with(&[("ENTRA_TENANT_ID", "deadbeef-0000-4000-8000-000000000000")]);
    is_refused(bot, "(400, AADSTS90002)");
}

fn entra_may_be_down_for_a_moment(bot: &mut Bot) {
    bot.knows(&sales_db());
    let down = FaultKind::Status { code: 503, headers: Vec::new(), body: String::new() };
    bot.world.script(Fault::once("login", "token", down).repeated(2));
    bot.ana_rotates("sales-db", &[("password", "after-a-moment")], VERIFIED);
    assert!(bot.log().contains("\"outcome\":\"unavailable\",\"status\":503"), "{}", bot.log());
}
