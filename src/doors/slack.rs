//! Slack's doors: verified, decoded, asked of the flow unless it is for help, answered with status 200 whatever the flow says.

use bytes::Bytes;
use http::header::HeaderName;
use http::{Request, Response, StatusCode};

use super::recorded::{log, recorded};
use super::response::{JSON, for_browsers, json_response, respond};
use super::{Closed, Handled};
use crate::codec::chat::Caller;
use crate::codec::content::message;
use crate::codec::json::{self, object};
use crate::codec::proof::Verified;
use crate::codec::slack::envelope::Foreign;
use crate::codec::slack::event::{Event, NoEvent};
use crate::codec::slack::interaction::Interaction;
use crate::codec::slack::{command, draw, event, interaction, signature};
use crate::codec::wish::Wish;
use crate::domain::names::Platform;
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
        let mut nothing = Response::new(Bytes::new());
        for_browsers(&mut nothing);
        return Ok(nothing.into());
    }
    let typed = command::decode(verify(house, request)?).map_err(|_| Closed::Malformed)?;
    ours(house, &typed.occasion.caller, line)?;
    if typed.wish == Wish::Help {
        return Ok(respond(StatusCode::OK, JSON, help(house)).into());
    }
    let wanted = Wanted::typed(&typed);
    let answer = ask::typed(house, typed).await;
    Ok(shown(answer.unwrap_or_else(|refusal| {
        recorded(house, wanted, &refusal, line, refuse_typed(house, &refusal, Platform::Slack))
    })))
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
            ours(house, &form.occasion.caller, line)?;
            let wanted = Wanted::sent(&form);
            let answer = dispatch::submitted(house, form).await;
            let refuse =
                |refusal| recorded(house, wanted, &refusal, line, refuse_form(house, &refusal, Platform::Slack));
            Ok(shown(answer.unwrap_or_else(refuse)))
        }
        Interaction::Tapped(tap) => {
            ours(house, &tap.occasion.caller, line)?;
            let wanted = Wanted::tapped(&tap);
            let answer = dispatch::tapped(house, &tap).await;
            let mut answer = answer.unwrap_or_else(|refusal| {
                recorded(house, wanted, &refusal, line, refuse_tap(house, &refusal, &tap.occasion))
            });
            if tap.in_home {
                answer.after.push(After::Home(tap.occasion.caller));
            }
            Ok(shown(answer))
        }
        Interaction::Suggest(suggest) => {
            ours(house, &suggest.caller, line)?;
            let answer = ask::suggest(house, &suggest).await;
            // Not in the audit: it comes with every letter, and whatever is sent with it is refused once more.
            Ok(shown(answer.unwrap_or_else(|refusal| {
                log(&refusal, line);
                Shown::Options(Vec::new()).into()
            })))
        }
        Interaction::Closed(caller) | Interaction::Other(caller) => {
            ours(house, &caller, line)?;
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
    let (caller, outcome) = match event {
        Event::Challenge(challenge) => {
            line.outcome = "challenge";
            return Ok(json_response(StatusCode::OK, &object! { "challenge": challenge }).into());
        }
        Event::HomeOpened(caller) => {
            ours(house, &caller, line)?;
            let after = vec![After::Home(caller)];
            return Ok(shown(Answer { shown: Shown::Nothing, after }));
        }
        Event::Uninstalled(caller) => (caller, "app-uninstalled"),
        Event::TokensRevoked(caller) => (caller, "tokens-revoked"),
        Event::Other(caller) => (caller, "ignored"),
    };
    ours(house, &caller, line)?;
    line.outcome = outcome;
    Ok(shown(Shown::Nothing.into()))
}

pub(super) const SIGNATURE: HeaderName = HeaderName::from_static("x-slack-signature");
pub(super) const TIMESTAMP: HeaderName = HeaderName::from_static("x-slack-request-timestamp");

fn verify<'r, P: Ports>(house: House<'_, P>, request: &'r Request<Bytes>) -> Result<Verified<&'r [u8]>, Closed> {
    let timestamp = header(request, &TIMESTAMP);
    let slack = house.config.slack.as_ref().ok_or(Closed::NotFound)?;
    signature::verify(&slack.signing_secret, timestamp, header(request, &SIGNATURE), request.body(), house.ports.now())
        .map_err(|error| Closed::Forged(error.name()))
}

fn ours<P: Ports>(house: House<'_, P>, caller: &Caller, line: &mut Line) -> Result<(), Closed> {
    let (Caller::Slack(envelope), Some(slack)) = (caller, &house.config.slack) else { return Err(Closed::Foreign) };
    envelope.check(slack).map_err(|_: Foreign| Closed::Foreign)?;
    line.person = caller.person();
    Ok(())
}

/// The one answer that is the same for everybody; it is drawn for whoever asks first.
fn help<P: Ports>(house: House<'_, P>) -> Bytes {
    let draw = || Bytes::from(json::text(&draw::message(&message::help(house.command(Platform::Slack))).ephemeral()));
    house.kept.help.get_or_init(draw).clone()
}

fn shown(answer: Answer) -> Handled {
    let response = match body(&answer.shown) {
        Some(body) => respond(StatusCode::OK, JSON, body),
        // Slack closes a form only when the body is really empty.
        None => Response::new(Bytes::new()),
    };
    Handled { response, after: answer.after }
}

/// What Slack is answered; `None` for an empty body.
fn body(shown: &Shown) -> Option<String> {
    let value = match shown {
        // Slack shows a page by a message with its link, and rewrites cards by itself.
        Shown::Nothing | Shown::Card(_) | Shown::Dialog(..) | Shown::Page(_) => return None,
        Shown::Message(message) => draw::message(message).ephemeral(),
        Shown::Notice(notice) => draw::replaced(notice),
        Shown::Marks(marks) => draw::marked(marks),
        Shown::Options(options) => draw::options(options),
    };
    Some(json::text(&value))
}

fn header<'r>(request: &'r Request<Bytes>, name: &HeaderName) -> Option<&'r str> {
    request.headers().get(name)?.to_str().ok()
}
