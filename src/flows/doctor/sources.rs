//! The doctor's look at secret managers: whether each lets us in and shows what is bound to it, and what was heard of it.

use super::note;
use crate::codec::content::report::Report;
use crate::codec::record::{RegisterOrder, RegisterReply, SourceSeen};
use crate::codec::webhook::Unproven;
use crate::codec::words;
use crate::domain::source::Manager;
use crate::domain::target::Target;
use crate::domain::time::Timestamp;
use crate::flows::house::House;
use crate::flows::{managers, sources};
use crate::ports::Ports;

/// Messages of a day that are not proven before people hear of it: somebody's probing, or a key that was changed on one side.
const SUSPICIOUS: u32 = 3;
/// Calls that looking at one secret takes, unless it has more than fifty versions: logging in, asking, logging out.
const FOR_ONE: usize = 4;

/// Looks at the secret managers that these targets are bound to, as far as time and calls reach.
pub(super) async fn look<P: Ports>(house: House<'_, P>, targets: &[Target], until: Timestamp, report: &mut Report) {
    let bound = |seen: &SourceSeen| targets.iter().any(|target| is_bound(target, seen));
    if !targets.iter().any(|target| target.binding.is_some()) {
        return;
    }
    let Ok(RegisterReply::Sources(known)) = house.ports.register(RegisterOrder::Sources).await else {
        report.unseen.push("secret managers".to_owned());
        return;
    };
    for seen in known.iter().filter(|seen| bound(seen)) {
        let about = format!("{} ({})", seen.source.name, seen.source.manager.name());
        told(house, seen, &about, report);
        let Some(binding) = targets.iter().filter(|target| is_bound(target, seen)).find_map(|t| t.binding.as_ref())
        else {
            continue;
        };
        if matches!(seen.source.manager, Manager::Pushed) {
            continue;
        }
        if super::room(house) < FOR_ONE || house.ports.now() >= until {
            report.unseen.push(about);
            continue;
        }
        let heard = seen.heard.map(|at| format!(", heard {}", words::minute(at))).unwrap_or_default();
        let about = about + &heard;
        note(report, &about, managers::seen(house, &seen.source, binding).await.map(|_| ()));
    }
}

/// What is known of it without asking it.
fn told<P: Ports>(house: House<'_, P>, seen: &SourceSeen, about: &str, report: &mut Report) {
    let mut wrong = |words: String| report.wrong.push((about.to_owned(), words));
    for problem in sources::missing_of(&seen.source, &house.config.sources) {
        wrong(format!("{problem}."));
    }
    if seen.paused {
        wrong("It is paused: what it says waits. An operator can resume it.".to_owned());
    }
    if seen.unproven >= SUSPICIOUS {
        wrong(format!("{} messages for its address were not proven today. {}", seen.unproven, why(seen)));
    }
    if seen.source.events.is_some() && seen.heard.is_none() {
        wrong("Nothing was heard of it yet. Send a test from there, or make a new version.".to_owned());
    }
    for (target, bound) in &seen.bound {
        if let Some(trouble) = &bound.trouble {
            wrong(format!("The secret of {target} could not be looked at. {}", words::trouble(trouble)));
        }
    }
}

/// What the last message that was not proven hints at.
fn why(seen: &SourceSeen) -> &'static str {
    let clock = [Unproven::Stale, Unproven::Future, Unproven::Expired].map(Unproven::name);
    let foreign = [Unproven::Foreign, Unproven::Party].map(Unproven::name);
    match seen.why.as_deref() {
        Some(why) if clock.contains(&why) => "The last was too old or from the future: look at the sender's clock.",
        Some(why) if foreign.contains(&why) => {
            "The last was from another tenant, topic or application: compare the catalog with the sender's settings."
        }
        _ => "Its key may have been changed on one side only.",
    }
}

fn is_bound(target: &Target, seen: &SourceSeen) -> bool {
    target.binding.as_ref().is_some_and(|binding| binding.source == seen.source.name)
}
