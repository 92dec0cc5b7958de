//! Doppler: `/doppler/v3/configs/config/secret`.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::json;

use super::{Manager, nowhere};
use crate::answer::{self, Call};
use crate::scene;
use crate::world::State;

/// Serves `/doppler/...`.
pub(super) fn answer(state: &mut State, call: &Call, path: &[&str]) -> Response<Bytes> {
    if path != ["v3", "configs", "config", "secret"] || call.method != Method::GET {
        return nowhere();
    }
    let asked = |name: &str| call.query.get(name).map(String::as_str).unwrap_or_default();
    match call.bearer() {
        Some(scene::DOPPLER_TOKEN) => {}
        Some(_) => return refused(401, "Invalid Service token"),
        None => return refused(401, "You must provide a token"),
    }
    let ours = asked("project") == scene::DOPPLER_PROJECT && asked("config") == scene::DOPPLER_CONFIG;
    if !ours || state.managers.denied.contains(&Manager::Doppler) {
        return refused(403, "This token does not have access to requested project");
    }
    let name = asked("name");
    let Some(version) = state.managers.kept(Manager::Doppler, name).and_then(|kept| kept.newest()) else {
        return refused(404, &format!("Could not find requested secret: {name}"));
    };
    let body = json!({
        "name": name,
        "value": {"raw": version.value, "computed": version.value, "note": ""},
        "success": true,
    });
    let (id, now_ms) = (version.id.clone(), state.now_ms());
    state.managers.note_read(Manager::Doppler, name, &id, now_ms);
    answer::json(200, &body)
}

fn refused(status: u16, message: &str) -> Response<Bytes> {
    answer::json(status, &json!({"messages": [message], "success": false}))
}
