//! Slack's doors: verified, decoded, asked of the flow, answered with status 200 whatever the flow says.

use bytes::Bytes;
use http::header::HeaderName;
use http::{Request, Response, StatusCode};

use super::{Closed, Handled, JSON, respond};
use crate::codec::proof::Verified;
use crate::codec::slack::envelope::{Envelope, Foreign};
use crate::codec::slack::interaction::Interaction;
use crate::codec::slack::signature::SignatureError;
use crate::codec::slack::{command, interaction, signature};
use crate::domain::names::PersonId;
use crate::domain::refusal::Refusal;
use crate::flows::answer::{Answer, Shown, refuse_form, refuse_tap, refuse_typed};
use crate::flows::house::House;
use crate::flows::{ask, enter};
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
    let answer = ask::typed(house, slash).await;
    Ok(shown(answer.unwrap_or_else(|refusal| refuse_typed(house, logged(&refusal, line)))))
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
            let answer = enter::submitted(house, form).await;
            Ok(shown(answer.unwrap_or_else(|refusal| refuse_form(house, logged(&refusal, line)))))
        }
        Interaction::Tapped(tap) => {
            ours(house, &tap.envelope, line)?;
            let answer = enter::tapped(house, &tap).await;
            Ok(shown(answer.unwrap_or_else(|refusal| refuse_tap(house, logged(&refusal, line), tap.response_url))))
        }
        Interaction::Suggest(suggest) => {
            ours(house, &suggest.envelope, line)?;
            let answer = ask::suggest(house, &suggest).await;
            Ok(shown(answer.unwrap_or_else(|refusal| {
                logged(&refusal, line);
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

fn logged<'r>(refusal: &'r Refusal, line: &mut Line) -> &'r Refusal {
    line.outcome = refusal.name();
    if let Refusal::Service(trouble) = refusal {
        line.code = trouble.code.clone();
    }
    refusal
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
