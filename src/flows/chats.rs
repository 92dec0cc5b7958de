//! Speaking in chats: which platform somebody or some place belongs to, and how something is said there.

use std::rc::Rc;

use super::house::House;
use crate::clients::entra::AccessToken;
use crate::clients::graph::Graph;
use crate::clients::slack::Slack;
use crate::clients::teams::Teams;
use crate::codec::chat::Reply;
use crate::codec::record::Place;
use crate::codec::sheet::Sheet;
use crate::codec::teams::place::Place as TeamsPlace;
use crate::codec::{slack, teams};
use crate::config::{SlackConfig, TeamsConfig};
use crate::domain::names::{GroupId, PersonId, Platform, Room};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// Where a message is, by what its platform calls it: a channel and a timestamp in Slack, a conversation and an activity in
/// Teams.
pub(super) type Posted = (String, String);

impl<'a, P: Ports> House<'a, P> {
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

    /// The settings of the bot in Teams, and a token for its connector.
    async fn bot(&self) -> Result<(&'a TeamsConfig, Rc<AccessToken>), Trouble> {
        let config = self.teams_config()?;
        Ok((config, self.tokens.get(self.ports, &config.bot, &config.scope, self.ports.now()).await?))
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
    let (config, token) = house.bot().await?;
    let teams = Teams { wire: house.ports, config, token: &token };
    Ok(teams.direct(&config.service_url, object.as_str()).await?.conversation)
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
            let (config, token) = house.bot().await?;
            let client = Teams { wire: house.ports, config, token: &token };
            let place = TeamsPlace { service_url: config.service_url.clone(), conversation: channel.to_owned() };
            let id = client.send(&place, &teams::draw::message(sheet)).await?;
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
            let (config, token) = house.bot().await?;
            let client = Teams { wire: house.ports, config, token: &token };
            client.reply(place, to, &teams::draw::message(sheet)).await.map(|_| ())
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
            let (config, token) = house.bot().await?;
            let client = Teams { wire: house.ports, config, token: &token };
            let place = TeamsPlace { service_url: config.service_url.clone(), conversation: channel.to_owned() };
            client.update(&place, id, &teams::draw::message(sheet)).await
        }
    }
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
    let config = house.teams_config()?;
    let token = house.graph_token(config).await?;
    let graph = Graph { wire: house.ports, base: &config.graph.url, token: &token };
    Ok(graph.groups_of(&person, &asked).await?.iter().map(GroupId::entra).collect())
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
    let config = house.teams_config()?;
    let token = house.graph_token(config).await?;
    let graph = Graph { wire: house.ports, base: &config.graph.url, token: &token };
    Ok(graph.members(&object).await?.iter().map(PersonId::entra).collect())
}
