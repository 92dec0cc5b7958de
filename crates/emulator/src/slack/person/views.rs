//! A person's hands on modals and home tabs: tapping, choosing, submitting, closing, searching.

use http::Uri;
use serde_json::{Value, json};

use super::{Expects, Gesture, Person, find, missing};
use crate::fields::{self, at, text};
use crate::scene;
use crate::slack::views::View;
use crate::slack::{Broken, Slack, payload};

impl Person {
    /// Taps a button in a modal or home tab, named by its `action_id` or by the words on it.
    ///
    /// # Errors
    /// When the view is not before this person, or has no such button.
    pub fn tap_in_view(&self, view: &str, button: &str) -> Result<Gesture, Broken> {
        self.use_in_view(view, button, None)
    }

    /// Chooses a value in a menu of a modal or home tab that reports each choice, named by its `action_id`.
    ///
    /// # Errors
    /// When the view is not before this person, or has no such menu or value.
    pub fn choose(&self, view: &str, menu: &str, value: &str) -> Result<Gesture, Broken> {
        self.use_in_view(view, menu, Some(json!(value)))
    }

    fn use_in_view(&self, id: &str, name: &str, given: Option<Value>) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, view) = self.view(slack, id)?;
        let (block, element) = find(view.blocks(), name).ok_or_else(|| missing(name, view.blocks()))?;
        let offered = offered(slack, id, block);
        let action = payload::action(block, element, given.as_ref(), &offered, now_ms).map_err(Broken)?;
        let mut body = payload::common(slack, "block_actions", &self.id, &self.forge);
        body.insert("container".into(), json!({"type": "view", "view_id": id}));
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        let mut described = view.describe();
        fields::put(&mut described, "state", json!({"values": payload::values(view.blocks())}));
        body.insert("view".into(), described);
        body.insert("actions".into(), json!([action]));
        Ok(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt))
    }

    /// Fills in a modal and submits it. Values go by `action_id` or `block_id`: text, an option's value or words, an id; or a
    /// list of those.
    ///
    /// # Errors
    /// When the modal is not on top, a value does not fit its field, or a field that is not optional stays empty.
    pub fn submit(&self, view: &str, values: &[(&str, Value)]) -> Result<Gesture, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, mut shown) = self.view(slack, view)?;
        shown.values = filled_in(slack, &shown, values)?;
        if let Some(open) = slack.view_mut(view) {
            open.values.clone_from(&shown.values);
        }
        let mut body = payload::common(slack, "view_submission", &self.id, &self.forge);
        body.insert("trigger_id".into(), json!(slack.trigger(&user, now_ms)));
        body.insert("view".into(), shown.describe());
        body.insert("response_urls".into(), json!([]));
        let expects = Expects::ViewAction { view: view.to_owned() };
        Ok(self.interaction(user, now_ms, &Value::Object(body), expects))
    }

    /// Closes a modal. Slack tells the bot only when the modal asked for that.
    ///
    /// # Errors
    /// When the modal is not on top.
    pub fn close(&self, view: &str) -> Result<Option<Gesture>, Broken> {
        let mut state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &mut state.slack;
        let (user, shown) = self.view(slack, view)?;
        slack.views.retain(|open| open.id != view);
        if shown.body.get("notify_on_close").is_none_or(|notify| notify != true) {
            return Ok(None);
        }
        let mut body = payload::common(slack, "view_closed", &self.id, &self.forge);
        let mut described = shown.describe();
        fields::put(&mut described, "state", json!({"values": {}}));
        body.insert("view".into(), described);
        body.insert("is_cleared".into(), json!(false));
        Ok(Some(self.interaction(user, now_ms, &Value::Object(body), Expects::Receipt)))
    }

    /// Types into a menu that asks the bot for its options.
    ///
    /// # Errors
    /// When the view is not before this person, has no such menu, or the menu wants more characters first.
    pub fn suggest(&self, view: &str, menu: &str, query: &str) -> Result<Gesture, Broken> {
        let state = self.world.lock();
        let now_ms = state.now_ms();
        let slack = &state.slack;
        let (user, shown) = self.view(slack, view)?;
        let (block, element) = find(shown.blocks(), menu).ok_or_else(|| missing(menu, shown.blocks()))?;
        let least = element.get("min_query_length").and_then(Value::as_u64).unwrap_or(3);
        if (query.chars().count() as u64) < least {
            return Err(Broken(format!("Slack asks the bot only from {least} characters on")));
        }
        let block_id = text(block, "block_id").to_owned();
        let mut body = payload::common(slack, "block_suggestion", &self.id, &self.forge);
        body.insert("container".into(), json!({"type": "view", "view_id": view}));
        body.insert("action_id".into(), at(element, "action_id").clone());
        body.insert("block_id".into(), json!(block_id));
        body.insert("value".into(), json!(query));
        body.insert("view".into(), shown.describe());
        let expects = Expects::Options { view: view.to_owned(), block: block_id };
        let mut gesture = self.interaction(user, now_ms, &Value::Object(body), expects);
        *gesture.request.uri_mut() = Uri::from_static(scene::OPTIONS_PATH);
        Ok(gesture)
    }

    /// A view that is before this person: their home tab, or the modal on top.
    fn view(&self, slack: &Slack, id: &str) -> Result<(String, View), Broken> {
        let user = self.canonical(slack);
        let view = slack.views.iter().find(|view| view.id == id && view.user == user);
        let view = view.ok_or_else(|| Broken::new("this person has no such view open"))?;
        if view.is_modal() && slack.stack(&user).last().is_none_or(|top| top.id != id) {
            return Err(Broken::new("another modal lies on top"));
        }
        Ok((user, view.clone()))
    }
}

/// `state.values` with what the person typed and chose, every field that needs one filled.
fn filled_in(slack: &Slack, view: &View, given: &[(&str, Value)]) -> Result<Value, Broken> {
    let mut filled = payload::values(view.blocks());
    let mut unused: Vec<&str> = given.iter().map(|(name, _)| *name).collect();
    for block in view.blocks() {
        let block_id = text(block, "block_id");
        for element in payload::elements(block) {
            let action_id = text(element, "action_id");
            let Some(entries) = filled.get_mut(block_id) else { continue };
            if let Some((name, value)) = given.iter().find(|(name, _)| *name == action_id || *name == block_id) {
                let entry = payload::touched(element, value, &offered(slack, &view.id, block)).map_err(Broken)?;
                fields::put(entries, action_id, entry);
                unused.retain(|left| left != name);
            }
            let optional = text(block, "type") != "input" || at(block, "optional") == true;
            if !optional && payload::is_blank(at(entries, action_id)) {
                return Err(Broken(format!("'{}' has to be filled in", text(at(block, "label"), "text"))));
            }
        }
    }
    match unused.first() {
        Some(name) => Err(Broken(format!("the modal has no field '{name}'"))),
        None => Ok(filled),
    }
}

fn offered(slack: &Slack, view: &str, block: &Value) -> Vec<Value> {
    let key = (view.to_owned(), text(block, "block_id").to_owned());
    slack.offered.get(&key).cloned().unwrap_or_default()
}
