//! Speaking in chats: which platform somebody or some place belongs to, and how something is said there.

use super::house::{House, Surroundings};
use crate::clients::entra::AccessToken;
use crate::clients::graph::Graph;
use crate::clients::slack::Slack;
use crate::clients::teams::Teams;
use crate::codec::chat::Reply;
use crate::codec::record::{Place, RegisterOrder, RegisterReply};
use crate::codec::sheet::Sheet;
use crate::codec::teams::place::Place as TeamsPlace;
use crate::codec::{slack, teams};
use crate::config::{SlackConfig, TeamsConfig};
use crate::domain::names::{GroupId, PersonId, Platform, Room};
use crate::domain::trouble::{Cause, Details, Service, Trouble};
use crate::ports::Ports;

/// Where a message is, by what its platform calls it: a channel and a timestamp in Slack, a conversation and an activity in
/// Teams.
pub(super) type Posted = (String, String);

impl<'a, P: Ports> Surroundings<'a, P> {
    /// Slack, as this app.
    ///
    /// # Errors
    /// When this installation is not in Slack.
    pub fn slack(&self) -> Result<Slack<'a, P>, Trouble> {
        Ok(Slack::new(self.ports, self.slack_config()?))
    }

    /// The settings of the app in Slack.
    ///
    /// # Errors
    /// When this installation is not in Slack.
    pub fn slack_config(&self) -> Result<&'a SlackConfig, Trouble> {
        self.config.slack.as_ref().ok_or_else(|| elsewhere(Service::Slack))
    }

    /// The settings of the bot in Teams.
    ///
    /// # Errors
    /// When this installation is not in Teams.
    pub fn teams_config(&self) -> Result<&'a TeamsConfig, Trouble> {
        self.config.teams.as_ref().ok_or_else(|| elsewhere(Service::Teams))
    }

    /// Calls Teams' connector, as the bot.
    async fn teams<T>(&self, call: impl AsyncFn(Teams<'_, P>) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let config = self.teams_config()?;
        let call = async |token: &AccessToken| call(Teams { wire: self.ports, config, token }).await;
        self.as_bot(config, &config.scope, call).await
    }

    /// Calls Graph, as the bot.
    pub(super) async fn graph<T>(&self, call: impl AsyncFn(Graph<'_, P>) -> Result<T, Trouble>) -> Result<T, Trouble> {
        let config = self.teams_config()?;
        let call = async |token: &AccessToken| call(Graph { wire: self.ports, base: &config.graph.url, token }).await;
        self.as_bot(config, &config.graph.scope, call).await
    }

    /// Calls with a token, and once more with a fresh one where that is refused.
    async fn as_bot<T>(
        &self,
        config: &TeamsConfig,
        scope: &str,
        call: impl AsyncFn(&AccessToken) -> Result<T, Trouble>,
    ) -> Result<T, Trouble> {
        let mut fresh = false;
        loop {
            let token = self.kept.tokens.get(self.ports, &config.bot, scope, self.ports.now()).await?;
            match call(&token).await {
                Err(trouble) if trouble.about_token() && !fresh => {
                    self.kept.tokens.forget(scope);
                    fresh = true;
                }
                done => return done,
            }
        }
    }

    /// Whether this installation is on that platform.
    pub const fn on(&self, platform: Platform) -> bool {
        match platform {
            Platform::Slack => self.config.slack.is_some(),
            Platform::Teams => self.config.teams.is_some(),
        }
    }

    /// What people write before a command on that platform.
    pub fn command(&self, platform: Platform) -> &'a str {
        match (platform, &self.config.slack) {
            (Platform::Slack, Some(slack)) => &slack.command,
            _ => teams::COMMAND,
        }
    }
}

fn elsewhere(service: Service) -> Trouble {
    Trouble::noted(service, Cause::Mismatch, format_args!("this installation is not set up for {}", service.name()))
}

/// Where cards for that place go: a room as it is, the direct messages of a person.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub(super) async fn channel<P: Ports>(house: House<'_, P>, place: &Place) -> Result<String, Trouble> {
    match place {
        Place::Room(room) => Ok(of_room(room)),
        Place::Person(person) => direct(house, person).await,
        Place::Group(group) => Ok(group.to_string()),
    }
}

fn of_room(room: &Room) -> String {
    room.conversation().unwrap_or(room.slack_id()).to_owned()
}

async fn direct<P: Ports>(house: House<'_, P>, person: &PersonId) -> Result<String, Trouble> {
    let Some(object) = person.object() else { return house.slack()?.direct(person).await };
    let open = async |teams: Teams<'_, P>| teams.direct(&teams.config.service_url, object.as_str()).await;
    Ok(house.teams(open).await?.conversation)
}

/// Posts a message into a channel; answers where it is.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub(super) async fn post<P: Ports>(
    house: House<'_, P>,
    platform: Platform,
    channel: &str,
    sheet: &Sheet,
) -> Result<Posted, Trouble> {
    match platform {
        Platform::Slack => house.slack()?.post(channel, &slack::draw::message(sheet)).await,
        Platform::Teams => {
            let (place, activity) = (in_teams(house, channel)?, teams::draw::message(sheet));
            leave(house, channel).await?;
            let id = house.teams(async |teams: Teams<'_, P>| teams.send(&place, &activity).await).await?;
            Ok((channel.to_owned(), id))
        }
    }
}

/// Posts a message into a room.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub(super) async fn post_in<P: Ports>(house: House<'_, P>, room: &Room, sheet: &Sheet) -> Result<Posted, Trouble> {
    post(house, room.platform(), &of_room(room), sheet).await
}

/// Tells a person in their direct messages.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub async fn tell<P: Ports>(house: House<'_, P>, person: &PersonId, sheet: &Sheet) -> Result<(), Trouble> {
    let channel = direct(house, person).await?;
    post(house, person.platform(), &channel, sheet).await.map(|_| ())
}

/// Answers somebody where they did something.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub async fn respond<P: Ports>(house: House<'_, P>, reply: &Reply, sheet: &Sheet) -> Result<(), Trouble> {
    match reply {
        Reply::Slack(response_url) => house.slack()?.respond(response_url, &slack::draw::message(sheet)).await,
        Reply::Teams(place, to) => {
            let activity = teams::draw::message(sheet);
            house.teams(async |teams: Teams<'_, P>| teams.reply(place, to, &activity).await).await.map(|_| ())
        }
    }
}

/// Rewrites a message of ours.
///
/// # Errors
/// When the platform refuses, or is in trouble.
pub(super) async fn rewrite<P: Ports>(
    house: House<'_, P>,
    platform: Platform,
    (channel, id): &Posted,
    sheet: &Sheet,
) -> Result<(), Trouble> {
    match platform {
        Platform::Slack => house.slack()?.rewrite(channel, id, &slack::draw::message(sheet)).await,
        Platform::Teams => {
            let (place, activity) = (in_teams(house, channel)?, teams::draw::message(sheet));
            leave(house, channel).await?;
            house.teams(async |teams: Teams<'_, P>| teams.update(&place, id, &activity).await).await
        }
    }
}

/// Leave to speak in a conversation, where the bot may do so only so often. A register that does not answer closes no mouth.
async fn leave<P: Ports>(house: House<'_, P>, conversation: &str) -> Result<(), Trouble> {
    match house.ports.register(RegisterOrder::Speak(conversation.to_owned())).await {
        Ok(RegisterReply::Paced { granted: 0, after }) => {
            Err(Details { retry_after: Some(after), ..Details::of(Service::Teams, Cause::Throttled) }.into())
        }
        _ => Ok(()),
    }
}

/// A conversation that the bot opens, or was put into.
fn in_teams<P: Ports>(house: House<'_, P>, conversation: &str) -> Result<TeamsPlace, Trouble> {
    let service_url = house.teams_config()?.service_url.clone();
    Ok(TeamsPlace { service_url, conversation: conversation.to_owned() })
}

/// Whether somebody with one of these ids is in a group of Slack's now.
///
/// # Errors
/// When there is no such group, or Slack is in trouble.
pub(super) async fn in_group<P: Ports>(
    house: House<'_, P>,
    group: &GroupId,
    ids: &[PersonId],
) -> Result<bool, Trouble> {
    house.slack()?.in_group(group, ids).await
}

/// Those of the groups, as far as they are Entra's, that somebody with one of these ids is in now.
///
/// # Errors
/// When Graph is in trouble.
pub(super) async fn entra_groups<P: Ports>(
    house: House<'_, P>,
    groups: &[&GroupId],
    ids: &[PersonId],
) -> Result<Vec<GroupId>, Trouble> {
    let (asked, person) = (groups.iter().filter_map(|group| group.object()), ids.iter().find_map(PersonId::object));
    let asked: Vec<_> = asked.collect();
    let (Some(person), false) = (person, asked.is_empty()) else { return Ok(Vec::new()) };
    let within = house.graph(async |graph: Graph<'_, P>| graph.groups_of(&person, &asked).await).await?;
    Ok(within.iter().map(GroupId::entra).collect())
}

/// Who is in a group now.
///
/// # Errors
/// When there is no such group, or the platform is in trouble.
pub(super) async fn group_members<P: Ports>(house: House<'_, P>, group: &GroupId) -> Result<Vec<PersonId>, Trouble> {
    let Some(object) = group.object() else {
        let members = house.slack()?.group_members(group).await?;
        return Ok(members.iter().filter_map(|id| PersonId::slack(id).ok()).collect());
    };
    let members = house.graph(async |graph: Graph<'_, P>| graph.members(&object).await).await?;
    Ok(members.iter().map(PersonId::entra).collect())
}
