//! What is done once the answer is out. Each leaves a line in the log.

use std::cell::OnceCell;

use super::recorded::log;
use crate::domain::trouble::Trouble;
use crate::flows::answer::{After, tell_later};
use crate::flows::house::House;
use crate::flows::refused::{self, Wanted};
use crate::flows::{ask, chats, doctor, home};
use crate::ports::Ports;
use crate::trail::Line;

/// Does what was left for after the answer.
pub async fn after<P: Ports>(house: House<'_, P>, after: After) {
    match after {
        After::CheckForm { form, caller, target, manner } => {
            let known = OnceCell::new();
            let house = &house.of(&known);
            let mut line = Line { person: caller.person(), target: target.clone(), ..Line::new("check-form", "ok") };
            let refused = ask::check_form(house, &form, &caller, target, manner).await.err();
            if let Some(refusal) = &refused {
                log(refusal, &mut line);
            }
            house.log(&line);
            if let Some(refusal) = refused {
                let entry = Wanted::form(manner, &caller).refused(house, caller.person(), &refusal);
                refused::record(house, entry).await;
            }
        }
        After::Respond { reply, message } => {
            let told = chats::respond(house, &reply, &message).await;
            house.log(&came_to("respond", told));
        }
        After::Tell { person, message } => {
            let told = chats::tell(house, &person, &message).await;
            house.log(&Line { person: Some(person), ..came_to("tell", told) });
        }
        After::Home(caller) => {
            let published = home::publish(house, &caller).await;
            house.log(&Line { person: caller.person(), ..came_to("home", published) });
        }
        After::Examine { examination, occasion } => {
            let message = doctor::examine(house, &examination).await;
            for tell in tell_later(message, &occasion).after {
                Box::pin(self::after(house, tell)).await;
            }
        }
        After::Record(entry) => refused::record(house, *entry).await,
    }
}

fn came_to(event: &'static str, result: Result<(), Trouble>) -> Line {
    let trouble = result.err();
    let mut line = Line::new(event, trouble.as_ref().map_or("ok", |trouble| trouble.cause.name()));
    line.status = trouble.as_ref().and_then(|trouble| trouble.status);
    line.code = trouble.and_then(|trouble| trouble.code.clone());
    line
}
