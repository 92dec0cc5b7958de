//! Once a day: what is old is forgotten, the audit's end is logged, rooms are reminded, and live rotations are woken.

use super::house::House;
use super::remind;
use crate::codec::catalog::MAX_TARGETS;
use crate::codec::record::{RegisterOrder, RegisterReply, RotationOrder};
use crate::ports::{Ports, Unanswered};
use crate::trail::Line;

/// Calls of a run that are kept for others than the register's tidying.
const FOR_OTHERS: usize = 30;

/// Does what is done once a day. Done twice, nothing more happens; not done for a day, the next makes up for it.
pub async fn run<P: Ports>(house: House<'_, P>) {
    tidy(house).await;
    remind::run(house).await;
    // What is bound to secret managers is looked at by the register, in its own time.
    if house.ports.register(RegisterOrder::Reconcile).await.is_err() {
        house.log(&Line::new("reconcile", "retry"));
    }
    wake(house).await;
}

/// Has live rotations set their alarms, as many as there are calls left for. The platform gives an alarm up that failed a few
/// times in a row (Cloudflare, Durable Objects: Alarms), as after a deployment that cannot start; and nothing else would wake
/// a rotation that waits for nobody.
async fn wake<P: Ports>(house: House<'_, P>) {
    let Ok(RegisterReply::Live(mut live, _)) = house.ports.register(RegisterOrder::Live { most: MAX_TARGETS }).await
    else {
        return house.log(&Line::new("wake", "retry"));
    };
    // Where not all can be woken, it is others on other days.
    if let Some(first) = usize::from(house.chance()).checked_rem(live.len()) {
        live.rotate_left(first);
    }
    for id in live.into_iter().take(house.config.calls_per_waking.saturating_sub(house.ports.sent())) {
        if house.ports.rotation(&id, RotationOrder::Wake).await.is_err() {
            house.log(&Line { rotation: Some(id), ..Line::new("wake", "retry") });
        }
    }
}

/// Forgets what is older than the settings say, and logs the end of the audit: whoever cuts the audit short, or writes it
/// anew, has that line against them.
async fn tidy<P: Ports>(house: House<'_, P>) {
    let line = loop {
        match house.ports.register(RegisterOrder::Tidy).await {
            Ok(RegisterReply::Tidied { more: true, .. })
                if house.ports.sent() + FOR_OTHERS < house.config.calls_per_waking => {}
            Ok(RegisterReply::Tidied { head, .. }) => {
                break Line { head: Some(head), ..Line::new("audit-head", "ok") };
            }
            Ok(RegisterReply::Broken(_)) => break Line::new("audit-head", "broken"),
            Ok(_) | Err(Unanswered) => break Line::new("audit-head", "retry"),
        }
    };
    house.log(&line);
}
