//! The main job in Teams, by each way in: a message, a mention, a slash command, the message extension.

use emulator::scene;
use emulator::teams::Forgery;
use serde_json::json;

use super::{in_conversation, said};
use crate::bot::Bot;
use crate::scene::{in_teams, ruled, sales_db};

crate::stories![
    a_message_rekeys_a_data_source_and_a_connection,
    the_extensions_command_asks_for_the_target,
    of_many_targets_the_list_says_that_there_are_more,
    a_mention_in_a_channel_is_answered_there,
    a_slash_command_is_answered_to_one_person_alone,
    whoever_installs_the_bot_is_greeted_once,
    what_is_not_known_here_is_told_by_its_status,
];

fn a_message_rekeys_a_data_source_and_a_connection(bot: &mut Bot) {
    bot.moves_to_teams(&[], &sales_db());
    let offer = bot.answers(scene::ANA_OBJECT, "rotate sales-db");
    assert!(said(&offer).contains("A short form asks why."), "{}", said(&offer));
    bot.touches(scene::ANA_OBJECT, &offer, "Open form");
    let form = bot.dialog(scene::ANA_OBJECT);
    assert!(form.contains("Rotate a credential") && form.contains("sales-db") && form.contains("Reason"), "{form}");
    bot.ana_sends_the_form(&json!({}));
    bot.ana_enters_on_the_page("typed-into-the-page");
    bot.until_all(&[scene::ANA_OBJECT], "Rotated and verified, 2 of 2");
    let opened = bot.world.opened();
    let members: Vec<_> = opened.iter().map(|opened| opened.member.as_deref().unwrap()).collect();
    assert_eq!(members, [scene::GATEWAY_SALES, scene::CLUSTER, scene::CLUSTER_SECOND, scene::CLUSTER_THIRD]);
    assert!(opened.iter().all(|opened| opened.kept && opened.plaintext.contains("typed-into-the-page")));
    let [card] = in_conversation(&bot.world, scene::THREAD_DATA_OPS).try_into().expect("one card, rewritten");
    assert!(card.edits > 0 && !said(&card).contains("Enter credential"), "the buttons are gone: {card:#?}");
    assert!(said(&card).contains("Ana Ortiz"), "{}", said(&card));
    bot.until("Ana is told how it ended", |world| {
        let own = in_conversation(world, &format!("a:direct-{}", scene::ANA_OBJECT));
        own.iter().any(|message| said(message).starts_with("Sales warehouse: Rotated and verified"))
    });
    assert!(bot.world.received().iter().all(|call| call.service != "slack"), "nobody in Slack was troubled");
}

fn the_extensions_command_asks_for_the_target(bot: &mut Bot) {
    bot.is_in_teams("");
    let ana = bot.colleague(scene::ANA_OBJECT);
    bot.acts(&ana.commands(scene::THREAD_DATA_OPS, "rotate"));
    let dialog = bot.world.teams_dialog(scene::ANA_OBJECT).expect("a form");
    let body = dialog["card"]["content"]["body"].as_array().unwrap();
    let picker = body.iter().find(|element| element["type"] == "Input.ChoiceSet").expect("a target picker");
    assert_eq!(picker["choices"], json!([{"title": "sales-db · Sales warehouse", "value": "sales-db"}]));
    assert!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).is_empty(), "nothing is posted by that");
    let inputs = json!({"target": "sales-db", "reason": "Quarterly rotation"});
    bot.acts(&ana.submits_command(scene::THREAD_DATA_OPS, "rotate", &inputs));
    assert!(bot.dialog(scene::ANA_OBJECT).contains("Rotation opened"));
    bot.ana_finishes("by-the-extension");
}

fn of_many_targets_the_list_says_that_there_are_more(bot: &mut Bot) {
    let one = |n: usize| {
        let place = format!("252b9de8-d915-4788-aaeb-{n:012}");
        ruled("").replace("sales-db", &format!("sales-{n:03}")).replace(scene::SALES_SQL, &place)
    };
    let catalog = |many: usize| (0..many).map(one).collect::<String>();
    bot.moves_to_teams(&[], &catalog(100));
    let open = |bot: &Bot| {
        bot.acts(&bot.colleague(scene::ANA_OBJECT).commands(scene::THREAD_DATA_OPS, "rotate"));
        bot.dialog(scene::ANA_OBJECT)
    };
    assert!(!open(bot).contains("There are more"));
    bot.knows(&in_teams(&catalog(101)));
    let form = open(bot);
    assert!(form.contains("There are more, which are not in this list. Type rotate and the name."), "{form}");
    assert_eq!(form.matches("Sales warehouse").count(), 100);
}

fn a_mention_in_a_channel_is_answered_there(bot: &mut Bot) {
    bot.is_in_teams("");
    let thread = format!("{};messageid=1795285800000", scene::THREAD_DATA_OPS);
    bot.acts(&bot.colleague(scene::ANA_OBJECT).says(&thread, "rotate sales-db"));
    let offer = bot.last_in(scene::THREAD_DATA_OPS);
    assert!(offer.reply_to.is_some(), "an answer to what she wrote");
    let thread = scene::THREAD_DATA_OPS.replace(':', "%3A").replace('@', "%40") + "%3Bmessageid%3D1795285800000";
    let answers = bot.world.received().into_iter().filter(|call| call.service == "teams" && call.method == "POST");
    let paths: Vec<_> = answers.map(|call| call.path).collect();
    assert!(paths.iter().all(|path| path.contains(&thread)), "in the thread: {paths:?}");
    bot.touches(scene::ANA_OBJECT, &offer, "Open form");
    bot.ana_sends_the_form(&json!({}));
    bot.ana_finishes("by-a-mention");
}

fn a_slash_command_is_answered_to_one_person_alone(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.acts(&bot.colleague(scene::ANA_OBJECT).slash(scene::THREAD_DATA_OPS, "rotate sales-db"));
    let offer = bot.last_in(&format!("a:direct-{}", scene::ANA_OBJECT));
    assert!(in_conversation(&bot.world, scene::THREAD_DATA_OPS).is_empty(), "nobody else saw the question");
    bot.touches(scene::ANA_OBJECT, &offer, "Open form");
    bot.ana_sends_the_form(&json!({}));
    bot.ana_finishes("by-a-slash-command");
}

fn whoever_installs_the_bot_is_greeted_once(bot: &mut Bot) {
    bot.is_in_teams("");
    let ana = bot.colleague(scene::ANA_OBJECT);
    let gesture = ana.adds_bot(scene::THREAD_PRIVATE);
    for _ in 0..2 {
        bot.acts(&gesture);
        bot.rest();
    }
    // The service tells it in another activity as well.
    let bots = json!([{"id": format!("28:{}", scene::TEAMS_APP_ID)}]);
    let activity = json!({"/type": "conversationUpdate", "/membersAdded": bots});
    let other = Forgery { activity, ..Forgery::default() };
    bot.acts(&ana.clone().forged(other).adds_bot(scene::THREAD_PRIVATE));
    bot.rest();
    let [help] = in_conversation(&bot.world, scene::THREAD_PRIVATE).try_into().expect("one greeting");
    let told = said(&help);
    assert!(told.contains("@pbi rotate") && told.contains("Never type a password"), "{told}");
    bot.acts(&ana.removes_bot(scene::THREAD_PRIVATE));
    bot.rest();
    assert_eq!((bot.logged("installed"), bot.logged("repeated"), bot.logged("removed")), (1, 2, 1));
    assert_eq!(in_conversation(&bot.world, scene::THREAD_PRIVATE).len(), 1, "nothing is said to a closed door");
}

fn what_is_not_known_here_is_told_by_its_status(bot: &mut Bot) {
    bot.is_in_teams("");
    bot.acts(&bot.colleague(scene::ANA_OBJECT).invokes_unknown(scene::THREAD_DATA_OPS, "fileConsent/invoke"));
    bot.acts(&bot.colleague(scene::ANA_OBJECT).commands(scene::THREAD_DATA_OPS, "of_tomorrow"));
    let told = bot.dialog(scene::ANA_OBJECT);
    assert!(told.contains("from another version of the app"), "{told}");
}
