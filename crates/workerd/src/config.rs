//! Writes the runtime's configuration: one script, static assets in front of it, one socket on loopback, state on disk.

use std::fmt::Write as _;

use crate::script::Script;

/// The file, beside the configuration, with the script that stands in front of the Worker where there are assets.
pub(crate) const FRONT: &str = "front.js";
/// The file, beside the configuration, with what counts requests where there are limits.
pub(crate) const LIMITS: &str = "limits.js";

/// The configuration as Cap'n Proto text (workerd: `src/workerd/server/workerd.capnp`).
///
/// Variables are named only: their values come from the process's environment, so that no secret is written to disk.
/// Module paths begin with `/`, which the runtime resolves below its `--import-path`. The script reaches loopback and
/// nothing else: a test that forgets to point a base URL at the emulator fails instead of calling the real service.
///
/// `answers` is what [`assets::answers`](crate::assets::answers) says, as JSON; with it, [`FRONT`] stands before the script.
pub(crate) fn capnp<'v>(
    script: &Script,
    vars: impl Iterator<Item = &'v str>,
    port: u16,
    answers: Option<&str>,
) -> String {
    let date = quoted(&script.compatibility_date);
    let first = if answers.is_some() { "front" } else { "main" };
    let mut text = r#"using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "internet", network = (allow = ["local"])),
    (name = "state", disk = (writable = true)),
"#
    .to_owned();
    if answers.is_some() {
        text.push_str(
            "    (name = \"front\", worker = .front),\n    (name = \"assets\", disk = (writable = false)),\n",
        );
    }
    // Here and below: writing to a String can't fail.
    let _ = write!(
        text,
        r#"  ],
  sockets = [(name = "http", address = "127.0.0.1:{port}", http = (), service = "{first}")],
"#
    );
    if !script.limits.is_empty() {
        let module = format_args!("(name = \"test:limits\", esModule = embed \"{LIMITS}\", internal = true)");
        let _ = writeln!(text, "  extensions = [(modules = [{module}])],");
    }
    text.push_str(");\n");
    if let Some(answers) = answers {
        let _ = write!(
            text,
            r#"const front :Workerd.Worker = (
  compatibilityDate = {date},
  compatibilityFlags = ["service_binding_extra_handlers"],
  modules = [(name = "front.js", esModule = embed "{FRONT}")],
  bindings = [
    (name = "ANSWERS", json = {}),
    (name = "ASSETS", service = "assets"),
    (name = "WORKER", service = "main"),
  ],
);
"#,
            quoted(answers)
        );
    }
    let _ = write!(
        text,
        r#"const worker :Workerd.Worker = (
  compatibilityDate = {date},
  durableObjectStorage = (localDisk = "state"),
  modules = [
"#
    );
    for name in &script.modules {
        let kind = if name.ends_with(".wasm") { "wasm" } else { "esModule" };
        line(&mut text, format_args!("(name = {}, {kind} = embed {})", quoted(name), quoted(&format!("/{name}"))));
    }
    text.push_str("  ],\n  bindings = [\n");
    for name in vars {
        line(&mut text, format_args!("(name = {0}, fromEnvironment = {0})", quoted(name)));
    }
    for object in &script.objects {
        let (name, class) = (quoted(&object.name), quoted(&object.class_name));
        line(&mut text, format_args!("(name = {name}, durableObjectNamespace = {class})"));
    }
    for limit in &script.limits {
        let (name, simple) = (quoted(&limit.name), limit.simple);
        let inner = [("limit", simple.limit), ("period", simple.period)];
        let inner = inner.map(|(name, value)| format!("(name = \"{name}\", json = \"{value}\")")).join(", ");
        line(
            &mut text,
            format_args!("(name = {name}, wrapped = (moduleName = \"test:limits\", innerBindings = [{inner}]))"),
        );
    }
    text.push_str("  ],\n  durableObjectNamespaces = [\n");
    for object in &script.objects {
        line(
            &mut text,
            format_args!("(className = {0}, uniqueKey = {0}, enableSql = true)", quoted(&object.class_name)),
        );
    }
    text.push_str("  ],\n);\n");
    text
}

fn line(text: &mut String, item: std::fmt::Arguments<'_>) {
    let _ = writeln!(text, "    {item},");
}

/// Cap'n Proto's text literals are C's; the names in use (files, variables, classes) need no more than these two.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
