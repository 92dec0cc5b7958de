//! One tab: what a person does in it, and what stands in it.

use std::{path::Path, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

use crate::{
    Error, Request, Viewport,
    pipe::Pipe,
    seen::{complaints, requests},
};

/// A tab, and its events since it was opened.
pub struct Page {
    pipe: Arc<Pipe>,
    session: String,
}

/// A body larger than this, in bytes, would be missing from [`Page::requests`].
const LARGEST_BODY: u64 = 64 << 20;

/// What Chromium says when a page goes away before it could answer.
const GONE: [&str; 3] = ["navigated or closed", "context was destroyed", "Cannot find context"];

impl Page {
    pub(crate) fn new(pipe: Arc<Pipe>, session: String, viewport: Viewport) -> Result<Self, Error> {
        let page = Self { pipe, session };
        for domain in ["Page", "Runtime", "Log", "DOM", "Performance"] {
            page.call(&format!("{domain}.enable"), json!({}))?;
        }
        page.call("Network.enable", json!({ "maxPostDataSize": LARGEST_BODY }))?;
        page.resize(viewport)?;
        Ok(page)
    }

    pub(crate) fn call(&self, method: &str, params: Value) -> Result<Value, Error> {
        self.pipe.call(Some(&self.session), method, params)
    }

    /// Opens an address, as when it is typed, and waits until everything in it is loaded.
    ///
    /// # Errors
    /// [`Error::Refused`] when nothing answers there.
    pub fn open(&self, url: &str) -> Result<(), Error> {
        let seen = self.pipe.events(&self.session).len();
        let navigated = self.call("Page.navigate", json!({ "url": url }))?;
        if let Some(reason) = navigated["errorText"].as_str() {
            return Err(Error::Refused { asked: format!("opening {url}"), reason: reason.to_owned() });
        }
        // Where only the fragment is another, nothing is loaded.
        if navigated["loaderId"].is_null() {
            return Ok(());
        }
        self.pipe.wait_for(&self.session, "Page.loadEventFired", seen)
    }

    /// Loads the page again, as the browser's button does.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn reload(&self) -> Result<(), Error> {
        let seen = self.pipe.events(&self.session).len();
        self.call("Page.reload", json!({}))?;
        self.pipe.wait_for(&self.session, "Page.loadEventFired", seen)
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
                // The page that was asked is gone; the next one is asked. The protocol has no code for this.
                Err(Error::Refused { reason, .. }) if GONE.iter().any(|words| reason.contains(words)) => {}
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

    /// Milliseconds that a processor has spent on the page's main thread so far, whatever else the machine was doing.
    ///
    /// # Errors
    /// As every call to the browser.
    pub fn processor_ms(&self) -> Result<f64, Error> {
        let metrics = self.call("Performance.getMetrics", json!({}))?;
        let seconds = metrics["metrics"].as_array().into_iter().flatten().find(|metric| metric["name"] == "ThreadTime");
        Ok(seconds.and_then(|metric| metric["value"].as_f64()).unwrap_or_default() * 1e3)
    }

    /// Every request so far, in order.
    pub fn requests(&self) -> Vec<Request> {
        requests(&self.pipe.events(&self.session))
    }

    /// Every error and warning so far: of the console, of the browser, and exceptions.
    pub fn complaints(&self) -> Vec<String> {
        complaints(&self.pipe.events(&self.session))
    }
}
