//! Every kind of credential for destinations without a gateway of their own, and those that are left alone.

use emulator::fabric::Rights;
use emulator::scene;
use serde_json::json;

use crate::bot::Bot;
use crate::places::{
    ANONYMOUS, APPLICATION, BASIC_LOGIN, KEY, KEY_PAIR, OAUTH2, SIGNATURE, WINDOWS_LOGIN, WORKSPACE_IDENTITY,
    gets_nothing, gets_nothing_any_more, reads_as, rotates_each,
};
use crate::scene::{ADMIN_TOKEN, BASIC, connection, in_the_cloud, referenced, target};

crate::stories![
    a_cloud_data_source_takes_every_kind_in_clear,
    a_data_source_of_a_profile_is_reached_as_that_profile,
    cloud_connections_take_every_kind_in_clear,
    a_virtual_network_gateway_takes_every_kind_in_clear,
    a_streaming_gateway_is_set_and_cannot_be_tested,
    a_connection_fed_from_key_vault_is_left_alone,
    a_reference_that_fabric_shows_is_seen_without_being_told,
    who_does_not_say_whether_a_connection_is_fed_from_key_vault_is_asked,
    a_connection_that_is_not_ours_is_left_alone,
    without_a_fabric_a_connection_gets_nothing,
];

const VERIFIED: &str = "Rotated and verified, 1 of 1";

fn a_cloud_data_source_takes_every_kind_in_clear(bot: &mut Bot) {
    let place = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, KEY, OAUTH2, APPLICATION];
    rotates_each(bot, &place, &kinds, &[None], VERIFIED);
}

fn a_data_source_of_a_profile_is_reached_as_that_profile(bot: &mut Bot) {
    bot.world.require_powerbi_profile(true);
    let place = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let catalog = target("place", "The place", BASIC, &[&place]);
    bot.knows(&format!("{catalog}profile = \"{}\"\n", scene::PROFILE_ID));
    bot.ana_rotates("place", &[("password", "of-a-profile")], VERIFIED);
    let calls: Vec<_> = bot.world.received().into_iter().filter(|call| call.service == "powerbi").collect();
    let profile = ("x-powerbi-profile-id".to_owned(), scene::PROFILE_ID.to_owned());
    assert!(calls.len() >= 4 && calls.iter().all(|call| call.headers.contains(&profile)), "{calls:#?}");
}

fn cloud_connections_take_every_kind_in_clear(bot: &mut Bot) {
    for (id, via) in [(scene::CONNECTION_CLOUD, "ShareableCloud"), (scene::CONNECTION_PERSONAL_CLOUD, "PersonalCloud")]
    {
        let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, KEY, SIGNATURE, APPLICATION, KEY_PAIR, WORKSPACE_IDENTITY];
        rotates_each(bot, &connection(id, via), &kinds, &[None], VERIFIED);
    }
}

fn a_virtual_network_gateway_takes_every_kind_in_clear(bot: &mut Bot) {
    let place = connection(scene::CONNECTION_VNET, "VirtualNetworkGateway");
    let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, KEY, SIGNATURE, APPLICATION, KEY_PAIR];
    rotates_each(bot, &place, &kinds, &[None], VERIFIED);
}

fn a_streaming_gateway_is_set_and_cannot_be_tested(bot: &mut Bot) {
    let place = connection(scene::CONNECTION_STREAMING, "StreamingVirtualNetworkGateway");
    rotates_each(bot, &place, &[KEY], &[None], "Rotated, 1 of 1");
    bot.knows(&target("place", "The place", KEY.login, &[&place]));
    let card = bot.ana_rotates("place", KEY.entered, "Rotated, 1 of 1");
    assert!(card.contains("The new credential is stored. This kind of destination offers no test."), "{card}");
    assert!(!card.contains("verified") && bot.world.tests().is_empty(), "{card}");
}

fn a_connection_fed_from_key_vault_is_left_alone(bot: &mut Bot) {
    let card = gets_nothing(bot, &referenced(scene::CONNECTION_KEY_VAULT), &BASIC_LOGIN, "key-vault-reference");
    assert!(card.contains("It is fed from Azure Key Vault by Fabric itself, so it was left alone."), "{card}");
    assert!(card.contains("Change the secret in the vault."), "{card}");
}

fn a_reference_that_fabric_shows_is_seen_without_being_told(bot: &mut Bot) {
    bot.world.show_references();
    let place = connection(scene::CONNECTION_KEY_VAULT, "ShareableCloud");
    let card = gets_nothing(bot, &place, &BASIC_LOGIN, "key-vault-reference");
    assert!(card.contains("It is fed from Azure Key Vault by Fabric itself, so it was left alone."), "{card}");

    let id = scene::CONNECTION_CLOUD;
    let reference = json!({"passwordReference": {"connectionId": id, "secretName": "feed"}});
    let fed = json!({"id": id, "connectivityType": "ShareableCloud", "credentialDetails": {"credentials": reference}});
    let change = |bot: &mut Bot| reads_as(bot, "fabric", id, &fed);
    let card =
        gets_nothing_any_more(bot, &connection(id, "ShareableCloud"), &BASIC_LOGIN, change, "key-vault-reference");
    assert!(card.contains("It is fed from Azure Key Vault by Fabric itself, so it was left alone."), "{card}");
}

fn who_does_not_say_whether_a_connection_is_fed_from_key_vault_is_asked(bot: &mut Bot) {
    let id = scene::CONNECTION_CLOUD;
    let note = format!(
        "place: Fabric may take the secret of connection {id} from Azure Key Vault, and does not show that: if so, an update \
         puts a value in the reference's place; say key_vault = true, or false if not"
    );
    let silent = connection(id, "ShareableCloud");
    let notes = |bot: &mut Bot, login: &str, place: &str| {
        let (_, body) = bot.put_catalog("?dry-run", ADMIN_TOKEN, &target("place", "The place", login, &[place]));
        body["notes"].clone()
    };
    assert_eq!(notes(bot, BASIC_LOGIN.login, &silent), json!([note]));
    let denied = silent.replace(" } }", ", key_vault = false } }");
    for (login, place) in [(BASIC_LOGIN.login, &denied), (ANONYMOUS.login, &silent)] {
        assert_eq!(notes(bot, login, place), json!([]), "{login} {place}");
    }
    let note = format!(
        "place: what somebody enters is not put into connection {id}, which takes its secret from Azure Key Vault, so no \
         rotation gets everywhere: bind the target to that secret, or take the connection out"
    );
    assert_eq!(notes(bot, BASIC_LOGIN.login, &referenced(id)), json!([note]));
}

fn a_connection_that_is_not_ours_is_left_alone(bot: &mut Bot) {
    let place = connection(scene::CONNECTION_FORBIDDEN, "ShareableCloud");
    let card = gets_nothing(bot, &place, &BASIC_LOGIN, "not-found");
    assert!(card.contains("Fabric does not find it, or hides it from this program."), "{card}");
    assert!(card.contains("whether the connection is shared with it. (404, EntityNotFound)"), "{card}");

    let taken = |bot: &mut Bot| bot.world.set_connection_rights(scene::CONNECTION_CLOUD, Rights::None);
    let place = connection(scene::CONNECTION_CLOUD, "ShareableCloud");
    gets_nothing_any_more(bot, &place, &BASIC_LOGIN, taken, "not-found");
}

fn without_a_fabric_a_connection_gets_nothing(bot: &mut Bot) {
    // Moved to a cloud that has none, after the catalog was taken and the plan was checked.
    let moved = |bot: &mut Bot| bot.redeploy(&[("CLOUD", "gcc"), ("FABRIC_URL", "")]);
    let place = connection(scene::CONNECTION_CLOUD, "ShareableCloud");
    let card = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, moved, "mismatch");
    assert!(card.contains("This installation has no Fabric host configured."), "{card}");
}
