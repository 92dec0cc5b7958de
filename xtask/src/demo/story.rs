//! The story: a credential approved and entered on the page, one in many places, a form in the chat, one from a vault, and Teams.

use anyhow::{Context as _, Result, ensure};
use browser::Browser;
use bytes::Bytes;
use emulator::{Destination, Fault, FaultKind, scene};
use http::Request;
use serde_json::json;

use super::{in_teams, stage::Stage, transcript, vaulted, visit::Visit};
use crate::contoso;

/// Places of the fleet.
const FLEET: usize = 12;

/// What Ana types. The pretend company's databases accept anything.
pub(crate) const NEW_PASSWORD: &str = "correct-horse-battery-staple-2026";

/// Plays it; fails when anything in it goes otherwise than told.
pub(crate) fn play(stage: &mut Stage) -> Result<()> {
    let browser = Browser::launch()?;
    approved(stage, &browser)?;
    refused(stage)?;
    let places = stage.world.fleet(FLEET);
    fleet(stage, &browser, &places)?;
    in_the_chat(stage, &places)?;
    stage.configure(&[("CHAT_ENTRY", "off")])?;
    vaulted::play(stage)?;
    in_teams::play(stage, &browser)?;
    audited(stage)
}

/// Ana asks, Ben approves, and only the gateways can read what she enters.
fn approved(stage: &Stage, browser: &Browser) -> Result<()> {
    transcript::heading(
        "The operator puts the catalog: one target, kept behind a Power BI gateway and a Fabric cluster",
    );
    let catalog = catalog();
    println!("{}", catalog.trim());
    put(stage, catalog)?;

    transcript::heading("Ana asks, and Ben approves on his phone");
    stage.types(scene::ANA, scene::CHANNEL_SALES, "rotate sales-db")?;
    stage.fills_in(scene::ANA, entered)?;
    stage.until_said("Waiting for an approval")?;
    stage.taps(scene::ANA, "Approve")?;
    stage.taps(scene::BEN, "Approve")?;
    stage.until_said("You can enter the credential")?;

    transcript::heading("Ana alone gets a link, and enters the new password on a page that encrypts it in her browser");
    stage.taps(scene::ANA, "Enter credential")?;
    let visit = Visit::open(stage, browser, scene::ANA)?;
    visit.print()?;
    visit.enter(NEW_PASSWORD)?;
    stage.until_said("Rotated and verified, 2 of 2")?;

    transcript::heading("What the page sent: ciphertext, which the Worker cannot open");
    visit.sent(NEW_PASSWORD)?;

    transcript::heading("What the services got");
    for received in stage.world.received().iter().filter(|received| received.method == "PATCH") {
        transcript::request(received);
    }

    transcript::heading("What the gateways found, each with its own private key");
    let opened = stage.world.opened();
    ensure!(!opened.is_empty(), "no gateway opened anything");
    for credential in &opened {
        ensure!(transcript::opened(credential, NEW_PASSWORD), "a gateway found something else");
    }
    Ok(())
}

fn refused(stage: &Stage) -> Result<()> {
    transcript::heading("Fay, who is in no group, tries too");
    let before = stage.world.opened().len();
    stage.types(scene::FAY, scene::CHANNEL_SALES, "rotate sales-db")?;
    stage.fills_in(scene::FAY, entered)?;
    stage.settle();
    ensure!(stage.world.opened().len() == before, "Fay was let in");
    Ok(())
}

/// One login in twelve places, one of which refuses at first.
fn fleet(stage: &Stage, browser: &Browser, places: &[Destination]) -> Result<()> {
    transcript::heading("The same login in twelve places; the rights to one of them are missing");
    put(stage, format!("{}{}", catalog(), reports(places)))?;
    let last = places.iter().rev().find_map(|place| match place {
        Destination::Connection { id } => Some(id),
        Destination::DataSource { .. } => None,
    });
    let refused = json!({ "errorCode": "InsufficientPermissionsToManageConnection", "message": "" });
    let fault = Fault::once("fabric", last.context("a fleet with connections")?, FaultKind::status(403, &refused));
    stage.world.script(fault.on_method("PATCH"));
    let before = stage.world.opened().len();
    stage.types(scene::ANA, scene::CHANNEL_SALES, "rotate reports")?;
    stage.fills_in(scene::ANA, entered)?;
    stage.until_said("Rotate Feeds of all reports: Waiting for the new credential")?;
    stage.taps(scene::ANA, "Enter credential")?;
    Visit::open(stage, browser, scene::ANA)?.enter(NEW_PASSWORD)?;
    stage.until_said(&format!("Partly rotated, {} of {FLEET} are good", FLEET - 1))?;

    transcript::heading("The rights are mended, and Ana has only that one tried again");
    let sent = stage.patches();
    stage.taps(scene::ANA, "Retry failed")?;
    stage.until_said(&format!("Rotated and verified, {FLEET} of {FLEET}"))?;
    ensure!(stage.patches() == sent + 1, "more was sent again than what had failed");
    println!("\n{} gateway members have opened it with their own private keys.", stage.world.opened().len() - before);
    Ok(())
}

/// The other way in: a form in Slack, where the operator allows it.
fn in_the_chat(stage: &mut Stage, places: &[Destination]) -> Result<()> {
    transcript::heading("The other way in: the operator allows chat entry, and Ana types into a form in Slack");
    println!("CHAT_ENTRY = \"allowed\"");
    stage.configure(&[("CHAT_ENTRY", "allowed")])?;
    put(stage, format!("{}{}", catalog(), reports(places.get(..1).context("a place")?)))?;
    stage.types(scene::ANA, scene::CHANNEL_SALES, "rotate reports")?;
    stage.fills_in(scene::ANA, entered)?;
    stage.until_said("Rotate Feeds of all reports: Waiting for the new credential")?;
    stage.taps(scene::ANA, "Enter credential")?;
    stage.fills_in(scene::ANA, entered)?;
    stage.until_said("Rotated and verified, 1 of 1")?;
    Ok(())
}

fn audited(stage: &Stage) -> Result<()> {
    transcript::heading("What is kept of all this");
    let request = Request::get("/admin/audit/verify")
        .header("authorization", format!("Bearer {}", contoso::ADMIN_TOKEN))
        .body(Bytes::new())?;
    let answer = stage.send(request)?;
    println!("GET /admin/audit/verify -> {} {}", answer.status(), String::from_utf8_lossy(answer.body()));
    ensure!(answer.status().is_success(), "the audit does not hold");
    Ok(())
}

/// The operator puts a catalog.
pub(crate) fn put(stage: &Stage, catalog: String) -> Result<()> {
    let request = Request::put("/admin/catalog").header("authorization", format!("Bearer {}", contoso::ADMIN_TOKEN));
    let answer = stage.send(request.body(Bytes::from(catalog))?)?;
    println!("PUT /admin/catalog -> {}", answer.status());
    ensure!(answer.status().is_success(), "{}", String::from_utf8_lossy(answer.body()));
    Ok(())
}

/// What goes into a field, by its label.
pub(crate) fn entered(field: &str) -> Option<String> {
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
policy       = {{ askers = ["slack:{}"], approvers = ["slack:{}"], approvals = 1, expires = "4h" }}
notify       = ["slack:{}"]
"#,
        scene::GATEWAY_SALES,
        scene::SALES_SQL,
        scene::CONNECTION_CLUSTER,
        scene::GROUP_DATA,
        scene::GROUP_LEADS,
        scene::CHANNEL_DATA_OPS,
    )
}

/// A target of many places, which the data group rotates without being asked.
fn reports(places: &[Destination]) -> String {
    let place = |place: &Destination| match place {
        Destination::DataSource { gateway, id } => {
            format!(r#"  {{ datasource = {{ gateway = "{gateway}", id = "{id}" }} }},"#)
        }
        Destination::Connection { id } => {
            format!(r#"  {{ connection = {{ id = "{id}", via = "OnPremisesGateway" }} }},"#)
        }
    };
    format!(
        r#"
[targets.reports]
title        = "Feeds of all reports"
credential   = {{ kind = "Basic", username = "feed" }}
privacy      = "Organizational"
encryption   = "NotEncrypted"
destinations = [
{}
]
policy       = {{ askers = ["slack:{}"] }}
notify       = ["slack:{}"]
"#,
        places.iter().map(place).collect::<Vec<_>>().join("\n"),
        scene::GROUP_DATA,
        scene::CHANNEL_DATA_OPS,
    )
}
