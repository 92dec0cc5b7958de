//! What is bound to data sources, semantic models and paginated reports: its sources, and whom it belongs to.

use serde_json::{Value, json};

use super::error::Refusal;
use super::refreshes::{Refresh, RefreshEnd};
use super::{DataSource, PowerBi, not_found, read};
use crate::estate::GatewayKind;
use crate::fields;
use crate::scene;
use crate::world::{State, World};

/// A semantic model or a paginated report.
pub(crate) struct Item {
    pub(crate) workspace: String,
    /// `datasets` or `reports`, as paths have it.
    pub(crate) kind: &'static str,
    pub(crate) id: String,
    /// The data sources it reads, by id.
    pub(crate) sources: Vec<String>,
    /// Whether the app is its owner.
    pub(crate) owned: bool,
    /// Whether its sources are bound to a gateway at all.
    pub(crate) bound: bool,
    /// Whether its workspace has no capacity of its own.
    pub(crate) shared_capacity: bool,
    /// Oldest first.
    pub(crate) refreshes: Vec<Refresh>,
    /// When the next refreshes end.
    pub(crate) refresh_end: RefreshEnd,
    /// The code that they fail with whatever their sources say.
    pub(crate) refresh_error: Option<String>,
}

impl World {
    /// Lets the app take a semantic model or paginated report over, or lets somebody else do so.
    pub fn set_model_owned(&self, model: &str, owned: bool) {
        hand_over(&mut self.lock(), model, owned);
    }

    /// Whether the app owns a semantic model or paginated report.
    pub fn model_owned(&self, model: &str) -> bool {
        self.lock().powerbi.items.iter().any(|item| item.id == model && item.owned)
    }

    /// Gateway and id of each data source that a semantic model or paginated report reads now.
    pub fn model_sources(&self, model: &str) -> Vec<(String, String)> {
        let state = self.lock();
        let item = state.powerbi.items.iter().find(|item| item.id == model);
        let sources = item.into_iter().flat_map(|item| state.powerbi.sources_of(item));
        sources.map(|source| (source.gateway.clone(), source.id.clone())).collect()
    }

    /// Binds a semantic model or paginated report to its gateways, or takes the binding away: its sources then have no ids.
    pub fn set_model_bound(&self, model: &str, bound: bool) {
        self.on_item(model, |item| item.bound = bound);
    }

    /// Puts a semantic model on shared capacity, with eight refreshes a day, or on a capacity of its own.
    pub fn set_shared_capacity(&self, model: &str, shared: bool) {
        self.on_item(model, |item| item.shared_capacity = shared);
    }

    /// Makes the app a member of a workspace, or puts it out.
    pub fn set_workspace_member(&self, workspace: &str, member: bool) {
        let workspaces = &mut self.lock().powerbi.workspaces;
        if member {
            workspaces.insert(workspace.to_owned())
        } else {
            workspaces.remove(workspace)
        };
    }

    pub(crate) fn on_item(&self, id: &str, change: impl FnOnce(&mut Item)) {
        if let Some(item) = self.lock().powerbi.items.iter_mut().find(|item| item.id == id) {
            change(item);
        }
    }
}

impl PowerBi {
    /// The data sources of an item, in its order.
    pub(crate) fn sources_of<'a>(&'a self, item: &'a Item) -> impl Iterator<Item = &'a DataSource> {
        item.sources.iter().filter_map(|id| self.sources.iter().find(|source| source.id == *id))
    }
}

/// An item in a workspace that the caller is a member of.
pub(crate) fn find<'a>(state: &'a mut State, workspace: &str, kind: &str, id: &str) -> Result<&'a mut Item, Refusal> {
    if !state.powerbi.workspaces.contains(workspace) {
        return Err(Refusal::not_authorized());
    }
    let mut items = state.powerbi.items.iter_mut();
    items.find(|item| item.workspace == workspace && item.kind == kind && item.id == id).ok_or_else(not_found)
}

/// Power BI REST, Datasets: Get Datasources In Group; Reports: Get Datasources In Group. Here `connectionDetails` is an object,
/// not text, and what is not bound has no ids.
pub(crate) fn sources(state: &mut State, workspace: &str, kind: &str, id: &str) -> Result<Value, Refusal> {
    find(state, workspace, kind, id)?;
    let Some(item) = state.powerbi.items.iter().find(|item| item.id == id) else { return Err(not_found()) };
    let sources = state.powerbi.sources_of(item).map(|source| {
        let mut body = json!({"datasourceType": source.kind, "connectionDetails": source.details});
        if item.bound {
            fields::put(&mut body, "datasourceId", source.id.as_str());
            fields::put(&mut body, "gatewayId", source.gateway.as_str());
        }
        body
    });
    Ok(json!({"value": sources.collect::<Vec<_>>()}))
}

/// Power BI REST, Datasets: Get Bound Gateway Datasources In Group (deprecated).
pub(crate) fn bound_sources(state: &mut State, workspace: &str, id: &str) -> Result<Value, Refusal> {
    find(state, workspace, "datasets", id)?;
    let bound = state.powerbi.items.iter().filter(|item| item.id == id && item.bound);
    let sources = bound.flat_map(|item| state.powerbi.sources_of(item)).map(read::describe_source);
    Ok(json!({"value": sources.collect::<Vec<_>>()}))
}

/// Power BI REST, Datasets: Take Over In Group; Reports: Take Over In Group.
pub(crate) fn take_over(state: &mut State, workspace: &str, kind: &str, id: &str) -> Result<(), Refusal> {
    find(state, workspace, kind, id)?;
    hand_over(state, id, true);
    Ok(())
}

/// Gives an item to the app, or to the owner of the other cloud gateway. Each owner has cloud data sources of their own, so what
/// the item reads in the cloud gets other ids; what it reads on premises stays.
fn hand_over(state: &mut State, id: &str, owned: bool) {
    let to = if owned { scene::GATEWAY_CLOUD } else { scene::GATEWAY_CLOUD_FOREIGN };
    let Some(mut item) = take(&mut state.powerbi.items, id) else { return };
    item.owned = owned;
    for bound in &mut item.sources {
        let source = state.powerbi.sources.iter().find(|source| source.id == *bound && source.gateway != to).cloned();
        let cloud = |source: &DataSource| {
            state.estate.gateway(&source.gateway).is_some_and(|gateway| gateway.kind == GatewayKind::CloudVirtual)
        };
        if let Some(source) = source.filter(cloud) {
            *bound = state.guid();
            state.powerbi.sources.push(DataSource { id: bound.clone(), gateway: to.to_owned(), ..source });
        }
    }
    state.powerbi.items.push(item);
}

fn take(items: &mut Vec<Item>, id: &str) -> Option<Item> {
    let index = items.iter().position(|item| item.id == id)?;
    Some(items.swap_remove(index))
}
