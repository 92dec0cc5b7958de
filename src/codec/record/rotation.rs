//! The shape of a rotation.

use serde_json::Value;

use super::shape::{Record, Unreadable, choice, field, object, record};
use crate::domain::names::SourceName;
use crate::domain::receipt::{Outcome, Receipt};
use crate::domain::rotation::{
    Check, Decision, ModelRun, Person, Phase, Refreshing, Refused, Requester, Rotation, Run, Stage, Supply, Verdict,
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
    supply,
    models,
    runs,
});

// By hand: a person is what stood here before there was anything else.
impl Record for Requester {
    fn to_value(&self) -> Value {
        match self {
            Self::Person(person) => person.to_value(),
            Self::Source(source) => object(&[("source", source)]),
        }
    }

    fn from_value(value: &Value) -> Result<Self, Unreadable> {
        let source: Option<SourceName> = field(value, "source")?;
        source.map_or_else(|| Person::from_value(value).map(Self::Person), |source| Ok(Self::Source(source)))
    }
}

record!(Supply {
    previous,
    seen,
    taken,
    current,
    account,
    passed,
    turning_at,
    turned_at,
    done_at,
    failures,
    due,
    trouble
});
record!(Person { id, name, also });
record!(Decision { by, at, verdict });
choice!(Verdict { Approved, Denied(why), Cancelled, Stopped, Retried, Closed, GaveWay });
choice!(Stage {
    Requested,
    Checking,
    AwaitingApproval { since, until },
    AwaitingCredential { from, until },
    Fetching { from, until },
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
choice!(Check { Pending, Passed, Foreign, Referenced, Troubled(trouble) });
choice!(Phase { Preparing, Updating, TakingOver, Testing { operation }, Done(receipt) });
record!(ModelRun { found, refresh, failures, due, since });
choice!(Refreshing { Waiting, Running(id), Completed, Failed(trouble) });
record!(Receipt { outcome, request_id });
choice!(Outcome {
    Verified,
    Stored,
    Referenced,
    Untested(trouble),
    ReferenceFailed(trouble),
    Unchanged(trouble),
    Unknown(trouble),
});
choice!(Refused { Stage, Early, Closed, NotRequester, OwnRequest, Twice, Destination });
