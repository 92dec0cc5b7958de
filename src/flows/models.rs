//! Semantic models: the data sources behind them, owning them, and a refresh at the end.

use super::house::House;
use crate::clients::powerbi::models::{Item, ModelSource, RefreshState};
use crate::domain::names::{Code, Guid};
use crate::domain::rotation::{Event, ModelRun, Refresh, Refreshing, Rotation, Stage};
use crate::domain::target::{DataSource, Destination, ItemId, Model, Reach};
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Ports;

/// Data sources of one model at most; together with a target's other places never more than twice what the catalog takes.
const MOST: usize = 50;

/// Gateways that the data sources of one model are bound to at most: each is read, and all in one waking.
const MOST_GATEWAYS: usize = 6;

/// Most calls that finding the sources of a model takes: by the path, by the deprecated one, and its gateways.
const FINDING: usize = 2 + MOST_GATEWAYS;

/// Most calls that taking a model over takes: itself, and finding its sources anew.
pub(super) const TAKING_OVER: usize = 1 + FINDING;

/// Most calls that the next thing for a model takes.
pub(super) fn calls(stage: &Stage, run: &ModelRun) -> usize {
    match run.refresh {
        _ if *stage == Stage::Checking => FINDING,
        Refreshing::Running(_) => 1,
        // A refusal is looked into.
        _ => 2,
    }
}

/// Does the next thing for a model: finds what is behind it, starts its refresh, or follows the one that runs.
pub(super) async fn advance<P: Ports>(house: House<'_, P>, rotation: &Rotation, at: usize) -> Event {
    let (Some(model), Some(run)) = (rotation.target.models.get(at), rotation.models.get(at)) else {
        return Event::Tick;
    };
    if rotation.stage == Stage::Checking {
        return Event::Found(at, find(house, model).await);
    }
    Event::Refreshed(at, refresh(house, model, &run.refresh).await)
}

/// Takes over the model that place `at` is behind, and finds what it reads then: each owner has a cloud gateway of their
/// own, so the ids are others.
pub(super) async fn take_over<P: Ports>(house: House<'_, P>, rotation: &Rotation, at: usize) -> Event {
    let model = rotation.runs.get(at).and_then(|run| rotation.target.models.get(rotation.ownable(run)?));
    let taken_over = async {
        let model = model.ok_or_else(|| mismatch("it is behind no model that may be taken over"))?;
        let token = house.powerbi_token().await?;
        house.powerbi(&token).take_over(item(model)).await?;
        find(house, model).await
    };
    Event::TakenOver(at, taken_over.await)
}

/// The places behind a model.
///
/// # Errors
/// When the model cannot be read, or it is not clear what is meant.
pub(super) async fn find<P: Ports>(house: House<'_, P>, model: &Model) -> Result<Vec<Destination>, Trouble> {
    let token = house.powerbi_token().await?;
    let api = house.powerbi(&token);
    let mut reaches: Vec<(Guid, Reach)> = Vec::new();
    let mut places = Vec::new();
    for source in sources(house, model).await? {
        let (Some(gateway), Some(id)) = (source.gateway, source.id) else { continue };
        let mut place = DataSource {
            gateway,
            id,
            reach: Reach::OnPremises,
            privacy: model.privacy,
            encrypted_connection: model.encrypted_connection,
            end_user_sso: model.end_user_sso,
            caller_identity: false,
            profile: model.profile.clone(),
        };
        let known = reaches.iter().find(|(gateway, _)| *gateway == place.gateway).map(|(_, reach)| *reach);
        if known.is_none() && reaches.len() == MOST_GATEWAYS {
            return Err(mismatch(format_args!("its data sources are bound to more than {MOST_GATEWAYS} gateways")));
        }
        // A gateway that is found is one. One that is not is in the cloud only if the operator says so: it could also be
        // one we have no rights to, and then nothing may go there in clear.
        place.reach = match known {
            Some(reach) => reach,
            None => match api.gateway(&place).await {
                Ok(_) => Reach::OnPremises,
                Err(trouble) if trouble.cause == Cause::NotFound && model.reach == Reach::Cloud => Reach::Cloud,
                Err(mut trouble) => {
                    if trouble.cause == Cause::NotFound {
                        trouble.note = Some("a data source in the cloud needs reach = \"Cloud\"".to_owned());
                    }
                    return Err(trouble);
                }
            },
        };
        if known.is_none() {
            reaches.push((place.gateway.clone(), place.reach));
        }
        places.push(Destination::DataSource(place));
    }
    match places.len() {
        0 => Err(mismatch("it has no data source that is bound to a gateway or a cloud connection")),
        1..=MOST => Ok(places),
        _ => Err(mismatch(format_args!("it has more than {MOST} data sources of that type"))),
    }
}

/// The sources of a model that are meant.
async fn sources<P: Ports>(house: House<'_, P>, model: &Model) -> Result<Vec<ModelSource>, Trouble> {
    let token = house.powerbi_token().await?;
    let api = house.powerbi(&token);
    let mut sources = api.model_sources(item(model)).await?;
    let unbound = sources.iter().all(|source| source.gateway.is_none() || source.id.is_none());
    if unbound && matches!(model.id, ItemId::Dataset(_)) {
        sources = api.bound_gateway_sources(item(model)).await?;
    }
    match &model.only {
        Some(only) => sources.retain(|source| source.kind.eq_ignore_ascii_case(only)),
        // Setting a database's login in a SharePoint list would be a surprise.
        None => {
            let first = sources.first().map(|source| source.kind.clone());
            if sources.iter().any(|source| Some(&source.kind) != first.as_ref()) {
                return Err(mismatch(
                    "its data sources are of several types: say in the catalog which, with only = \"…\"",
                ));
            }
        }
    }
    Ok(sources)
}

async fn refresh<P: Ports>(house: House<'_, P>, model: &Model, state: &Refreshing) -> Result<Refresh, Trouble> {
    let token = house.powerbi_token().await?;
    let api = house.powerbi(&token);
    let Refreshing::Running(id) = state else {
        return match api.refresh(item(model)).await {
            Ok(id) => Ok(Refresh::Running(id)),
            // There is one at a time, and the refusal has no code of its own. One that runs already may have begun with
            // the old credential, so it is waited for and ours begun after it.
            Err(trouble) if trouble.cause == Cause::Rejected => match api.refresh_state(item(model), None).await? {
                RefreshState::Running => Ok(Refresh::Blocked),
                _ => Err(trouble),
            },
            Err(trouble) => Err(trouble),
        };
    };
    match api.refresh_state(item(model), id.as_ref().map(Code::as_str)).await? {
        RefreshState::Running | RefreshState::Unseen => Ok(Refresh::Running(id.clone())),
        RefreshState::Completed => Ok(Refresh::Completed),
        RefreshState::Failed { code, cause } => {
            let mut trouble = Trouble::of(Service::PowerBi, cause.unwrap_or(Cause::NotRefreshed));
            trouble.code = code;
            Err(trouble)
        }
        RefreshState::Cancelled => Err(not_refreshed("somebody cancelled it")),
        RefreshState::Disabled => Err(not_refreshed("the service left it out")),
    }
}

const fn item(model: &Model) -> Item<'_> {
    Item { workspace: &model.workspace, id: &model.id, profile: model.profile.as_ref() }
}

fn mismatch(note: impl ToString) -> Trouble {
    Trouble::noted(Service::PowerBi, Cause::Mismatch, note)
}

fn not_refreshed(note: &str) -> Trouble {
    Trouble::noted(Service::PowerBi, Cause::NotRefreshed, note)
}
