//! Reads one secret manager: where it is, and how its messages are told from forged ones.

use super::reader::{Node, Table};
use crate::config::base_url;
use crate::domain::names::SourceName;
use crate::domain::source::{EventGridToken, Events, Manager, Source, VaultLogin};

/// Names and ids, in characters; none of them is longer.
const LONGEST: usize = 128;
/// Addresses and resource ids, in characters.
const LONGEST_ADDRESS: usize = 512;

const MANAGERS: [&str; 7] =
    ["AzureKeyVault", "AwsSecretsManager", "GoogleSecretManager", "Vault", "Doppler", "Infisical", "Pushed"];
const EVENTS: [&str; 8] =
    ["StandardWebhooks", "EventGrid", "EventBridge", "Sns", "PubSub", "OpenBaoAudit", "Doppler", "Infisical"];

/// Reads the secret manager of that name.
pub(super) fn read(name: &SourceName, node: &Node<'_>) -> Option<Source> {
    let table = node.table()?;
    table.refuse_others(&["manager", "events"]);
    let manager = table.required("manager").and_then(|node| manager(&node));
    let events = table.find("events").map_or(Some(None), |node| events(&node).map(Some));
    let (manager, events) = (manager?, events?);
    fitting(&table, &manager, events.as_ref())?;
    Some(Source { name: name.clone(), manager, events })
}

fn manager(node: &Node<'_>) -> Option<Manager> {
    let table = node.table()?;
    let at = table.required("kind")?.one_of(&MANAGERS)?;
    let known: &[&str] = match at {
        0 => &["kind", "vault"],
        1 => &["kind", "region", "account"],
        2 => &["kind", "project", "location"],
        3 => &["kind", "url", "namespace", "login"],
        4 => &["kind", "project", "config"],
        5 => &["kind", "url", "project", "environment", "folder"],
        _ => &["kind"],
    };
    table.refuse_others(known);
    Some(match at {
        0 => Manager::KeyVault { vault: word(&table, "vault")?.to_ascii_lowercase() },
        1 => {
            let (region, account) = (word(&table, "region"), table.required("account").and_then(|node| digits(&node)));
            Manager::Aws { region: region?, account: account? }
        }
        2 => Manager::Google { project: word(&table, "project")?, location: word_or_none(&table, "location")? },
        3 => {
            let login = table.find("login");
            let login = login.map_or(Some(app_role(None)), |node| vault_login(&node));
            let url = table.required("url").and_then(|node| address(&node));
            let namespace = table.find("namespace");
            let namespace = namespace.map_or(Some(None), |node| node.text(LONGEST).map(Some));
            Manager::Vault { url: url?, namespace: namespace?, login: login? }
        }
        4 => Manager::Doppler { project: word(&table, "project")?, config: word(&table, "config")? },
        5 => {
            let url = table.find("url").map_or(Some(None), |node| address(&node).map(Some));
            let folder = table.find("folder").map_or(Some("/".to_owned()), |node| folder(&node));
            let (project, environment) = (word(&table, "project"), word(&table, "environment"));
            Manager::Infisical { url: url?, project: project?, environment: environment?, folder: folder? }
        }
        _ => Manager::Pushed,
    })
}

fn vault_login(node: &Node<'_>) -> Option<VaultLogin> {
    let table = node.table()?;
    let jwt = table.required("method")?.one_of(&["AppRole", "Jwt"])? == 1;
    let known: &[&str] = if jwt { &["method", "mount", "role", "audience"] } else { &["method", "mount"] };
    table.refuse_others(known);
    let mount = table.find("mount").map_or(Some(None), |node| node.text(LONGEST).map(Some))?;
    if !jwt {
        return Some(app_role(mount));
    }
    let (role, audience) = (word(&table, "role"), table.text("audience", LONGEST_ADDRESS));
    Some(VaultLogin::Jwt { mount: mount.unwrap_or_else(|| "jwt".to_owned()), role: role?, audience: audience? })
}

fn app_role(mount: Option<String>) -> VaultLogin {
    VaultLogin::AppRole { mount: mount.unwrap_or_else(|| "approle".to_owned()) }
}

fn events(node: &Node<'_>) -> Option<Events> {
    let table = node.table()?;
    let at = table.required("kind")?.one_of(&EVENTS)?;
    let known: &[&str] = match at {
        1 => &["kind", "topic", "tenant", "audience"],
        3 => &["kind", "topic", "sha1"],
        4 => &["kind", "audience", "email"],
        _ => &["kind"],
    };
    table.refuse_others(known);
    Some(match at {
        0 => Events::StandardWebhooks,
        1 => {
            let topic = table.text("topic", LONGEST_ADDRESS);
            Events::EventGrid { topic: topic?.to_ascii_lowercase(), entra: event_grid_token(&table)? }
        }
        2 => Events::EventBridge,
        3 => {
            let (node, sha1) = (table.required("topic")?, table.flag("sha1"));
            let topic = node.text(LONGEST_ADDRESS)?;
            let whole = topic.split(':').count() == 6 && topic.starts_with("arn:aws") && topic.contains(":sns:");
            node.demand(whole, "has to be the topic's ARN, arn:aws:sns:<region>:<account>:<name>")?;
            Events::Sns { topic, sha1: sha1? }
        }
        4 => {
            let (audience, email) = (table.text("audience", LONGEST_ADDRESS), table.text("email", LONGEST_ADDRESS));
            Events::PubSub { audience: audience?, email: email? }
        }
        5 => Events::OpenBaoAudit,
        6 => Events::Doppler,
        _ => Events::Infisical,
    })
}

/// `Some(None)`: deliveries bring a secret header instead.
fn event_grid_token(table: &Table<'_>) -> Option<Option<EventGridToken>> {
    match (table.find("tenant"), table.find("audience")) {
        (None, None) => Some(None),
        (tenant, audience) => {
            let tenant = tenant.map_or_else(|| table.guid("tenant"), |node| node.guid());
            let audience = audience.map_or_else(|| table.text("audience", LONGEST), |node| node.text(LONGEST));
            Some(Some(EventGridToken { tenant: tenant?, audience: audience? }))
        }
    }
}

/// Refuses messages of one manager about another.
fn fitting(table: &Table<'_>, manager: &Manager, events: Option<&Events>) -> Option<()> {
    let fits = match (events, manager) {
        (None, Manager::Pushed) => {
            table.absence("events", &"is missing: what is pushed comes by StandardWebhooks");
            return None;
        }
        (None | Some(Events::StandardWebhooks), _)
        | (Some(Events::EventGrid { .. }), Manager::KeyVault { .. })
        | (Some(Events::EventBridge | Events::Sns { .. }), Manager::Aws { .. })
        | (Some(Events::PubSub { .. }), Manager::Google { .. })
        | (Some(Events::OpenBaoAudit), Manager::Vault { .. })
        | (Some(Events::Doppler), Manager::Doppler { .. })
        | (Some(Events::Infisical), Manager::Infisical { .. }) => true,
        _ => false,
    };
    if !fits {
        table.absence("events", &"are of another secret manager; StandardWebhooks are taken from any");
    }
    fits.then_some(())
}

/// A name that becomes a part of an address.
fn word(table: &Table<'_>, key: &'static str) -> Option<String> {
    plain(&table.required(key)?)
}

fn word_or_none(table: &Table<'_>, key: &'static str) -> Option<Option<String>> {
    table.find(key).map_or(Some(None), |node| plain(&node).map(Some))
}

fn plain(node: &Node<'_>) -> Option<String> {
    let text = node.text(LONGEST)?;
    let plain = text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:".contains(&b)) && !text.contains("..");
    node.demand(plain, "may have only letters, digits and '-', '_', '.', ':' in it")?;
    Some(text)
}

fn digits(node: &Node<'_>) -> Option<String> {
    let text = node.text(LONGEST)?;
    let whole = text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit());
    node.demand(whole, "has to be the account's twelve digits, in quotation marks")?;
    Some(text)
}

fn address(node: &Node<'_>) -> Option<String> {
    let text = node.text(LONGEST_ADDRESS)?;
    base_url(&text).map_err(|rule| node.problem(&rule)).ok()
}

fn folder(node: &Node<'_>) -> Option<String> {
    let text = node.text(LONGEST_ADDRESS)?;
    let whole = text == "/" || text.starts_with('/') && !text.ends_with('/') && !text.contains("//");
    node.demand(whole, "has to be / or like /team/service")?;
    Some(text)
}
