//! The doctor's look at targets: their windows, what is behind their models, every place of theirs.

use std::cell::RefCell;

use super::{few, room};
use crate::codec::content::card;
use crate::codec::content::report::Report;
use crate::codec::record::{Gateway, RegisterOrder, RegisterReply};
use crate::codec::words;
use crate::domain::names::Guid;
use crate::domain::target::{Destination, Target};
use crate::domain::time::Timestamp;
use crate::domain::trouble::Service;
use crate::flows::house::House;
use crate::flows::keys::{self, Gateways, look};
use crate::flows::models;
use crate::flows::together::AT_ONCE;
use crate::ports::Ports;

/// A look at targets.
pub(super) struct Look<'a, P> {
    /// The surroundings.
    pub(super) house: House<'a, P>,
    /// When it ends.
    pub(super) until: Timestamp,
    /// What was read of gateways.
    pub(super) gateways: Seen,
}

/// What each service has shown of a gateway.
pub(super) type Seen = RefCell<Vec<(Service, Guid, Gateway)>>;

/// What is wrong with one target: the same words once, with the places they are true of.
#[derive(Default)]
struct Wrong(Vec<(String, Vec<String>)>);

impl Wrong {
    fn add(&mut self, place: String, words: String) {
        match self.0.iter_mut().find(|(known, _)| *known == words) {
            Some((_, places)) => places.push(place),
            None => self.0.push((words, vec![place])),
        }
    }
}

impl<P: Ports> Look<'_, P> {
    /// Looks at a target, as far as time and calls reach.
    pub(super) async fn target(&self, target: &Target, report: &mut Report) {
        let mut wrong = Wrong::default();
        self.windows(target, &mut wrong);
        let (places, every_model) = self.places(target, &mut wrong).await;
        let mut seen = 0;
        let (sources, connections): (Vec<_>, Vec<_>) =
            places.iter().partition(|place| matches!(place, Destination::DataSource(_)));
        for (service, places) in [(Service::PowerBi, sources), (Service::Fabric, connections)] {
            seen += self.every(target, service, &places, &mut wrong).await;
        }
        let name = &target.name;
        match (every_model && seen == places.len(), seen) {
            (true, _) if wrong.0.is_empty() => report.well.push(name.to_string()),
            (true, _) => {}
            (false, 0) => report.unseen.push(name.to_string()),
            (false, seen) => report.unseen.push(format!("{name} but for {seen} of its places")),
        }
        for (words, places) in wrong.0 {
            let places: Vec<_> = places.iter().map(String::as_str).collect();
            report.wrong.push((format!("{name}: {}", few(&places)), words));
        }
    }

    fn windows(&self, target: &Target, wrong: &mut Wrong) {
        let now = self.house.ports.now();
        for window in &target.policy.windows {
            if self.house.ports.offset(&window.zone, now).is_none() {
                let words = "This time zone is not known here, so the window never opens. Correct it in the catalog.";
                wrong.add(format!("time zone {}", window.zone), words.to_owned());
            }
        }
    }

    /// The places of a target, with those behind its models; and whether every model was looked into.
    async fn places(&self, target: &Target, wrong: &mut Wrong) -> (Vec<Destination>, bool) {
        let mut places = target.destinations.clone();
        for model in &target.models {
            if self.spent(keys::CALLS) {
                return (places, false);
            }
            match models::find(self.house, model).await {
                Ok(found) => places.extend(found),
                Err(trouble) => wrong.add(card::model_name(model), words::trouble(&trouble)),
            }
        }
        (places, true)
    }

    /// Looks at the places of one service; answers how many that were.
    async fn every(&self, target: &Target, service: Service, places: &[&Destination], wrong: &mut Wrong) -> usize {
        let mut rest = places;
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(self.admitted(service, rest.len()).await);
            if batch.is_empty() {
                break;
            }
            let looked = look(self.house, &self.gateways, batch, target.login.kind(), false).await;
            for (place, keys) in batch.iter().zip(looked) {
                if let Err(trouble) = keys {
                    wrong.add(words::place_name(place), words::trouble(&trouble));
                }
            }
            rest = later;
        }
        places.len() - rest.len()
    }

    /// How many of so many places may be looked at now. The quota is asked as a rotation does, so that looking takes
    /// nothing from rotations that they would miss.
    async fn admitted(&self, service: Service, places: usize) -> usize {
        let batch = places.min(AT_ONCE);
        if self.spent(batch * keys::CALLS + 1) {
            return 0;
        }
        match self.house.ports.register(RegisterOrder::Pace { service, wanted: batch * keys::CALLS }).await {
            Ok(RegisterReply::Paced { granted, .. }) => (granted / keys::CALLS).min(batch),
            _ => batch,
        }
    }

    /// Whether there is not enough left for so many calls.
    fn spent(&self, calls: usize) -> bool {
        room(self.house) < calls || self.until <= self.house.ports.now()
    }
}

/// What was read during one look.
impl Gateways for Seen {
    // Nothing is ever sealed for what is only looked at.
    fn lead(&self, _: &Guid, _: &Guid) {}

    fn known(&self, service: Service, id: &Guid) -> Option<Gateway> {
        let seen = self.borrow();
        let of_id = seen.iter().find(|(by, gateway, _)| *by == service && gateway == id);
        of_id.map(|(.., gateway)| gateway.clone())
    }

    fn keep(&self, service: Service, id: &Guid, gateway: &Gateway, _: Timestamp) {
        self.borrow_mut().push((service, id.clone(), gateway.clone()));
    }
}
