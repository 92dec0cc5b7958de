//! What people read: plain sentences for refusals and troubles, without any platform's markup.
//!
//! A sentence says what happened, what state things are in, and what to do next.

use crate::domain::names::{SourceName, TargetName};
use crate::domain::receipt::Outcome;
use crate::domain::refusal::{Refusal, Standing};
use crate::domain::rotation::{Decision, Verdict};
use crate::domain::target::Destination;
use crate::domain::time::Timestamp;
use crate::domain::trouble::{Cause, Service, Trouble};

/// A refusal in words. `command` is what this installation's command is called: `/pbi`.
pub fn refusal(refusal: &Refusal, command: &str) -> String {
    match refusal {
        Refusal::Standing(standing) => {
            let who = match standing {
                Standing::Deactivated => "a deactivated account",
                Standing::Guest => "a guest account",
                Standing::Stranger => "an account of another organisation",
                Standing::Bot => "a bot",
            };
            format!("This is for full members of this organisation, and you are signed in as {who}. Nothing was changed.")
        }
        Refusal::NotAsker(target) => format!(
            "You are not among those who may rotate {target}. Ask its owner to add you, or your group, to its askers in the catalog. Nothing was changed."
        ),
        Refusal::UnknownTarget(near) if near.is_empty() => {
            format!("There is no target of that name. {command} list shows the targets there are. If you typed a password or key, treat it as exposed.")
        }
        Refusal::UnknownTarget(near) => {
            format!("There is no target of that name. Did you mean {}? {command} list shows all. If you typed a password or key, treat it as exposed.", any_of(near))
        }
        Refusal::Unnamed => {
            format!("That is not the name of a target. {command} list shows the targets there are. If you typed a password or key, treat it as exposed.")
        }
        Refusal::Exposed => format!(
            "Something was typed after the target's name. It was not used. If it was a password or key, treat it as exposed: choose another one, and start with {command} rotate and the name alone."
        ),
        Refusal::CatalogChanged => {
            format!("The catalog was changed a moment ago, so this would not be the plan any more. Ask again with {command} rotate. Nothing was changed.")
        }
        Refusal::Occupied(id) => format!(
            "Another rotation of this target is under way (reference {}). Wait for its card to finish, or ask whoever started it to cancel it.",
            id.reference()
        ),
        Refusal::TooLate(id, decision) => {
            let decided = decision.as_deref().map(decided).unwrap_or_default();
            format!(
                "{decided}Rotation {} has moved on: it is already under way or has ended. Its card says where it stands; nothing was done a second time.",
                id.reference()
            )
        }
        Refusal::NotApprover(target) => format!(
            "You are not among those who may approve rotations of {target}. Nothing was changed. {command} whoami {target} says who you are here and what you may do."
        ),
        Refusal::NotBreakGlass(target) => format!(
            "You are not among those who may break glass for {target}. Nothing was changed. {command} rotate {target} asks for approval."
        ),
        Refusal::NotConcerned(target) => format!(
            "The history of {target} is for those whom its policy names, and for operators. Ask its owner to add you. Nothing was changed."
        ),
        Refusal::OwnRequest(id) => format!(
            "You asked for rotation {} yourself, so somebody else has to approve it. Nothing was changed.",
            id.reference()
        ),
        Refusal::ApprovedAlready(id) => format!(
            "You have approved rotation {} already. It counts once; somebody else has to approve as well.",
            id.reference()
        ),
        Refusal::Unapproved(id) => format!(
            "Rotation {} is still being checked, or waits for an approval. You will get a message when its credential can be entered. Nothing was changed.",
            id.reference()
        ),
        Refusal::TooEarly(id, at) => format!(
            "The maintenance window opens at {}. Enter the credential of rotation {} then: you will get a message. Nothing was changed.",
            minute(*at),
            id.reference()
        ),
        Refusal::WindowClosed(id) => format!(
            "The maintenance window of rotation {} has closed, so what failed is not tried again. Nothing was changed; rotate again in the next one.",
            id.reference()
        ),
        Refusal::NotBound(target) => format!(
            "No secret manager supplies the value of {target}, so there is no previous one to go back to. Rotate it with {command} rotate {target}. Nothing was changed."
        ),
        Refusal::NoPrevious(target) => format!(
            "The secret manager of {target} keeps no previous value. Nothing was changed."
        ),
        Refusal::UnknownSource(known) if known.is_empty() => {
            "The catalog has no secret manager. Nothing was changed.".to_owned()
        }
        Refusal::UnknownSource(known) => {
            let known: Vec<_> = known.iter().map(SourceName::as_str).collect();
            format!("There is no such secret manager. There are: {}. Nothing was changed.", known.join(", "))
        }
        Refusal::NotOperator => {
            "This is for the operators that the catalog names. Nothing was changed.".to_owned()
        }
        Refusal::NotRequester(id) => {
            format!("Only the person who asked for rotation {} can do that. Nothing was changed.", id.reference())
        }
        Refusal::UnknownRotation => {
            format!("That rotation is not known any more. Start again with {command} rotate. Nothing was changed.")
        }
        Refusal::UnknownCommand(Some(near)) => format!(
            "Did you mean {command} {near}? {command} help shows what there is. If you typed a password or key, treat it as exposed."
        ),
        Refusal::UnknownCommand(None) => format!(
            "There is no such command. {command} help shows what there is. If you typed a password or key, treat it as exposed."
        ),
        Refusal::UnknownForm => {
            format!("This form or button is from another version of the app. Start again with {command} rotate. Nothing was changed.")
        }
        Refusal::ChatEntryOff => {
            "This installation does not take credentials in chat (its setting CHAT_ENTRY is off). Nothing was changed; ask whoever runs it.".to_owned()
        }
        Refusal::Service(at) => {
            let next = if at.passing() { "Try again in a minute." } else { "Tell whoever runs this app." };
            format!("{} Nothing was changed. {next}", trouble(at))
        }
        Refusal::Unclear(id) => format!(
            "Our own storage did not answer in time, so it is not known whether that was taken. The card of rotation {}, or {command} status, says where it stands.",
            id.reference()
        ),
        Refusal::Storage => "Our own storage did not answer, so nothing was changed. Try again in a minute.".to_owned(),
    }
}

/// Who decided what and when, as a sentence with a space after it.
fn decided(decision: &Decision) -> String {
    let did = match decision.verdict {
        Verdict::Approved => "approved",
        Verdict::Denied(_) => "rejected",
        Verdict::Cancelled => "cancelled",
        Verdict::Stopped => "stopped",
        Verdict::Retried => "tried again",
        Verdict::Closed => "left as it is",
        Verdict::GaveWay => "set aside for break-glass",
    };
    format!("Already {did} by {} at {}. ", decision.by.name, minute(decision.at))
}

/// A version of a secret, for people: as its manager names it, if that is short; by its time, where that is its name; a digest
/// of ours says nothing to anybody.
pub fn version(version: &str) -> Option<String> {
    let plain: String = version.chars().filter(|c| !c.is_control()).collect();
    match plain.chars().count() {
        _ if version.starts_with('~') => None,
        // A static role of Vault: RFC 3339, to the nanosecond.
        20.. if plain.ends_with('Z') && plain.find('T') == Some(10) => {
            Some(format!("the one of {} UTC", plain.get(..19)?.replace('T', " ")))
        }
        0 => None,
        1..=24 => Some(format!("version {plain}")),
        _ => Some(format!("version {}…", plain.chars().take(8).collect::<String>())),
    }
}

/// `2026-11-21 18:30 UTC`.
pub fn minute(at: Timestamp) -> String {
    let iso = at.iso();
    format!("{} UTC", iso.get(..16).unwrap_or(&iso).replace('T', " "))
}

/// What people find a place by: its service, and the beginning of its id.
pub fn place_name(destination: &Destination) -> String {
    let short = destination.id().as_str().split('-').next().unwrap_or_default();
    match destination {
        Destination::DataSource(_) => format!("Power BI data source {short}"),
        Destination::Connection(_) => format!("Fabric connection {short}"),
    }
}

/// A trouble in words: what happened, whom to turn to.
pub fn trouble(trouble: &Trouble) -> String {
    let name = trouble.service.name();
    let what = match trouble.cause {
        Cause::Unreachable => format!("{name} did not answer."),
        Cause::Throttled => format!("{name} asks us to slow down and still did when time ran out."),
        Cause::Unavailable => format!("{name} has a problem of its own at the moment."),
        Cause::Unintelligible => format!("{name} answered something this program does not understand."),
        Cause::Identity => {
            format!("{name} refused this program's own identity. Its client secret may be wrong or expired.")
        }
        Cause::Token => format!("{name} did not accept this program's access token. Check the tenant's setting for service principals."),
        Cause::NotAllowed => format!("{name} says this program may not do that. {}", rights(trouble.service)),
        Cause::NotFound => format!("{name} does not find it, or hides it from this program. Check the ids in the catalog and {}", rights_hint(trouble.service)),
        Cause::Rejected => format!("{name} rejected the request."),
        Cause::CredentialRefused => "The data source refused the new login. Check the user name and what was entered.".to_owned(),
        Cause::GatewayOffline => "The gateway is offline or disabled. Ask its administrator to start it.".to_owned(),
        Cause::SourceOffline => format!("{name} could not reach the data source with it."),
        Cause::EncryptionRefused => "The gateway's key is not the one the credential was sealed to, or it is not that kind of gateway. Enter the credential again; it will be sealed to the present key.".to_owned(),
        Cause::KindRefused => "This kind of credential is not accepted there. Correct the target's credential or destination in the catalog.".to_owned(),
        Cause::KeyUnusable => "The gateway's public key cannot be used, so nothing was sent.".to_owned(),
        Cause::Mismatch => "The destination is not what the catalog says it is, so nothing was sent. Correct the catalog.".to_owned(),
        Cause::EntryLost => "What was entered cannot be read any more, because this program's own key was changed meanwhile. Rotate again.".to_owned(),
        Cause::SecretUnfit => format!("{name} has no value that could be used."),
        Cause::KeyVaultReference => "It is fed from Azure Key Vault by Fabric itself, so it was left alone. Change the secret in the vault.".to_owned(),
        Cause::LeftOut => "Nothing was encrypted for it when the credential was entered. Rotate again for it once that is mended.".to_owned(),
        Cause::SealedForOthers => "The gateway's key is not the one the credential was sealed to: the gateway has a new one, or is another one now. Rotate again to enter the credential for the present key.".to_owned(),
        Cause::NotRefreshed => "Its data is that of before.".to_owned(),
        Cause::WindowClosed => "The maintenance window closed before its turn came. Rotate again in the next one.".to_owned(),
    };
    let note = trouble.note.as_deref().map(sentence).unwrap_or_default();
    match (&trouble.code, trouble.status) {
        (Some(code), Some(status)) => format!("{what}{note} ({status}, {code})"),
        (Some(code), None) => format!("{what}{note} ({code})"),
        (None, Some(status)) => format!("{what}{note} ({status})"),
        (None, None) => what + &note,
    }
}

/// A note as one more sentence.
fn sentence(note: &str) -> String {
    let mut sentence = format!(" {}.", note.trim_end_matches('.'));
    if let Some(first) = sentence.get_mut(1..2) {
        first.make_ascii_uppercase();
    }
    sentence
}

/// What is known of a destination, in one sentence.
pub fn outcome(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Verified => "The new credential is stored, and the service's own test passed.".to_owned(),
        Outcome::Referenced => {
            "Fabric reads Azure Key Vault itself for it: nothing was sent, and it connects.".to_owned()
        }
        Outcome::ReferenceFailed(why) => format!(
            "Fabric reads Azure Key Vault itself for it: nothing was sent, and its test did not pass. {}",
            trouble(why)
        ),
        Outcome::Stored => "The new credential is stored. This kind of destination offers no test.".to_owned(),
        Outcome::Untested(why) => {
            format!(
                "The new credential is stored, but the test did not pass. {} Reports may fail until this is mended.",
                trouble(why)
            )
        }
        Outcome::Unchanged(why) => format!("The old credential is still in force. {}", trouble(why)),
        Outcome::Unknown(why) => format!(
            "An update was sent and not confirmed: the old or the new credential may be in force. {} Rotate again to be sure.",
            trouble(why)
        ),
    }
}

const fn rights(service: Service) -> &'static str {
    match service {
        Service::PowerBi => {
            "It must be an admin of the gateway, or own the cloud data source. A semantic model can be taken over, if the catalog allows it."
        }
        Service::Fabric => "It must own the connection or be an admin of its gateway.",
        Service::Slack => "The app may miss a scope, or is not in the channel.",
        Service::Teams => "The bot may have been blocked, or is not in the conversation.",
        Service::Graph => "The bot's application needs the permissions User.Read.All and GroupMember.Read.All.",
        Service::Entra => "Check the application in Entra.",
        Service::KeyVault => "It needs the role Key Vault Secrets User on the secret.",
        Service::Aws => {
            "Its policy has to allow GetSecretValue and DescribeSecret on the secret, and Decrypt with its key."
        }
        Service::Google => {
            "Its service account needs the roles Secret Manager Secret Accessor and Viewer on the secret."
        }
        Service::Vault => "Its policy has to allow reading that path.",
        Service::Doppler => "Its token has to be of that config, and let it read.",
        Service::Infisical => {
            "Its machine identity has to be a member of the project, and be allowed to read that folder."
        }
        Service::Push => "The sender has to send it again.",
        Service::Manager | Service::Storage => "",
    }
}

const fn rights_hint(service: Service) -> &'static str {
    match service {
        Service::PowerBi => {
            "whether it is an admin of the gateway. What is behind a virtual network gateway is set as a Fabric connection."
        }
        Service::Fabric => "whether the connection is shared with it.",
        _ => "its rights.",
    }
}

fn any_of(names: &[TargetName]) -> String {
    match names {
        [] => String::new(),
        [only] => only.to_string(),
        [head @ .., last] => {
            let head: Vec<_> = head.iter().map(TargetName::as_str).collect();
            format!("{} or {last}", head.join(", "))
        }
    }
}
