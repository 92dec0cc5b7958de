//! One authorised request to a service of Microsoft's, sent once.

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue, USER_AGENT};
use http::{Method, Request, Response};

use super::answer;
use super::entra::AccessToken;
use super::outgoing::{self, SOON, Unwritable};
use super::secret_bytes::SecretBytes;
use crate::domain::names::Guid;
use crate::domain::trouble::{Service, Trouble};
use crate::ports::{Patience, Wire};

/// How every request says who sends it.
pub(super) const AGENT: HeaderValue = HeaderValue::from_static(concat!("pbi-rotate/", env!("CARGO_PKG_VERSION")));
/// What the services take and give.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");
/// Which service principal profile calls (Power BI Embedded, service principal profiles).
const PROFILE: HeaderName = HeaderName::from_static("x-powerbi-profile-id");

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
        let patience = match service {
            Service::Teams | Service::Graph => SOON,
            _ => Patience::default(),
        };
        answer::success(service, outgoing::ask(wire, service, self.request(), patience).await?)
    }

    fn request(self) -> Result<Request<Bytes>, Unwritable> {
        let mut headers =
            vec![(AUTHORIZATION, outgoing::bearer(self.token.secret())?), (ACCEPT, JSON), (USER_AGENT, AGENT)];
        if let Some(profile) = self.profile {
            headers.push((PROFILE, HeaderValue::try_from(profile.as_str()).map_err(|_| Unwritable)?));
        }
        let body = self.body.map(|body| {
            headers.push((CONTENT_TYPE, JSON));
            body.into_bytes()
        });
        outgoing::request(self.method, &self.url, headers, body.unwrap_or_default())
    }
}
