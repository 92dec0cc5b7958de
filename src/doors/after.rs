//! What is done once the answer is out. Each leaves a line in the log.

use std::cell::OnceCell;

use crate::domain::names::PersonId;
use crate::domain::refusal::Refusal;
use crate::domain::trouble::Trouble;
use crate::flows::answer::{After, tell_later};
use crate::flows::house::House;
use crate::flows::refused::{self, Wanted};
use crate::flows::{ask, doctor, home};
use crate::ports::Ports;
use crate::trail::Line;

/// Does what was left for after the answer.
pub async fn after<P: Ports>(house: House<'_, P>, after: After) {
    match after {
        After::CheckForm { form, envelope, target, break_glass } => {
            let caller = OnceCell::new();
            let house = House { caller: Some(&caller), ..house };
            let refused = ask::check_form(house, &form, &envelope, target, break_glass).await.err();
            house.log(&Line::new("check-form", refused.as_ref().map_or("ok", Refusal::name)));
            if let Some(refusal) = refused {
                let sender = PersonId::slack(&envelope.user).ok();
                let entry = Wanted::form(break_glass).refused(house, sender, &refusal);
                refused::record(house, entry).await;
            }
        }
        After::Respond { response_url, message } => {
            let told = house.slack().respond(&response_url, &message).await;
            house.log(&came_to("respond", told));
        }
        After::Tell { person, message } => {
            let told = house.slack().tell(&person, &message).await;
            house.log(&Line { person: Some(person), ..came_to("tell", told) });
        }
        After::Home(envelope) => {
            let published = home::publish(house, &envelope).await;
            house.log(&Line { person: PersonId::slack(&envelope.user).ok(), ..came_to("home", published) });
        }
        After::Examine { examination, response_url, envelope } => {
            let message = doctor::examine(house, &examination).await;
            for tell in tell_later(message, response_url, &envelope).after {
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
