//! Samples of secret managers, of what is bound to them, and of what is kept and told of both.

use pbi_rotate::codec::record::{Bound, Look, Notify, Pushed, Settled, SourceSeen};
use pbi_rotate::domain::credential::Field;
use pbi_rotate::domain::names::SourceName;
use pbi_rotate::domain::rotation::{Requester, Supply};
use pbi_rotate::domain::source::{
    Binding, EventGridToken, Events, Hint, Manager, News, SecretId, Source, Username, VaultLogin,
};
use pbi_rotate::domain::trouble::Cause;

use crate::parts::{LATER, Named, OPENED, ana, guid, name, text, trouble};

pub fn source_name() -> SourceName {
    SourceName::parse("vault").unwrap()
}

pub fn sources() -> Named<Vec<Source>> {
    let vault = |login| Manager::Vault { url: text("https://vault.contoso.example"), namespace: None, login };
    let app_role = || VaultLogin::AppRole { mount: text("approle") };
    let jwt =
        VaultLogin::Jwt { mount: text("jwt"), role: text("pbi"), audience: text("https://vault.contoso.example") };
    let spaced = Manager::Vault { url: text("https://bao"), namespace: Some(text("team")), login: app_role() };
    let google = |location| Manager::Google { project: text("contoso-data"), location };
    let (project, environment, folder) = (text("e6501cee"), text("prod"), text("/warehouse"));
    let infisical = |url| Manager::Infisical {
        url,
        project: project.clone(),
        environment: environment.clone(),
        folder: folder.clone(),
    };
    let managers = [
        Manager::KeyVault { vault: text("contoso-data") },
        Manager::Aws { region: text("eu-central-1"), account: text("481273905516") },
        google(None),
        google(Some(text("europe-west3"))),
        vault(app_role()),
        vault(jwt),
        spaced,
        Manager::Doppler { project: text("warehouse"), config: text("prd") },
        infisical(None),
        infisical(Some(text("https://infisical.contoso.example"))),
        Manager::Pushed,
    ];
    let token = EventGridToken { tenant: guid("7e93afe6"), audience: text("api://pbi-rotate") };
    let grid = |entra| Events::EventGrid { topic: text("/subscriptions/b3250b3a"), entra };
    let events = [
        Events::StandardWebhooks,
        grid(None),
        grid(Some(token)),
        Events::EventBridge,
        Events::Sns { topic: text("arn:aws:sns:eu-central-1:481273905516:secrets"), sha1: true },
        Events::PubSub { audience: text("https://pbi"), email: text("push@contoso.example") },
        Events::OpenBaoAudit,
        Events::Doppler,
        Events::Infisical,
    ];
    let of = |manager, events| Source { name: source_name(), manager, events };
    vec![
        ("managers", managers.into_iter().map(|manager| of(manager, None)).collect()),
        ("events", events.into_iter().map(|events| of(Manager::Pushed, Some(events))).collect()),
    ]
}

/// A binding with nothing left out.
pub fn binding() -> Binding {
    Binding {
        source: source_name(),
        place: Some(text("Azure Key Vault\ncontoso-data")),
        secret: SecretId::Named(text("sales-db-password")),
        fields: vec![(Field::Password, text("pw"))],
        username: Some(Username::Key(text("user"))),
        ask_again: true,
    }
}

pub fn bindings() -> Named<Vec<Binding>> {
    let plain = Binding { place: None, fields: Vec::new(), username: None, ask_again: false, ..binding() };
    let kv = SecretId::Kv { mount: text("secret"), path: text("teams/sales") };
    let role = SecretId::StaticRole { mount: text("database"), role: text("orders-reader") };
    let fields = Field::ALL.iter().map(|field| (*field, text("key"))).collect();
    let of = |secret| Binding { secret, ..plain.clone() };
    let tagged = Binding { username: Some(Username::Tag(text("login"))), fields, ..plain.clone() };
    vec![("bindings", vec![plain.clone(), of(kv), of(role), tagged, binding()])]
}

pub fn requesters() -> Named<Requester> {
    vec![("a person", ana().into()), ("a secret manager", Requester::Source(source_name()))]
}

pub fn supplies() -> Named<Supply> {
    let whole = Supply {
        previous: true,
        seen: Some(text("7")),
        taken: Some(text("6")),
        current: Some(text("8")),
        account: Some(text("feed_green")),
        passed: 2,
        turning_at: Some(OPENED),
        turned_at: Some(LATER),
        done_at: Some(LATER),
        failures: 3,
        due: Some(LATER),
        trouble: Some(trouble(Cause::SecretUnfit)),
    };
    vec![("of a person", Supply::default()), ("with everything", whole)]
}

pub fn hints() -> Vec<Hint> {
    let news = [News::Changed, News::Expiring, News::Expired, News::RotationFailed, News::Due, News::Other];
    let whole = |news| Hint {
        event: text("msg-1"),
        secret: Some(SecretId::Named(text("sales-db-password"))),
        version: Some(text("7")),
        news,
    };
    let bare = Hint { event: text("msg-2"), secret: None, version: None, news: News::Changed };
    news.map(whole).into_iter().chain([bare]).collect()
}

pub fn settled() -> Named<Settled> {
    vec![
        (
            "put in place",
            Settled {
                binding: text("0f1e2d3c4b5a6978"),
                version: Some(text("6")),
                settled: text("7"),
                opened_at: OPENED,
            },
        ),
        (
            "not wanted",
            Settled { binding: text("0f1e2d3c4b5a6978"), version: None, settled: text("7"), opened_at: OPENED },
        ),
    ]
}

pub fn looks() -> Named<Look> {
    vec![
        ("told", Look { event: text("msg-1"), told: true, due: LATER, failures: 0 }),
        ("by ourselves", Look { event: text("reconcile/20779"), told: false, due: OPENED, failures: 12 }),
    ]
}

/// What is known of a secret, with nothing left out.
fn bound() -> Bound {
    Bound {
        binding: text("9c1f2f5e"),
        version: Some(text("6")),
        settled: Some(text("7")),
        at: Some(OPENED),
        opened_at: Some(OPENED),
        heard: Some(LATER),
        trouble: Some(trouble(Cause::Unreachable)),
        told: Some((text("7"), News::Expiring)),
    }
}

pub fn bounds() -> Named<Bound> {
    let new = Bound { binding: text("9c1f2f5e"), ..Bound::default() };
    vec![("with everything", bound()), ("not heard of", new)]
}

pub fn notifies() -> Named<Notify> {
    vec![("to be told", Notify { news: News::Expired, due: LATER, failures: 2 })]
}

pub fn pushed() -> Named<Pushed> {
    vec![("sealed", Pushed { version: text("7"), jwe: text("e30.a.b.c.d") })]
}

pub fn seen() -> Vec<SourceSeen> {
    let source = Source { name: source_name(), manager: Manager::Pushed, events: Some(Events::StandardWebhooks) };
    let silent =
        SourceSeen { source: source.clone(), paused: false, heard: None, unproven: 0, why: None, bound: Vec::new() };
    let bound = vec![(name("sales-db"), bound())];
    vec![
        SourceSeen { paused: true, heard: Some(LATER), unproven: 7, why: Some(text("hook-stale")), bound, source },
        silent,
    ]
}
