//! The doctor looks at secret managers: whether they let us in, what was heard of them, what was not proven.

use emulator::senders::{EventGrid, EventGridProof, EventGridSchema, SecretEvent};
use emulator::{Manager, NewVersion, scene as company};
use http::StatusCode;

use super::key_vault::{SECRET, new_version, vault};
use super::{VERIFIED, address};
use crate::bot::{Bot, words};

crate::stories![
    a_vault_that_lets_us_in_is_well,
    what_is_wrong_with_a_vault_is_said_with_what_to_do,
    forged_messages_are_counted,
];

/// What the doctor says to Fay.
fn report(bot: &Bot) -> String {
    bot.types(company::FAY, "doctor");
    let done = |bot: &Bot| {
        let notes = bot.world.messages().into_iter().filter(|note| note.only_for.as_deref() == Some(company::FAY));
        notes.map(|note| words(&note.blocks)).find(|note| note.contains("Well:") || note.contains("needs somebody"))
    };
    bot.until("the doctor has looked", |_| done(bot).is_some());
    done(bot).unwrap()
}

fn a_vault_that_lets_us_in_is_well(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("name = \"{SECRET}\""), "");
    bot.takes(&new_version(bot, "seen-by-nobody"));
    bot.until_card(VERIFIED);
    let report = report(bot);
    assert!(report.contains("vault (Azure Key Vault), heard 20"), "{report}");
    assert!(!report.contains("*vault"), "nothing is wrong with it: {report}");
}

fn what_is_wrong_with_a_vault_is_said_with_what_to_do(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("name = \"{SECRET}\""), "");
    bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("behind-a-closed-door")));
    bot.world.set_manager_denied(Manager::KeyVault, true);
    bot.types(company::FAY, "pause vault");
    let report = report(bot);
    for wrong in [
        "It is paused: what it says waits. An operator can resume it.",
        "Nothing was heard of it yet.",
        "It needs the role Key Vault Secrets User on the secret.",
    ] {
        assert!(report.contains(wrong), "{wrong}: {report}");
    }
}

fn forged_messages_are_counted(bot: &mut Bot) {
    bot.is_bound(&vault(), &format!("name = \"{SECRET}\""), "");
    let version = bot.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(&bot.secret("asked-for-by-nobody")));
    for _ in 0..3 {
        let now = bot.world.now_ms();
        let event = SecretEvent::new_version("event", SECRET, &version, now);
        let honest = EventGrid::honest(EventGridSchema::EventGrid, vec![event], now);
        let forged = EventGrid { proof: EventGridProof::Nothing, ..honest }.post(&address());
        assert_eq!(bot.posted(&forged).status(), StatusCode::UNAUTHORIZED);
    }
    let report = report(bot);
    assert!(report.contains("3 messages for its address were not proven today."), "{report}");
    assert_eq!(bot.happened("open", "ok"), 0);
}
