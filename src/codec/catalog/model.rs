//! Reads a semantic model or a paginated report, whose data sources keep a credential.

use super::destination::{self, encrypted_connection, privacy};
use super::reader::Table;
use super::target::{Named, Shared};
use crate::domain::credential::Kind;
use crate::domain::settable::{Place, sas_allowed};
use crate::domain::target::{ItemId, Model};

/// A `datasourceType`, in characters; the longest known ones have some thirty.
const MAX_TYPE: usize = 80;

/// Reads `model`, and notes its id among the places that are kept.
pub(super) fn read(table: &Table<'_>, shared: &Shared, named: &mut Named) -> Option<Model> {
    table.refuse_others(&[
        "workspace",
        "dataset",
        "report",
        "only",
        "reach",
        "encryption",
        "privacy",
        "end_user_sso",
        "take_over",
        "refresh",
    ]);
    let workspace = table.guid("workspace");
    let id = item(table, named);
    let only = only(table, shared.kind);
    let reach = destination::reach(table);
    destination::refuse_kind(table, shared, reach.map(Place::PowerBi));
    let encrypted_connection = encrypted_connection(table, shared);
    let privacy = privacy(table, shared);
    let end_user_sso = table.flag("end_user_sso");
    let take_over = table.flag("take_over");
    let refresh = refresh(table);
    Some(Model {
        workspace: workspace?,
        id: id?,
        only: only?,
        reach: reach?,
        privacy: privacy?,
        encrypted_connection: encrypted_connection?,
        end_user_sso: end_user_sso?,
        profile: shared.profile.clone()?,
        take_over: take_over?,
        refresh: refresh?,
    })
}

fn only(table: &Table<'_>, kind: Option<Kind>) -> Option<Option<String>> {
    let Some(node) = table.find("only") else { return Some(None) };
    let only = node.text(MAX_TYPE)?;
    let fits = kind != Some(Kind::Sas) || sas_allowed(&only);
    node.demand(fits, "has to be AzureBlobs or AzureDataLakeStorage: Power BI takes a SAS for no other type")?;
    Some(Some(only))
}

/// A model has a `dataset`, a paginated report a `report` in its place.
fn item(table: &Table<'_>, named: &mut Named) -> Option<ItemId> {
    let Some(report) = table.find("report") else {
        return destination::id(table, "dataset", named).map(ItemId::Dataset);
    };
    report.demand(table.find("dataset").is_none(), "goes without dataset: a model is one or the other")?;
    destination::id(table, "report", named).map(ItemId::Report)
}

fn refresh(table: &Table<'_>) -> Option<bool> {
    let Some(node) = table.find("refresh") else { return Some(false) };
    let wanted = table.flag("refresh")?;
    let possible = !wanted || table.find("report").is_none();
    node.demand(possible, "is for models: a paginated report keeps no data")?;
    Some(wanted)
}
