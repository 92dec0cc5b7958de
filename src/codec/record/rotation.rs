//! The shape of a rotation.

use super::shape::{choice, record};
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::rotation::{
    Check, Decision, ModelRun, Person, Phase, Refreshing, Refused, Rotation, Run, Stage, Verdict,
};

record!(Rotation {
    id,
    target,
    requester,
    reason,
    opened_at,
    break_glass,
    stage,
    decisions,
    reminded,
    outdated,
    retry_until,
    models,
    runs,
});
record!(Person { id, name, also });
record!(Decision { by, at, verdict });
choice!(Verdict { Approved, Denied(why), Cancelled, Stopped, Retried, Closed, GaveWay });
choice!(Stage {
    Requested,
    Checking,
    AwaitingApproval { since, until },
    AwaitingCredential { from, until },
    Holding { until },
    Applying,
    Stalled { until },
    Applied,
    PartlyApplied,
    Failed,
    Denied,
    Cancelled,
    Expired,
    Superseded,
});
record!(Run {
    place,
    models,
    check,
    phase,
    failures,
    due,
    since,
    request_id,
    prepared,
    again,
    begun,
    sending,
    uncertain,
    taken_over,
});
choice!(Check { Pending, Passed, Foreign, Troubled(trouble) });
choice!(Phase { Preparing, Updating, TakingOver, Testing { operation }, Done(receipt) });
record!(ModelRun { found, refresh, failures, due, since });
choice!(Refreshing { Waiting, Running(id), Completed, Failed(trouble) });
record!(Receipt { outcome, request_id });
choice!(Outcome { Verified, Stored, Untested(trouble), Unchanged(trouble), Unknown(trouble) });
choice!(Refused { Stage, Early, Closed, NotRequester, OwnRequest, Twice, Destination });
