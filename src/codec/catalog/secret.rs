//! Reads where a target's value stands in a secret manager.

use super::reader::{Node, Table};
use crate::domain::credential::{Field, Kind};
use crate::domain::names::SourceName;
use crate::domain::source::{Binding, Manager, SecretId, Source, Username};

/// Names and paths of secrets, in characters (AWS Secrets Manager has the longest: 512).
const LONGEST: usize = 512;
/// Keys and tags, in characters.
const LONGEST_KEY: usize = 256;

/// A binding, and where it stands, until the secret managers are known.
pub(super) struct Bound {
    pub(super) at: usize,
    pub(super) path: String,
    pub(super) source: SourceName,
    pub(super) secret: SecretId,
    /// Whether its fields or its user name have keys of their own.
    pub(super) keyed: bool,
    pub(super) tagged: bool,
}

/// Reads `secret`, and notes what it is bound to.
pub(super) fn read(node: &Node<'_>, kind: Option<Kind>, bound: &mut Vec<Bound>) -> Option<Binding> {
    let table = node.table()?;
    table.refuse_others(&["from", "name", "path", "role", "mount", "fields", "username", "ask_again"]);
    let source = table.required("from").and_then(|node| node.name(SourceName::parse));
    let secret = secret(&table);
    let fields = table.find("fields").map_or(Some(Vec::new()), |node| fields(&node, kind));
    let username = table.find("username").map_or(Some(None), |node| username(&node, kind).map(Some));
    let ask_again = table.flag("ask_again");
    if let Some(kind) = kind {
        node.demand(!kind.fields().is_empty(), "is of no use: this kind of credential has nothing secret")?;
        let several = kind.fields().len() > 1 && table.find("fields").is_none();
        node.demand(!several, "needs fields: this kind of credential has several values")?;
    }
    let binding = Binding {
        source: source?,
        place: None,
        secret: secret?,
        fields: fields?,
        username: username?,
        ask_again: ask_again?,
    };
    bound.push(Bound {
        at: node.at,
        path: node.path(),
        source: binding.source.clone(),
        secret: binding.secret.clone(),
        keyed: !binding.fields.is_empty(),
        tagged: matches!(binding.username, Some(Username::Tag(_))),
    });
    Some(binding)
}

/// What is wrong with a binding now that the secret managers are known; nothing when it is good.
pub(super) fn problem(bound: &Bound, source: Option<&Source>) -> Option<&'static str> {
    let Some(source) = source else { return Some("is from a secret manager that sources does not have") };
    let database = matches!(bound.secret, SecretId::StaticRole { .. });
    match (&source.manager, &bound.secret) {
        (manager, _) if bound.tagged && !matches!(manager, Manager::KeyVault { .. }) => {
            Some("has its user name in a tag, and only those of Azure Key Vault are read")
        }
        (Manager::Vault { .. }, SecretId::Named(_)) => Some("needs mount, and path or role: it is in a Vault"),
        (Manager::Vault { .. }, SecretId::Kv { .. }) if !bound.keyed => {
            Some("needs fields: a secret of Vault has its values by name")
        }
        (Manager::Vault { .. }, _) if database && bound.keyed => {
            Some("needs no fields: a static role has one password")
        }
        (Manager::Vault { .. }, _) => None,
        (_, SecretId::Named(_)) => None,
        (_, _) => Some("needs a name: path and role are for a Vault"),
    }
}

fn secret(table: &Table<'_>) -> Option<SecretId> {
    let text = |key| table.find(key).map_or(Some(None), |node| node.text(LONGEST).map(Some));
    let (name, path, role, mount) = (text("name"), text("path"), text("role"), text("mount"));
    match (name?, path?, role?, mount?) {
        (Some(name), None, None, None) => Some(SecretId::Named(name)),
        (None, Some(path), None, Some(mount)) => Some(SecretId::Kv { mount, path }),
        (None, None, Some(role), Some(mount)) => Some(SecretId::StaticRole { mount, role }),
        _ => {
            table.problem(&"has to have a name; or, in a Vault, mount and path, or mount and role");
            None
        }
    }
}

fn fields(node: &Node<'_>, kind: Option<Kind>) -> Option<Vec<(Field, String)>> {
    let table = node.table()?;
    let wanted = kind.map_or(&Field::ALL[..], Kind::fields);
    let names: Vec<_> = wanted.iter().map(|field| field.id()).collect();
    table.refuse_others(&names);
    let mut fields = Vec::new();
    for field in wanted {
        match table.find(field.id()) {
            Some(node) => fields.push((*field, node.text(LONGEST_KEY)?)),
            None if field.required() && kind.is_some() => {
                table.absence(field.id(), &"is missing: under which key does it stand?");
                return None;
            }
            None => {}
        }
    }
    Some(fields)
}

fn username(node: &Node<'_>, kind: Option<Kind>) -> Option<Username> {
    let table = node.table()?;
    table.refuse_others(&["key", "tag"]);
    let named = kind.is_none_or(|kind| matches!(kind, Kind::Basic | Kind::Windows | Kind::KeyPair));
    node.demand(named, "is of no use: this kind of credential has no user name")?;
    match (table.find("key"), table.find("tag")) {
        (Some(node), None) => node.text(LONGEST_KEY).map(Username::Key),
        (None, Some(node)) => node.text(LONGEST_KEY).map(Username::Tag),
        _ => {
            table.problem(&"has to have either key or tag: where the user name stands");
            None
        }
    }
}
