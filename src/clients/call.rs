//! One authorised request to Power BI or Fabric, sent once.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use http::{Method, Request, Response};

use super::answer;
use super::entra::AccessToken;
use super::secret_bytes::SecretBytes;
use crate::domain::names::Guid;
use crate::domain::trouble::{Cause, Service, Trouble};
use crate::ports::Wire;

/// How every request says who sends it.
pub(super) const AGENT: &str = concat!("pbi-rotate/", env!("CARGO_PKG_VERSION"));

/// What is to be sent.
pub(super) struct Call<'a> {
    pub(super) service: Service,
    pub(super) token: &'a AccessToken,
    /// `X-PowerBI-Profile-Id` (Power BI Embedded, service principal profiles).
    pub(super) profile: Option<&'a Guid>,
    pub(super) method: Method,
    pub(super) url: String,
    pub(super) body: Option<SecretBytes>,
}

impl Call<'_> {
    /// Sends the request.
    ///
    /// # Errors
    /// No answer, or an answer other than 2xx.
    pub(super) async fn send(self, wire: &impl Wire) -> Result<Response<Bytes>, Trouble> {
        let service = self.service;
        let request = self.request().map_err(|_| Trouble::of(service, Cause::Rejected))?;
        let response = wire.send(request).await.map_err(|_| Trouble::of(service, Cause::Unreachable))?;
        answer::success(service, response)
    }

    fn request(self) -> http::Result<Request<Bytes>> {
        let mut bearer = HeaderValue::from_maybe_shared(SecretBytes::bearer(self.token.secret()).into_bytes())?;
        bearer.set_sensitive(true);
        let mut request = Request::builder()
            .method(self.method)
            .uri(self.url)
            .header(AUTHORIZATION, bearer)
            .header(ACCEPT, "application/json")
            .header(USER_AGENT, AGENT);
        if let Some(profile) = self.profile {
            request = request.header("x-powerbi-profile-id", profile.as_str());
        }
        match self.body {
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body.into_bytes()),
            None => request.body(Bytes::new()),
        }
    }
}
