//! Contoso's secret managers, what they know the bot by, and what the bot knows their messages by.

/// The vault, `https://contoso-data.vault.azure.net`.
pub const KEY_VAULT: &str = "contoso-data";
/// [`KEY_VAULT`]'s ARM id, in the spelling that Event Grid names it by.
pub const KEY_VAULT_TOPIC: &str = "/subscriptions/b3250b3a-7c5d-400b-aa8e-f54d36bc5875/resourceGroups/rg-data/providers/Microsoft.KeyVault/vaults/contoso-data";
/// The event subscription on [`KEY_VAULT_TOPIC`].
pub const EVENT_GRID_SUBSCRIPTION: &str = "pbi-rotate";
/// Event Grid's application (Event Grid, Secure WebHook delivery: the application's id in the public cloud).
pub const EVENT_GRID_APP_ID: &str = "4962773b-9cdb-44cf-a8bf-237846a00ab7";
/// The app role that Event Grid has to have (Event Grid, Secure WebHook delivery).
pub const EVENT_GRID_ROLE: &str = "AzureEventGridSecureWebhookSubscriber";
/// What Event Grid's tokens for the bot are for: the application id of the webhook.
pub const EVENT_GRID_AUDIENCE: &str = "61a119f4-47bb-438a-8b32-334f9fec7ac2";
/// Another tenant.
pub const FOREIGN_TENANT_ID: &str = "7597a2f9-e860-4b02-adc4-41befa5b7b31";

/// Contoso's region in AWS.
pub const AWS_REGION: &str = "eu-central-1";
/// Contoso's account there.
pub const AWS_ACCOUNT: &str = "481273905516";
/// The bot's access key.
pub const AWS_KEY_ID: &str = "AKIA4CVNQ2D32EXAMPLE";
/// Its secret.
pub const AWS_SECRET_KEY: &str = "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";
/// A temporary access key, which counts only with [`AWS_SESSION_TOKEN`].
pub const AWS_SESSION_KEY_ID: &str = "ASIA66PMS5YB3EXAMPLE";
/// Its secret.
pub const AWS_SESSION_SECRET_KEY: &str = "O8DYnWlnrMwq6B9LI3DRJctEVGoKuukJA2LUq2LS";
/// Its session token.
pub const AWS_SESSION_TOKEN: &str = "gP61CuMFPG/kYlVuYqPYJl9+2fBemk39vKrgGsS3vPXzsSGgIi+Gr+5K83zP1y1Evf9H/QvkTz6ep1NtDCT+gfNWb/LZvCI5OP5Z12+TlhSsS6GYKCzAVoNZ";
/// The topic that the account's secrets are told of on.
pub const SNS_TOPIC: &str = "arn:aws:sns:eu-central-1:481273905516:secret-changes";
/// The subscription of the bot to [`SNS_TOPIC`].
pub const SNS_SUBSCRIPTION: &str =
    "arn:aws:sns:eu-central-1:481273905516:secret-changes:9e83d775-8e57-4c8b-805e-5ecb6c6d498e";
/// What the subscription is confirmed with.
pub const SNS_TOKEN: &str =
    "44802539c74e0a932fabd613047aaf2b99f20c28c82ccfd9bc19e3086e34645297d422d3fe0c6f0d1b75e0028ab3e4c7";
/// Where SNS keeps the certificate it signs with, in any region.
pub const SNS_CERTIFICATE_PATH: &str = "/SimpleNotificationService-7b22a7a41a7b499ea4afdb8afdb61244.pem";
/// Where SNS keeps a certificate of the same key that has expired.
pub const SNS_EXPIRED_CERTIFICATE_PATH: &str = "/SimpleNotificationService-30ef23580802efeeec4a4d12620f90e2.pem";
/// The certificate under [`SNS_CERTIFICATE_PATH`]: good from 2025-01-01 until 2045-01-01.
pub const SNS_CERTIFICATE: &str = include_str!("../keys/sns-certificate.pem");
/// The certificate under [`SNS_EXPIRED_CERTIFICATE_PATH`]: good from 2023-01-01 until 2024-01-01.
pub const SNS_EXPIRED_CERTIFICATE: &str = include_str!("../keys/sns-certificate-expired.pem");

/// Contoso's project in Google Cloud, by its id.
pub const GOOGLE_PROJECT: &str = "contoso-data-4711";
/// The same by its number, which is what answers and events name.
pub const GOOGLE_PROJECT_NUMBER: &str = "604182937745";
/// The bot's service account.
pub const GOOGLE_ACCOUNT: &str = "pbi-rotate@contoso-data-4711.iam.gserviceaccount.com";
/// The id of its key.
pub const GOOGLE_ACCOUNT_KEY_ID: &str = "6a75a55158fd3a5c79b182d6f5c50be1e5fb816f";
/// Its key (PKCS#8 PEM).
pub const GOOGLE_ACCOUNT_KEY: &str = include_str!("../keys/google-account-2048.pem");
/// The service account that Pub/Sub pushes as.
pub const PUB_SUB_ACCOUNT: &str = "pubsub-push@contoso-data-4711.iam.gserviceaccount.com";
/// What its tokens for the bot are for.
pub const PUB_SUB_AUDIENCE: &str = "https://pbi-rotate.contoso.example/secrets";
/// The push subscription.
pub const PUB_SUB_SUBSCRIPTION: &str = "projects/contoso-data-4711/subscriptions/pbi-rotate";

/// Where Vault's key-value store is mounted.
pub const VAULT_KV_MOUNT: &str = "secret";
/// Where Vault's database engine is mounted.
pub const VAULT_DATABASE_MOUNT: &str = "database";
/// The bot's AppRole: its role id.
pub const VAULT_ROLE_ID: &str = "578ff9ef-b9a3-4164-b812-93eb818bd95e";
/// The bot's AppRole: its secret id.
pub const VAULT_SECRET_ID: &str = "78dacb83-0a87-4722-a4b2-5019418618d6";
/// The role of the JWT method.
pub const VAULT_JWT_ROLE: &str = "pbi-rotate";
/// What tokens for the JWT method are for.
pub const VAULT_AUDIENCE: &str = "https://vault.contoso.example";
/// A static role of the database engine, whose account is [`VAULT_STATIC_USER`].
pub const VAULT_STATIC_ROLE: &str = "orders-reader";
/// The account of [`VAULT_STATIC_ROLE`], in the database behind [`super::SALES_ORACLE`].
pub const VAULT_STATIC_USER: &str = "svc_orders";

/// Contoso's project in Doppler.
pub const DOPPLER_PROJECT: &str = "warehouse";
/// The config in it.
pub const DOPPLER_CONFIG: &str = "prd";
/// The service token of the bot.
pub const DOPPLER_TOKEN: &str = "dp.st.prd.E9iGACRvp709amywdCkB-emulated-zejn5Ng89s8Gn1bw";
/// What Doppler signs with.
pub const DOPPLER_SIGNING_KEY: &str = "5iZi9RwnccZQ6F9JJUp6GCNjWkjNQwb4jWaSdMuYby5";

/// Contoso's project in Infisical.
pub const INFISICAL_PROJECT: &str = "e6501cee-c1ee-4a01-ba58-00ea615f1a98";
/// The environment's slug.
pub const INFISICAL_ENVIRONMENT: &str = "prod";
/// The folder.
pub const INFISICAL_FOLDER: &str = "/warehouse";
/// The machine identity of the bot.
pub const INFISICAL_CLIENT_ID: &str = "a993b173-42e3-417f-aa83-f2bb94aa0db5";
/// Its secret.
pub const INFISICAL_CLIENT_SECRET: &str = "74bcc59ac1180052eabbda1fdd120896c92404f3981979aa67c0fa97b55a748e";
/// What Infisical signs with.
pub const INFISICAL_SIGNING_KEY: &str = "7ZIMIHx1OaK0V4sZHfNBDtnk3EfwljV9FI6hPKzyHVc";

/// The header in which senders that sign nothing bring their key.
pub const HOOK_KEY_HEADER: &str = "x-pbi-rotate-key";
/// The key in it.
pub const HOOK_KEY: &str = "XIHcBnoYWuPDqLFaL72bonsfBeZso8JHS7CxuE5GsC4";
/// The key before it, which may count still.
pub const HOOK_KEY_OLD: &str = "7N6ug1hRQ6EQv25xb83xaX8ceB86FAxlZPS6KRPbYf1";
/// A sender's key for Standard Webhooks, `v1`.
pub const WEBHOOK_SECRET: &str = "whsec_SLl07YyiWMQiYMPglElZWl5KfFnr0C/Fm/rBLpzqtpI=";
/// The key before it, which may count still.
pub const WEBHOOK_SECRET_OLD: &str = "whsec_KYms0ytmoVI+0NIM2/Yw7I4S0k05cqNX2u/6DK9eMbw=";
/// A sender's private key for Standard Webhooks, `v1a`: the 32 bytes of its seed.
pub const WEBHOOK_PRIVATE_KEY: &str = "whsk_de7gDuovNWjbhCBd1xVMSeSJG93LNVTYF8Hk0PR7wy8=";
/// Its public key.
pub const WEBHOOK_PUBLIC_KEY: &str = "whpk_eae6QjYtODtlJLeBK1tC4yFW8crcdtbtpnR7DeWO0C0=";

/// The bot's own key for the tokens that it signs for Vault (PKCS#8 PEM).
pub const WORKER_SIGNING_KEY: &str = include_str!("../keys/worker-signing-2048.pem");
/// The bot's own key for what is sealed to it (PKCS#8 PEM).
pub const WORKER_SEALING_KEY: &str = include_str!("../keys/worker-sealing-2048.pem");
