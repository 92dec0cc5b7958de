//! What every manager's answers mean that are no success: each status, redirects, and bodies of every wrong shape.

use std::time::Duration;

use pbi_rotate::clients::secrets::Which::Current;
use pbi_rotate::clients::secrets::aws::SecretsManager;
use pbi_rotate::clients::secrets::doppler::Doppler;
use pbi_rotate::clients::secrets::google::{SecretManager, ServiceAccount};
use pbi_rotate::clients::secrets::infisical::{self, Infisical};
use pbi_rotate::clients::secrets::key_vault::KeyVault;
use pbi_rotate::clients::secrets::vault::Vault;
use pbi_rotate::clients::secrets::vault_login::Login;
use pbi_rotate::domain::trouble::{Cause, Service, Trouble};
use pbi_rotate::ports::Lost;

use crate::cryptography::Native;
use crate::scene::{LEAK, NOW, aws_key, key_pair, secret, token, trouble};
use crate::wire::{Script, answer, run};

/// One call of a client.
struct Call {
    name: &'static str,
    service: Service,
    make: fn(&Script) -> Result<(), Trouble>,
    /// Whether a success has a body that is read.
    reads: bool,
    /// Whether a bad request, a 401 and a 403 are about who we are.
    login: bool,
}

const fn call(name: &'static str, service: Service, make: fn(&Script) -> Result<(), Trouble>) -> Call {
    Call { name, service, make, reads: true, login: false }
}

fn vault(wire: &Script, ask: impl AsyncFnOnce(Vault<'_, Script>) -> Result<(), Trouble>) -> Result<(), Trouble> {
    run(ask(Vault { wire, base: "https://v.test", namespace: None, token: &secret("t"), now: NOW }))
}

fn calls() -> Vec<Call> {
    vec![
        call("Key Vault, seen", Service::KeyVault, |wire| {
            let vault = KeyVault { wire, base: "https://v.test", token: &token(), now: NOW };
            run(vault.seen("s")).map(drop)
        }),
        call("Key Vault, fetch", Service::KeyVault, |wire| {
            let vault = KeyVault { wire, base: "https://v.test", token: &token(), now: NOW };
            run(vault.fetch("s", Current)).map(drop)
        }),
        call("AWS, seen", Service::Aws, |wire| {
            let manager = SecretsManager { wire, base: "https://a.test", region: "r", key: &aws_key(None), now: NOW };
            run(manager.seen("s")).map(drop)
        }),
        call("AWS, fetch", Service::Aws, |wire| {
            let manager = SecretsManager { wire, base: "https://a.test", region: "r", key: &aws_key(None), now: NOW };
            run(manager.fetch("s", Current)).map(drop)
        }),
        call("Google, token", Service::Google, |wire| {
            let account = ServiceAccount { email: "e".into(), key: key_pair().0, key_id: None };
            run(account.token(wire, &Native, "https://g.test/token", NOW)).map(drop)
        }),
        call("Google, seen", Service::Google, |wire| {
            let (base, project, token) = ("https://g.test", "p", token());
            run(SecretManager { wire, base, project, location: None, token: &token }.seen("s")).map(drop)
        }),
        call("Google, fetch", Service::Google, |wire| {
            let (base, project, token) = ("https://g.test", "p", token());
            run(SecretManager { wire, base, project, location: None, token: &token }.fetch("s", Current)).map(drop)
        }),
        Call {
            login: true,
            ..call("Vault, AppRole", Service::Vault, |wire| {
                let login = Login { wire, base: "https://v.test", namespace: None };
                run(login.app_role("approle", "r", &secret("s"))).map(drop)
            })
        },
        Call {
            login: true,
            ..call("Vault, JWT", Service::Vault, |wire| {
                let login = Login { wire, base: "https://v.test", namespace: None };
                run(login.jwt("jwt", "r", &secret("s"))).map(drop)
            })
        },
        call("Vault, KV seen", Service::Vault, |wire| {
            vault(wire, async |vault| vault.kv_seen("m", "s").await.map(drop))
        }),
        call("Vault, KV fetch", Service::Vault, |wire| {
            vault(wire, async |vault| vault.kv_fetch("m", "s", Current).await.map(drop))
        }),
        call("Vault, role seen", Service::Vault, |wire| {
            vault(wire, async |vault| vault.role_seen("m", "r").await.map(drop))
        }),
        call("Vault, role fetch", Service::Vault, |wire| {
            vault(wire, async |vault| vault.role_fetch("m", "r", Current).await.map(drop))
        }),
        Call {
            reads: false,
            ..call("Vault, rotate", Service::Vault, |wire| vault(wire, async |vault| vault.rotate_role("m", "r").await))
        },
        Call {
            reads: false,
            ..call("Vault, revoke", Service::Vault, |wire| vault(wire, async |vault| vault.revoke_self().await))
        },
        call("Doppler, seen", Service::Doppler, |wire| {
            let (base, token) = ("https://d.test", secret("t"));
            run(Doppler { wire, base, project: "p", config: "c", token: &token }.seen("s", &str::to_owned)).map(drop)
        }),
        call("Doppler, fetch", Service::Doppler, |wire| {
            let (base, token) = ("https://d.test", secret("t"));
            let doppler = Doppler { wire, base, project: "p", config: "c", token: &token };
            run(doppler.fetch("s", Current, &str::to_owned)).map(drop)
        }),
        Call {
            login: true,
            ..call("Infisical, login", Service::Infisical, |wire| {
                run(infisical::login(wire, "https://i.test", "c", &secret("s"))).map(drop)
            })
        },
        call("Infisical, seen", Service::Infisical, |wire| {
            let (base, project, environment, folder, token) = ("https://i.test", "p", "e", "/", secret("t"));
            run(Infisical { wire, base, project, environment, folder, token: &token }.seen("s")).map(drop)
        }),
        call("Infisical, fetch", Service::Infisical, |wire| {
            let (base, project, environment, folder, token) = ("https://i.test", "p", "e", "/", secret("t"));
            run(Infisical { wire, base, project, environment, folder, token: &token }.fetch("s", Current)).map(drop)
        }),
    ]
}

#[test]
fn each_status_means_the_same_everywhere() {
    let bodies = ["", "<html>ana.leak</html>", "null", "[]", r#"{"a":"ana.leak"}"#, r#"{"error":["ana.leak"]}"#];
    let rows = [
        (400, Cause::Rejected),
        (401, Cause::Token),
        (403, Cause::NotAllowed),
        (404, Cause::NotFound),
        (408, Cause::Unavailable),
        (429, Cause::Throttled),
        (500, Cause::Unavailable),
        (502, Cause::Unavailable),
        (503, Cause::Unavailable),
        (301, Cause::Unintelligible),
        (307, Cause::Unintelligible),
    ];
    for call in calls() {
        for (status, cause) in rows {
            let cause = if call.login && matches!(status, 400 | 401 | 403) { Cause::Identity } else { cause };
            for body in bodies {
                let headers = [("Retry-After", "7"), ("Location", "https://elsewhere.test/")];
                let wire = Script::new([answer(status, &headers, body)]);
                let trouble = trouble((call.make)(&wire));
                assert_eq!((trouble.service, trouble.cause), (call.service, cause), "{}: {status} {body}", call.name);
                assert_eq!((trouble.status, trouble.retry_after), (Some(status), Some(Duration::from_secs(7))));
                assert_eq!(wire.lines().len(), 1, "one attempt, and no redirect is followed");
            }
        }
    }
}

#[test]
fn no_answer_is_no_answer() {
    for call in calls() {
        let wire = Script::new([Err(Lost)]);
        assert_eq!(trouble((call.make)(&wire)), Trouble::of(call.service, Cause::Unreachable), "{}", call.name);
    }
}

#[test]
fn a_success_of_another_shape_is_not_understood() {
    let huge = format!(r#"{{"value":[],"data":"{}"}}"#, LEAK.repeat(140_000));
    let bodies = ["", "<html>", "null", "[]", "{}", "7", r#""ana.leak""#, &huge, r#"{"value":"#];
    for call in calls().into_iter().filter(|call| call.reads) {
        for body in bodies {
            let wire = Script::new([answer(200, &[], body)]);
            let trouble = trouble((call.make)(&wire));
            let start: String = body.chars().take(20).collect();
            assert_eq!((trouble.cause, trouble.status), (Cause::Unintelligible, Some(200)), "{}: {start}", call.name);
        }
    }
}
