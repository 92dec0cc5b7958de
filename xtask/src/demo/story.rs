//! The story: one credential in two places, re-keyed from a chat; and somebody who may not.

use anyhow::{Result, ensure};
use bytes::Bytes;
use emulator::scene;
use http::Request;

use super::{stage::Stage, transcript};
use crate::contoso;

/// What Ana types. The pretend company's databases accept anything.
const NEW_PASSWORD: &str = "correct-horse-battery-staple-2026";

/// Plays it; fails when anything in it goes otherwise than told.
pub(crate) fn play(stage: &Stage) -> Result<()> {
    transcript::heading(
        "The operator puts the catalog: one target, kept behind a Power BI gateway and a Fabric cluster",
    );
    let catalog = catalog();
    println!("{}", catalog.trim());
    let put = Request::put("/admin/catalog")
        .header("authorization", format!("Bearer {}", contoso::ADMIN_TOKEN))
        .body(Bytes::from(catalog))?;
    let answer = stage.send(put)?;
    println!("PUT /admin/catalog -> {}", answer.status());
    ensure!(answer.status().is_success(), "{}", String::from_utf8_lossy(answer.body()));

    transcript::heading("Ana rotates it");
    stage.types(scene::ANA, scene::CHANNEL_SALES, "rotate sales-db")?;
    stage.fills_in(scene::ANA, entered)?;
    stage.until_said("Rotated and verified")?;

    transcript::heading("What the services got");
    for received in stage.world.received().iter().filter(|received| received.method == "PATCH") {
        transcript::request(received);
    }

    transcript::heading("What the gateways found, each with its own private key");
    let opened = stage.world.opened();
    ensure!(!opened.is_empty(), "no gateway opened anything");
    for credential in &opened {
        transcript::opened(credential, NEW_PASSWORD);
    }

    transcript::heading("Fay, who is in no group, tries too");
    let before = stage.world.opened().len();
    stage.types(scene::FAY, scene::CHANNEL_SALES, "rotate sales-db")?;
    stage.fills_in(scene::FAY, entered)?;
    stage.settle();
    ensure!(stage.world.opened().len() == before, "Fay was let in");
    Ok(())
}

/// What goes into a field, by its label.
fn entered(field: &str) -> Option<String> {
    Some(if field == "Reason" { "Quarterly rotation".to_owned() } else { NEW_PASSWORD.to_owned() })
}

/// One target, kept behind a Power BI gateway and behind a Fabric cluster of three.
pub(crate) fn catalog() -> String {
    format!(
        r#"
[targets.sales-db]
title        = "Sales warehouse"
credential   = {{ kind = "Windows", username = 'CONTOSO\svc_sales' }}
privacy      = "Organizational"
encryption   = "NotEncrypted"
destinations = [
  {{ datasource = {{ gateway = "{}", id = "{}" }} }},
  {{ connection = {{ id = "{}", via = "OnPremisesGateway" }} }},
]
policy       = {{ askers = ["slack:{}"] }}
notify       = ["slack:{}"]
"#,
        scene::GATEWAY_SALES,
        scene::SALES_SQL,
        scene::CONNECTION_CLUSTER,
        scene::GROUP_DATA,
        scene::CHANNEL_DATA_OPS,
    )
}
