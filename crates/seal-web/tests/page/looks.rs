//! For everybody: small screens, the keyboard alone, light and dark; and headers that let nothing else in.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use browser::Viewport;
use serde_json::{Value, json};

use crate::stage::{HURRY, PASSWORD, Stage, opened, place, plan, plan_with};

/// The texts in the page whose contrast with what is behind them is below 4.5 (WCAG 2.2, 1.4.3), and the edges of what is
/// filled in or pressed, below 3 (1.4.11).
const FAINT: &str = "(() => {
  const channel = (c) => ((c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
  const parts = (color) => color.match(/[\\d.]+/g).map(Number);
  const behind = (e) => {
    for (; e; e = e.parentElement) {
      const color = parts(getComputedStyle(e).backgroundColor);
      if (color.length === 3 || color[3] > 0) return color;
    }
    return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0] : [255, 255, 255];
  };
  const own = (e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
  const texts = [...document.body.querySelectorAll('*')].filter((e) => e.checkVisibility() && own(e));
  globalThis.looked = texts.length;
  const faint = (e, color, ground, least) => {
    const [a, b] = [light(parts(color)), light(ground)];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    return ratio < least ? [`${e.id || e.innerText}: ${ratio}`] : [];
  };
  const edged = [...document.querySelectorAll('input:not([type=file]), textarea, button')].filter((e) => e.checkVisibility());
  return [
    ...texts.flatMap((e) => faint(e, getComputedStyle(e).color, behind(e), 4.5)),
    ...edged.flatMap((e) => faint(e, getComputedStyle(e).borderTopColor, behind(e.parentElement), 3)),
  ];
})()";

/// What can be focused or filled in, and has no name for a screen reader.
const NAMELESS: &str = "[...document.querySelectorAll('input, textarea, button, summary, progress')]
  .filter((e) => e.checkVisibility() && !(e.labels?.length || e.ariaLabel || e.innerText?.trim()))
  .map((e) => e.outerHTML)";

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn it_fits_small_screens_and_can_be_read_in_light_and_dark() {
    let left = json!({ "name": "Fabric connection 0a1b2c3d", "why": "Its gateway is offline." });
    let places = json!([place(0, "Power BI data source 252b9de8", &[4096]), place(1, "Fabric connection 70b1", &[])]);
    let password = plan_with(json!({ "places": places, "break_glass": true, "approved_by": [], "left_out": [left] }));
    let fields = json!([{ "id": "private_key", "required": true }, { "id": "passphrase", "required": false }]);
    let login = json!({ "is": "KeyPair", "identifier": "SVC" });
    let pair = plan_with(json!({ "kind": "KeyPair", "login": login, "fields": fields, "target": "t".repeat(120) }));
    let stage = Stage::open(password.clone());
    for scheme in ["light", "dark"] {
        let page = stage.tab();
        page.resize(Viewport { width: 320, height: 568, mobile: true }).unwrap();
        page.prefer("prefers-color-scheme", scheme).unwrap();
        let looks_right = |state: &str| {
            assert_eq!(page.evaluate(FAINT).unwrap(), json!([]), "{scheme}, {state}");
            assert!(page.evaluate("looked").unwrap().as_u64().unwrap() > 5);
            assert_eq!(page.evaluate("document.documentElement.scrollWidth").unwrap(), 320, "{scheme}, {state}");
            assert_eq!(page.evaluate(NAMELESS).unwrap(), json!([]), "{scheme}, {state}");
        };
        stage.server.set_plan(pair.clone());
        stage.follow(&page);
        looks_right("a key and its file");
        stage.server.set_plan(password.clone());
        page.open("about:blank").unwrap();
        stage.follow(&page);
        page.click("#send").unwrap();
        looks_right("what is wrong");
        stage.server.refuse(503, "unavailable", "");
        stage.send_password(&page);
        page.wait_for_text("Send again").unwrap();
        looks_right("to be sent again");
        page.click("#send").unwrap();
        stage.taken(&page);
        looks_right("taken");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn after_a_refusal_the_next_tab_is_the_form() {
    let stage = Stage::open(plan());
    stage.server.refuse(400, "malformed", "");
    let page = stage.enter();
    stage.send_password(&page);
    page.wait_for("document.activeElement.id === 'notice'").unwrap();
    page.press("Tab").unwrap();
    assert_eq!(page.evaluate("document.activeElement.id").unwrap(), "field-password");
    page.press("Enter").unwrap();
    stage.taken(&page);
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_screen_reader_is_told_what_goes_on_and_when_a_minute_is_left() {
    let now = plan()["now"].as_u64().unwrap();
    let stage = Stage::open(plan_with(json!({ "until": now + 90_000 })));
    let page = stage.tab();
    page.before_load(HURRY).unwrap();
    page.before_load(
        "globalThis.told = [];
         addEventListener('DOMContentLoaded', () => {
           const status = document.querySelector('[role=status]');
           new MutationObserver(() => told.push(status.textContent)).observe(status, { childList: true });
         });",
    )
    .unwrap();
    stage.follow(&page);
    page.wait_for("told.some((text) => text.startsWith('Time left: '))").unwrap();
    page.wait_for("Number.parseInt(document.querySelector('#time-left').textContent) < 55").unwrap();
    assert_eq!(page.evaluate("told.filter((text) => text.includes('Time left')).length").unwrap(), 1, "told once");
    assert_eq!(page.evaluate("document.querySelector('#time-left').role").unwrap(), "timer");
    stage.send_password(&page);
    stage.taken(&page);
    let told = page.evaluate("told").unwrap();
    for text in ["Sending", ""] {
        assert!(told.as_array().unwrap().contains(&json!(text)), "{text} is not in {told}");
    }
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn the_keyboard_is_enough() {
    let stage = Stage::open(plan());
    let page = stage.enter();
    let focused = || page.evaluate("document.activeElement.id || document.activeElement.tagName").unwrap();
    let mut order = Vec::new();
    while order.last() != Some(&json!("send")) {
        page.press("Tab").unwrap();
        order.push(focused());
    }
    let expected = ["SUMMARY", "SUMMARY", "field-password", "BUTTON", "field-again", "BUTTON", "send"];
    assert_eq!(order, expected.map(Value::from));
    for field in ["#field-password", "#field-again"] {
        page.fill(field, PASSWORD).unwrap();
    }
    page.press("Enter").unwrap();
    assert_eq!(opened(&plan(), &stage.taken(&page)).len(), 3);
    assert_eq!(focused(), "notice", "what came of it is read out");
}

/// The answer to a plain request, as text.
fn get(stage: &Stage, method: &str, path: &str) -> String {
    let url = stage.url("");
    let mut stream = TcpStream::connect(url.trim_start_matches("http://")).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn its_headers_let_nothing_else_in_and_its_files_are_kept() {
    let stage = Stage::open(plan());
    let page = get(&stage, "GET", "/enter");
    for header in [
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self';",
        "frame-ancestors https://teams.microsoft.com https://*.teams.microsoft.com https://*.cloud.microsoft;",
        "Cache-Control: no-store",
        "Referrer-Policy: no-referrer",
        "Strict-Transport-Security: max-age=",
        "Cross-Origin-Opener-Policy: same-origin",
        "Cross-Origin-Resource-Policy: same-origin",
        "Permissions-Policy: ",
        "X-Content-Type-Options: nosniff",
        "Content-Type: text/html; charset=utf-8",
    ] {
        assert!(page.contains(header), "{header} is not in\n{page}");
    }
    // It would keep the page out of Teams where a browser does not know better.
    assert!(!page.contains("X-Frame-Options"));
    assert!(!page.contains("<style") && !page.contains(" style=") && !page.contains("<script>"), "nothing is inline");
    let files: Vec<&str> = page.split('"').filter(|word| word.starts_with("/static/")).collect();
    assert_eq!(files.len(), 3, "{files:?}");
    assert_eq!(page.matches("integrity=\"sha384-").count(), 3);
    for file in files {
        let answer = get(&stage, "HEAD", file);
        assert!(answer.contains("Cache-Control: public, max-age=31536000, immutable"), "{answer}");
        let kind = match file.rsplit('.').next() {
            Some("css") => "text/css",
            Some("js") => "text/javascript",
            _ => "application/wasm",
        };
        assert!(answer.contains(&format!("Content-Type: {kind}")), "{answer}");
        assert!(answer.contains("nosniff") && answer.contains("Cross-Origin-Resource-Policy: same-origin"), "{answer}");
    }
    assert!(get(&stage, "GET", "/enter.html").starts_with("HTTP/1.1 307"));
    assert!(get(&stage, "POST", "/enter").starts_with("HTTP/1.1 405"), "as the platform answers");
    assert!(stage.server.calls().is_empty(), "the Worker is not called for files");
}

#[test]
#[ignore = "needs the built page, workerd and Chromium: run by cargo xtask test"]
fn a_file_that_was_tampered_with_is_not_run() {
    let stage = Stage::open(plan());
    let page = stage.tab();
    // Another program under the same name, as a cache gone bad would give it.
    page.before_load(
        "const real = fetch;
         globalThis.fetch = (url, options) => real(url, options?.integrity ? { ...options, integrity: 'sha384-' + 'A'.repeat(64) } : options);",
    )
    .unwrap();
    page.open(&stage.url("/enter#x")).unwrap();
    page.wait_for_text("did not arrive whole").unwrap();
}
