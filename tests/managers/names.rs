//! Names in addresses: none leads anywhere but to the secret of that name, and none is sent that would.

use pbi_rotate::clients::secrets::google::SecretManager;
use pbi_rotate::clients::secrets::infisical::Infisical;
use pbi_rotate::clients::secrets::key_vault::KeyVault;
use pbi_rotate::clients::secrets::vault::Vault;
use pbi_rotate::domain::trouble::{Cause, Trouble};

use crate::scene::{NOW, secret, token, why};
use crate::wire::{Script, answer, run};

type Call = fn(&Script, &str) -> Result<(), Trouble>;

/// Each with the address that `x` becomes.
const CALLS: [(Call, &str); 5] = [
    (
        |wire, name| run(KeyVault { wire, base: "https://k.test", token: &token(), now: NOW }.seen(name)).map(drop),
        "https://k.test/secrets/{}/versions?api-version=7.4",
    ),
    (
        |wire, name| {
            let (base, token) = ("https://g.test", token());
            run(SecretManager { wire, base, project: "p", location: None, token: &token }.seen(name)).map(drop)
        },
        "https://g.test/v1/projects/p/secrets/{}/versions/latest",
    ),
    (
        |wire, name| {
            let (base, project, environment, folder, token) = ("https://i.test", "p", "e", "/", secret("t"));
            run(Infisical { wire, base, project, environment, folder, token: &token }.seen(name)).map(drop)
        },
        "https://i.test/api/v3/secrets/raw/{}?workspaceId=p&environment=e&secretPath=%2F&type=shared&viewSecretValue=false",
    ),
    (
        |wire, name| {
            let vault = Vault { wire, base: "https://v.test", namespace: None, token: &secret("t"), now: NOW };
            run(vault.kv_seen("kv", &format!("a/{name}"))).map(drop)
        },
        "https://v.test/v1/kv/metadata/a/{}",
    ),
    (
        |wire, name| {
            let vault = Vault { wire, base: "https://v.test", namespace: None, token: &secret("t"), now: NOW };
            run(vault.role_seen("db", name)).map(drop)
        },
        "https://v.test/v1/db/static-creds/{}",
    ),
];

#[test]
fn whatever_means_something_in_an_address_is_escaped() {
    let rows =
        [("a-b._~9", "a-b._~9"), ("a?b#c", "a%3Fb%23c"), ("a%2e", "a%252e"), ("..a", "..a"), ("ä b", "%C3%A4%20b")];
    for (call, pattern) in CALLS {
        for (name, escaped) in rows {
            let wire = Script::new([answer(500, &[], "")]);
            assert!(call(&wire, name).is_err());
            assert_eq!(wire.lines(), [format!("GET {}", pattern.replace("{}", escaped))]);
        }
    }
}

#[test]
fn what_would_lead_elsewhere_is_not_sent() {
    for (call, _) in CALLS {
        for name in ["", ".", ".."] {
            let wire = Script::default();
            let told = why(call(&wire, name));
            assert_eq!(told, (Cause::Rejected, Some("its name cannot be part of an address".into())));
            assert!(wire.lines().is_empty());
        }
    }
}
