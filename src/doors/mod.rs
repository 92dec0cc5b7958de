//! The way in: (method, path) to a door, the door to an answer. What is refused at a door gets its status here.

mod admin;
mod after;
mod hook;
mod knock;
mod page;
mod received;
mod recorded;
mod response;
mod slack;
mod teams;

use std::cell::OnceCell;
use std::pin::Pin;

use bytes::Bytes;
use http::header::{ALLOW, AUTHORIZATION, HeaderName};
use http::{Method, Request, Response, StatusCode};
use serde::Serialize;

use crate::codec::json::object;
use crate::codec::{catalog, page as page_codec, webhook};
use crate::config::ConfigProblem;
use crate::flows::answer::After;
use crate::flows::house::House;
use crate::ports::{Log, Ports};
use crate::trail::Line;
pub use after::after;
use received::Received;
use response::{JSON, for_browsers, json_response, respond};

/// Where a request may enter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// `POST /slack/commands`: slash commands.
    Commands,
    /// `POST /slack/interactions`: forms and buttons.
    Interactions,
    /// `POST /slack/options`: typeaheads.
    Options,
    /// `POST /slack/events`: what Slack delivers by itself.
    Events,
    /// `POST /api/messages`: whatever happens in Teams.
    Teams,
    /// `POST /enter/plan`: what the sealing page shows.
    PagePlan,
    /// `POST /enter/submit`: what the sealing page submits.
    PageSubmit,
    /// `PUT /admin/catalog`.
    PutCatalog,
    /// `GET /admin/catalog`.
    GetCatalog,
    /// `GET /admin/audit`.
    ReadAudit,
    /// `GET /admin/audit/verify`.
    VerifyAudit,
    /// `POST /hooks/…`: what secret managers send.
    Hook,
    /// `OPTIONS /hooks/…`: a secret manager asks whether it may send.
    HookConsent,
    /// `GET /hooks/…`: the key to which values are sealed for us.
    HookKey,
    /// `GET /healthz`.
    Health,
}

/// Why a request does not get through its door.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// No such path.
    NotFound,
    /// The path is there, the method is not; the one that is.
    Method(&'static str),
    /// The body is larger than anything this door takes.
    TooLarge,
    /// Not proven to be from whom it says.
    Forged(&'static str),
    /// From somebody else's app or workspace.
    Foreign,
    /// Proven, but not what the documentation describes.
    Malformed,
    /// Proven, but of a kind that is not known here and waits for an answer.
    Unknown,
    /// Whether it is proven cannot be told at the moment.
    Unchecked,
    /// Nobody sends there any more.
    Gone,
    /// The configuration is incomplete.
    Unconfigured,
    /// Our own storage did not answer.
    Storage,
    /// Whoever it is knocked too often.
    Busy,
}

/// An answer, and what is to be done once it is out.
pub struct Handled {
    /// The answer.
    pub response: Response<Bytes>,
    /// What comes after, in this order.
    pub after: Vec<After>,
}

/// A path that ends in `*` is that of every one that begins so.
static DOORS: [(Door, Method, &str); 15] = [
    (Door::Commands, Method::POST, "/slack/commands"),
    (Door::Interactions, Method::POST, "/slack/interactions"),
    (Door::Options, Method::POST, "/slack/options"),
    (Door::Events, Method::POST, "/slack/events"),
    (Door::Teams, Method::POST, "/api/messages"),
    (Door::PagePlan, Method::POST, "/enter/plan"),
    (Door::PageSubmit, Method::POST, "/enter/submit"),
    (Door::PutCatalog, Method::PUT, "/admin/catalog"),
    (Door::GetCatalog, Method::GET, "/admin/catalog"),
    (Door::ReadAudit, Method::GET, "/admin/audit"),
    (Door::VerifyAudit, Method::GET, "/admin/audit/verify"),
    (Door::Hook, Method::POST, "/hooks/*"),
    (Door::HookConsent, Method::OPTIONS, "/hooks/*"),
    (Door::HookKey, Method::GET, "/hooks/*"),
    (Door::Health, Method::GET, "/healthz"),
];

static SLACK_HEADERS: [HeaderName; 2] = [slack::SIGNATURE, slack::TIMESTAMP];
/// Of the page and of the operator, who both show a bearer token.
static BEARER_HEADERS: [HeaderName; 2] = [AUTHORIZATION, knock::ADDRESS];
/// By which secret managers prove themselves and say what they want.
static HOOK_HEADERS: [HeaderName; 11] = [
    AUTHORIZATION,
    webhook::KEY,
    HeaderName::from_static("webhook-id"),
    HeaderName::from_static("webhook-timestamp"),
    HeaderName::from_static("webhook-signature"),
    HeaderName::from_static("aeg-event-type"),
    HeaderName::from_static("webhook-request-origin"),
    HeaderName::from_static("webhook-request-rate"),
    HeaderName::from_static("x-amz-sns-rawdelivery"),
    HeaderName::from_static("x-doppler-signature"),
    HeaderName::from_static("x-infisical-signature"),
];

impl Door {
    /// The door for a method and path.
    ///
    /// # Errors
    /// When there is none.
    pub fn find(method: &Method, path: &str) -> Result<Self, Closed> {
        let mut other = None;
        for (door, its_method, its_path) in &DOORS {
            let leads = its_path.strip_suffix('*').map_or(*its_path == path, |begins| path.starts_with(begins));
            if leads && its_method == method {
                return Ok(*door);
            }
            if leads {
                other = Some(match other {
                    None => its_method.as_str(),
                    Some("PUT") => "GET, PUT",
                    Some(_) => "GET, POST",
                });
            }
        }
        other.map_or(Err(Closed::NotFound), |allowed| Err(Closed::Method(allowed)))
    }

    /// Every door, with its method and path.
    pub fn all() -> &'static [(Self, Method, &'static str)] {
        &DOORS
    }

    /// The path of the door.
    pub fn path(self) -> &'static str {
        DOORS.iter().find(|(door, ..)| *door == self).map_or("", |(_, _, path)| path)
    }

    /// The largest body it takes, in bytes. Slack's forms are at most 250 kB, and form encoding can triple that.
    pub const fn largest_body(self) -> usize {
        match self {
            Self::Commands | Self::Options | Self::Events => 64 * 1024,
            Self::Interactions => 768 * 1024,
            // Teams' messages have at most about 100 KB, and JSON can write a character in six.
            Self::Teams => 256 * 1024,
            Self::PageSubmit => page_codec::LARGEST,
            Self::PutCatalog => catalog::MAX_TEXT,
            // A batch of Event Grid.
            Self::Hook => 1024 * 1024,
            Self::HookConsent | Self::HookKey => 0,
            Self::PagePlan | Self::GetCatalog | Self::ReadAudit | Self::VerifyAudit | Self::Health => 0,
        }
    }

    /// The headers it looks at; nobody needs to carry the others in.
    pub fn headers(self) -> &'static [HeaderName] {
        match self {
            Self::Commands | Self::Interactions | Self::Options | Self::Events => &SLACK_HEADERS,
            Self::Teams
            | Self::PutCatalog
            | Self::GetCatalog
            | Self::ReadAudit
            | Self::VerifyAudit
            | Self::PagePlan
            | Self::PageSubmit => &BEARER_HEADERS,
            Self::Hook | Self::HookConsent | Self::HookKey => &HOOK_HEADERS,
            Self::Health => &[],
        }
    }

    /// Whether whoever proves themselves there is a program, of Slack's, Teams' or a secret manager's. It reads nothing of
    /// what is said to browsers, which would cost every command a tenth.
    const fn is_of_programs(self) -> bool {
        matches!(self, Self::Commands | Self::Interactions | Self::Options | Self::Events | Self::Teams | Self::Hook)
    }

    /// The name in the log.
    const fn name(self) -> &'static str {
        match self {
            Self::Commands => "command",
            Self::Interactions => "interaction",
            Self::Options => "options",
            Self::Events => "event",
            Self::Teams => "teams",
            Self::PagePlan => "page-plan",
            Self::PageSubmit => "page-submit",
            Self::PutCatalog => "put-catalog",
            Self::GetCatalog => "get-catalog",
            Self::ReadAudit => "read-audit",
            Self::VerifyAudit => "verify-audit",
            Self::Hook => "hook",
            Self::HookConsent => "hook-consent",
            Self::HookKey => "hook-key",
            Self::Health => "health",
        }
    }
}

/// Answers a request at its door. Always writes one line to the log.
pub async fn handle<P: Ports>(house: House<'_, P>, door: Door, request: Request<Bytes>) -> Handled {
    let mut request = Received::new(request);
    if request.body().len() > door.largest_body() {
        return refused(house.ports, Some(door), Closed::TooLarge).into();
    }
    let mut line = Line::new(door.name(), "ok");
    let caller = OnceCell::new();
    let house = &house.of(&caller);
    // Each in a box of its own: what one request needs is compiled at its first use, so it should not be all of them.
    let work: Pin<Box<dyn Future<Output = Result<Handled, Closed>> + '_>> = match door {
        Door::Commands => Box::pin(slack::command(house, &request, &mut line)),
        Door::Interactions | Door::Options => Box::pin(slack::interaction(house, &request, &mut line)),
        Door::Events => Box::pin(async { slack::event(house, &request, &mut line) }),
        Door::Teams => Box::pin(teams::activity(house, &request, &mut line)),
        Door::PagePlan => Box::pin(async { Ok(page::plan(house, &request, &mut line).await.into()) }),
        Door::PageSubmit => Box::pin(async { Ok(page::submit(house, &mut request, &mut line).await.into()) }),
        Door::PutCatalog => Box::pin(async { admin::put_catalog(house, &request).await.map(Handled::from) }),
        Door::GetCatalog => Box::pin(async { admin::get_catalog(house, &request).await.map(Handled::from) }),
        Door::ReadAudit => Box::pin(async { admin::read_audit(house, &request).await.map(Handled::from) }),
        Door::VerifyAudit => {
            Box::pin(async { admin::verify_audit(house, &request, &mut line).await.map(Handled::from) })
        }
        Door::Hook => Box::pin(async { hook::post(house, &request, &mut line).await.map(Handled::from) }),
        Door::HookConsent => Box::pin(async { hook::consent(house, &request, &mut line).await.map(Handled::from) }),
        Door::HookKey => Box::pin(async { hook::key(house, &request, &mut line).await.map(Handled::from) }),
        Door::Health => Box::pin(async { Ok(health(StatusCode::OK, &[]).into()) }),
    };
    let answered = work.await;
    // Anybody's page can have a browser post to any door.
    let may_be_shown = answered.is_err() || !door.is_of_programs();
    let mut handled = answered.unwrap_or_else(|closed| {
        line.outcome = closed.name();
        closed.response().into()
    });
    if may_be_shown {
        for_browsers(&mut handled.response);
    }
    line.status = Some(handled.response.status().as_u16());
    house.log(&line);
    handled
}

/// The answer to a request that is refused before its body is looked at; without a door, before one was found. Writes
/// its line to the log.
pub fn refused(log: &impl Log, door: Option<Door>, closed: Closed) -> Response<Bytes> {
    let response = match door {
        // The page tells people by these what became of what they typed.
        Some(Door::PagePlan | Door::PageSubmit) => page::closed(closed),
        _ => closed.response(),
    };
    told(log, door, closed, response)
}

/// The answer when the configuration is incomplete: the health page says what is missing, every other door is shut.
/// Writes its line to the log.
pub fn unconfigured(log: &impl Log, door: Door, problems: &[ConfigProblem]) -> Response<Bytes> {
    match door {
        Door::Health => {
            let response = health(StatusCode::SERVICE_UNAVAILABLE, problems);
            told(log, Some(door), Closed::Unconfigured, response)
        }
        _ => refused(log, Some(door), Closed::Unconfigured),
    }
}

fn told(log: &impl Log, door: Option<Door>, closed: Closed, mut response: Response<Bytes>) -> Response<Bytes> {
    for_browsers(&mut response);
    let mut line = Line::new(door.map_or("request", Door::name), closed.name());
    line.status = Some(response.status().as_u16());
    log.line(&line);
    response
}

impl Closed {
    /// The status and words of the refusal. They help an honest caller and tell a forger nothing.
    pub fn response(self) -> Response<Bytes> {
        let (status, message) = match self {
            Self::NotFound => (StatusCode::NOT_FOUND, "there is nothing here"),
            Self::Method(_) => (StatusCode::METHOD_NOT_ALLOWED, "this path takes another method"),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "the body is too large"),
            Self::Forged(_) => (StatusCode::UNAUTHORIZED, "not authenticated"),
            Self::Foreign => (StatusCode::FORBIDDEN, "not for this installation"),
            Self::Malformed => (StatusCode::BAD_REQUEST, "not understood"),
            Self::Unknown => (StatusCode::NOT_IMPLEMENTED, "not known here"),
            Self::Unchecked => (StatusCode::SERVICE_UNAVAILABLE, "cannot be checked at the moment; try again"),
            Self::Gone => (StatusCode::GONE, "not wanted here any more"),
            Self::Unconfigured => (StatusCode::SERVICE_UNAVAILABLE, "the configuration is incomplete; see /healthz"),
            Self::Storage => (StatusCode::SERVICE_UNAVAILABLE, "storage did not answer; try again"),
            Self::Busy => (StatusCode::TOO_MANY_REQUESTS, "too many requests; try again in a minute"),
        };
        let mut response = json_response(status, &object! { "error": message });
        if let Self::Method(allowed) = self {
            response.headers_mut().insert(ALLOW, http::HeaderValue::from_static(allowed));
        }
        if matches!(self, Self::Busy | Self::Unchecked | Self::Storage) { knock::later(response) } else { response }
    }

    /// The name in the log.
    const fn name(self) -> &'static str {
        match self {
            Self::NotFound => "not-found",
            Self::Method(_) => "method",
            Self::TooLarge => "too-large",
            Self::Forged(why) => why,
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::Unknown => "unknown",
            Self::Unchecked => "unchecked",
            Self::Gone => "gone",
            Self::Unconfigured => "unconfigured",
            Self::Storage => "storage",
            Self::Busy => "busy",
        }
    }
}

impl From<Response<Bytes>> for Handled {
    fn from(response: Response<Bytes>) -> Self {
        Self { response, after: Vec::new() }
    }
}

/// What monitoring reads. Its form is a promise to other people's programs, so it is a type of its own.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    version: &'static str,
    problems: Vec<String>,
}

fn health(status: StatusCode, problems: &[ConfigProblem]) -> Response<Bytes> {
    let health = Health {
        status: if problems.is_empty() { "ok" } else { "misconfigured" },
        version: env!("CARGO_PKG_VERSION"),
        problems: problems.iter().map(ToString::to_string).collect(),
    };
    respond(status, JSON, serde_json::to_string(&health).unwrap_or_default())
}
