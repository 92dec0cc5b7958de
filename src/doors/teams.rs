//! Teams' door: verified, decoded, asked of the flow; whoever waits is answered at once, everybody else by a message.

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::Value;

use super::recorded::recorded;
use super::response::json_response;
use super::{Closed, Handled};
use crate::clients::keys::Published;
use crate::codec::chat::{Caller, Occasion, Submission, Tap, Typed};
use crate::codec::content::{card, form, message};
use crate::codec::jwt::{JwtError, Presented};
use crate::codec::proof::Verified;
use crate::codec::record::{RegisterOrder, RegisterReply};
use crate::codec::sheet::{Notice, Part, Sheet, Text};
use crate::codec::teams::activity::{self, ActivityError, What};
use crate::codec::teams::done::{self, Done};
use crate::codec::teams::text::plain;
use crate::codec::teams::token::{self, Parties, TokenError};
use crate::codec::teams::{answer as card_answer, draw};
use crate::codec::wiped::Wiped;
use crate::codec::words;
use crate::config::TeamsConfig;
use crate::domain::names::{Platform, RotationId};
use crate::domain::refusal::Refusal;
use crate::domain::rotation::Rotation;
use crate::flows::answer::{After, Answer, Shown, refuse_form, refuse_tap, refuse_typed, tell_later};
use crate::flows::decide::view;
use crate::flows::house::House;
use crate::flows::identity;
use crate::flows::refused::Wanted;
use crate::flows::{ask, dispatch};
use crate::ports::{Ports, Unanswered};
use crate::trail::Line;

/// `POST /api/messages`.
pub(super) async fn activity<P: Ports>(
    house: House<'_, P>,
    request: &Request<Bytes>,
    line: &mut Line,
) -> Result<Handled, Closed> {
    let teams = house.config.teams.as_ref().ok_or(Closed::NotFound)?;
    let proven = verify(house, teams, request).await?;
    let activity = activity::decode(proven, &teams.bot.client, &teams.bot.tenant).map_err(|error| match error {
        ActivityError::Malformed => Closed::Malformed,
        ActivityError::Foreign => Closed::Foreign,
        ActivityError::UnknownInvoke => Closed::Unknown,
    })?;
    // That the bot was put somewhere is told in two kinds of activity (Teams, Conversation events), and greeted once.
    let named = if matches!(activity.what, What::Installed) { "installed" } else { activity.id.as_str() };
    let delivery = format!("teams/{}/{named}", activity.place.conversation);
    match done::read(activity) {
        Done::Typed(typed) => {
            line.person = typed.occasion.caller.person();
            once(house, delivery, line, async move |line| said(house, typed, line).await).await
        }
        Done::Tapped(tap) => {
            line.person = tap.occasion.caller.person();
            once(house, delivery, line, async move |line| tapped(house, &tap, line).await).await
        }
        Done::OnCard(tap) => {
            line.person = tap.occasion.caller.person();
            Ok(on_card(house, &tap, line).await)
        }
        Done::Redraw(caller, value) => {
            line.person = caller.person();
            line.outcome = "redrawn";
            let shown = redrawn(house, &caller, &value).await;
            Ok(json_response(StatusCode::OK, &shown).into())
        }
        Done::Opens(tap) => {
            line.person = tap.occasion.caller.person();
            Ok(opens(house, &tap, line).await)
        }
        Done::Submitted(form) => {
            line.person = form.occasion.caller.person();
            Ok(submitted(house, form, line).await)
        }
        Done::Installed(reply) => {
            line.outcome = "installed";
            let after = After::Respond { reply, message: message::help(house.command(Platform::Teams)) };
            once(house, delivery, line, async move |_| vec![after]).await
        }
        Done::Removed => {
            line.outcome = "removed";
            Ok(nothing(Vec::new()))
        }
        Done::Other => {
            line.outcome = "ignored";
            Ok(nothing(Vec::new()))
        }
    }
}

async fn verify<P: Ports>(
    house: House<'_, P>,
    teams: &TeamsConfig,
    request: &Request<Bytes>,
) -> Result<Verified<Wiped>, Closed> {
    let forged = |error: TokenError| match error {
        TokenError::Jwt(JwtError::Unchecked) => Closed::Unchecked,
        error => Closed::Forged(error.name()),
    };
    let presented = Presented::read(request.headers()).map_err(|error| forged(error.into()))?;
    let now = house.ports.now();
    let published = Published::BotFramework(&teams.login_url);
    let parties = Parties { issuer: teams.issuer, app: &teams.bot.client };
    let keys = match house.kept.keys.kept(published, presented.kid(), now) {
        Some(kept) => kept,
        None => {
            // Anybody can name a key that nobody knows: only for what might be meant for us is it looked for.
            presented.refuse_unverified(now, |claims| parties.check(claims)).map_err(forged)?;
            let keys = house.kept.keys.get(house.ports, published, presented.kid(), now).await;
            // Without keys nobody can be told to be anybody: that is our trouble, and the service tries again.
            keys.map_err(|_| Closed::Unchecked)?
        }
    };
    token::verify(presented, request.body(), &keys, parties, now, house.ports).await.map_err(forged)
}

/// Does what a message asks for, if it was not delivered before: what takes long to answer is delivered again (Teams,
/// Conversation events).
async fn once<P: Ports>(
    house: House<'_, P>,
    delivery: String,
    line: &mut Line,
    act: impl AsyncFnOnce(&mut Line) -> Vec<After>,
) -> Result<Handled, Closed> {
    match house.ports.register(RegisterOrder::Once(delivery)).await {
        Ok(RegisterReply::Once(true)) => Ok(nothing(act(line).await)),
        Ok(RegisterReply::Once(false)) => {
            line.outcome = "repeated";
            Ok(nothing(Vec::new()))
        }
        Ok(_) | Err(Unanswered) => Err(Closed::Storage),
    }
}

async fn said<P: Ports>(house: House<'_, P>, typed: Typed, line: &mut Line) -> Vec<After> {
    let (wanted, occasion) = (Wanted::typed(&typed), typed.occasion.clone());
    let answer = ask::typed(house, typed).await.unwrap_or_else(|refusal| {
        recorded(house, wanted, &refusal, line, refuse_typed(house, &refusal, Platform::Teams))
    });
    by_message(answer, &occasion)
}

async fn tapped<P: Ports>(house: House<'_, P>, tap: &Tap, line: &mut Line) -> Vec<After> {
    let wanted = Wanted::tapped(tap);
    let answer = dispatch::tapped(house, tap)
        .await
        .unwrap_or_else(|refusal| recorded(house, wanted, &refusal, line, refuse_tap(house, &refusal, &tap.occasion)));
    by_message(answer, &tap.occasion)
}

/// What is shown nowhere else is said in a message. The card itself is rewritten for everybody, whoever tapped it.
fn by_message(answer: Answer, occasion: &Occasion) -> Vec<After> {
    let mut after = match answer.shown {
        Shown::Message(sheet) => tell_later(sheet, occasion).after,
        Shown::Notice(notice) => tell_later(Sheet::plain(notice.text), occasion).after,
        _ => Vec::new(),
    };
    after.extend(answer.after);
    after
}

async fn on_card<P: Ports>(house: House<'_, P>, tap: &Tap, line: &mut Line) -> Handled {
    let wanted = Wanted::tapped(tap);
    match dispatch::tapped(house, tap).await {
        Ok(answer) => {
            let shown = match &answer.shown {
                Shown::Card(rotation) => card_answer::card(&card::card(rotation)),
                Shown::Message(sheet) => card_answer::card(sheet),
                _ => card_answer::said("Done."),
            };
            Handled { response: json_response(StatusCode::OK, &shown), after: answer.after }
        }
        Err(refusal) => {
            let nothing = Answer { shown: Shown::Nothing, after: Vec::new() };
            let after = recorded(house, wanted, &refusal, line, nothing).after;
            let words = words::refusal(&refusal, house.command(Platform::Teams));
            let shown = refused_on_card(house, tap, &words).await;
            Handled { response: json_response(StatusCode::OK, &shown), after }
        }
    }
}

/// The card as it is, below why the tap on it did nothing: an error on its own is not shown by every client. Where the
/// card is not to be had, or not for them, the one on the screen stays: what was refused need not have been asked by
/// anybody who may see the card, and the id in it is whatever their client sent.
async fn refused_on_card<P: Ports>(house: House<'_, P>, tap: &Tap, words: &str) -> Value {
    let shown = match identity::member(house, &tap.occasion.caller).await {
        Ok(_) => viewed(house, &tap.value).await,
        Err(_) => None,
    };
    let Some(rotation) = shown else { return card_answer::said(words) };
    let mut sheet = card::card(&rotation);
    sheet.body.insert(0, Part::Paragraph(Text::bold(words.to_owned())));
    card_answer::card(&sheet)
}

async fn redrawn<P: Ports>(house: House<'_, P>, caller: &Caller, value: &str) -> Value {
    let sheet = match identity::member(house, caller).await {
        Err(refusal) => Sheet::plain(words::refusal(&refusal, house.command(Platform::Teams))),
        Ok(_) => match viewed(house, value).await {
            Some(rotation) => card::card(&rotation),
            None => Sheet::plain(words::refusal(&Refusal::UnknownRotation, house.command(Platform::Teams))),
        },
    };
    card_answer::card(&sheet)
}

async fn viewed<P: Ports>(house: House<'_, P>, value: &str) -> Option<Rotation> {
    view(house, &RotationId::parse(value).ok()?).await.ok()
}

async fn opens<P: Ports>(house: House<'_, P>, tap: &Tap, line: &mut Line) -> Handled {
    let wanted = Wanted::tapped(tap);
    let answer = dispatch::tapped(house, tap).await.unwrap_or_else(|refusal| {
        recorded(house, wanted, &refusal, line, refuse_form(house, &refusal, Platform::Teams))
    });
    in_dialog(house, answer)
}

async fn submitted<P: Ports>(house: House<'_, P>, form: Submission, line: &mut Line) -> Handled {
    let wanted = Wanted::sent(&form);
    let answer = dispatch::submitted(house, form).await.unwrap_or_else(|refusal| {
        recorded(house, wanted, &refusal, line, refuse_form(house, &refusal, Platform::Teams))
    });
    in_dialog(house, answer)
}

/// The answer to whoever waits for a dialog, or sent one. An empty one closes it.
fn in_dialog<P: Ports>(house: House<'_, P>, answer: Answer) -> Handled {
    let notice = |title, text: String| draw::notice(&Notice { title, text });
    let shown = match &answer.shown {
        Shown::Dialog(form, choices) => draw::form(form, house.random_id().as_str(), choices),
        Shown::Page(link) => draw::page("Enter the credential", link),
        Shown::Notice(said) => draw::notice(said),
        Shown::Card(rotation) => draw::notice(&form::under_way(rotation)),
        // Their client has looked at the inputs already, so this is rare.
        Shown::Marks(marks) => {
            notice("Not complete", marks.iter().map(|(_, mark)| *mark).collect::<Vec<_>>().join(" "))
        }
        Shown::Message(sheet) => notice("pbi-rotate", plain(&sheet.text, WORDS)),
        Shown::Nothing | Shown::Options(_) => return nothing(answer.after),
    };
    Handled { response: json_response(StatusCode::OK, &shown), after: answer.after }
}

/// UTF-16 units of a message that is said in a dialog.
const WORDS: usize = 1000;

fn nothing(after: Vec<After>) -> Handled {
    Handled { response: Response::new(Bytes::new()), after }
}
