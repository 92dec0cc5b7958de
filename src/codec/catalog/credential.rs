//! Reads a target's credential: everything of it but the secret.

use super::reader::{Node, Table};
use crate::domain::credential::{Kind, Login};

/// User names and identifiers, in characters.
const MAX_ACCOUNT: usize = 256;

/// Reads `credential`. The kind is worth having alone: destinations are checked against it.
pub(super) fn read(node: &Node<'_>) -> (Option<Kind>, Option<Login>) {
    let Some(table) = node.table() else { return (None, None) };
    let kind = table.required_choice("kind", &Kind::ALL, &Kind::ALL.map(Kind::name));
    table.refuse_others(kind.map_or(&["kind", "username", "tenant", "client", "identifier"], keys));
    (kind, kind.and_then(|kind| login(kind, &table)))
}

fn login(kind: Kind, table: &Table<'_>) -> Option<Login> {
    Some(match kind {
        Kind::Anonymous => Login::Anonymous,
        Kind::Basic => Login::Basic { username: table.text("username", MAX_ACCOUNT)? },
        Kind::Windows => Login::Windows { username: windows_account(&table.required("username")?)? },
        Kind::WindowsWithoutImpersonation => Login::WindowsWithoutImpersonation,
        Kind::Key => Login::Key,
        Kind::OAuth2 => Login::OAuth2,
        Kind::Sas => Login::Sas,
        Kind::ServicePrincipal => {
            let tenant = table.guid("tenant");
            let client = table.guid("client");
            Login::ServicePrincipal { tenant: tenant?, client: client? }
        }
        Kind::KeyPair => Login::KeyPair { identifier: table.text("identifier", MAX_ACCOUNT)? },
        Kind::WorkspaceIdentity => Login::WorkspaceIdentity,
    })
}

const fn keys(kind: Kind) -> &'static [&'static str] {
    match kind {
        Kind::Basic | Kind::Windows => &["kind", "username"],
        Kind::ServicePrincipal => &["kind", "tenant", "client"],
        Kind::KeyPair => &["kind", "identifier"],
        Kind::Anonymous
        | Kind::WindowsWithoutImpersonation
        | Kind::Key
        | Kind::OAuth2
        | Kind::Sas
        | Kind::WorkspaceIdentity => &["kind"],
    }
}

/// `DOMAIN\user` or `user@domain`: a bare name would be looked up on the gateway's own machine.
fn windows_account(node: &Node<'_>) -> Option<String> {
    let name = node.text(MAX_ACCOUNT)?;
    let whole = |(one, other): (&str, &str), mark| !one.is_empty() && !other.is_empty() && !other.contains(mark);
    let good = match (name.split_once('\\'), name.split_once('@')) {
        (Some(parts), _) => whole(parts, '\\'),
        (None, Some(parts)) => whole(parts, '@'),
        (None, None) => false,
    };
    node.demand(good, r"has to be DOMAIN\user, in single quotation marks, or user@domain")?;
    Some(name)
}
