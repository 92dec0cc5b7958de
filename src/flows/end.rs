//! The end of a rotation, as the register is told of it, and whether the rotation behind a target's claim has come to one.

use super::house::House;
use super::plan;
use crate::codec::record::{RegisterOrder, RotationOrder, RotationReply, Settled};
use crate::domain::listing::Ending;
use crate::domain::names::{RotationId, SourceName, TargetName};
use crate::domain::rotation::{Rotation, Stage, Supply, Verdict};
use crate::domain::source::SecretId;
use crate::domain::time::Timestamp;
use crate::ports::{Ports, Unanswered};

/// What stands behind a target's claim.
pub(super) enum Claim {
    /// A rotation that has not ended.
    Live(Box<Rotation>),
    /// One that has, or that nobody knows. The register was not told, or made it the live one after that: to be told now, rather
    /// than that others wait.
    Over(Box<RegisterOrder>),
}

/// Looks what stands behind a target's claim.
///
/// # Errors
/// When the rotation does not answer.
pub(super) async fn behind<P: Ports>(
    house: House<'_, P>,
    target: TargetName,
    rotation: RotationId,
) -> Result<Claim, Unanswered> {
    let at = house.ports.now();
    Ok(match house.ports.rotation(&rotation, RotationOrder::Wake).await? {
        RotationReply::State(rotation) if !rotation.stage.ended() => Claim::Live(rotation),
        RotationReply::State(rotation) => Claim::Over(Box::new(told(&rotation, at))),
        _ => {
            let (how, version, turned) = (None, None, None);
            let order = RegisterOrder::Finish { target, rotation, how, at, version, again: false, turned };
            Claim::Over(Box::new(order))
        }
    })
}

/// What the register is told of a rotation that has ended.
pub(super) fn told(rotation: &Rotation, at: Timestamp) -> RegisterOrder {
    let turned = turned(rotation);
    RegisterOrder::Finish {
        target: rotation.target.name.clone(),
        rotation: rotation.id.clone(),
        how: Ending::of(rotation),
        at,
        version: settled(rotation),
        again: rotation.stage != Stage::Applied && turned.is_some() || left_behind(rotation),
        turned,
    }
}

/// Which version of its secret a rotation has settled: the one in every place; or one that somebody did not want there. Who only
/// did not want to go back, or made way for an emergency, has settled none.
fn settled(rotation: &Rotation) -> Option<Settled> {
    let supply = rotation.supply.as_ref()?;
    let gave_way = rotation.decisions.last().is_some_and(|last| last.verdict == Verdict::GaveWay);
    let (version, settled) = match rotation.stage {
        Stage::Applied => (supply.taken.clone(), supply.current.clone()?),
        // The password before it is dead: whoever stopped the rotation did not choose between the two.
        _ if supply.turned() => return None,
        Stage::Denied | Stage::Cancelled if supply.previous || gave_way => return None,
        // What was stopped is what had been read, which may be newer than what was approved.
        Stage::Denied | Stage::Cancelled => (None, supply.current.clone().or_else(|| supply.seen.clone())?),
        _ => return None,
    };
    let binding = plan::of_binding(rotation.target.binding.as_ref()?);
    Some(Settled { binding, version, settled, opened_at: rotation.opened_at })
}

/// The secret whose value the manager has changed in the data source as well, or may have: it has to be put in place everywhere.
fn turned(rotation: &Rotation) -> Option<(SourceName, SecretId)> {
    let binding = rotation.target.binding.as_ref().filter(|_| rotation.supply.as_ref().is_some_and(Supply::turned))?;
    Some((binding.source.clone(), binding.secret.clone()))
}

/// Whether it came to nothing while the catalog was changed: what that says now may be something else.
fn left_behind(rotation: &Rotation) -> bool {
    rotation.outdated && rotation.supply.is_some() && rotation.stage == Stage::Failed
}
