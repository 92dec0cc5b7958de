//! Microsoft Graph: who somebody is in the tenant, and which groups they are in now.

use http::Method;
use serde_json::Value;

use super::answer;
use super::call::Call;
use super::entra::AccessToken;
use super::secret_bytes::SecretBytes;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json::object;
use crate::domain::names::Guid;
use crate::domain::trouble::{Service, Trouble};
use crate::ports::Wire;

/// Groups that one call asks about at most (Microsoft Graph, directoryObject: checkMemberGroups).
const GROUPS_PER_CALL: usize = 20;

/// A person as the tenant knows them now (Microsoft Graph, user).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirectoryUser {
    /// Whether they may sign in; not known to us is no.
    pub enabled: bool,
    /// Whether they are anything but a member.
    pub guest: bool,
    /// The name others see.
    pub name: Option<String>,
}

/// Graph with that token.
pub struct Graph<'a, W> {
    /// The way out.
    pub wire: &'a W,
    /// The base, with the version and without a slash at the end.
    pub base: &'a str,
    /// A token for Graph.
    pub token: &'a AccessToken,
}

impl<W: Wire> Graph<'_, W> {
    /// The person with that object id.
    ///
    /// # Errors
    /// [`Cause::NotFound`](crate::domain::trouble::Cause::NotFound) when there is none, or what keeps Graph from
    /// answering.
    pub async fn user(&self, object: &Guid) -> Result<DirectoryUser, Trouble> {
        let url = format!("{}/users/{object}?$select=accountEnabled,userType,displayName", self.base);
        self.call(Method::GET, url, None, user).await
    }

    /// Those of the groups that the person is in now, also by way of other groups.
    ///
    /// # Errors
    /// When there is no such person, or what keeps Graph from answering about any of the groups.
    pub async fn groups_of(&self, object: &Guid, groups: &[Guid]) -> Result<Vec<Guid>, Trouble> {
        let mut found = Vec::new();
        for some in groups.chunks(GROUPS_PER_CALL) {
            let url = format!("{}/users/{object}/checkMemberGroups", self.base);
            let ids: Vec<_> = some.iter().map(Guid::as_str).collect();
            let within = self.call(Method::POST, url, Some(&object! { "groupIds": ids }), listed).await?;
            // Nothing that was not asked for.
            found.extend(some.iter().filter(|group| within.contains(group)).cloned());
        }
        Ok(found)
    }

    /// The people in a group now, as far as one answer reaches (Microsoft Graph, group: list members).
    ///
    /// # Errors
    /// When there is no such group, or what keeps Graph from answering.
    pub async fn members(&self, group: &Guid) -> Result<Vec<Guid>, Trouble> {
        let url = format!("{}/groups/{group}/members/microsoft.graph.user?$select=id&$top=100", self.base);
        self.call(Method::GET, url, None, people).await
    }

    async fn call<T>(
        &self,
        method: Method,
        url: String,
        body: Option<&Value>,
        read: fn(&Value) -> Result<T, Unexpected>,
    ) -> Result<T, Trouble> {
        let body = body.map(SecretBytes::json);
        let call = Call { service: Service::Graph, token: self.token, profile: None, method, url, body };
        answer::decode(Service::Graph, &call.send(self.wire).await?, read)
    }
}

fn user(answer: &Value) -> Result<DirectoryUser, Unexpected> {
    Ok(DirectoryUser {
        enabled: fields::flag(answer, "accountEnabled")?,
        // Accounts from before there were guests have no type.
        guest: fields::text(answer, &["userType"])?.is_some_and(|kind| kind != "Member"),
        name: fields::owned(answer, &["displayName"])?,
    })
}

fn people(answer: &Value) -> Result<Vec<Guid>, Unexpected> {
    let people = fields::at(answer, &["value"])?.and_then(Value::as_array).ok_or(Unexpected)?;
    people
        .iter()
        .map(|person| fields::required(person, &["id"]).and_then(|id| Guid::parse(&id).map_err(|_| Unexpected)))
        .collect()
}

fn listed(answer: &Value) -> Result<Vec<Guid>, Unexpected> {
    let groups = fields::at(answer, &["value"])?.and_then(Value::as_array).ok_or(Unexpected)?;
    groups.iter().map(|group| group.as_str().and_then(|id| Guid::parse(id).ok()).ok_or(Unexpected)).collect()
}
