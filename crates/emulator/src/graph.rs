//! Microsoft Graph: people of the directory, and the groups they are in.

use bytes::Bytes;
use http::{Method, Response};
use serde_json::{Value, json};

use crate::answer::{self, Call};
use crate::fields::list;
use crate::scene;
use crate::teams::DirectoryUser;
use crate::world::State;

/// Groups that may be asked about in one call (Microsoft Graph, directoryObject: checkMemberGroups).
const MOST_GROUPS: usize = 20;

/// Serves `/graph/...`.
pub(crate) fn answer(state: &mut State, call: &Call) -> Response<Bytes> {
    if state.entra.check(call, &[scene::GRAPH_RESOURCE], state.now_ms()).is_err() {
        return refused(401, "InvalidAuthenticationToken", "Access token is empty, expired or for something else.");
    }
    let may = |permission: &str| state.teams.permissions.iter().any(|known| known == permission);
    let team = &state.teams.team;
    let user = |id: &str| team.user(id).filter(|user| user.object.eq_ignore_ascii_case(id));
    let (denied, missing) = (
        || refused(403, "Authorization_RequestDenied", "Insufficient privileges to complete the operation."),
        || refused(404, "Request_ResourceNotFound", "Resource does not exist or one of its references is not present."),
    );
    match (&call.method, call.segments().as_slice()) {
        (&Method::GET, ["v1.0", "users", _]) if !may("User.Read.All") => denied(),
        (&Method::GET, ["v1.0", "users", id]) => {
            user(id).map_or_else(missing, |user| answer::json(200, &told(user, call)))
        }
        (&Method::POST, ["v1.0", "users", _, "checkMemberGroups"]) if !may("GroupMember.Read.All") => denied(),
        (&Method::POST, ["v1.0", "users", id, "checkMemberGroups"]) => {
            let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
            let asked = list(&body, "groupIds");
            if asked.is_empty() || asked.len() > MOST_GROUPS {
                return refused(400, "Request_BadRequest", "groupIds has to have 1 to 20 entries.");
            }
            let Some(user) = user(id) else { return missing() };
            let within = |group: &&Value| {
                let members = group.as_str().and_then(|group| team.groups.get(group));
                members.is_some_and(|members| members.contains(&user.object))
            };
            answer::json(200, &json!({"value": asked.iter().filter(within).collect::<Vec<_>>()}))
        }
        (&Method::GET, ["v1.0", "groups", ..]) if !may("GroupMember.Read.All") => denied(),
        // What else may be in a group is left out of the list by the cast.
        (&Method::GET, ["v1.0", "groups", id, "members", "microsoft.graph.user"]) => match team.groups.get(*id) {
            Some(members) => {
                let people = members.iter().filter_map(|object| user(object)).map(|user| told(user, call)).collect();
                answer::json(200, &json!({"value": Value::Array(people)}))
            }
            None => missing(),
        },
        _ => refused(404, "ResourceNotFound", "Resource not found for the segment."),
    }
}

/// The properties that were selected, as Graph answers them; by default a few, without `accountEnabled`.
fn told(user: &DirectoryUser, call: &Call) -> Value {
    let all = json!({
        "id": user.object,
        "displayName": user.name,
        "accountEnabled": user.enabled,
        "userType": if user.guest { "Guest" } else { "Member" },
    });
    let selected = call.query.get("$select").map_or("id,displayName", String::as_str);
    let told = selected.split(',').filter_map(|name| Some((name.to_owned(), all.get(name)?.clone())));
    Value::Object(told.collect())
}

fn refused(status: u16, code: &str, message: &str) -> Response<Bytes> {
    answer::json(status, &json!({"error": {"code": code, "message": message}}))
}
