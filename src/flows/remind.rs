//! Reminding rooms of what is due for rotation.

use super::chats;
use super::house::House;
use crate::codec::content::message;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::listing::Listed;
use crate::domain::names::{Platform, Room, TargetName};
use crate::domain::trouble::Trouble;
use crate::ports::Ports;
use crate::trail::Line;

/// Posts what is due to the rooms of its targets, a message for each room, and has the register remember it.
///
/// What could not be posted in each of its rooms, because a platform is in trouble or this invocation may make no more calls, is
/// left for the next run; a room that had it then gets it twice, which is better than never.
/// A target without rooms, or with none that takes messages, is only logged, and no more often than others are told.
pub(super) async fn run<P: Ports>(house: House<'_, P>) {
    let Ok(RegisterReply::Due(due)) = house.ports.register(RegisterOrder::Due).await else {
        return house.log(&Line::new("remind", "retry"));
    };
    for (target, _) in due.iter().filter(|(_, rooms)| rooms.is_empty()) {
        log(house, "no-room", target, None);
    }
    let mut left: Vec<&TargetName> = Vec::new();
    // A platform in trouble is asked nothing else.
    let mut troubled: Vec<Platform> = Vec::new();
    for room in rooms(&due) {
        let here: Vec<&Listed> =
            due.iter().filter(|(_, rooms)| rooms.contains(room)).map(|(target, _)| target).collect();
        for part in here.chunks(message::REMINDED) {
            // This one, with a token for it, and telling the register.
            let full = house.ports.sent() + 3 > house.config.calls_per_waking;
            if full || troubled.contains(&room.platform()) {
                left.extend(part.iter().map(|target| &target.name));
                continue;
            }
            let posted = chats::post_in(house, room, &message::due(part, house.ports.now())).await;
            let outcome = posted.as_ref().map_or_else(|trouble| trouble.cause.name(), |_| "ok");
            for target in part {
                log(house, outcome, target, posted.as_ref().err());
            }
            if posted.is_err_and(|trouble| trouble.passing()) {
                troubled.push(room.platform());
                left.extend(part.iter().map(|target| &target.name));
            }
        }
    }
    let told: Vec<_> =
        due.iter().map(|(target, _)| &target.name).filter(|name| !left.contains(name)).cloned().collect();
    if !told.is_empty() && house.ports.register(RegisterOrder::Reminded(told)).await.is_err() {
        // They will be reminded twice.
        house.log(&Line::new("remind", "retry"));
    }
}

/// Every room, once.
fn rooms(due: &[(Listed, Vec<Room>)]) -> Vec<&Room> {
    let mut every = Vec::new();
    for room in due.iter().flat_map(|(_, rooms)| rooms) {
        if !every.contains(&room) {
            every.push(room);
        }
    }
    every
}

fn log<P: Ports>(house: House<'_, P>, outcome: &'static str, target: &Listed, trouble: Option<&Trouble>) {
    let mut line = Line::new("remind", outcome);
    line.target = Some(target.name.clone());
    line.code = trouble.and_then(|trouble| trouble.code.clone());
    line.status = trouble.and_then(|trouble| trouble.status);
    house.log(&line);
}
