//! Reads a credential once it lies open: `{"credentialData":[{"name":...,"value":...}]}`.

use serde_json::Value;

/// An open credential, as the gateway or the cloud hands it to a data source.
#[derive(Clone)]
pub(crate) struct Login {
    /// `credentialType` in the spelling of the API it came through.
    pub(crate) kind: String,
    /// Names and values.
    pub(crate) pairs: Vec<(String, String)>,
    /// The text it was read from.
    pub(crate) plaintext: String,
}

impl Login {
    /// Reads the canonical text of a credential type.
    pub(crate) fn read(kind: &str, plaintext: &str) -> Result<Login, String> {
        let names = names(kind).ok_or_else(|| format!("Credential type '{kind}' is not supported."))?;
        let parsed: Value = serde_json::from_str(plaintext).map_err(|_| "The credentials are not JSON.".to_owned())?;
        let pairs = match parsed.get("credentialData") {
            Some(Value::Array(items)) => items.iter().map(pair).collect::<Option<Vec<_>>>(),
            // The REST page writes an empty text for Anonymous, the SDK an empty list.
            Some(Value::String(text)) if text.is_empty() && kind == "Anonymous" => Some(Vec::new()),
            _ => None,
        };
        let pairs = pairs.ok_or_else(|| "'credentialData' is not a list of names and values.".to_owned())?;
        let missing = names.required.iter().any(|name| !pairs.iter().any(|(found, _)| found == name));
        let surplus = pairs
            .iter()
            .any(|(found, _)| !names.required.contains(&found.as_str()) && !names.optional.contains(&found.as_str()));
        if missing || surplus {
            return Err(format!("The names in 'credentialData' are not those of '{kind}'."));
        }
        Ok(Login { kind: kind.to_owned(), pairs, plaintext: plaintext.to_owned() })
    }

    /// A credential's value by name.
    pub(crate) fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The names that belong to a credential type.
pub(crate) struct Names {
    pub(crate) required: &'static [&'static str],
    pub(crate) optional: &'static [&'static str],
}

/// Names by credential type, Power BI's and Fabric's spellings alike (Power BI REST, Gateways: Update Datasource, examples;
/// Fabric REST, Connections: `Credentials` and its kinds).
pub(crate) fn names(kind: &str) -> Option<Names> {
    let required: &[&str] = match kind {
        "Basic" | "Windows" => &["username", "password"],
        "Key" => &["key"],
        "OAuth2" => &["accessToken"],
        "SAS" | "SharedAccessSignature" => &["token"],
        "ServicePrincipal" => &["tenantId", "servicePrincipalClientId", "servicePrincipalSecret"],
        "KeyPair" => &["identifier", "privateKey"],
        "Anonymous" | "WindowsWithoutImpersonation" | "WorkspaceIdentity" => &[],
        _ => return None,
    };
    Some(Names { required, optional: if kind == "KeyPair" { &["passphrase"] } else { &[] } })
}

fn pair(item: &Value) -> Option<(String, String)> {
    Some((item.get("name")?.as_str()?.to_owned(), item.get("value")?.as_str()?.to_owned()))
}
