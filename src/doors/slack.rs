//! Slack's doors: verified, decoded, asked of the flow, answered with status 200 whatever the flow says.

use bytes::Bytes;
use http::header::HeaderName;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::{Closed, Handled, JSON, json_response, respond};
use crate::codec::proof::Verified;
use crate::codec::slack::envelope::{Envelope, Foreign};
use crate::codec::slack::event::{Event, NoEvent};
use crate::codec::slack::interaction::Interaction;
use crate::codec::slack::signature::SignatureError;
use crate::codec::slack::{command, event, interaction, signature};
use crate::domain::names::PersonId;
use crate::domain::refusal::Refusal;
use crate::flows::answer::{After, Answer, Shown, refuse_form, refuse_tap, refuse_typed};
use crate::flows::house::House;
use crate::flows::refused::Wanted;
use crate::flows::{ask, dispatch};
use crate::ports::Ports;
use crate::trail::Line;

/// `POST /slack/commands`.
pub(super) async fn command<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Handled, Closed> {
    // Slack's certificate check is not signed; it is answered with nothing and does nothing.
    if header(request, &SIGNATURE).is_none() && command::is_ssl_check(request.body()) {
        line.outcome = "ssl-check";
        return Ok(Response::new(Bytes::new()).into());
    }
    let slash = command::decode(verify(house, request)?).map_err(|_| Closed::Malformed)?;
    ours(house, &slash.envelope, line)?;
    let wanted = Wanted::typed(&slash.wish);
    let answer = ask::typed(house, slash).await;
    Ok(shown(answer.unwrap_or_else(|refusal| recorded(house, wanted, &refusal, line, refuse_typed(house, &refusal)))))
}

/// `POST /slack/interactions` and `POST /slack/options`.
pub(super) async fn interaction<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Handled, Closed> {
    let interaction = interaction::decode(verify(house, request)?).map_err(|_| Closed::Malformed)?;
    match interaction {
        Interaction::Submitted(form) => {
            ours(house, &form.envelope, line)?;
            let wanted = Wanted::sent(&form);
            let answer = dispatch::submitted(house, form).await;
            let refuse = |refusal| recorded(house, wanted, &refusal, line, refuse_form(house, &refusal));
            Ok(shown(answer.unwrap_or_else(refuse)))
        }
        Interaction::Tapped(tap) => {
            ours(house, &tap.envelope, line)?;
            let wanted = Wanted::tapped(&tap);
            let answer = dispatch::tapped(house, &tap).await;
            let mut answer = answer
                .unwrap_or_else(|refusal| recorded(house, wanted, &refusal, line, refuse_tap(house, &refusal, &tap)));
            if tap.in_home {
                answer.after.push(After::Home(tap.envelope));
            }
            Ok(shown(answer))
        }
        Interaction::Suggest(suggest) => {
            ours(house, &suggest.envelope, line)?;
            let answer = ask::suggest(house, &suggest).await;
            // Not in the audit: it comes with every letter, and whatever is sent with it is refused once more.
            Ok(shown(answer.unwrap_or_else(|refusal| {
                log(&refusal, line);
                Shown::Options(Vec::new()).into()
            })))
        }
        Interaction::Closed(envelope) | Interaction::Other(envelope) => {
            ours(house, &envelope, line)?;
            line.outcome = "ignored";
            Ok(shown(Shown::Nothing.into()))
        }
    }
}

/// `POST /slack/events`. Slack delivers again what it sees no answer to; a page that is published twice is the same page.
pub(super) fn event<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Handled, Closed> {
    let event = event::decode(verify(house, request)?).map_err(|NoEvent| Closed::Malformed)?;
    let (envelope, outcome) = match event {
        Event::Challenge(challenge) => {
            line.outcome = "challenge";
            return Ok(json_response(StatusCode::OK, &json!({ "challenge": challenge })).into());
        }
        Event::HomeOpened(envelope) => {
            ours(house, &envelope, line)?;
            let after = vec![After::Home(envelope)];
            return Ok(shown(Answer { shown: Shown::Nothing, after }));
        }
        Event::Uninstalled(envelope) => (envelope, "app-uninstalled"),
        Event::TokensRevoked(envelope) => (envelope, "tokens-revoked"),
        Event::Other(envelope) => (envelope, "ignored"),
    };
    ours(house, &envelope, line)?;
    line.outcome = outcome;
    Ok(shown(Shown::Nothing.into()))
}

pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");

fn verify<'r, P: Ports>(house: House<'_, P>, request: &'r Request<Bytes>) -> Result<Verified<&'r [u8]>, Closed> {
    let timestamp = header(request, &TIMESTAMP);
    let secret = &house.config.slack.signing_secret;
    signature::verify(secret, timestamp, header(request, &SIGNATURE), request.body(), house.ports.now()).map_err(
        |error| {
            Closed::Forged(match error {
                SignatureError::Missing => "signature-missing",
                SignatureError::Timestamp => "signature-timestamp",
                SignatureError::Stale => "signature-stale",
                SignatureError::Future => "signature-future",
                SignatureError::Form => "signature-form",
                SignatureError::Mismatch => "signature-mismatch",
            })
        },
    )
}

fn ours<P: Ports>(house: House<'_, P>, envelope: &Envelope, line: &mut Line) -> Result<(), Closed> {
    envelope.check(&house.config.slack).map_err(|_: Foreign| Closed::Foreign)?;
    line.person = PersonId::slack(&envelope.user).ok();
    Ok(())
}

/// The answer that refuses, after which the audit is told.
fn recorded<P: Ports>(
    house: House<'_, P>,
    wanted: Wanted,
    refusal: &Refusal,
    line: &mut Line,
    mut answer: Answer,
) -> Answer {
    log(refusal, line);
    let entry = wanted.refused(house, line.person.clone(), refusal);
    answer.after.push(After::Record(Box::new(entry)));
    answer
}

fn log(refusal: &Refusal, line: &mut Line) {
    line.outcome = refusal.name();
    if let Refusal::Service(trouble) = refusal {
        line.code = trouble.code.clone();
    }
}

fn shown(answer: Answer) -> Handled {
    let response = match answer.shown.body() {
        Some(body) => respond(StatusCode::OK, JSON, body),
        // Slack closes a form only when the body is really empty.
        None => Response::new(Bytes::new()),
    };
    Handled { response, after: answer.after }
}

fn header<'r>(request: &'r Request<Bytes>, name: &HeaderName) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}
