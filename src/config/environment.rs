//! Reads single settings from the environment and collects what is wrong with them.

use std::fmt::Display;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::Uri;
use seal::Secret;
use zeroize::Zeroizing;

use super::ConfigProblem;
use super::settings::{Absent, Setting};
use super::sources::{self, PREFIX, SourceSecrets};
use crate::domain::names::Guid;

/// The variables, and every problem found so far. A reading method that finds one notes it and gives `None`.
pub(super) struct Environment<'a> {
    get: &'a dyn Fn(&str) -> Option<String>,
    pub(super) problems: Vec<ConfigProblem>,
}

impl<'a> Environment<'a> {
    pub(super) const fn new(get: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { get, problems: Vec::new() }
    }

    pub(super) fn problem(&mut self, setting: &Setting, message: &dyn Display) {
        self.problems.push(ConfigProblem { name: setting.name.to_owned(), message: message.to_string() });
    }

    /// The value, without the blanks and the newline that shells and copied text put around it.
    pub(super) fn given(&self, setting: &Setting) -> Option<Zeroizing<String>> {
        let raw = Zeroizing::new((self.get)(setting.name)?);
        let value = raw.trim();
        (!value.is_empty()).then(|| Zeroizing::new(value.to_owned()))
    }

    /// The value, or what its absence means.
    pub(super) fn value(&mut self, setting: &Setting) -> Option<Zeroizing<String>> {
        let given = self.given(setting);
        match setting.absent {
            Absent::Means(default) => given.or_else(|| Some(Zeroizing::new(default.to_owned()))),
            Absent::Refused if given.is_none() => {
                self.problem(setting, &format_args!("is missing: {}", setting.meaning));
                None
            }
            _ => given,
        }
    }

    /// The value when `check` holds of it.
    fn checked(&mut self, setting: &Setting, check: &dyn Fn(&str) -> bool, rule: &str) -> Option<Zeroizing<String>> {
        let value = self.value(setting)?;
        if check(&value) {
            return Some(value);
        }
        self.problem(setting, &rule);
        None
    }

    /// A whole number within a range.
    pub(super) fn number(&mut self, setting: &Setting, least: usize, most: usize) -> Option<usize> {
        let value = self.value(setting)?;
        let number = value.parse().ok().filter(|number| (least..=most).contains(number));
        if number.is_none() {
            self.problem(setting, &format_args!("has to be a whole number from {least} to {most}"));
        }
        number
    }

    /// A secret. All of them travel in headers or forms as visible ASCII; a quotation mark from a word processor does not.
    pub(super) fn secret(&mut self, setting: &Setting, least: usize) -> Option<Secret> {
        let value = self.checked(
            setting,
            &|text| text.bytes().all(|b| b.is_ascii_graphic()),
            "holds a blank, a control character or something outside ASCII",
        )?;
        if value.len() < least {
            self.problem(setting, &format_args!("has to be at least {least} characters"));
            return None;
        }
        Some(Secret::new(value.as_str().to_owned()))
    }

    /// What secret managers and we know each other by. Two cannot have one address.
    pub(super) fn sources(&mut self, names: &[String]) -> Vec<SourceSecrets> {
        let mut sources: Vec<SourceSecrets> = Vec::new();
        for name in names.iter().filter(|name| name.starts_with(PREFIX)) {
            let text = (self.get)(name).map(Zeroizing::new).unwrap_or_default();
            if text.trim().is_empty() {
                continue;
            }
            match sources::read(name, &text) {
                Ok(source) if sources.iter().any(|other| other.meets(&source)) => {
                    let message = "has the path of another secret manager".to_owned();
                    self.problems.push(ConfigProblem { name: name.clone(), message });
                }
                Ok(source) => sources.push(source),
                Err(problem) => self.problems.push(problem),
            }
        }
        sources
    }

    /// 32 bytes in standard base64.
    pub(super) fn key(&mut self, setting: &Setting) -> Option<Zeroizing<[u8; 32]>> {
        let text = self.value(setting)?;
        let bytes = STANDARD.decode(text.as_bytes()).map(Zeroizing::new).unwrap_or_default();
        match <[u8; 32]>::try_from(bytes.as_slice()) {
            Ok(key) if key != [0; 32] => Some(Zeroizing::new(key)),
            Ok(_) => {
                self.problem(setting, &"is all zero: it has to be random");
                None
            }
            Err(_) => {
                self.problem(setting, &"has to be standard base64, with padding, of exactly 32 bytes");
                None
            }
        }
    }

    /// An id of Slack's that begins with `kind`.
    pub(super) fn slack_id(&mut self, setting: &Setting, kind: char) -> Option<String> {
        let id = |text: &str| {
            text.starts_with(kind)
                && text.len() > 1
                && text.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
        };
        let rule = format!("has to be an id of Slack's: {kind}, then capital letters and digits");
        self.checked(setting, &id, &rule).map(|text| text.as_str().to_owned())
    }

    /// A slash command, as the app manifest takes it: `features.slash_commands[].command` begins with '/' and has at most 32
    /// characters. Lower case, because that is how people type it.
    pub(super) fn command(&mut self, setting: &Setting) -> Option<String> {
        let command = |text: &str| {
            let name = text.strip_prefix('/').unwrap_or_default();
            let body = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-_".contains(&b));
            body && !name.is_empty() && text.len() <= 32
        };
        let rule = "has to be '/' and then a-z, 0-9, '-' or '_', at most 32 characters in all";
        self.checked(setting, &command, rule).map(|text| text.as_str().to_owned())
    }

    /// A GUID.
    pub(super) fn guid(&mut self, setting: &Setting) -> Option<Guid> {
        let text = self.value(setting)?;
        Guid::parse(&text).map_err(|rule| self.problem(setting, &rule)).ok()
    }

    /// One of a few words, as its place among them.
    pub(super) fn word(&mut self, setting: &Setting, words: &[&str]) -> Option<usize> {
        let text = self.value(setting)?;
        let at = words.iter().position(|word| *word == text.as_str());
        if at.is_none() {
            self.problem(setting, &format_args!("has to be one of {}", words.join(", ")));
        }
        at
    }

    /// A base URL without the slash at its end; `default` is for a setting that depends on the cloud.
    pub(super) fn url(&mut self, setting: &Setting, default: Option<&str>) -> Option<String> {
        let Some(text) = self.value(setting) else { return default.map(str::to_owned) };
        base_url(&text).map_err(|rule| self.problem(setting, &rule)).ok()
    }

    /// A base URL with `blank` in it, `{region}` for one, without the slash at its end; `default` is for a setting that
    /// depends on the cloud.
    pub(super) fn template(&mut self, setting: &Setting, blank: &str, default: Option<&str>) -> Option<String> {
        let Some(text) = self.value(setting) else { return default.map(str::to_owned) };
        match base_url(&text.replace(blank, "blank")) {
            Ok(_) if text.contains(blank) => Some(text.trim_end_matches('/').to_owned()),
            Ok(_) => {
                self.problem(setting, &format_args!("has to have {blank} in it"));
                None
            }
            Err(rule) => {
                self.problem(setting, &rule);
                None
            }
        }
    }

    /// Hosts with commas between them, each with or without a port; `default` is for a setting that depends on the cloud.
    pub(super) fn hosts(&mut self, setting: &Setting, default: &[&str]) -> Option<Vec<String>> {
        let Some(text) = self.value(setting) else {
            return Some(default.iter().map(|host| (*host).to_owned()).collect());
        };
        let hosts = text.split(',').map(|host| base_url(&format!("https://{}", host.trim())).ok());
        let hosts: Option<Vec<_>> = hosts.map(|url| Some(url?.strip_prefix("https://")?.to_owned())).collect();
        let hosts = hosts.filter(|hosts| hosts.iter().all(|host| !host.contains('/')));
        if hosts.is_none() {
            self.problem(setting, &"has to be hosts with commas between them, without https:// and without a path");
        }
        hosts
    }

    /// The scope of an application's own token (Microsoft identity platform, client credentials flow: `<resource>/.default`).
    pub(super) fn scope(&mut self, setting: &Setting, default: Option<&str>) -> Option<String> {
        let scope = |text: &str| text.ends_with("/.default") && text.bytes().all(|b| b.is_ascii_graphic());
        if self.given(setting).is_none() {
            return default.map(str::to_owned);
        }
        let rule = "has to be a resource followed by /.default";
        self.checked(setting, &scope, rule).map(|text| text.as_str().to_owned())
    }
}

/// An address without the slash at its end: https, or http to this machine; without a name, a query and a fragment.
///
/// # Errors
/// What is wrong with it.
pub fn base_url(text: &str) -> Result<String, &'static str> {
    let none = "has to be a URL";
    let url: Uri = text.parse().map_err(|_| none)?;
    let (Some(scheme), Some(authority)) = (url.scheme_str(), url.authority()) else { return Err(none) };
    match scheme {
        "https" => {}
        "http" if ["127.0.0.1", "localhost", "[::1]"].contains(&authority.host()) => {}
        _ => return Err("has to begin with https://; http:// is for 127.0.0.1, localhost and [::1] only"),
    }
    let address = authority.as_str();
    if address.contains('@') {
        return Err("has to be without a user name and password");
    }
    // Looked for in the text: a `Uri` forgets what stands after '#'.
    if text.contains(['?', '#']) {
        return Err("has to be without '?' and '#'");
    }
    // A `Uri` takes anything for a port, and any character in the path.
    if !text.is_ascii() || (address != authority.host() && url.port_u16().is_none()) {
        return Err(none);
    }
    Ok(format!("{scheme}://{}{}", address.to_ascii_lowercase(), url.path().trim_end_matches('/')))
}

#[cfg(test)]
mod tests {
    use super::base_url;

    #[test]
    fn a_base_has_a_host_a_port_that_is_one_and_ascii_only() {
        for (given, kept) in [
            ("HTTPS://Slack.COM/API", Ok("https://slack.com/API")),
            ("https://slack.com:8443//", Ok("https://slack.com:8443")),
            ("https://slack.com:https/api", Err("has to be a URL")),
            ("https://slack.com:65536", Err("has to be a URL")),
            ("https://slack.com/\u{e4}", Err("has to be a URL")),
            ("https://sl\u{e4}ck.com", Err("has to be a URL")),
            ("https:///api", Err("has to be a URL")),
            ("/api", Err("has to be a URL")),
        ] {
            assert_eq!(base_url(given).as_deref(), kept.as_ref().map(|kept| *kept), "{given}");
        }
    }
}
