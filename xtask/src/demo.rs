//! Plays rotations with the real Worker and its page in a pretend company, then lets you type commands yourself.

mod adaptive;
mod in_teams;
mod stage;
pub(crate) mod story;
mod teams;
mod transcript;
mod vaulted;
mod visit;

use std::{
    io::{self, BufRead as _, Write as _},
    path::Path,
};

use anyhow::Result;
use emulator::scene;

use crate::{
    bundle,
    tools::{self, Tools},
};
use stage::Stage;

/// Who may be spoken as, by first name.
const PEOPLE: [(&str, &str); 3] = [("ana", scene::ANA), ("ben", scene::BEN), ("fay", scene::FAY)];

/// Builds everything, plays the story, and unless `once` goes on until the input ends or Ctrl-C.
pub(crate) fn run(root: &Path, once: bool) -> Result<()> {
    let tools = Tools::install(root)?;
    tools::chromium()?;
    bundle::build(root, &tools)?;
    let mut stage = Stage::open(root)?;
    story::play(&mut stage)?;
    if !once {
        prompt(&stage)?;
    }
    Ok(())
}

fn prompt(stage: &Stage) -> Result<()> {
    println!("\nThe Worker listens on {}, the pretend company on {}.", stage.worker_url(), stage.world_url());
    println!("Type a command as somebody, for example `ana /pbi help`, or `ben tap <button>`; Ctrl-C ends it.");
    let mut lines = io::stdin().lock().lines();
    loop {
        print!("> ");
        io::stdout().flush()?;
        let Some(line) = lines.next() else { return Ok(()) };
        if let Err(error) = obey(stage, line?.trim(), &mut lines) {
            println!("{error:#}");
        }
    }
}

/// Does what one line says, and asks for the fields of every form that it opens.
fn obey(stage: &Stage, line: &str, lines: &mut impl Iterator<Item = io::Result<String>>) -> Result<()> {
    let (name, deed) = line.split_once(' ').unwrap_or((line, ""));
    let Some((_, user)) = PEOPLE.iter().find(|(known, _)| *known == name) else {
        println!("Begin with a name: {}.", PEOPLE.map(|(name, _)| name).join(", "));
        return Ok(());
    };
    if let Some(text) = deed.strip_prefix(scene::COMMAND) {
        stage.types(user, scene::CHANNEL_DATA_OPS, text.trim())?;
    } else if let Some(button) = deed.strip_prefix("tap ") {
        stage.taps(user, button.trim())?;
    } else {
        println!("Then a command, `{} help`, or `tap` and what the button says.", scene::COMMAND);
        return Ok(());
    }
    stage.fills_in(user, |field| {
        print!("  {field}: ");
        let _ = io::stdout().flush();
        lines.next().and_then(Result::ok)
    })?;
    stage.settle();
    Ok(())
}
