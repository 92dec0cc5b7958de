//! The operator's requests about the audit: reading it page by page, and verifying it from end to end.

use super::house::House;
use crate::codec::audit::Query;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::domain::audit::{Fault, Kept, Link};
use crate::ports::{Ports, Unanswered};

/// What a verification came to.
pub enum Verified {
    /// The audit is whole.
    Whole {
        /// The number of its first entry, when it has one.
        first: u64,
        /// Its end.
        head: Link,
    },
    /// It is not what was written.
    Broken(Fault),
    /// It is whole up to there; the platform allows no more calls in one go.
    Unfinished(Link),
}

/// Verifies the audit, from its beginning or from there on.
///
/// # Errors
/// When the register does not answer.
pub async fn verify<P: Ports>(house: House<'_, P>, mut from: Option<Link>) -> Result<Verified, Unanswered> {
    loop {
        match house.ports.register(RegisterOrder::Verify(from)).await? {
            RegisterReply::WholeTo(link) if house.ports.sent() >= house.config.calls_per_waking => {
                return Ok(Verified::Unfinished(link));
            }
            RegisterReply::WholeTo(link) => from = Some(link),
            RegisterReply::Whole { first, head } => return Ok(Verified::Whole { first, head }),
            RegisterReply::Broken(fault) => return Ok(Verified::Broken(fault)),
            _ => return Err(Unanswered),
        }
    }
}

/// A page of the audit, and the number after which it goes on, if it does.
///
/// # Errors
/// When the register does not answer.
pub async fn page<P: Ports>(house: House<'_, P>, query: &Query) -> Result<(Vec<Kept>, Option<u64>), Unanswered> {
    let order = RegisterOrder::Read { after: query.after, most: query.limit, target: query.target.clone() };
    match house.ports.register(order).await? {
        RegisterReply::Page(entries, next) => Ok((entries, next)),
        _ => Err(Unanswered),
    }
}
