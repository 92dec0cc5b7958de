//! Serves Contoso's world on the loopback address: `emulator [--port N]`.

use std::net::{Ipv4Addr, SocketAddr};
use std::process::ExitCode;

use emulator::{Clock, World, listen};

/// The port without `--port`.
const PORT: u16 = 8788;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for people to start")]
fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => Some(PORT),
        ["--port", port] => port.parse().ok(),
        _ => None,
    };
    let Some(port) = port else {
        eprintln!("usage: emulator [--port N]");
        return ExitCode::from(2);
    };
    match listen(World::contoso(Clock::System), SocketAddr::from((Ipv4Addr::LOCALHOST, port))) {
        Ok(server) => {
            println!("Contoso's world: http://{}", server.address());
            server.wait();
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("cannot listen on port {port}: {error}");
            ExitCode::FAILURE
        }
    }
}
