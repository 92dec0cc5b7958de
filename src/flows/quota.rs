//! Counting calls to the services for all rotations together, so that none of them meets a quota that could be kept.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::time::Duration;

use super::house::House;
use crate::codec::record::RegisterReply;
use crate::domain::time::Timestamp;
use crate::domain::trouble::Service;
use crate::ports::Ports;

/// How long a granted call counts. A service counts in windows of a minute that begin when it likes (Fabric REST, Throttling); a
/// call is made within a few seconds after it was granted (`pace::GOOD_FOR`).
const WINDOW: Duration = Duration::from_secs(65);

/// What was granted lately. Lost with the object, which is rare and costs a service's "too many requests" at worst.
#[derive(Default)]
pub(super) struct Quota {
    powerbi: Granted,
    fabric: Granted,
}

type Granted = RefCell<VecDeque<(Timestamp, usize)>>;

impl Quota {
    /// Grants as many of the wanted calls as there is room for.
    pub(super) fn admit<P: Ports>(&self, house: House<'_, P>, service: Service, wanted: usize) -> RegisterReply {
        let (granted, most) = match service {
            Service::PowerBi => (&self.powerbi, house.config.powerbi_calls),
            Service::Fabric => (&self.fabric, house.config.fabric_calls),
            // Nothing else is called by the hundred.
            _ => {
                return RegisterReply::Paced { granted: wanted, after: Duration::ZERO };
            }
        };
        let now = house.ports.now();
        let mut granted = granted.borrow_mut();
        granted.retain(|(at, _)| at.lately(WINDOW, now));
        let room = most.saturating_sub(granted.iter().map(|(_, calls)| calls).sum());
        let after = granted.front().map_or(Duration::ZERO, |(at, _)| (*at + WINDOW).since(now));
        let admitted = wanted.min(room);
        if admitted > 0 {
            granted.push_back((now, admitted));
        }
        RegisterReply::Paced { granted: admitted, after }
    }
}
