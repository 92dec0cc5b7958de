//! Update Datasource: every rule a new credential must keep before it takes the old one's place.

use serde_json::{Map, Value};

use super::error::{self, Refusal};
use super::read;
use crate::credential::Login;
use crate::estate::{Gateway, Opened};
use crate::world::State;

/// `credentialType` as documented, and `ServicePrincipal`, which the service takes although no document says so.
const TYPES: [&str; 7] = ["Basic", "Windows", "Anonymous", "OAuth2", "Key", "SAS", "ServicePrincipal"];
const CONNECTIONS: [&str; 2] = ["Encrypted", "NotEncrypted"];
const ALGORITHMS: [&str; 2] = ["None", "RSA-OAEP"];
const PRIVACY: [&str; 4] = ["None", "Public", "Organizational", "Private"];

/// `credentialDetails`, each field checked by itself.
struct Details<'a> {
    credentials: &'a str,
    kind: &'a str,
    encrypted_connection: &'a str,
    algorithm: &'a str,
    privacy: &'a str,
    caller_identity: bool,
    end_user_oauth2: bool,
}

/// Power BI REST, Gateways: Update Datasource.
pub(crate) fn update(state: &mut State, gateway_id: &str, source_id: &str, body: &[u8]) -> Result<(), Refusal> {
    let body: Value =
        serde_json::from_slice(body).map_err(|_| Refusal::bad_request("The body is not JSON.", "datasourceDelta"))?;
    let (gateway, source) = read::find(state, gateway_id, source_id)?;
    let details = details(&body)?;
    fits(&details, &source.kind)?;
    let login = open(gateway, &details)?;

    let refusal = state.estate.refusal(&source.database, &login);
    let member = gateway.primary().map(|member| member.id.clone());
    let opened = Opened {
        service: "powerbi".into(),
        place: source_id.to_owned(),
        member,
        credential_type: login.kind.clone(),
        plaintext: login.plaintext.clone(),
        kept: refusal.is_none(),
        at_ms: state.now_ms(),
    };
    state.estate.opened.push(opened);
    if let Some(words) = refusal {
        return Err(Refusal::pipeline(error::REFUSED_LOGIN, Some(&words)));
    }
    if let Some(source) = state.powerbi.sources.iter_mut().find(|source| source.id == source_id) {
        source.login = login;
        source.privacy = details.privacy.to_owned();
        source.encrypted_connection = details.encrypted_connection.to_owned();
        source.end_user_oauth2 = details.end_user_oauth2;
    }
    Ok(())
}

fn details(body: &Value) -> Result<Details<'_>, Refusal> {
    let Some(Value::Object(details)) = body.get("credentialDetails") else {
        let stray = body.as_object().and_then(|fields| fields.keys().next()).map_or("", String::as_str);
        let message = format!("The property '{stray}' does not exist on type GatewayDatasource.");
        return Err(Refusal::bad_request(&message, "datasourceDelta"));
    };
    Ok(Details {
        credentials: text(details, "credentials", &[])?,
        kind: text(details, "credentialType", &TYPES)?,
        encrypted_connection: text(details, "encryptedConnection", &CONNECTIONS)?,
        algorithm: text(details, "encryptionAlgorithm", &ALGORITHMS)?,
        privacy: text(details, "privacyLevel", &PRIVACY)?,
        caller_identity: flag(details, "useCallerAADIdentity")?,
        end_user_oauth2: flag(details, "useEndUserOAuth2Credentials")?,
    })
}

/// A required text; one of `allowed`, unless that is empty.
fn text<'a>(details: &'a Map<String, Value>, name: &str, allowed: &[&str]) -> Result<&'a str, Refusal> {
    let value = details.get(name).and_then(Value::as_str).unwrap_or_default();
    if value.is_empty() {
        return Err(Refusal::bad_request(&format!("{name} is required"), "credentialDetails"));
    }
    if !allowed.is_empty() && !allowed.contains(&value) {
        let message = format!("Requested value '{value}' was not found in {name}.");
        return Err(Refusal::bad_request(&message, "credentialDetails"));
    }
    Ok(value)
}

/// An optional boolean, which must be one: the documents' own example sends the text "False".
fn flag(details: &Map<String, Value>, name: &str) -> Result<bool, Refusal> {
    match details.get(name) {
        None => Ok(false),
        Some(Value::Bool(value)) => Ok(*value),
        Some(_) => Err(Refusal::bad_request(&format!("{name} must be a boolean"), "credentialDetails")),
    }
}

/// The rules that tie credential type, data source type and flags together.
fn fits(details: &Details<'_>, source_kind: &str) -> Result<(), Refusal> {
    if details.kind == "SAS" && !["AzureBlobs", "AzureDataLakeStorage"].contains(&source_kind) {
        return Err(Refusal::pipeline(error::INVALID_TYPE, None));
    }
    if details.caller_identity && (details.kind != "OAuth2" || source_kind == "Extension") {
        let message = "useCallerAADIdentity needs credentialType OAuth2 and is not for Extension data sources.";
        return Err(Refusal::invalid_request(message));
    }
    Ok(())
}

/// Opens the credential where it arrives: at the gateway with its key, in the cloud as it stands.
fn open(gateway: &Gateway, details: &Details<'_>) -> Result<Login, Refusal> {
    let sealed = details.algorithm == "RSA-OAEP";
    if sealed != gateway.is_on_premises() {
        return Err(Refusal::pipeline(error::INVALID_ALGORITHM, None));
    }
    let plaintext = match gateway.primary() {
        Some(_) if !gateway.online => return Err(Refusal::pipeline(error::UNREACHABLE, None)),
        Some(member) => member
            .key
            .open(details.credentials)
            .map_err(|problem| Refusal::pipeline(error::UNKNOWN, Some(&problem.to_string())))?,
        None => details.credentials.to_owned(),
    };
    Login::read(details.kind, &plaintext).map_err(|problem| Refusal::pipeline(error::UNKNOWN, Some(&problem)))
}
