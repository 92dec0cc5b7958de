//! What somebody did in Teams, in the words that every chat shares.

use serde_json::Value;

use super::activity::{Activity, Kind, Sender, What};
use super::invoke::Invoke;
use crate::codec::chat::{Caller, Inputs, Occasion, Opening, Reply, Submission, Tap, Typed};
use crate::codec::fields;
use crate::codec::sheet::{Action, FormKind};
use crate::codec::wiped::Wiped;
use crate::codec::wish::{self, Wish};
use crate::domain::names::PersonId;

/// What somebody did, and how they are to be answered.
pub enum Done {
    /// Wrote a command; answered by a message.
    Typed(Typed),
    /// Tapped a button whose tap comes as a message; whatever there is to say is said by one.
    Tapped(Tap),
    /// Tapped a button of a card; answered with what takes its place.
    OnCard(Tap),
    /// A card wants to be drawn anew; whose it is, by the person and the opaque id in it.
    Redraw(Caller, String),
    /// Wants a dialog; answered with one.
    Opens(Tap),
    /// Sent a dialog; answered with what takes its place.
    Submitted(Submission),
    /// Put the bot into a conversation.
    Installed(Reply),
    /// Took the bot out of it.
    Removed,
    /// Something that nothing is done about.
    Other,
}

/// The command of the message extension, whose dialog asks for a rotation.
const ROTATE: &str = "rotate";

/// What an activity amounts to.
pub fn read(activity: Activity) -> Done {
    let Activity { id, place, kind, what, .. } = activity;
    let reply = Reply::Teams(place, id);
    // What is for the eyes of one person is told to them alone.
    let answered = |by: &Sender, opening, openly: bool| Occasion {
        caller: Caller::Teams(PersonId::entra(&by.object)),
        opening,
        reply: (openly || kind == Kind::Personal).then(|| reply.clone()),
    };
    let occasion = |by: &Sender, opening| answered(by, opening, false);
    match what {
        What::Message { by, text, targeted } => {
            let wish = wish::read(&text);
            let openly = !targeted && !private(&wish);
            Done::Typed(Typed { occasion: answered(&by, Opening::Button, openly), wish })
        }
        What::Submitted { by, data } => Done::Tapped(tap(occasion(&by, Opening::Button), None, &data)),
        What::Invoked { by, invoke } => match invoke {
            Invoke::Card { data, automatic: true, .. } => {
                Done::Redraw(occasion(&by, Opening::Closed).caller, field(&data, "value"))
            }
            Invoke::Card { verb, data, .. } => Done::OnCard(tap(occasion(&by, Opening::Closed), Some(&verb), &data)),
            Invoke::OpenDialog { data } => Done::Opens(tap(occasion(&by, Opening::Dialog), None, &data)),
            Invoke::OpenCommand { command } => {
                let action = (command == ROTATE).then_some(Action::Open);
                let (occasion, value) = (occasion(&by, Opening::Dialog), String::new());
                Done::Opens(Tap { occasion, action, value, in_home: false })
            }
            Invoke::SubmitDialog { data } | Invoke::SubmitCommand { data, .. } => {
                Done::Submitted(submission(occasion(&by, Opening::Closed), &by, data))
            }
        },
        What::Installed => Done::Installed(reply),
        What::Removed => Done::Removed,
        What::Other => Done::Other,
    }
}

const fn private(wish: &Wish) -> bool {
    matches!(wish, Wish::WhoAmI(_) | Wish::History(_) | Wish::Doctor(_))
}

fn tap(occasion: Occasion, verb: Option<&str>, data: &Wiped) -> Tap {
    let named = field(data, "action");
    let action = Action::parse(verb.unwrap_or(&named));
    Tap { occasion, action, value: field(data, "value"), in_home: false }
}

fn field(data: &Wiped, name: &str) -> String {
    fields::owned(&data.0, &[name]).ok().flatten().unwrap_or_default()
}

fn submission(occasion: Occasion, by: &Sender, mut data: Wiped) -> Submission {
    let form = FormKind::parse(&field(&data, "form"));
    let (about, occurrence) = (field(&data, "about"), field(&data, "occurrence"));
    let mut inputs = Inputs::default();
    for (input, typed) in data.0.as_object_mut().into_iter().flatten() {
        inputs.put(input, Value::take(typed));
    }
    // Their own, so that nobody meets what somebody else opened.
    Submission { occasion, form, id: format!("teams/{}/{occurrence}", by.object), about, inputs }
}
