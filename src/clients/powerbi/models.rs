//! Power BI's semantic models and paginated reports: what they read from, whose they are, how their refreshes end.
//!
//! Always by the workspace they are in: the paths of My workspace are closed to applications.

use bytes::Bytes;
use http::header::HeaderName;
use http::{Method, Response};
use serde_json::Value;

use super::PowerBi;
use crate::clients::answer::{self, EDGE_ID, REQUEST_ID};
use crate::clients::error_body::ErrorBody;
use crate::codec::fields::{self, Unexpected};
use crate::codec::json;
use crate::domain::names::{Code, Guid};
use crate::domain::target::ItemId;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// How many refreshes are looked through for one; others may have begun after it.
const HISTORY: usize = 20;

/// A semantic model or a paginated report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The workspace it is in.
    pub workspace: &'a Guid,
    /// What it is there.
    pub id: &'a ItemId,
    /// The service principal profile that calls.
    pub profile: Option<&'a Guid>,
}

/// A data source that a semantic model reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelSource {
    /// `datasourceType`: `Sql`; empty when the service does not say.
    pub kind: String,
    /// The gateway it is bound to; for a source in the cloud the virtual one of the model's owner.
    pub gateway: Option<Guid>,
    /// Its id there.
    pub id: Option<Guid>,
}

/// Where a refresh stands (Power BI REST, Datasets: Get Refresh History In Group, `Refresh`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RefreshState {
    /// `Unknown`, which the service also says of one that runs, or a word that is not known.
    Running,
    /// The data was read with the credentials that are stored.
    Completed,
    /// It failed.
    Failed {
        /// The service's own code, when it gives one.
        code: Option<Code>,
        /// What that code means, when it means something definite.
        cause: Option<Cause>,
    },
    /// Somebody ended it.
    Cancelled,
    /// It did not take place, by a selective refresh.
    Disabled,
    /// It is not in the history, or cannot be told from others there.
    Unseen,
}

impl<W: Wire> PowerBi<'_, W> {
    /// Its data sources (Power BI REST, Datasets: Get Datasources In Group; Reports: Get Datasources In Group).
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn model_sources(&self, item: Item<'_>) -> Result<Vec<ModelSource>, Trouble> {
        let response = self.ask(Method::GET, item, "datasources").await?;
        answer::decode(Service::PowerBi, &response, |body| sources(body, "datasourceId"))
    }

    /// The same of a semantic model, by a call that is deprecated and answers where that one does not name the gateway
    /// (Power BI REST, Datasets: Get Gateway Datasources In Group).
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn bound_gateway_sources(&self, model: Item<'_>) -> Result<Vec<ModelSource>, Trouble> {
        let response = self.ask(Method::GET, model, "Default.GetBoundGatewayDatasources").await?;
        answer::decode(Service::PowerBi, &response, |body| sources(body, "id"))
    }

    /// Makes this application the owner; sources in the cloud have other ids afterwards (Power BI REST, Datasets: Take Over
    /// In Group; Reports: Take Over In Group).
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn take_over(&self, item: Item<'_>) -> Result<(), Trouble> {
        self.ask(Method::POST, item, "Default.TakeOver").await.map(drop)
    }

    /// Begins to refresh a semantic model, and returns the refresh's id (Power BI REST, Datasets: Refresh Dataset In Group).
    ///
    /// Nothing is asked for in the body: whatever is would make it an enhanced refresh, which shared capacities refuse.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn refresh(&self, model: Item<'_>) -> Result<Option<Code>, Trouble> {
        let response = self.ask(Method::POST, model, "refreshes").await?;
        // `x-ms-request-id` is documented, but for enhanced refreshes only. The others are known to be in the history
        // under the id that every answer carries; should they not be, the refresh stays unseen.
        let header = |name: HeaderName| answer::clean_header(response.headers(), name);
        Ok(header(EDGE_ID).or_else(|| header(REQUEST_ID)))
    }

    /// Looks up a refresh in the history. Without its id it is only told whether any runs: one that has ended could be an
    /// earlier one.
    ///
    /// # Errors
    /// [`Trouble`].
    pub async fn refresh_state(&self, model: Item<'_>, id: Option<&str>) -> Result<RefreshState, Trouble> {
        let response = self.ask(Method::GET, model, &format!("refreshes?$top={HISTORY}")).await?;
        let history = answer::body(Service::PowerBi, &response)?;
        state(&history, id).map_err(|_| answer::unintelligible(Service::PowerBi, &response))
    }

    async fn ask(&self, method: Method, item: Item<'_>, path: &str) -> Result<Response<Bytes>, Trouble> {
        let collection = match item.id {
            ItemId::Dataset(_) => "datasets",
            ItemId::Report(_) => "reports",
        };
        let url = format!("{}/groups/{}/{collection}/{}/{path}", self.base, item.workspace, item.id.id());
        self.send(item.profile, method, url, None).await
    }
}

fn sources(body: &Value, id: &str) -> Result<Vec<ModelSource>, Unexpected> {
    let source = |source| {
        let kind = fields::owned(source, &["datasourceType"])?.unwrap_or_default();
        Ok(ModelSource { kind, gateway: bound(source, "gatewayId")?, id: bound(source, id)? })
    };
    fields::list(body, "value")?.iter().map(source).collect()
}

/// An id that is "empty when not bound to a gateway", as the documentation puts it.
fn bound(source: &Value, name: &str) -> Result<Option<Guid>, Unexpected> {
    let id = fields::text(source, &[name])?.filter(|id| !id.is_empty());
    id.map(|id| Guid::parse(id).map_err(|_| Unexpected)).transpose()
}

fn state(history: &Value, id: Option<&str>) -> Result<RefreshState, Unexpected> {
    for refresh in fields::list(history, "value")? {
        let known = fields::text(refresh, &["requestId"])?;
        if id.is_some_and(|id| !known.is_some_and(|known| known.eq_ignore_ascii_case(id))) {
            continue;
        }
        let state = match fields::required(refresh, &["status"])?.as_str() {
            "Completed" => RefreshState::Completed,
            "Failed" => failed(refresh)?,
            "Cancelled" => RefreshState::Cancelled,
            "Disabled" => RefreshState::Disabled,
            _ => RefreshState::Running,
        };
        if id.is_some() || state == RefreshState::Running {
            return Ok(state);
        }
    }
    Ok(RefreshState::Unseen)
}

/// Why it failed: by the code in `serviceExceptionJson`, a text that holds JSON. Whatever else is in it is free text and left
/// there.
fn failed(refresh: &Value) -> Result<RefreshState, Unexpected> {
    let told = fields::text(refresh, &["serviceExceptionJson"])?.and_then(|text| json::read(text.as_bytes()));
    let told = told.map(|told| ErrorBody::read(&told)).unwrap_or_default();
    let (code, cause) = told.verdict();
    Ok(RefreshState::Failed { code: code.cloned(), cause })
}
