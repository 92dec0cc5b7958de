//! A Worker keeps its state and its port over a crash, sees its variables, and reaches loopback only.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};

use workerd::{Error, Options, Script, Workerd};

fn fixture(dir: &Path) -> Options {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Options {
        script: Script::from_wrangler(&here.join("tests/fixtures/counter")).expect("the fixture is there"),
        program: here.join("../../node_modules/workerd/bin/workerd"),
        vars: vec![("GREETING".into(), "it's \"quoted\" \\ and\nbroken".into())],
        dir: dir.to_owned(),
    }
}

fn get(worker: &Workerd, path: &str) -> String {
    let base = worker.base_url();
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).expect("it listens");
    write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").expect("it reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("it answers");
    answer.split_once("\r\n\r\n").expect("there is a body").1.to_owned()
}

#[test]
#[ignore = "needs node_modules: run by cargo xtask test"]
fn state_and_port_outlive_a_crash() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut worker = Workerd::start(fixture(dir.path())).expect("it starts");
    let url = worker.base_url();
    assert_eq!(get(&worker, "/count"), "1");
    assert_eq!(get(&worker, "/count"), "2");
    worker.kill();
    worker.restart().expect("it starts again");
    assert_eq!(get(&worker, "/count"), "3");
    worker.stop();
    worker.restart().expect("it starts a third time");
    assert_eq!(get(&worker, "/count"), "4");
    assert_eq!(worker.base_url(), url);
}

#[test]
#[ignore = "needs node_modules: run by cargo xtask test"]
fn variables_arrive_unchanged_and_the_log_is_kept() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut worker = Workerd::start(fixture(dir.path())).expect("it starts");
    assert_eq!(get(&worker, "/vars"), "it's \"quoted\" \\ and\nbroken, Ada");
    assert!(worker.log().contains("asked for /vars"), "{}", worker.log());
    worker.restart_with(&[("GREETING", "hello")]).expect("it starts again");
    assert_eq!(get(&worker, "/vars"), "hello, Ada");
}

#[test]
#[ignore = "needs node_modules: run by cargo xtask test"]
fn only_loopback_is_reached() {
    let dir = tempfile::tempdir().expect("a folder");
    let worker = Workerd::start(fixture(dir.path())).expect("it starts");
    get(&worker, "/outside");
    assert!(worker.log().contains("connecting to 192.0.2.1:80 is not allowed"), "{}", worker.log());
}

#[test]
#[ignore = "needs node_modules: run by cargo xtask test"]
fn a_worker_that_does_not_start_says_why() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut options = fixture(dir.path());
    let broken = dir.path().join("broken.js");
    std::fs::write(&broken, "export default {").expect("a file");
    options.script = Script::from_entry(&broken, "2026-10-01").expect("it is there");
    match Workerd::start(options) {
        Err(Error::NotListening { log }) => assert!(log.contains("SyntaxError"), "{log}"),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it started"),
    }
}

#[test]
fn what_is_missing_is_named_with_the_command_that_makes_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let Err(error) = Script::from_entry(&dir.path().join("index.js"), "2026-10-01") else { panic!("found") };
    assert!(error.to_string().ends_with("index.js is not there; run `cargo xtask build`"), "{error}");
}
