//! Every kind of credential behind gateways: each member that must open it does, and nobody else could have.

use emulator::{Fault, FaultKind, scene};
use serde_json::{Value, json};

use crate::bot::{Bot, WAITING, words};
use crate::scene::{BASIC, WINDOWS, cluster, connection, in_the_cloud, on_premises, target};

crate::stories![
    a_data_source_behind_a_gateway_takes_every_kind_that_power_bi_knows,
    gateways_open_what_they_get_whatever_the_size_of_their_key,
    a_gateway_of_1024_bits_gets_nothing_unless_the_operator_allows_it,
    a_signature_goes_to_storage_and_to_nothing_else,
    the_callers_identity_goes_with_oauth2_and_not_to_an_extension,
    every_member_of_a_cluster_opens_every_kind,
    a_personal_gateway_opens_every_kind,
    a_gateway_of_somebody_else_gets_neither_ciphertext_nor_plaintext,
    a_gateway_taken_for_a_cloud_source_gets_no_plaintext,
    a_connection_taken_for_another_kind_gets_nothing,
    nothing_secret_means_no_second_form,
];

/// A kind of credential: its name, the login in the catalog, what is entered, and what has to arrive.
pub struct Kind {
    pub name: &'static str,
    pub login: &'static str,
    pub entered: &'static [(&'static str, &'static str)],
    pub arrives: &'static [(&'static str, &'static str)],
}

const PEM: &str = "-----BEGIN PRIVATE KEY-----\nAB+/=\n-----END PRIVATE KEY-----\n";
const fn kind(
    name: &'static str,
    login: &'static str,
    entered: &'static [(&'static str, &'static str)],
    arrives: &'static [(&'static str, &'static str)],
) -> Kind {
    Kind { name, login, entered, arrives }
}

pub const ANONYMOUS: Kind = kind("Anonymous", r#"{ kind = "Anonymous" }"#, &[], &[]);
pub const BASIC_LOGIN: Kind =
    kind("Basic", BASIC, &[("password", "basic-\"pass")], &[("username", "feed"), ("password", "basic-\"pass")]);
pub const WINDOWS_LOGIN: Kind = kind(
    "Windows",
    WINDOWS,
    &[("password", r"windows\pass")],
    &[("username", r"CONTOSO\svc_sales"), ("password", r"windows\pass")],
);
pub const KEY: Kind = kind("Key", r#"{ kind = "Key" }"#, &[("key", "account-key+/==")], &[("key", "account-key+/==")]);
pub const OAUTH2: Kind = kind(
    "OAuth2",
    r#"{ kind = "OAuth2" }"#,
    &[("access_token", "eyJ0.access.token")],
    &[("accessToken", "eyJ0.access.token")],
);
pub const SAS: Kind =
    kind("SAS", r#"{ kind = "SAS" }"#, &[("token", "sv=2026&sig=a%2Fb%3D")], &[("token", "sv=2026&sig=a%2Fb%3D")]);
/// As Fabric spells it.
pub const SIGNATURE: Kind = Kind { name: "SharedAccessSignature", ..SAS };
pub const APPLICATION: Kind = kind(
    "ServicePrincipal",
    r#"{ kind = "ServicePrincipal", tenant = "4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10", client = "11111111-2222-4333-8444-555555555555" }"#,
    &[("client_secret", "app~secret")],
    &[
        ("tenantId", "4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10"),
        ("servicePrincipalClientId", "11111111-2222-4333-8444-555555555555"),
        ("servicePrincipalSecret", "app~secret"),
    ],
);
pub const KEY_PAIR: Kind = kind(
    "KeyPair",
    r#"{ kind = "KeyPair", identifier = "SVC_SALES" }"#,
    &[("private_key", PEM), ("passphrase", "opens-the-pem")],
    &[("identifier", "SVC_SALES"), ("privateKey", PEM), ("passphrase", "opens-the-pem")],
);
pub const GATEWAY_ACCOUNT: Kind =
    kind("WindowsWithoutImpersonation", r#"{ kind = "WindowsWithoutImpersonation" }"#, &[], &[]);
pub const WORKSPACE_IDENTITY: Kind = kind("WorkspaceIdentity", r#"{ kind = "WorkspaceIdentity" }"#, &[], &[]);

/// Rotates one place with each kind; exactly `members` have to open each, and the card has to say `says`.
pub fn rotates_each(bot: &mut Bot, destination: &str, kinds: &[Kind], members: &[Option<&str>], says: &str) {
    for kind in kinds {
        bot.knows(&target("place", "The place", kind.login, &[destination]));
        let before = bot.world.opened().len();
        bot.ana_rotates("place", kind.entered, says);
        let opened = bot.world.opened().split_off(before);
        let by: Vec<_> = opened.iter().map(|opened| opened.member.as_deref()).collect();
        assert_eq!(by, members, "{}", kind.name);
        for credential in opened {
            let plain: Value = serde_json::from_str(&credential.plaintext).expect("JSON");
            let pair = |(name, value): &(&str, &str)| json!({"name": name, "value": value});
            assert_eq!(plain["credentialData"], Value::from_iter(kind.arrives.iter().map(pair)), "{}", kind.name);
            assert!(credential.kept && credential.credential_type == kind.name, "{}", kind.name);
        }
    }
}

/// Rotates one place that must get nothing, neither sealed nor in clear; answers the words of the card.
pub fn gets_nothing(bot: &mut Bot, destination: &str, kind: &Kind, cause: &str) -> String {
    bot.knows(&target("place", "The place", kind.login, &[destination]));
    let card = bot.ana_rotates("place", kind.entered, "Not rotated");
    arrived_nothing(bot, kind, cause, card)
}

/// The same of a place that was good when the plan was checked: `change` comes after that, and before the credential.
pub fn gets_nothing_any_more(
    bot: &mut Bot,
    destination: &str,
    kind: &Kind,
    change: impl FnOnce(&mut Bot),
    cause: &str,
) -> String {
    bot.knows(&target("place", "The place", kind.login, &[destination]));
    bot.ana_asks("place");
    bot.rest();
    change(bot);
    bot.ana_fills_in(kind.entered);
    bot.until_card("Not rotated");
    let card = words(&bot.card(scene::CHANNEL_DATA_OPS).blocks);
    arrived_nothing(bot, kind, cause, card)
}

fn arrived_nothing(bot: &Bot, kind: &Kind, cause: &str, card: String) -> String {
    assert!(card.contains("The old credential is still in force."), "{card}");
    let patches: Vec<_> = bot.world.received().into_iter().filter(|call| call.method == "PATCH").collect();
    assert!(patches.is_empty() && bot.world.opened().is_empty(), "{patches:#?}");
    for call in bot.world.received().iter().filter(|call| call.service != "slack") {
        let secrets = kind.entered.iter().map(|(_, secret)| secret);
        assert!(secrets.clone().all(|secret| !call.body.contains(secret)), "plaintext left to {}", call.path);
    }
    let log = bot.log();
    assert!(log.contains(&format!("\"outcome\":\"{cause}\"")), "{log}");
    card
}

/// The next reading of that shows something else.
pub fn reads_as(bot: &Bot, service: &str, path: &str, body: &Value) {
    bot.world.script(Fault::once(service, path, FaultKind::status(200, body)).on_method("GET"));
}

fn a_data_source_behind_a_gateway_takes_every_kind_that_power_bi_knows(bot: &mut Bot) {
    let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
    let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, KEY, OAUTH2, APPLICATION];
    rotates_each(bot, &place, &kinds, &[Some(scene::GATEWAY_SALES)], "Rotated and verified, 1 of 1");
    let settings = bot.world.datasource_settings(scene::SALES_SQL).unwrap();
    assert_eq!(settings, ("Organizational".to_owned(), "NotEncrypted".to_owned()), "as the catalog says");
}

fn gateways_open_what_they_get_whatever_the_size_of_their_key(bot: &mut Bot) {
    let sizes = [(scene::GATEWAY_FINANCE, scene::FINANCE_SQL), (scene::GATEWAY_PLANT, scene::PLANT_SQL)];
    for (gateway, source) in sizes {
        let place = on_premises(gateway, source);
        let kinds = [BASIC_LOGIN, APPLICATION];
        rotates_each(bot, &place, &kinds, &[Some(gateway)], "Rotated and verified, 1 of 1");
    }
}

fn a_gateway_of_1024_bits_gets_nothing_unless_the_operator_allows_it(bot: &mut Bot) {
    let place = on_premises(scene::GATEWAY_LEGACY, scene::LEGACY_SQL);
    let card = gets_nothing(bot, &place, &BASIC_LOGIN, "key-unusable");
    assert!(card.contains("The gateway's public key cannot be used, so nothing was sent."), "{card}");
    assert!(card.contains("only 1024 bits; upgrade the gateway."), "{card}");

    bot.with(&[("LEGACY_GATEWAYS", "allow")]);
    let refuse = |bot: &mut Bot| bot.redeploy(&[("LEGACY_GATEWAYS", "refuse")]);
    let card = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, refuse, "key-unusable");
    assert!(card.contains("only 1024 bits; upgrade the gateway."), "{card}");

    bot.redeploy(&[("LEGACY_GATEWAYS", "allow")]);
    let kinds = [BASIC_LOGIN, APPLICATION];
    rotates_each(bot, &place, &kinds, &[Some(scene::GATEWAY_LEGACY)], "Rotated and verified, 1 of 1");
}

fn a_signature_goes_to_storage_and_to_nothing_else(bot: &mut Bot) {
    let card = gets_nothing(bot, &on_premises(scene::GATEWAY_SALES, scene::SALES_SQL), &SAS, "kind-refused");
    assert!(card.contains("This kind of credential is not accepted there."), "{card}");
    assert!(card.contains("A SAS is taken only by AzureBlobs and AzureDataLakeStorage."), "{card}");

    let blobs = on_premises(scene::GATEWAY_SALES, scene::SALES_BLOBS);
    let another_type = json!({"id": scene::SALES_BLOBS, "datasourceType": "Sql"});
    let change = |bot: &mut Bot| reads_as(bot, "powerbi", scene::SALES_BLOBS, &another_type);
    gets_nothing_any_more(bot, &blobs, &SAS, change, "kind-refused");

    rotates_each(bot, &blobs, &[SAS], &[Some(scene::GATEWAY_SALES)], "Rotated and verified, 1 of 1");
}

fn the_callers_identity_goes_with_oauth2_and_not_to_an_extension(bot: &mut Bot) {
    let as_caller = |place: &str| place.replace(" } }", ", caller_identity = true } }");
    let extension = as_caller(&on_premises(scene::GATEWAY_SALES, scene::SALES_EXTENSION));
    let source = as_caller(&on_premises(scene::GATEWAY_SALES, scene::SALES_SQL));
    let words = "Caller_identity cannot be used with data sources of type Extension.";
    let card = gets_nothing(bot, &extension, &OAUTH2, "kind-refused");
    assert!(card.contains(words), "{card}");
    let another_type = json!({"id": scene::SALES_SQL, "datasourceType": "Extension"});
    let change = |bot: &mut Bot| reads_as(bot, "powerbi", scene::SALES_SQL, &another_type);
    let card = gets_nothing_any_more(bot, &source, &OAUTH2, change, "kind-refused");
    assert!(card.contains(words), "{card}");

    // Without it an Extension takes one, and is sent nothing about it.
    let cloud = as_caller(&in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL));
    let behind = [Some(scene::GATEWAY_SALES)];
    let plain = on_premises(scene::GATEWAY_SALES, scene::SALES_EXTENSION);
    rotates_each(bot, &plain, &[OAUTH2], &behind, "Rotated and verified, 1 of 1");
    rotates_each(bot, &source, &[OAUTH2], &behind, "Rotated and verified, 1 of 1");
    rotates_each(bot, &cloud, &[OAUTH2], &[None], "Rotated and verified, 1 of 1");
    let patches = bot.world.received().into_iter().filter(|call| call.method == "PATCH");
    let sent = patches.map(|call| serde_json::from_str::<Value>(&call.body).unwrap()["credentialDetails"].take());
    let sent: Vec<_> =
        sent.map(|details| (details["credentialType"].clone(), details["useCallerAADIdentity"].clone())).collect();
    assert_eq!(sent, [(json!("OAuth2"), Value::Null), (json!("OAuth2"), json!(true)), (json!("OAuth2"), json!(true))]);
}

fn every_member_of_a_cluster_opens_every_kind(bot: &mut Bot) {
    let members = [scene::CLUSTER, scene::CLUSTER_SECOND, scene::CLUSTER_THIRD].map(Some);
    let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, KEY, SIGNATURE, APPLICATION, KEY_PAIR];
    rotates_each(bot, &cluster(), &kinds, &members, "Rotated and verified, 1 of 1");
}

fn a_personal_gateway_opens_every_kind(bot: &mut Bot) {
    let place = connection(scene::CONNECTION_PERSONAL, "OnPremisesGatewayPersonal");
    let kinds = [ANONYMOUS, BASIC_LOGIN, WINDOWS_LOGIN, GATEWAY_ACCOUNT, KEY, SIGNATURE, APPLICATION, KEY_PAIR];
    rotates_each(bot, &place, &kinds, &[Some(scene::GATEWAY_PERSONAL)], "Rotated and verified, 1 of 1");
}

fn a_gateway_of_somebody_else_gets_neither_ciphertext_nor_plaintext(bot: &mut Bot) {
    // No document says with which status Power BI hides it.
    for status in [401, 403, 404] {
        bot.world.set_powerbi_denied_status(status);
        for place in [
            on_premises(scene::GATEWAY_FOREIGN, scene::FOREIGN_SQL),
            in_the_cloud(scene::GATEWAY_FOREIGN, scene::FOREIGN_SQL),
        ] {
            let card = gets_nothing(bot, &place, &BASIC_LOGIN, "not-allowed");
            assert!(card.contains("Power BI says this program may not do that."), "{status}: {card}");
            assert!(card.contains("It must be an admin of the gateway, or own the cloud data source."), "{card}");
        }
        bot.world.set_gateway_admin(scene::GATEWAY_SALES, true);
        let place = on_premises(scene::GATEWAY_SALES, scene::SALES_SQL);
        let taken = |bot: &mut Bot| bot.world.set_gateway_admin(scene::GATEWAY_SALES, false);
        gets_nothing_any_more(bot, &place, &BASIC_LOGIN, taken, "not-allowed");
    }
}

fn a_gateway_taken_for_a_cloud_source_gets_no_plaintext(bot: &mut Bot) {
    let place = in_the_cloud(scene::GATEWAY_SALES, scene::SALES_SQL);
    let card = gets_nothing(bot, &place, &BASIC_LOGIN, "mismatch");
    assert!(card.contains("The destination is not what the catalog says it is, so nothing was sent."), "{card}");
    assert!(card.contains("but there is a gateway of that id."), "{card}");

    let place = in_the_cloud(scene::GATEWAY_CLOUD, scene::CLOUD_SQL);
    let gateway = json!({"id": scene::GATEWAY_CLOUD, "type": "Resource"});
    let change = |bot: &mut Bot| {
        // The data source is read first, then the gateway that should not be there.
        bot.world.script(Fault::once("powerbi", "datasources", FaultKind::Slow(0)));
        reads_as(bot, "powerbi", scene::GATEWAY_CLOUD, &gateway);
    };
    let card = gets_nothing_any_more(bot, &place, &BASIC_LOGIN, change, "mismatch");
    assert!(card.contains("but there is a gateway of that id."), "{card}");
}

fn a_connection_taken_for_another_kind_gets_nothing(bot: &mut Bot) {
    let mistaken = [
        // Behind a gateway, and taken for one that gets plaintext.
        (scene::CONNECTION_CLUSTER, "ShareableCloud"),
        (scene::CONNECTION_CLUSTER, "VirtualNetworkGateway"),
        (scene::CONNECTION_PERSONAL, "PersonalCloud"),
        // Of a kind nobody knows yet.
        (scene::CONNECTION_FUTURE, "ShareableCloud"),
        (scene::CONNECTION_FUTURE, "OnPremisesGateway"),
        // The other way round, and beside it.
        (scene::CONNECTION_CLOUD, "OnPremisesGateway"),
        (scene::CONNECTION_VNET, "ShareableCloud"),
        (scene::CONNECTION_CLUSTER, "OnPremisesGatewayPersonal"),
    ];
    for (id, via) in mistaken {
        let card = gets_nothing(bot, &connection(id, via), &BASIC_LOGIN, "mismatch");
        assert!(card.contains(&format!("The catalog says via = \"{via}\", and Fabric does not.")), "{card}");
    }
    let (id, via) = (scene::CONNECTION_CLOUD, "OnPremisesGateway");
    let moved = json!({"id": id, "connectivityType": via, "gatewayId": scene::CLUSTER});
    let change = |bot: &mut Bot| reads_as(bot, "fabric", id, &moved);
    gets_nothing_any_more(bot, &connection(id, "ShareableCloud"), &BASIC_LOGIN, change, "mismatch");
}

fn nothing_secret_means_no_second_form(bot: &mut Bot) {
    bot.knows(&target("place", "The place", ANONYMOUS.login, &[&cluster()]));
    bot.ana_requests("place");
    bot.until_her_card(WAITING);
    bot.ana_opens_the_form();
    assert!(bot.world.modals(scene::ANA).is_empty(), "the tap alone is enough");
    bot.until_card("Rotated and verified, 1 of 1");
}
