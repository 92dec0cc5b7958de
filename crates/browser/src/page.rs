//! One tab: what a person does in it, what stands in it, and what may go wrong around it.

use std::{path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    Error, Request,
    pipe::Pipe,
    seen::{complaints, requests},
};

/// A tab, and its events since it was opened.
pub struct Page {
    pipe: Arc<Pipe>,
    session: String,
}

/// The size of what is seen, in CSS pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Viewport {
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether it behaves as a phone does.
    pub mobile: bool,
}

impl Viewport {
    /// A phone: 360 by 740.
    pub const PHONE: Self = Self { width: 360, height: 740, mobile: true };
    /// A desktop: 1280 by 800.
    pub const DESKTOP: Self = Self { width: 1280, height: 800, mobile: false };
}

/// What a connection is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Network {
    /// No connection at all.
    pub offline: bool,
    /// Milliseconds that a request takes at least.
    pub latency: f64,
    /// Bytes a second, down and up; -1 is unlimited.
    pub throughput: (f64, f64),
}

impl Network {
    /// As it comes.
    pub const FULL: Self = Self { offline: false, latency: 0.0, throughput: (-1.0, -1.0) };
    /// Unplugged.
    pub const NONE: Self = Self { offline: true, ..Self::FULL };
    /// Chromium's "Slow 4G": 1.6 Mbit/s down, 0.75 Mbit/s up, 150 ms (DevTools, network conditions).
    pub const SLOW_4G: Self = Self { offline: false, latency: 150.0, throughput: (200_000.0, 93_750.0) };
}

/// A body larger than this, in bytes, would be missing from [`Page::requests`].
const LARGEST_BODY: u64 = 64 << 20;

impl Page {
    pub(crate) fn new(pipe: Arc<Pipe>, session: String, viewport: Viewport) -> Result<Self, Error> {
        let page = Self { pipe, session };
        for domain in ["Page", "Runtime", "Log", "DOM"] {
            page.call(&format!("{domain}.enable"), json!({}))?;
        }
        page.call("Network.enable", json!({ "maxPostDataSize": LARGEST_BODY }))?;
        page.resize(viewport)?;
        Ok(page)
    }

    fn call(&self, method: &str, params: Value) -> Result<Value, Error> {
        self.pipe.call(Some(&self.session), method, params)
    }

    /// Opens an address, as when it is typed, and waits until everything in it is loaded.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing answers there.
    pub fn open(&self, url: &str) -> Result<(), Error> {
        let navigated = self.call("Page.navigate", json!({ "url": url }))?;
        match navigated["errorText"].as_str() {
            Some(reason) => Err(Error::Refused { asked: format!("opening {url}"), reason: reason.to_owned() }),
            None => self.wait_for("document.readyState === 'complete'"),
        }
    }

    /// Runs an expression in the page; a promise is awaited.
    ///
    /// # Errors
    /// [`Error::Refused`] with what was thrown.
    pub fn evaluate(&self, expression: &str) -> Result<Value, Error> {
        let asked = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true,
        });
        let mut answer = self.call("Runtime.evaluate", asked)?;
        match answer.get("exceptionDetails") {
            Some(thrown) => Err(Error::Refused { asked: expression.to_owned(), reason: thrown.to_string() }),
            None => Ok(answer["result"]["value"].take()),
        }
    }

    /// Waits until a condition holds in the page, over reloads too.
    ///
    /// # Errors
    /// [`Error::Silent`] with what stands in the page.
    pub fn wait_for(&self, condition: &str) -> Result<(), Error> {
        let look = format!(
            "new Promise((done) => {{
               let left = {};
               const look = () => ({condition}) ? done(true) : left-- > 0 ? setTimeout(look, 20) : done(false);
               look();
             }})",
            crate::PATIENCE.as_millis() / 20
        );
        loop {
            match self.evaluate(&look) {
                Ok(Value::Bool(true)) => return Ok(()),
                // The page that was asked is gone; the next one is asked.
                Err(Error::Refused { reason, .. }) if reason.contains("ontext") => {}
                Err(error) => return Err(error),
                Ok(_) => {
                    let stands = self.evaluate("document.body.innerText")?;
                    let asked = format!("waiting for {condition} in a page that says {stands}");
                    return Err(Error::Silent { asked, waited: crate::PATIENCE });
                }
            }
        }
    }

    /// Waits until a text can be read in the page.
    ///
    /// # Errors
    /// As [`wait_for`](Self::wait_for).
    pub fn wait_for_text(&self, text: &str) -> Result<(), Error> {
        self.wait_for(&format!("document.body?.innerText.includes({})", json!(text)))
    }

    /// What can be read in the page.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn text(&self) -> Result<String, Error> {
        Ok(self.evaluate("document.body.innerText")?.as_str().unwrap_or_default().to_owned())
    }

    /// What can be read in the first element that a CSS selector finds; none if there is none, or it is not shown.
    ///
    /// # Errors
    /// As [`evaluate`](Self::evaluate).
    pub fn text_of(&self, selector: &str) -> Result<Option<String>, Error> {
        let found = self.evaluate(&format!(
            "(() => {{ const e = document.querySelector({}); return e?.checkVisibility() ? e.innerText : null; }})()",
            json!(selector)
        ))?;
        Ok(found.as_str().map(str::to_owned))
    }

    /// Replaces what is in a field, as typing or pasting does.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such field.
    pub fn fill(&self, selector: &str, text: &str) -> Result<(), Error> {
        let selected = format!(
            "(() => {{ const e = document.querySelector({}); e.focus(); e.select(); return e === document.activeElement }})()",
            json!(selector)
        );
        if self.evaluate(&selected)? != Value::Bool(true) {
            return Err(Error::Refused {
                asked: format!("filling {selector}"),
                reason: "it takes no focus".to_owned(),
            });
        }
        self.call("Input.insertText", json!({ "text": text })).map(drop)
    }

    /// Clicks in the middle of an element.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is no such element, or something else lies over its middle.
    pub fn click(&self, selector: &str) -> Result<(), Error> {
        let place = self.evaluate(&format!(
            "(() => {{
               const e = document.querySelector({});
               e.scrollIntoView({{ block: 'center', behavior: 'instant' }});
               const {{ x, y, width, height }} = e.getBoundingClientRect();
               const at = {{ x: x + width / 2, y: y + height / 2 }};
               const hit = document.elementFromPoint(at.x, at.y);
               return hit && (e.contains(hit) || hit.contains(e)) ? at : null;
             }})()",
            json!(selector)
        ))?;
        if place.is_null() {
            return Err(Error::Refused { asked: format!("clicking {selector}"), reason: "it is covered".to_owned() });
        }
        for kind in ["mousePressed", "mouseReleased"] {
            let event = json!({ "type": kind, "x": place["x"], "y": place["y"], "button": "left", "clickCount": 1 });
            self.call("Input.dispatchMouseEvent", event)?;
        }
        Ok(())
    }

    /// Presses a key by its name: `Tab`, `Enter`, `Space`.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn press(&self, key: &str) -> Result<(), Error> {
        let (code, text) = match key {
            "Tab" => (9, ""),
            "Enter" => (13, "\r"),
            _ => (32, " "),
        };
        for kind in ["keyDown", "keyUp"] {
            let text = if kind == "keyDown" { text } else { "" };
            let event = json!({ "type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code, "text": text });
            self.call("Input.dispatchKeyEvent", event)?;
        }
        Ok(())
    }

    /// Chooses a file in a file input.
    ///
    /// # Errors
    /// [`Error::NoFile`], or [`Error::Refused`] when there is no such input.
    pub fn choose_file(&self, selector: &str, file: &Path) -> Result<(), Error> {
        let file = file.canonicalize().map_err(|_| Error::NoFile(file.to_owned()))?;
        let document = self.call("DOM.getDocument", json!({}))?;
        let asked = json!({ "nodeId": document["root"]["nodeId"], "selector": selector });
        let node = self.call("DOM.querySelector", asked)?;
        self.call("DOM.setFileInputFiles", json!({ "nodeId": node["nodeId"], "files": [file] })).map(drop)
    }

    /// A picture of the whole page, however long, as PNG; two pixels for each of CSS.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn screenshot(&self) -> Result<Vec<u8>, Error> {
        let picture = self.call("Page.captureScreenshot", json!({ "format": "png", "captureBeyondViewport": true }))?;
        Ok(STANDARD.decode(picture["data"].as_str().unwrap_or_default()).unwrap_or_default())
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        requests(&self.pipe.events(&self.session))
    }

    /// Every error and warning so far: of the console, of the browser, and exceptions.
    pub fn complaints(&self) -> Vec<String> {
        complaints(&self.pipe.events(&self.session))
    }

    /// Runs a script before any of the page's own, in every page opened from now on.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn before_load(&self, script: &str) -> Result<(), Error> {
        self.call("Page.addScriptToEvaluateOnNewDocument", json!({ "source": script })).map(drop)
    }

    /// Sets the device's clock wrong by so many milliseconds, in every page opened from now on.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn skew_clock(&self, milliseconds: i64) -> Result<(), Error> {
        self.before_load(&format!(
            "globalThis.Date = class extends Date {{
               constructor(...given) {{ given.length ? super(...given) : super(Date.now()); }}
               static now() {{ return super.now() + {milliseconds}; }}
             }};"
        ))
    }

    /// Refuses requests whose address fits a pattern with `*`, as a filter in the browser does.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn block(&self, pattern: &str) -> Result<(), Error> {
        self.call("Network.setBlockedURLs", json!({ "urls": [pattern] })).map(drop)
    }

    /// Loses the answers to requests whose address fits a pattern with `*`: the server gets them, the page hears nothing.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn lose_answers(&self, pattern: &str) -> Result<(), Error> {
        let patterns = json!([{ "urlPattern": pattern, "requestStage": "Response" }]);
        self.call("Fetch.enable", json!({ "patterns": patterns })).map(drop)
    }

    /// Loses no more answers.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn keep_answers(&self) -> Result<(), Error> {
        self.call("Fetch.disable", json!({})).map(drop)
    }

    /// Changes the connection.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn connect(&self, network: Network) -> Result<(), Error> {
        let Network { offline, latency, throughput: (down, up) } = network;
        let conditions =
            json!({ "offline": offline, "latency": latency, "downloadThroughput": down, "uploadThroughput": up });
        self.call("Network.emulateNetworkConditions", conditions).map(drop)
    }

    /// Makes the page's processor so many times slower; 1 is as it is.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn slow_down(&self, times: f64) -> Result<(), Error> {
        self.call("Emulation.setCPUThrottlingRate", json!({ "rate": times })).map(drop)
    }

    /// Switches JavaScript on or off, for pages opened from now on.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn allow_scripts(&self, allowed: bool) -> Result<(), Error> {
        self.call("Emulation.setScriptExecutionDisabled", json!({ "value": !allowed })).map(drop)
    }

    /// Says what the device prefers: media features by name, such as `prefers-color-scheme`.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn prefer(&self, feature: &str, value: &str) -> Result<(), Error> {
        let features = json!([{ "name": feature, "value": value }]);
        self.call("Emulation.setEmulatedMedia", json!({ "features": features })).map(drop)
    }

    /// Changes the size of what is seen.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn resize(&self, viewport: Viewport) -> Result<(), Error> {
        let Viewport { width, height, mobile } = viewport;
        let metrics = json!({ "width": width, "height": height, "mobile": mobile, "deviceScaleFactor": 2 });
        self.call("Emulation.setDeviceMetricsOverride", metrics).map(drop)
    }
}
