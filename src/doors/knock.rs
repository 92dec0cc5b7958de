//! How often one may knock: counted by ticket where one is good, else by the address that the request comes from.

use std::net::IpAddr;

use bytes::Bytes;
use http::header::HeaderName;
use http::{HeaderValue, Request, Response};

/// The address that Cloudflare saw, set by Cloudflare whatever the client says (Cloudflare Fundamentals, HTTP headers).
pub(super) const ADDRESS: HeaderName = HeaderName::from_static("cf-connecting-ip");

/// In how many seconds the count begins anew: the period in `wrangler.toml`.
const PERIOD: &str = "60";

/// What the request's address counts under; `None` for one that did not come through Cloudflare. A network of IPv6 is one
/// household or one server, so it counts as a whole.
pub(super) fn address(request: &Request<Bytes>) -> Option<String> {
    let told = request.headers().get(ADDRESS)?.to_str().ok()?;
    Some(match told.parse().ok()? {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    })
}

/// The same answer with the time after which to knock again.
pub(super) fn later(mut response: Response<Bytes>) -> Response<Bytes> {
    response.headers_mut().insert(http::header::RETRY_AFTER, HeaderValue::from_static(PERIOD));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_of_ipv6_counts_as_one() {
        let of = |told: &str| address(&Request::get("/").header(ADDRESS, told).body(Bytes::new()).unwrap());
        assert_eq!(of("203.0.113.7").as_deref(), Some("203.0.113.7"));
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:2::9"));
        assert_ne!(of("2001:db8:1:2:3:4:5:6"), of("2001:db8:1:3:3:4:5:6"));
        assert_eq!(of("of their own making"), None);
    }
}
