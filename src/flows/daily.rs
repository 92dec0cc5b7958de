//! Once a day: what is old is forgotten, the log is told where the audit ends, and rooms are reminded of what is due.

use super::house::House;
use super::remind;
use crate::codec::record::{RegisterOrder, RegisterReply};
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
