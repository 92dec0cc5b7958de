//! The rules an Update Connection request must keep, by kind of connection.

use serde_json::{Map, Value, json};

use super::Connection;
use super::error::Refusal;
use crate::credential::{self, Login};
use crate::estate::{Gateway, Member};
use crate::powerbi::error::{INVALID_TYPE, UNKNOWN};

/// A credential opened where it arrived.
pub(crate) struct Arrival {
    /// The member whose key opened it; none without an on-premises gateway.
    pub(crate) member: Option<String>,
    pub(crate) login: Login,
}

/// The secret of a credential type that may be a Key Vault reference instead (Fabric REST: `KeyVaultSecretReference`).
const REFERENCES: [(&str, &str); 4] = [
    ("password", "passwordReference"),
    ("key", "keyReference"),
    ("servicePrincipalSecret", "servicePrincipalSecretReference"),
    ("token", "tokenReference"),
];

/// The outer object: `connectivityType` must be there and stay, and only known fields may come along.
pub(crate) fn envelope(connection: &Connection, body: &Map<String, Value>) -> Result<(), Refusal> {
    let connectivity = text(body, "connectivityType")?;
    if connectivity != connection.connectivity {
        return Err(Refusal::invalid("connectivityType cannot be changed."));
    }
    let named = !matches!(connectivity, "PersonalCloud" | "OnPremisesGatewayPersonal");
    let shared = matches!(connectivity, "PersonalCloud" | "ShareableCloud");
    for field in body.keys() {
        let known = match field.as_str() {
            "connectivityType" | "privacyLevel" | "credentialDetails" => true,
            "displayName" => named,
            "allowConnectionUsageInGateway" => shared,
            _ => false,
        };
        if !known {
            return Err(Refusal::invalid(&format!("The field '{field}' cannot be updated on this connection.")));
        }
    }
    one_of(body, "privacyLevel", &["None", "Private", "Organizational", "Public"])
}

/// `credentialDetails` without the credentials.
pub(crate) fn details(details: &Map<String, Value>) -> Result<(), Refusal> {
    let sign_on =
        ["None", "Kerberos", "MicrosoftEntraID", "SecurityAssertionMarkupLanguage", "KerberosDirectQueryAndRefresh"];
    one_of(details, "singleSignOnType", &sign_on)?;
    one_of(details, "connectionEncryption", &["Encrypted", "Any", "NotEncrypted"])?;
    if details.get("skipTestConnection").is_some_and(|skip| !skip.is_boolean()) {
        return Err(Refusal::invalid("skipTestConnection must be a boolean."));
    }
    let fields = ["singleSignOnType", "connectionEncryption", "skipTestConnection", "credentials"];
    only(details, &fields)
}

/// An on-premises cluster: one entry for each member, each under that member's key.
pub(crate) fn clustered(gateway: &Gateway, sent: &Map<String, Value>, may_miss: bool) -> Result<Vec<Arrival>, Refusal> {
    only(sent, &["credentialType", "values"])?;
    let kind = settable(sent)?;
    if matches!(kind, "WindowsWithoutImpersonation" | "WorkspaceIdentity") {
        return Err(Refusal::gateway_failed(INVALID_TYPE, "The credential type does not fit the connection."));
    }
    let entries =
        sent.get("values").and_then(Value::as_array).ok_or_else(|| Refusal::invalid("values is required."))?;
    let mut arrivals: Vec<Arrival> = Vec::new();
    for entry in entries {
        let entry = entry.as_object().ok_or_else(|| Refusal::invalid("values holds something else than entries."))?;
        only(entry, &["gatewayId", "encryptedCredentials"])?;
        let id = text(entry, "gatewayId")?;
        let member = gateway.members.iter().find(|member| member.id == id);
        let member = member.ok_or_else(|| Refusal::invalid(&format!("'{id}' is not a member of the gateway.")))?;
        if arrivals.iter().any(|arrival| arrival.member.as_deref() == Some(id)) {
            return Err(Refusal::invalid(&format!("'{id}' has more than one entry.")));
        }
        let login = open(member, kind, text(entry, "encryptedCredentials")?)?;
        arrivals.push(Arrival { member: Some(id.to_owned()), login });
    }
    if arrivals.is_empty() || (arrivals.len() < gateway.members.len() && !may_miss) {
        return Err(Refusal::invalid("values needs one entry for every member of the gateway."));
    }
    Ok(arrivals)
}

/// A personal gateway: a single ciphertext.
pub(crate) fn personal(gateway: &Gateway, sent: &Map<String, Value>) -> Result<Vec<Arrival>, Refusal> {
    only(sent, &["credentialType", "encryptedCredentials"])?;
    let kind = settable(sent)?;
    let member = gateway.primary().ok_or_else(Refusal::not_found)?;
    let login = open(member, kind, text(sent, "encryptedCredentials")?)?;
    Ok(vec![Arrival { member: Some(member.id.clone()), login }])
}

/// A cloud or virtual-network connection: the fields of the type, in the clear.
pub(crate) fn plain(connection: &Connection, sent: &Map<String, Value>) -> Result<Login, Refusal> {
    let kind = settable(sent)?;
    let cloud = matches!(connection.connectivity.as_str(), "ShareableCloud" | "PersonalCloud");
    if kind == "WindowsWithoutImpersonation" || (kind == "WorkspaceIdentity" && !cloud) {
        return Err(Refusal::gateway_failed(INVALID_TYPE, "The credential type does not fit the connection."));
    }
    let names = credential::names(kind).ok_or_else(|| Refusal::invalid("The credential type is unknown."))?;
    let mut known = vec!["credentialType"];
    let mut pairs = Vec::new();
    for name in names.required.iter().chain(names.optional) {
        let stand_in = REFERENCES.iter().find(|(secret, _)| secret == name).map(|(_, reference)| *reference);
        let referred = stand_in.and_then(|reference| sent.get(reference));
        known.push(name);
        known.extend(stand_in);
        match (sent.get(*name).and_then(Value::as_str), referred) {
            (Some(value), None) if !value.is_empty() => pairs.push(((*name).to_owned(), value.to_owned())),
            (None, Some(reference)) if cloud && kind != "Windows" => key_vault(reference)?,
            (None, None) if names.optional.contains(name) => {}
            _ => return Err(Refusal::invalid(&format!("'{name}' is required, once."))),
        }
    }
    only(sent, &known)?;
    let data: Vec<Value> = pairs.iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    Ok(Login { kind: kind.to_owned(), pairs, plaintext: json!({"credentialData": data}).to_string() })
}

/// A reference with a version breaks the connection in practice, so it is refused here.
fn key_vault(reference: &Value) -> Result<(), Refusal> {
    let named = |name: &str| reference.get(name).and_then(Value::as_str).is_some();
    if !named("connectionId") || !named("secretName") {
        return Err(Refusal::invalid("A Key Vault reference needs connectionId and secretName."));
    }
    if named("version") {
        let code = "DMS_CredentialsNotFoundInAzureKeyVaultErrorCode";
        return Err(Refusal::gateway_failed(code, "The secret was not found in the Azure Key Vault."));
    }
    Ok(())
}

fn open(member: &Member, kind: &str, ciphertext: &str) -> Result<Login, Refusal> {
    let failed = |problem: &str| Refusal::gateway_failed(UNKNOWN, problem);
    let plaintext = member.key.open(ciphertext).map_err(|problem| failed(&problem.to_string()))?;
    Login::read(kind, &plaintext).map_err(|problem| failed(&problem))
}

/// The credential type, which must be one that the API can set: OAuth2 has no input schema.
fn settable(sent: &Map<String, Value>) -> Result<&str, Refusal> {
    let kind = text(sent, "credentialType")?;
    if matches!(kind, "OAuth2" | "SAS") || credential::names(kind).is_none() {
        return Err(Refusal::invalid(&format!("credentialType '{kind}' cannot be set.")));
    }
    Ok(kind)
}

fn text<'a>(fields: &'a Map<String, Value>, name: &str) -> Result<&'a str, Refusal> {
    let value = fields.get(name).and_then(Value::as_str).filter(|value| !value.is_empty());
    value.ok_or_else(|| Refusal::invalid(&format!("'{name}' is required.")))
}

fn one_of(fields: &Map<String, Value>, name: &str, allowed: &[&str]) -> Result<(), Refusal> {
    match fields.get(name) {
        None => Ok(()),
        Some(Value::String(value)) if allowed.contains(&value.as_str()) => Ok(()),
        Some(_) => Err(Refusal::invalid(&format!("'{name}' has a value that is not allowed."))),
    }
}

fn only(fields: &Map<String, Value>, known: &[&str]) -> Result<(), Refusal> {
    match fields.keys().find(|field| !known.contains(&field.as_str())) {
        None => Ok(()),
        Some(field) => Err(Refusal::invalid(&format!("The field '{field}' is not known here."))),
    }
}
