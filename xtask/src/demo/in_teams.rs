//! The story in Teams: asked in a channel, approved on the card, entered on the page; and a forged request.

use anyhow::{Context as _, Result, ensure};
use browser::Browser;
use emulator::{
    scene,
    teams::{Forgery, SigningKey},
};

use serde_json::{Value, json};

use super::{
    stage::Stage,
    story::{NEW_PASSWORD, catalog, entered, put},
    transcript,
    visit::Visit,
};

/// Plays it; fails when anything in it goes otherwise than told.
pub(crate) fn play(stage: &Stage, browser: &Browser) -> Result<()> {
    transcript::heading("The same job in Microsoft Teams: the catalog names people, groups and rooms there");
    let catalog = there(&catalog());
    println!(
        "{}",
        catalog.lines().filter(|line| line.contains("entra") || line.contains("teams:")).collect::<Vec<_>>().join("\n")
    );
    put(stage, catalog)?;
    let before = stage.world.opened().len();

    transcript::heading(
        "Ana mentions the bot in a channel, and Ben approves on his phone, by the card in his messages",
    );
    stage.says_in_teams(scene::ANA_OBJECT, scene::THREAD_DATA_OPS, "rotate sales-db")?;
    stage.taps_in_teams(scene::ANA_OBJECT, "Open form")?;
    stage.fills_in_dialog(scene::ANA_OBJECT, entered)?;
    stage.until_said_in_teams("Waiting for an approval")?;
    stage.taps_in_teams(scene::ANA_OBJECT, "Approve")?;

    transcript::heading(
        "Somebody sends the same tap as if it were Ben's, signed with a key of their own that they call the service's",
    );
    forged(stage)?;

    transcript::heading("Ben taps himself");
    stage.taps_in_teams(scene::BEN_OBJECT, "Approve")?;
    stage.until_said_in_teams("You can enter the credential")?;

    transcript::heading("Ana's button opens the page in a dialog; it encrypts in her browser as before");
    stage.taps_in_teams(scene::ANA_OBJECT, "Enter credential")?;
    let dialog = stage.world.teams_dialog(scene::ANA_OBJECT).context("a dialog for Ana")?;
    let link = dialog.get("url").and_then(Value::as_str).context("the dialog shows a page")?;
    let visit = Visit::to(browser, scene::ANA_OBJECT, link)?;
    visit.enter(NEW_PASSWORD)?;
    visit.sent(NEW_PASSWORD)?;
    stage.until_said_in_teams("Rotated and verified, 2 of 2")?;
    stage.settle();
    let opened = stage.world.opened().split_off(before);
    ensure!(!opened.is_empty(), "no gateway opened anything");
    for credential in &opened {
        ensure!(transcript::opened(credential, NEW_PASSWORD), "a gateway found something else");
    }
    Ok(())
}

/// The catalog with Teams' names for those of Slack.
fn there(catalog: &str) -> String {
    let names = [
        (scene::GROUP_DATA, format!("entra-group:{}", scene::GROUP_DATA_OBJECT)),
        (scene::GROUP_LEADS, format!("entra-group:{}", scene::GROUP_LEADS_OBJECT)),
        (scene::CHANNEL_DATA_OPS, format!("teams:{}", scene::THREAD_DATA_OPS)),
    ];
    names.iter().fold(catalog.to_owned(), |text, (slack, teams)| text.replace(&format!("slack:{slack}"), teams))
}

/// Ben's tap, by somebody who is not the service; nothing comes of it.
fn forged(stage: &Stage) -> Result<()> {
    let header = json!({ "kid": SigningKey::First.kid() });
    let forgery = Forgery { key: Some(SigningKey::Stranger), header, ..Forgery::default() };
    let (_, tap) = stage.tap_in_teams(scene::BEN_OBJECT, "Approve", forgery)?;
    let answer = stage.send(tap.request)?;
    println!("POST {} -> {} {}", scene::TEAMS_PATH, answer.status(), String::from_utf8_lossy(answer.body()));
    ensure!(answer.status() == 401, "a forged request was taken");
    stage.settle();
    ensure!(!stage.said_in_teams("You can enter the credential"), "a forged approval counted");
    Ok(())
}
