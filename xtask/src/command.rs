//! Runs other programs: says what it runs, and turns a failure into an error that names it.

use std::{
    env,
    io::{BufRead as _, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// The cargo that runs this program.
pub(crate) fn cargo(root: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root).args(arguments);
    command
}

/// Runs `command` with its output on ours.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let name = announce(command);
    let status = command.status().with_context(|| format!("{name} could not be started"))?;
    if !status.success() {
        bail!("{name} failed ({status})");
    }
    Ok(())
}

/// Runs `command`, prints each line of its standard output and shows it to `watch` too. True: it succeeded.
pub(crate) fn run_watched(command: &mut Command, mut watch: impl FnMut(&str)) -> Result<bool> {
    let name = announce(command);
    let mut child = command.stdout(Stdio::piped()).spawn().with_context(|| format!("{name} could not be started"))?;
    let stdout = child.stdout.take().context("the child's output was piped")?;
    for line in BufReader::new(stdout).lines() {
        let line = line.with_context(|| format!("reading the output of {name}"))?;
        println!("{line}");
        watch(&line);
    }
    Ok(child.wait().with_context(|| format!("waiting for {name}"))?.success())
}

/// Runs `command` quietly and returns what it printed.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let name = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("{name} could not be started; is it installed?"))?;
    if !output.status.success() {
        bail!("{name} failed ({})", output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("{name} printed something else than text"))
}

fn announce(command: &Command) -> String {
    let name = describe(command);
    println!("$ {name}");
    name
}

/// The command as a person would type it, without the folder the program is in.
fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
