//! The story without anybody typing: Azure Key Vault has a new version, Ben approves on his phone, the gateways have it.

use anyhow::{Result, ensure};
use emulator::senders::{EventGrid, EventGridProof, EventGridSchema, SecretEvent};
use emulator::{Manager, NewVersion, scene};
use serde_json::json;

use super::{
    stage::Stage,
    story::{catalog, put},
    transcript,
};

/// The part of the vault's address that nobody can guess.
const PATH: &str = "Wb7Qm2xV9hR4tZ8nL3pD6sF1gJ5yC0kA";
/// The secret.
const SECRET: &str = "sales-db-login";
/// What somebody, or something, puts into the vault.
const PASSWORD: &str = "rotated-by-the-vault-itself-2026";

/// Plays it; fails when anything in it goes otherwise than told.
pub(crate) fn play(stage: &mut Stage) -> Result<()> {
    transcript::heading(
        "The same target fed by Azure Key Vault: the catalog names the vault, and the secret of the target",
    );
    let secret = json!({ "path": PATH }).to_string();
    println!("SOURCE_PROD_VAULT = {{ \"path\": \"{}\" }}", transcript::MASK);
    let vault = format!("{}/keyvault/{{vault}}", stage.world_url());
    stage.configure(&[("KEY_VAULT_URL", &vault), ("SOURCE_PROD_VAULT", &secret)])?;
    let catalog = bound(&catalog());
    let shown = catalog
        .lines()
        .filter(|line| ["sources", "manager", "events", "secret"].iter().any(|word| line.starts_with(word)));
    println!("{}", shown.collect::<Vec<_>>().join("\n"));
    put(stage, catalog)?;
    let before = stage.world.opened().len();

    transcript::heading(
        "A new version is put into the vault, and Event Grid says so; the message names it and does not hold it",
    );
    let version = stage.world.put_secret(Manager::KeyVault, SECRET, NewVersion::of(PASSWORD));
    let told = |proof: Option<EventGridProof>| {
        let now = stage.world.now_ms();
        let event = SecretEvent::new_version("5c1f0a52-0f6f-4d0c-9d7a-2a3e0a7b1c11", SECRET, &version, now);
        let honest = EventGrid::honest(EventGridSchema::CloudEvents, vec![event], now);
        let message = EventGrid { proof: proof.unwrap_or_else(|| honest.proof.clone()), ..honest };
        message.post(&format!("/hooks/{PATH}"))
    };
    for (proof, wanted) in [(Some(EventGridProof::Nothing), 401), (None, 200), (None, 200)] {
        let what = match (&proof, wanted) {
            (Some(_), _) => "somebody who knows the address, without Event Grid's token",
            (None, _) => "Event Grid, with its token from Entra",
        };
        let answer = stage.send(told(proof))?;
        println!("POST /hooks/{} -> {} ({what})", transcript::MASK, answer.status());
        ensure!(answer.status() == wanted, "{}", String::from_utf8_lossy(answer.body()));
    }

    transcript::heading("Delivered twice, it is one rotation. Ben approves on his phone; nobody types anything");
    stage.until_said("Waiting for an approval")?;
    ensure!(stage.world.secret_reads().is_empty(), "the value was read before it was approved");
    stage.taps(scene::BEN, "Approve")?;
    stage.until_said("Rotated and verified, 2 of 2")?;
    stage.settle();
    let opened = stage.world.opened().split_off(before);
    ensure!(!opened.is_empty(), "no gateway opened anything");
    for credential in &opened {
        ensure!(transcript::opened(credential, PASSWORD), "a gateway found something else");
    }
    let reads = stage.world.secret_reads();
    println!("The vault gave its value {} time, after the approval.", reads.len());
    ensure!(reads.len() == 1, "the value was read more than once");
    Ok(())
}

/// The catalog with the vault, and its target bound to a secret of it.
fn bound(catalog: &str) -> String {
    let (topic, tenant, audience) = (scene::KEY_VAULT_TOPIC, scene::TENANT_ID, scene::EVENT_GRID_AUDIENCE);
    let source = format!(
        r#"
[sources.prod-vault]
manager = {{ kind = "AzureKeyVault", vault = "{}" }}
events  = {{ kind = "EventGrid", topic = "{topic}", tenant = "{tenant}", audience = "{audience}" }}
"#,
        scene::KEY_VAULT
    );
    let secret = format!("secret       = {{ from = \"prod-vault\", name = \"{SECRET}\" }}\nprivacy ");
    source + &catalog.replacen("privacy ", &secret, 1)
}
