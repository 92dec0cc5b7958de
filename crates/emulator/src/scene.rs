//! The standard scene: Contoso's tenant, workspace, gateways, connections and secret managers, by name.

mod managers;

pub use managers::*;

/// Entra tenant.
pub const TENANT_ID: &str = "4a7c8ac1-2f56-4c0c-9d6a-6a0f8a3b6b10";
/// The bot's app registration.
pub const CLIENT_ID: &str = "8d1f4c7e-31b5-4e0a-a9a1-0c1a2f6f9b77";
/// Its client secret.
pub const CLIENT_SECRET: &str = "emulated~client.secret+with/odd&characters=";
/// The resource that Power BI's tokens are for (global cloud).
pub const POWER_BI_RESOURCE: &str = "https://analysis.windows.net/powerbi/api";
/// The resource that Fabric's tokens are for.
pub const FABRIC_RESOURCE: &str = "https://api.fabric.microsoft.com";
/// The resource that Key Vault's tokens are for (global cloud).
pub const KEY_VAULT_RESOURCE: &str = "https://vault.azure.net";
/// Every resource that [`CLIENT_ID`] gets tokens for.
pub const RESOURCES: [&str; 3] = [POWER_BI_RESOURCE, FABRIC_RESOURCE, KEY_VAULT_RESOURCE];
/// The bot's app registration for Teams.
pub const TEAMS_APP_ID: &str = "c3a5e7f9-1b2d-4c6e-8f01-2a4b6c8d0e1f";
/// Its client secret.
pub const TEAMS_APP_SECRET: &str = "emulated~teams.secret+with/odd&characters=";
/// The resource that tokens for Teams' connector are for (global cloud).
pub const CONNECTOR_RESOURCE: &str = "https://api.botframework.com";
/// The resource that Graph's tokens are for (global cloud).
pub const GRAPH_RESOURCE: &str = "https://graph.microsoft.com";
/// The one service principal profile that Power BI knows (`X-PowerBI-Profile-Id`).
pub const PROFILE_ID: &str = "5b0d9c1e-7f32-4b7e-8d58-2f1f7c3a9e01";

/// The workspace "Contoso".
pub const TEAM: &str = "T0CONTOSO";
/// Another company's workspace.
pub const FOREIGN_TEAM: &str = "T0FABRIKAM";
/// The organisation that [`TEAM`] belongs to.
pub const ENTERPRISE: &str = "E0CONTOSO";
/// The bot's Slack app.
pub const APP: &str = "A0PBIROTATE";
/// The app's bot.
pub const BOT: &str = "B0PBIROTATE";
/// The user that the bot writes as.
pub const BOT_USER: &str = "U0BOT";
/// What Slack signs its requests with.
pub const SIGNING_SECRET: &str = "emulated-signing-secret";
/// The bot token.
pub const BOT_TOKEN: &str = "xoxb-emulated-bot-token";
/// What the bot token may do on the first day.
pub const SCOPES: [&str; 5] = ["commands", "chat:write", "im:write", "users:read", "usergroups:read"];
/// The slash command.
pub const COMMAND: &str = "/pbi";
/// Where Slack sends slash commands, on the bot's host.
pub const COMMAND_PATH: &str = "/slack/commands";
/// Where Slack sends everything that people do with blocks and views.
pub const INTERACTION_PATH: &str = "/slack/interactions";
/// Where Slack asks for the options of external menus.
pub const OPTIONS_PATH: &str = "/slack/options";
/// Where Slack delivers events.
pub const EVENTS_PATH: &str = "/slack/events";

/// Ana Ortiz, data engineer, in [`GROUP_DATA`].
pub const ANA: &str = "U0ANA";
/// Ana's id in the whole organisation.
pub const ANA_ENTERPRISE: &str = "W0ANA";
/// Ben Okafor, lead, in [`GROUP_DATA`] and [`GROUP_LEADS`].
pub const BEN: &str = "U0BEN";
/// Ben's id in the whole organisation.
pub const BEN_ENTERPRISE: &str = "W0BEN";
/// Cyd Moreau, a guest.
pub const CYD: &str = "U0CYD";
/// Dan Weiss, who left: deleted.
pub const DAN: &str = "U0DAN";
/// Eve Novak of [`FOREIGN_TEAM`], a stranger in a shared channel.
pub const EVE: &str = "U0EVE";
/// Fay Lindqvist, in no group.
pub const FAY: &str = "U0FAY";
/// Gil Haddad, lead, in [`GROUP_LEADS`] alone.
pub const GIL: &str = "U0GIL";
/// Hana Sato, lead, in [`GROUP_LEADS`] alone.
pub const HANA: &str = "U0HANA";
/// Ana and Ben.
pub const GROUP_DATA: &str = "S0DATA";
/// Ben, Gil and Hana.
pub const GROUP_LEADS: &str = "S0LEADS";
/// #data-ops; the bot is in it.
pub const CHANNEL_DATA_OPS: &str = "C0DATAOPS";
/// #sales; the bot is in it.
pub const CHANNEL_SALES: &str = "C0SALES";
/// A channel without the bot.
pub const CHANNEL_PRIVATE: &str = "C0PRIVATE";
/// An archived channel.
pub const CHANNEL_OLD: &str = "C0OLD";

/// Where Teams sends everything, on the bot's host.
pub const TEAMS_PATH: &str = "/api/messages";
/// Ana Ortiz in the directory, in [`GROUP_DATA_OBJECT`].
pub const ANA_OBJECT: &str = "0a1b2c3d-0001-4a5b-8c6d-7e8f90a1b2c3";
/// Ben Okafor in the directory, in both groups.
pub const BEN_OBJECT: &str = "0a1b2c3d-0002-4a5b-8c6d-7e8f90a1b2c3";
/// Cyd Moreau in the directory, a guest.
pub const CYD_OBJECT: &str = "0a1b2c3d-0003-4a5b-8c6d-7e8f90a1b2c3";
/// Dan Weiss in the directory, who left: may not sign in.
pub const DAN_OBJECT: &str = "0a1b2c3d-0004-4a5b-8c6d-7e8f90a1b2c3";
/// Fay Lindqvist in the directory, in no group.
pub const FAY_OBJECT: &str = "0a1b2c3d-0006-4a5b-8c6d-7e8f90a1b2c3";
/// Gil Haddad in the directory, in [`GROUP_LEADS_OBJECT`] alone.
pub const GIL_OBJECT: &str = "0a1b2c3d-0007-4a5b-8c6d-7e8f90a1b2c3";
/// Ana and Ben, as a group of the directory.
pub const GROUP_DATA_OBJECT: &str = "5e6f7a8b-0001-4c9d-8e0f-1a2b3c4d5e6f";
/// Ben and Gil, as a group of the directory.
pub const GROUP_LEADS_OBJECT: &str = "5e6f7a8b-0002-4c9d-8e0f-1a2b3c4d5e6f";
/// A channel in Teams; the bot is in it.
pub const THREAD_DATA_OPS: &str = "19:dataops0000000000000000000000000@thread.tacv2";
/// A channel in Teams without the bot.
pub const THREAD_PRIVATE: &str = "19:private0000000000000000000000000@thread.tacv2";

/// Gateway with a 2048-bit key; the bot administers it.
pub const GATEWAY_SALES: &str = "1f69e798-5852-4fdd-ab01-33bb14b6e934";
/// SQL Server, Windows credentials, on [`GATEWAY_SALES`].
pub const SALES_SQL: &str = "252b9de8-d915-4788-aaeb-ec8c2395f970";
/// Oracle, Basic credentials, on [`GATEWAY_SALES`].
pub const SALES_ORACLE: &str = "9c1f4d2a-0f63-4f0f-9a55-6d3f4b1c2e02";
/// Azure Blob storage, a key, on [`GATEWAY_SALES`]; takes SAS too.
pub const SALES_BLOBS: &str = "e0315274-90b6-4fc0-abf2-2d60d448cb04";
/// A custom connector (type Extension), a key, on [`GATEWAY_SALES`].
pub const SALES_EXTENSION: &str = "5a7d1c3e-2b4f-4d68-9a0c-7e1f2b3c4d03";
/// Gateway from before December 2019, with a 1024-bit key.
pub const GATEWAY_LEGACY: &str = "7e3b2c55-64a1-4c67-9f5b-02e0a1d7c310";
/// SQL Server, Basic credentials, on [`GATEWAY_LEGACY`].
pub const LEGACY_SQL: &str = "3f2c7b9e-5d1a-4b38-8e0d-91c64f7a2b11";
/// Gateway with a 3072-bit key.
pub const GATEWAY_FINANCE: &str = "b5d0f1a7-8c3e-4e92-a6d4-57f3e9c1b820";
/// SQL Server, Basic credentials, on [`GATEWAY_FINANCE`].
pub const FINANCE_SQL: &str = "64e9a3d1-7b2f-4c5d-8f16-a0c3d5e7f921";
/// Gateway with a 4096-bit key.
pub const GATEWAY_PLANT: &str = "c8e1d2b3-4f5a-4697-b8c9-d0e1f2a3b430";
/// SQL Server, Windows credentials, on [`GATEWAY_PLANT`].
pub const PLANT_SQL: &str = "75fab4e2-8c30-4d6e-9f27-b1d4e6f80a31";
/// Gateway that the bot does not administer.
pub const GATEWAY_FOREIGN: &str = "d9f2e3c4-5a6b-47a8-89da-e1f2a3b4c540";
/// SQL Server on [`GATEWAY_FOREIGN`].
pub const FOREIGN_SQL: &str = "86abc5f3-9d41-4e7f-a038-c2e5f7091b41";
/// The virtual gateway of the bot's own cloud data sources; asking for it answers 404.
pub const GATEWAY_CLOUD: &str = "eaa3f4d5-6b7c-48b9-9aeb-f2a3b4c5d650";
/// Azure SQL database, Basic credentials, on [`GATEWAY_CLOUD`].
pub const CLOUD_SQL: &str = "97bcd604-ae52-4f80-b149-d3f608102c51";

/// The virtual gateway of somebody else's cloud data sources; the bot may neither read nor change what is on it.
pub const GATEWAY_CLOUD_FOREIGN: &str = "ab0c4d5e-6f70-4182-93a4-b5c6d7e8f961";
/// Azure SQL database, Basic credentials, on [`GATEWAY_CLOUD_FOREIGN`].
pub const CLOUD_ORDERS: &str = "a8cde715-bf63-4a91-8259-e4f719203d61";
/// Azure SQL database, Basic credentials, on [`GATEWAY_CLOUD_FOREIGN`].
pub const CLOUD_INVOICES: &str = "b9def826-c074-4ba2-936a-f5082a314e71";

/// A workspace the bot is a member of.
pub const WORKSPACE: &str = "f089354e-8366-4e18-aea3-4cb4a3a50b48";
/// A semantic model in [`WORKSPACE`], bound to [`SALES_SQL`] and [`CLOUD_SQL`].
pub const DATASET: &str = "cfafbeb1-8037-4d0c-896e-a46fb27ff229";
/// A semantic model in [`WORKSPACE`] with on-premises sources alone, [`SALES_SQL`] and [`PLANT_SQL`]; the bot owns it.
pub const DATASET_ON_PREMISES: &str = "d0b1cfc2-9148-4e1d-9a7f-b57fc38aa33a";
/// A semantic model in [`WORKSPACE`], bound to [`CLOUD_ORDERS`]; somebody else owns it.
pub const DATASET_CLOUD: &str = "e1c2d0d3-a259-4f2e-8b80-c680d49bb44b";
/// A paginated report in [`WORKSPACE`], bound to [`CLOUD_INVOICES`]; somebody else owns it.
pub const REPORT: &str = "f2d3e1e4-b36a-4031-9c91-d791e5acc55c";

/// On-premises cluster of three members; its id is the primary's.
pub const CLUSTER: &str = "0a2dafe6-0e93-4120-8d2c-fae123c111b1";
/// Second member of [`CLUSTER`], with a 3072-bit key.
pub const CLUSTER_SECOND: &str = "1b3ebf07-1fa4-4231-9e3d-0bf234d222c2";
/// Third member of [`CLUSTER`], with a 4096-bit key, disabled.
pub const CLUSTER_THIRD: &str = "2c4fc018-20b5-4342-af4e-1c0345e333d3";
/// Somebody's personal gateway.
pub const GATEWAY_PERSONAL: &str = "3d50d129-31c6-4453-b05f-2d1456f444e4";
/// Virtual network gateway.
pub const GATEWAY_VNET: &str = "4e61e23a-42d7-4564-8160-3e2567055505";
/// Streaming virtual network gateway.
pub const GATEWAY_STREAMING: &str = "5f72f34b-53e8-4675-9271-4f3678166616";

/// "Sales lakehouse feed", Basic, on [`CLUSTER`].
pub const CONNECTION_CLUSTER: &str = "70b17680-48f1-4729-9df6-02576647dc3a";
/// Windows credentials, on [`GATEWAY_PERSONAL`].
pub const CONNECTION_PERSONAL: &str = "81c28791-5902-483a-8e07-13687758ed4b";
/// Shareable cloud connection, Basic.
pub const CONNECTION_CLOUD: &str = "92d398a2-6a13-494b-9f18-2479886afe5c";
/// Personal cloud connection, Key; it has no display name.
pub const CONNECTION_PERSONAL_CLOUD: &str = "a3e4a9b3-7b24-4a5c-a029-358a997b0f6d";
/// Basic, on [`GATEWAY_VNET`].
pub const CONNECTION_VNET: &str = "b4f5bac4-8c35-4b6d-b13a-469baa8c107e";
/// Key, on [`GATEWAY_STREAMING`]; it cannot be tested.
pub const CONNECTION_STREAMING: &str = "c506cbd5-9d46-4c7e-824b-57acbb9d218f";
/// Shareable cloud connection whose password is a Key Vault reference.
pub const CONNECTION_KEY_VAULT: &str = "d617dce6-ae57-4d8f-935c-68bdccae3290";
/// A connection the bot has no rights on.
pub const CONNECTION_FORBIDDEN: &str = "e728edf7-bf68-4e90-a46d-79ceddbf43a1";
/// Shareable cloud connection signed in with OAuth2, which the API cannot set.
pub const CONNECTION_OAUTH2: &str = "f839fe08-c079-4fa1-b57e-8adfeec054b2";
/// A connection of a kind the documents do not know yet.
pub const CONNECTION_FUTURE: &str = "094a0f19-d18a-40b2-868f-9be0ffd165c3";

/// A key pair that a story may give to a gateway member (PKCS#8 PEM, 2048 bits).
pub const REPLACEMENT_KEY: &str = include_str!("keys/replacement-2048.pem");
