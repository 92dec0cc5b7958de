//! Looking around for operators: whether everything that rotations need is there, and what to do where it is not.

mod places;
mod sources;

use std::cell::RefCell;
use std::time::Duration;

use super::answer::{After, Answer, Shown};
use super::chats;
use super::house::House;
use super::identity::{among, member};
use super::together::{Pending, each};
use crate::clients::entra::Tokens;
use crate::clients::graph::Graph;
use crate::codec::catalog;
use crate::codec::chat::Occasion;
use crate::codec::content::report::{self, Report};
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::sheet::Sheet;
use crate::codec::words;
use crate::domain::catalog::Catalog;
use crate::domain::names::{GroupId, Platform, TargetName};
use crate::domain::policy::{Role, Subject, groups};
use crate::domain::refusal::Refusal;
use crate::domain::target::Target;
use crate::domain::trouble::{Cause, Trouble};
use crate::ports::{Ports, Unanswered};
use crate::trail::Line;
use places::Look;

/// What the app has to be allowed in Slack, as its manifest asks for it.
pub const SCOPES: [&str; 5] = ["commands", "chat:write", "im:write", "users:read", "usergroups:read"];

/// How long is looked. What comes after an answer ends half a minute later, whatever it is doing (Cloudflare Workers,
/// Context: waitUntil).
const TIME: Duration = Duration::from_secs(20);
/// How long the telling may take after that.
const TELLING: Duration = Duration::from_secs(8);
/// Calls that are kept for the telling.
const FOR_TELLING: usize = 3;

/// What there is to look at.
#[derive(Debug)]
pub struct Examination {
    on: Platform,
    operators: Vec<Subject>,
    targets: Vec<Target>,
}

/// Answers at once that it is being looked.
///
/// # Errors
/// When whoever typed is no operator, or there is no such target.
pub async fn typed<P: Ports>(
    house: House<'_, P>,
    occasion: Occasion,
    target: Option<TargetName>,
) -> Result<Answer, Refusal> {
    let member = member(house, &occasion.caller).await?;
    let mut catalog = known(house).await?;
    if !among(house, &member, &catalog.operators).await? {
        return Err(Refusal::NotOperator);
    }
    let targets = match target {
        None => catalog.targets.into_values().collect(),
        Some(name) => match catalog.targets.remove(&name) {
            Some(target) => vec![target],
            None => return Err(Refusal::UnknownTarget(catalog.nearest(name.as_str()).into_iter().cloned().collect())),
        },
    };
    let examination = Box::new(Examination { on: occasion.caller.platform(), operators: catalog.operators, targets });
    let after = After::Examine { examination, occasion };
    Ok(Answer { shown: Shown::Message(report::looking()), after: vec![after] })
}

/// The whole catalog: the doctor goes through all of it.
async fn known<P: Ports>(house: House<'_, P>) -> Result<Catalog, Refusal> {
    match house.ports.register(RegisterOrder::Catalog).await {
        Ok(RegisterReply::Catalog(text)) => catalog::parse(&text).map_err(|_| Refusal::Storage),
        Ok(_) | Err(Unanswered) => Err(Refusal::Storage),
    }
}

/// Looks at everything, as far as time and calls reach, and says what was found.
pub async fn examine<P: Ports>(house: House<'_, P>, examination: &Examination) -> Sheet {
    let until = house.ports.now() + TIME;
    house.ports.wait_until(until);
    let mut report = Report::default();
    let readable = tokens(house, &mut report).await;
    app(house, &mut report).await;
    bot(house, &mut report).await;
    user_groups(house, examination, &mut report).await;
    sources::look(house, &examination.targets, until, &mut report).await;
    let look = Look { house, until, gateways: RefCell::default() };
    if readable {
        for target in &examination.targets {
            look.target(target, &mut report).await;
        }
    } else {
        report.wrong.push(("Targets".to_owned(), "Without a token nothing can be read of them.".to_owned()));
    }
    house.log(&Line::new("doctor", if report.wrong.is_empty() { "ok" } else { "wrong" }));
    house.ports.wait_until(until + TELLING);
    report::message(&report, house.command(examination.on))
}

/// Whether Entra gives a token now, of those that are needed: one that is kept says nothing of a secret that has expired
/// since.
async fn tokens<P: Ports>(house: House<'_, P>, report: &mut Report) -> bool {
    house.kept.tokens.forget(&house.config.powerbi.scope);
    let powerbi = house.powerbi_token().await;
    let mut any = powerbi.is_ok();
    note(report, "Token for Power BI", powerbi.map(|_| ()));
    if let Some(endpoint) = &house.config.fabric {
        house.kept.tokens.forget(&endpoint.scope);
        let fabric = house.fabric_token().await;
        any |= fabric.is_ok();
        note(report, "Token for Fabric", fabric.map(|_| ()));
    }
    any
}

/// Whether the app is installed where the settings say, and may do what it has to.
async fn app<P: Ports>(house: House<'_, P>, report: &mut Report) {
    let Some(ours) = &house.config.slack else { return };
    let asked = async { house.slack()?.identity().await };
    let identity = match asked.await {
        Ok(identity) => identity,
        Err(trouble) => return note(report, "Slack", Err(trouble)),
    };
    let team = ours.team_id.is_none() || identity.team.is_none() || identity.team == ours.team_id;
    let enterprise = ours.enterprise_id.is_none() || identity.enterprise == ours.enterprise_id;
    let missing: Vec<_> = match &identity.scopes {
        Some(granted) => SCOPES.into_iter().filter(|scope| !granted.iter().any(|one| one == scope)).collect(),
        None => Vec::new(),
    };
    let wrong = if !(team && enterprise) {
        "SLACK_BOT_TOKEN is for another workspace than SLACK_TEAM_ID and SLACK_ENTERPRISE_ID say. Put the token of this one."
            .to_owned()
    } else if identity.bot.is_none() {
        "SLACK_BOT_TOKEN is not an app's bot token, which begins with xoxb. Put that one.".to_owned()
    } else if identity.scopes.is_none() {
        "Slack does not say what the app may do. Compare its scopes with the manifest's.".to_owned()
    } else if !missing.is_empty() {
        let missing = missing.join(", ");
        format!(
            "The app may not {missing}. Add that under OAuth & Permissions, as in the manifest, and reinstall the app."
        )
    } else {
        return report.well.push("Slack".to_owned());
    };
    report.wrong.push(("Slack".to_owned(), wrong));
}

/// Whether the bot in Teams gets its tokens now, and Graph tells it who people are.
async fn bot<P: Ports>(house: House<'_, P>, report: &mut Report) {
    let Some(ours) = &house.config.teams else { return };
    // Aside from those that are kept, by which the report is told.
    let fresh = Tokens::new();
    let token = async |scope: &str| fresh.get(house.ports, &ours.bot, scope, house.ports.now()).await.map(|_| ());
    note(report, "Token for Teams", token(&ours.scope).await);
    // No person has the id of an application: that nobody is found is an answer.
    let anybody = async |graph: Graph<'_, P>| match graph.user(&ours.bot.client).await {
        Err(trouble) if trouble.cause == Cause::NotFound => Ok(()),
        other => other.map(|_| ()),
    };
    let readable = match token(&ours.graph.scope).await {
        Ok(()) => house.graph(anybody).await,
        Err(trouble) => Err(trouble),
    };
    note(report, "People in Microsoft Graph", readable);
}

/// Whether the groups that are named can be asked, and anybody is in them.
async fn user_groups<P: Ports>(house: House<'_, P>, examination: &Examination, report: &mut Report) {
    // In order, each once.
    let mut named: Vec<(&GroupId, Vec<&str>)> = Vec::new();
    let mut name = |subjects, by| {
        for group in groups(subjects).filter(|group| house.on(group.platform())) {
            let found = named.binary_search_by_key(&group, |(group, _)| *group);
            let place = found.unwrap_or_else(|place| {
                named.insert(place, (group, Vec::new()));
                place
            });
            if let Some((_, names)) = named.get_mut(place).filter(|(_, names)| names.last() != Some(&by)) {
                names.push(by);
            }
        }
    };
    name(&examination.operators, "operators");
    for target in &examination.targets {
        for role in [Role::Asker, Role::Approver, Role::BreakGlass] {
            name(target.policy.holders(role), target.name.as_str());
        }
    }
    let asked: Vec<_> = named.iter().map(|(group, _)| *group).take(room(house)).collect();
    let answers =
        each(asked.iter().map(|group| -> Pending<'_, _> { Box::pin(chats::group_members(house, group)) })).await;
    for ((group, by), answer) in named.iter().zip(answers) {
        let about = match group.object() {
            Some(object) => format!("Entra group {object} ({})", few(by)),
            None => format!("User group {} ({})", group.slack_id(), few(by)),
        };
        match answer {
            Ok(members) if members.is_empty() => {
                report
                    .wrong
                    .push((about, "Nobody is in it. Add people to it, or name others in the catalog.".to_owned()));
            }
            Err(trouble) if trouble.cause == Cause::NotFound => {
                let words = match group.platform() {
                    Platform::Slack => {
                        "Slack has no such group, or it is disabled. Enable it in Slack, or take it out of the catalog."
                    }
                    Platform::Teams => "Entra has no such group. Correct its object id, or take it out of the catalog.",
                };
                report.wrong.push((about, words.to_owned()));
            }
            other => note(report, &about, other.map(|_| ())),
        }
    }
    if asked.len() < named.len() {
        report.unseen.push(format!("{} groups", named.len() - asked.len()));
    }
}

/// How many more calls may be made.
fn room<P: Ports>(house: House<'_, P>) -> usize {
    house.config.calls_per_waking.saturating_sub(house.ports.sent() + FOR_TELLING)
}

fn note(report: &mut Report, about: &str, result: Result<(), Trouble>) {
    match result {
        Ok(()) => report.well.push(about.to_owned()),
        Err(trouble) => report.wrong.push((about.to_owned(), words::trouble(&trouble))),
    }
}

/// The first few of many names.
fn few(names: &[&str]) -> String {
    const FEW: usize = 3;
    let told = names.iter().take(FEW).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(FEW) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}
