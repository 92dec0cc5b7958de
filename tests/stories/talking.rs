//! What people type and what they read: help, status, slips of the finger, and things better not typed.

use emulator::scene;
use serde_json::json;

use crate::bot::Bot;
use crate::scene::sales_db;

crate::stories![
    help_shows_the_commands_under_their_own_name,
    a_slip_in_a_command_is_recognised_and_anything_else_is_not_repeated,
    status_tells_what_is_going_on_and_what_happened_last,
    a_target_that_is_not_there_is_said_with_the_nearest_names,
    what_cannot_be_a_name_opens_nothing,
    a_value_typed_after_the_name_is_exposed_and_never_used,
    without_chat_entry_no_form_is_opened_and_none_is_taken,
];

const EXPOSED: &str = "Something was typed after the target's name. It was not used. If it was a password or key, treat it as exposed: choose another one, and start with /pbi rotate and the name alone.";

fn help_shows_the_commands_under_their_own_name(bot: &mut Bot) {
    for text in ["", "help", "  HELP  ", "help me", "-h", "--help", "?"] {
        let told = bot.asks(scene::ANA, text);
        for line in [
            "*/pbi rotate* _target_",
            "*/pbi rotate*   the same",
            "*/pbi list*",
            "*/pbi status*",
            "*/pbi whoami*",
            "*/pbi help*",
        ] {
            assert!(told.contains(line), "{text}: {told}");
        }
        assert!(told.contains("Never type a password or key after a command. A form asks for it."), "{told}");
    }
    bot.with(&[("SLACK_COMMAND", "/credentials")]);
    let told = bot.asks(scene::ANA, "help");
    assert!(told.contains("*/credentials rotate*") && !told.contains("/pbi"), "{told}");
    assert!(bot.asks(scene::ANA, "rotate s@les").contains("/credentials list shows the targets there are."));
    assert!(bot.world.received().is_empty(), "nobody has to be asked for that");
}

fn a_slip_in_a_command_is_recognised_and_anything_else_is_not_repeated(bot: &mut Bot) {
    bot.knows(&sales_db());
    for (text, meant) in [
        ("rotat sales-db", "rotate"),
        ("ROTTAE", "rotate"),
        ("rate", "rotate"),
        ("lits", "list"),
        ("stauts x", "status"),
        ("hepl", "help"),
    ] {
        let told = bot.asks(scene::ANA, text);
        assert!(told.starts_with(&format!("Did you mean /pbi {meant}? /pbi help shows what there is.")), "{text}");
        assert!(told.ends_with("If you typed a password or key, treat it as exposed."), "{told}");
    }
    let pasted = bot.secret("Tr0ub4dor&3-pasted");
    let lines = [format!("{pasted} sales-db"), format!("password {pasted}"), format!("<{pasted}>")];
    for text in lines.into_iter().chain([pasted, "rot".to_owned()]) {
        let told = bot.asks(scene::ANA, &text);
        let expected = "There is no such command. /pbi help shows what there is. If you typed a password or key, treat it as exposed.";
        assert_eq!(told, expected);
    }
    assert_eq!(bot.logged("unknown-command"), 6 + 5);
    assert!(bot.world.received().is_empty() && bot.world.modals(scene::ANA).is_empty());
}

fn status_tells_what_is_going_on_and_what_happened_last(bot: &mut Bot) {
    bot.knows(&sales_db());
    let never = "*Sales warehouse*: Nothing is going on. It was never rotated from here.";
    assert_eq!(bot.asks(scene::FAY, "status sales-db"), never, "every member may look");

    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let live = bot.asks(scene::BEN, "status SALES-DB");
    assert!(live.contains("*Waiting for the new credential* until <!date^"), "{live}");
    assert!(live.contains("Asked by <@W0ANA>: Quarterly rotation"), "{live}");
    assert!(!live.contains("Enter credential") && !live.contains("Cancel rotation"), "a copy has no buttons: {live}");

    let card = bot.card(scene::CHANNEL_DATA_OPS);
    bot.does(&ana.tap(&card.channel, &card.ts, "Cancel rotation").unwrap());
    bot.until_card("Cancelled, nothing was changed");
    assert_eq!(bot.asks(scene::BEN, "status sales-db"), never, "nothing was changed");

    bot.ana_rotates("sales-db", &[("password", "stated-password")], "Rotated and verified, 2 of 2");
    let after = bot.asks(scene::BEN, "status sales-db");
    assert!(after.starts_with("*Sales warehouse*: Nothing is going on.   rotated <!date^"), "{after}");
}

fn a_target_that_is_not_there_is_said_with_the_nearest_names(bot: &mut Bot) {
    bot.knows(&sales_db());
    let near = "There is no target of that name. Did you mean sales-db? /pbi list shows all. \
                If you typed a password or key, treat it as exposed.";
    let far = "There is no target of that name. /pbi list shows the targets there are. \
               If you typed a password or key, treat it as exposed.";
    for (name, expected) in [("sales-bd", near), ("sale-db", near), ("SALESDB", near), ("payroll", far)] {
        assert_eq!(bot.asks(scene::ANA, &format!("status {name}")), expected);
        let form = bot.form_for(scene::ANA, name);
        assert!(form.contains("Not possible") && form.contains(expected) && !form.contains("Reason"), "{form}");
    }
    assert_eq!(bot.logged("unknown-target"), 8);
    bot.nothing_changed();
}

fn what_cannot_be_a_name_opens_nothing(bot: &mut Bot) {
    bot.knows(&sales_db());
    let pasted = bot.secret("P@ssw0rd-for-a-name!");
    let long = "x".repeat(64);
    for text in [
        "rotate s@les",
        "rotate sales_db",
        "rotate -sales",
        &format!("rotate {pasted}"),
        &format!("rotate {long}"),
        "status",
        "status sales_db",
        "status sales-db now",
        &format!("status {pasted}"),
    ] {
        let told = bot.asks(scene::ANA, text);
        assert!(told.starts_with("That is not the name of a target. /pbi list shows the targets there are."), "{text}");
        assert!(told.ends_with("If you typed a password or key, treat it as exposed."), "{told}");
    }
    assert_eq!(bot.logged("unnamed-target"), 9);
    assert!(bot.world.received().is_empty() && bot.world.modals(scene::ANA).is_empty());
}

fn a_value_typed_after_the_name_is_exposed_and_never_used(bot: &mut Bot) {
    bot.knows(&sales_db());
    let value = bot.secret("hunter2-typed-in-chat");
    for text in [
        format!("rotate sales-db {value}"),
        format!("rotate sales-db to {value}"),
        format!("rotate {value} sales-db"),
        format!("ROTATE  sales-db\t{value}"),
        format!("rotate sales-db\n{value}"),
    ] {
        assert_eq!(bot.asks(scene::ANA, &text), EXPOSED, "{text:?}");
    }
    assert_eq!(bot.logged("exposed-value"), 5);
    assert!(bot.world.received().is_empty() && bot.world.modals(scene::ANA).is_empty());
}

fn without_chat_entry_no_form_is_opened_and_none_is_taken(bot: &mut Bot) {
    let off = "This installation does not take credentials in chat (its setting CHAT_ENTRY is off). Nothing was changed; ask whoever runs it.";
    bot.knows(&sales_db());
    let ana = bot.ana_asks("sales-db");
    bot.until_card("Waiting for the new credential");
    let form = bot.modal(scene::ANA).id;
    bot.redeploy(&[("CHAT_ENTRY", "off")]);
    // The form that was open before the setting changed is not taken any more, nor opened again.
    let password = json!(bot.secret("too-late-for-chat"));
    bot.does(&ana.submit(&form, &[("password", password)]).unwrap());
    assert!(bot.modal_words(scene::ANA).contains(off), "{}", bot.modal_words(scene::ANA));
    let card = bot.card(scene::CHANNEL_DATA_OPS);
    bot.does(&ana.tap(&card.channel, &card.ts, "Enter credential").unwrap());
    bot.rest();
    assert_eq!(bot.told(scene::ANA), off);
    assert_eq!(bot.asks(scene::ANA, "rotate sales-db"), off);
    assert_eq!(bot.asks(scene::ANA, "rotate"), off);
    assert_eq!(bot.logged("chat-entry-off"), 4);
    // Everything else goes on.
    assert!(bot.asks(scene::ANA, "list").contains("*sales-db*"));
    bot.does(&ana.tap(&card.channel, &card.ts, "Cancel rotation").unwrap());
    bot.until_card("Cancelled, nothing was changed");
    bot.only_looked();
}
