//! Static assets are answered in front of the Worker, which hears of nothing but the rest.

#![allow(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
};

use workerd::{Options, Script, Workerd};

fn ask(worker: &Workerd, method: &str, path: &str) -> String {
    String::from_utf8(ask_with(worker, method, path, "")).expect("text")
}

/// With more header lines.
fn ask_with(worker: &Workerd, method: &str, path: &str, more: &str) -> Vec<u8> {
    let base = worker.base_url();
    let mut stream = TcpStream::connect(base.trim_start_matches("http://")).expect("it listens");
    let head = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n");
    stream.write_all(format!("{head}{more}\r\n").as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    answer
}

#[test]
#[ignore = "needs node_modules: run by cargo xtask test"]
fn files_come_first_and_everything_else_is_the_workers() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let dir = tempfile::tempdir().expect("a folder");
    let script = Script::from_entry(&here.join("tests/fixtures/site.js"), "2026-10-01").expect("the fixture is there");
    let options = Options {
        script: script.with_assets(here.join("tests/fixtures/site")),
        program: here.join("../../node_modules/workerd/bin/workerd"),
        vars: Vec::new(),
        dir: dir.path().to_owned(),
    };
    let worker = Workerd::start(options.clone()).expect("it starts");

    let page = ask(&worker, "GET", "/enter?x=1");
    assert!(page.starts_with("HTTP/1.1 200") && page.ends_with("<title>A page</title>\n"), "{page}");
    for header in ["X-All: yes", "Cache-Control: no-store", "Content-Type: text/html; charset=utf-8"] {
        assert!(page.contains(header), "{header} is not in {page}");
    }
    let script = ask(&worker, "HEAD", "/static/a.js");
    assert!(script.contains("Content-Type: text/javascript") && !script.contains("console"), "{script}");
    let compressed = ask_with(&worker, "GET", "/static/a.js", "accept-encoding: br, gzip\r\n");
    let head = String::from_utf8_lossy(&compressed).to_lowercase();
    assert!(head.contains("content-encoding: gzip") && !head.contains("console"), "{head}");
    let moved = ask(&worker, "GET", "/enter.html?x=1");
    assert!(moved.starts_with("HTTP/1.1 307") && moved.contains("Location: /enter?x=1"), "{moved}");
    assert!(ask(&worker, "POST", "/enter").starts_with("HTTP/1.1 405"));

    for (method, path) in [("POST", "/enter/plan"), ("GET", "/"), ("GET", "/_headers"), ("GET", "/constructor")] {
        let answer = ask(&worker, method, path);
        assert!(answer.ends_with(&format!("the Worker: {method} {path}")), "{answer}");
    }
    drop(worker);

    let bare =
        Workerd::start(Options { script: options.script.clone().without_assets(), ..options }).expect("it starts");
    assert!(ask(&bare, "GET", "/enter").ends_with("the Worker: GET /enter"));
}
