//! Reads a target's credential: everything of it but the secret.

use super::reader::{Findings, Node, Table};
use crate::domain::credential::{Kind, Login};
use crate::domain::names::Guid;

/// User names and identifiers, in characters.
const MAX_ACCOUNT: usize = 256;

/// Reads `credential`. The kind is worth having alone: destinations are checked against it.
pub(super) fn read(node: &Node<'_>, findings: &mut Findings) -> Option<(Kind, Option<Login>)> {
    let table = node.table(findings)?;
    let kind = table.required("kind", findings, |node, findings| node.choice(&Kind::ALL, Kind::name, findings));
    table.refuse_others(kind.map_or(&["kind", "username", "tenant", "client", "identifier"], keys), findings);
    Some((kind?, login(kind?, &table, findings)))
}

fn login(kind: Kind, table: &Table<'_>, findings: &mut Findings) -> Option<Login> {
    let account = |node: &Node<'_>, findings: &mut Findings| node.text(MAX_ACCOUNT, findings).map(str::to_owned);
    let guid = |node: &Node<'_>, findings: &mut Findings| node.parsed(Guid::parse, findings);
    Some(match kind {
        Kind::Anonymous => Login::Anonymous,
        Kind::Basic => Login::Basic { username: table.required("username", findings, account)? },
        Kind::Windows => Login::Windows { username: table.required("username", findings, windows_account)? },
        Kind::WindowsWithoutImpersonation => Login::WindowsWithoutImpersonation,
        Kind::Key => Login::Key,
        Kind::OAuth2 => Login::OAuth2,
        Kind::Sas => Login::Sas,
        Kind::ServicePrincipal => {
            let tenant = table.required("tenant", findings, guid);
            let client = table.required("client", findings, guid);
            Login::ServicePrincipal { tenant: tenant?, client: client? }
        }
        Kind::KeyPair => Login::KeyPair { identifier: table.required("identifier", findings, account)? },
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
fn windows_account(node: &Node<'_>, findings: &mut Findings) -> Option<String> {
    let name = node.text(MAX_ACCOUNT, findings)?;
    let whole = |(one, other): (&str, &str), mark| !one.is_empty() && !other.is_empty() && !other.contains(mark);
    let good = match (name.split_once('\\'), name.split_once('@')) {
        (Some(parts), _) => whole(parts, '\\'),
        (None, Some(parts)) => whole(parts, '@'),
        (None, None) => false,
    };
    if !good {
        node.problem(r"has to be DOMAIN\user, in single quotation marks, or user@domain", findings);
    }
    good.then(|| name.to_owned())
}
