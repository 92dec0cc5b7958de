//! What a tab is opened under: its size, the connection, the clock, and what is blocked or lost.

use serde_json::json;

use crate::{Error, Page};

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
    /// Chromium's "Fast 4G": 9 Mbit/s down, 1.5 Mbit/s up, 60 ms (DevTools, network conditions).
    pub const FAST_4G: Self = Self { offline: false, latency: 60.0, throughput: (1_125_000.0, 187_500.0) };
    /// Chromium's "Slow 4G": 1.6 Mbit/s down, 0.75 Mbit/s up, 150 ms (DevTools, network conditions).
    pub const SLOW_4G: Self = Self { offline: false, latency: 150.0, throughput: (200_000.0, 93_750.0) };
}

impl Page {
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
