//! Modals and home tabs: the stack of three, and the methods that show them.

use serde::Serialize;
use serde_json::{Value, json};

use super::arguments::Arguments;
use super::view_rules::check;
use super::{Failure, Slack};
use crate::fields;
use crate::scene;

/// Most modals on top of each other.
pub(crate) const STACK: usize = 3;

/// A modal or home tab that a person has before them.
#[derive(Clone, Debug, Serialize)]
pub struct View {
    /// Slack's id of it.
    pub id: String,
    /// Whose screen it is on.
    pub user: String,
    /// The view as the bot sent it, every block with a `block_id`.
    pub body: Value,
    /// Changes with every update.
    pub hash: String,
    /// The lowest view of the stack.
    pub root: String,
    /// The view under it.
    pub previous: Option<String>,
    /// What the person typed so far: `state.values`.
    pub values: Value,
    /// The errors last shown, by block.
    pub errors: Value,
}

impl View {
    pub(crate) fn text(&self, field: &str) -> &str {
        fields::text(&self.body, field)
    }

    pub(crate) fn is_modal(&self) -> bool {
        self.text("type") == "modal"
    }

    fn name_blocks(&mut self) {
        if let Some(blocks) = self.body.get_mut("blocks") {
            super::name_blocks(blocks, &self.hash);
        }
    }

    /// The blocks, or none.
    pub(crate) fn blocks(&self) -> &[Value] {
        fields::list(&self.body, "blocks")
    }

    /// The view object as Slack sends it, in answers and payloads alike.
    pub(crate) fn describe(&self) -> Value {
        let mut view = self.body.clone();
        let own: [(&str, Value); 12] = [
            ("private_metadata", self.text("private_metadata").into()),
            ("callback_id", self.text("callback_id").into()),
            ("external_id", self.text("external_id").into()),
            ("id", self.id.as_str().into()),
            ("team_id", scene::TEAM.into()),
            ("app_id", scene::APP.into()),
            ("app_installed_team_id", scene::TEAM.into()),
            ("bot_id", scene::BOT.into()),
            ("hash", self.hash.as_str().into()),
            ("root_view_id", self.root.as_str().into()),
            ("previous_view_id", json!(self.previous)),
            ("state", json!({"values": self.values})),
        ];
        for (field, value) in own {
            fields::put(&mut view, field, value);
        }
        view
    }
}

impl Slack {
    /// The modals a person has open, the lowest first.
    pub(crate) fn stack(&self, user: &str) -> Vec<&View> {
        self.views.iter().filter(|view| view.user == user && view.is_modal()).collect()
    }

    pub(crate) fn view_mut(&mut self, id: &str) -> Option<&mut View> {
        self.views.iter_mut().find(|view| view.id == id)
    }

    /// Puts a checked view on a person's screen.
    pub(crate) fn show(&mut self, user: &str, body: Value) -> View {
        let number = self.next();
        let id = format!("V{number:08}");
        let below = self.stack(user).last().map(|view| (view.root.clone(), view.id.clone()));
        let (root, previous) = below.map_or_else(|| (id.clone(), None), |(root, below)| (root, Some(below)));
        let hash = format!("{number}.hash");
        let (values, errors) = (json!({}), json!({}));
        let mut view = View { id, user: user.to_owned(), body, hash, root, previous, values, errors };
        view.name_blocks();
        self.views.push(view.clone());
        view
    }

    /// Puts a checked view in another's place; what was typed into blocks that stay is kept.
    pub(crate) fn replace(&mut self, id: &str, body: Value) -> Option<View> {
        let number = self.next();
        let view = self.view_mut(id)?;
        view.body = body;
        view.hash = format!("{number}.hash");
        view.errors = json!({});
        view.name_blocks();
        let kept: Vec<&str> = view.blocks().iter().map(|block| fields::text(block, "block_id")).collect();
        let values = view.values.as_object().into_iter().flatten();
        let values = values.filter(|(block, _)| kept.contains(&block.as_str()));
        view.values = values.map(|(block, entries)| (block.clone(), entries.clone())).collect();
        Some(view.clone())
    }
}

/// `views.open`: any stack the person had is gone.
pub(crate) fn open(slack: &mut Slack, arguments: &Arguments, now_ms: u64) -> Result<Value, Failure> {
    let view = arguments.json("view")?;
    check(&view, "modal")?;
    unused_external_id(slack, &view)?;
    let trigger = slack.exchange(arguments.required("trigger_id")?, now_ms)?;
    slack.views.retain(|open| open.user != trigger || !open.is_modal());
    Ok(json!({"view": slack.show(&trigger, view).describe()}))
}

/// `views.push`.
pub(crate) fn push(slack: &mut Slack, arguments: &Arguments, now_ms: u64) -> Result<Value, Failure> {
    let view = arguments.json("view")?;
    check(&view, "modal")?;
    unused_external_id(slack, &view)?;
    let user = slack.exchange(arguments.required("trigger_id")?, now_ms)?;
    match slack.stack(&user).len() {
        0 => Err(Failure::code("invalid_trigger_id")),
        STACK.. => Err(Failure::code("push_limit_reached")),
        _ => Ok(json!({"view": slack.show(&user, view).describe()})),
    }
}

/// `views.update`, by `view_id` or `external_id`.
pub(crate) fn update(slack: &mut Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let (id, external) = (arguments.text("view_id"), arguments.text("external_id"));
    let chosen = |view: &&View| view.id == id || (!external.is_empty() && view.text("external_id") == external);
    let found = slack.views.iter().find(chosen).cloned().ok_or_else(|| Failure::code("not_found"))?;
    let hash = arguments.text("hash");
    if !hash.is_empty() && hash != found.hash {
        return Err(Failure::code("hash_conflict"));
    }
    let view = arguments.json("view")?;
    check(&view, found.text("type"))?;
    let view = slack.replace(&found.id, view).ok_or_else(|| Failure::code("not_found"))?;
    Ok(json!({"view": view.describe()}))
}

/// `views.publish`: a person's home tab.
pub(crate) fn publish(slack: &mut Slack, arguments: &Arguments) -> Result<Value, Failure> {
    let user = slack.user(arguments.required("user_id")?).ok_or_else(|| Failure::code("user_not_found"))?.id.clone();
    let view = arguments.json("view")?;
    check(&view, "home")?;
    let home = slack.views.iter().find(|view| view.user == user && !view.is_modal()).cloned();
    let Some(home) = home else { return Ok(json!({"view": slack.show(&user, view).describe()})) };
    let hash = arguments.text("hash");
    if !hash.is_empty() && hash != home.hash {
        return Err(Failure::code("hash_conflict"));
    }
    let view = slack.replace(&home.id, view).ok_or_else(|| Failure::code("not_found"))?;
    Ok(json!({"view": view.describe()}))
}

fn unused_external_id(slack: &Slack, view: &Value) -> Result<(), Failure> {
    let id = view.get("external_id").and_then(Value::as_str).unwrap_or_default();
    let taken = !id.is_empty() && slack.views.iter().any(|open| open.text("external_id") == id);
    if taken { Err(Failure::code("duplicate_external_id")) } else { Ok(()) }
}
