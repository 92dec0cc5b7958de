//! The project's commands: `cargo xtask demo | test | build | bench`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to the person who typed it")]

mod bench;
mod bundle;
mod command;
mod contoso;
mod demo;
mod folder;
mod page;
mod prune;
mod python;
mod size;
mod tally;
mod teams;
mod test;
mod tools;

use std::{
    env,
    path::{Path, PathBuf},
    process::ExitCode,
};

const USAGE: &str = "\
cargo xtask demo [--once]   play rotations in a pretend company, then type commands yourself
cargo xtask build           build the Worker and the sealing page into build/, ready for `npx wrangler deploy`, and
                            the app for Teams, where wrangler.toml names one
cargo xtask build page      the sealing page alone, which takes seconds
cargo xtask test            every check: format, lints, tests, and the stories in the Workers runtime
cargo xtask bench           the Worker beside its peers: size, start, CPU, sealing; rotations, fleets, a burst
                            `bench page` only the sealing page, `bench teams` only Teams' door;
                            `bench commands` only starts and commands, `bench rotations` only rotations, fleets and
                            a burst, `bench hooks` only secret managers: of the Worker as it was built last";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let root = root();
    let outcome = match arguments.as_slice() {
        ["build"] => tools::Tools::install(&root).and_then(|tools| {
            bundle::build(&root, &tools)?;
            teams::build(&root)
        }),
        ["build", "page"] => tools::Tools::install(&root).and_then(|tools| page::build(&root, &tools)),
        ["demo"] => demo::run(&root, false),
        ["demo", "--once"] => demo::run(&root, true),
        ["bench"] => bench::run(&root),
        ["bench", "commands"] => bench::commands(&root),
        ["bench", "page"] => bench::page(&root),
        ["bench", "teams"] => bench::teams(&root),
        ["bench", "hooks"] => bench::hooks(&root),
        ["bench", "rotations"] => bench::rotations(&root),
        ["test"] => test::run(&root),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of the workspace: the parent of this package's.
fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}
