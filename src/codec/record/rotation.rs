//! The shape of a rotation.

use super::shape::{choice, record};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::rotation::{Person, Phase, Rotation, Run, Stage};

record!(Rotation { id, target, requester, reason, opened_at, stage, runs });
record!(Person { id, name });
choice!(Stage {
    Requested,
    AwaitingCredential { until },
    Applying { since },
    Applied,
    PartlyApplied,
    Failed,
    Cancelled,
    Expired,
    Superseded,
});
record!(Run { phase, failures, due, request_id, sending, uncertain });
choice!(Phase { Preparing, Updating, Testing { operation }, Done(receipt) });
record!(Receipt { outcome, request_id });
choice!(Outcome { Verified, Stored, Untested(trouble), Unchanged(trouble), Unknown(trouble) });
