//! The bearer token of a request: one header, one scheme, one token (RFC 6750, 2.1; RFC 9110, 11.1).

use http::HeaderMap;
use http::header::AUTHORIZATION;

/// Why a request shows no bearer token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoBearer {
    /// There is no `Authorization` header.
    Missing,
    /// The header is not `Bearer` and a token, or there are several.
    Form,
}

/// The token in the `Authorization` header: after `Bearer`, in whatever case, and at least one blank. What a token is made
/// of is for those to say who made it.
///
/// # Errors
/// When there is no header, more than one, or another.
pub fn bearer(headers: &HeaderMap) -> Result<&str, NoBearer> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = values.next().ok_or(NoBearer::Missing)?;
    if values.next().is_some() {
        return Err(NoBearer::Form);
    }
    let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or(NoBearer::Form)?;
    let token = token.trim_start_matches(' ');
    if scheme.eq_ignore_ascii_case("Bearer") && !token.is_empty() { Ok(token) } else { Err(NoBearer::Form) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(values: &[&'static [u8]]) -> Result<String, NoBearer> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(AUTHORIZATION, http::HeaderValue::from_bytes(value).unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn one_header_with_one_token_is_a_bearers() {
        for good in [&b"Bearer t0ken"[..], b"bearer t0ken", b"BEARER   t0ken"] {
            assert_eq!(shown(&[good]), Ok("t0ken".to_owned()), "{good:?}");
        }
        assert_eq!(shown(&[b"Bearer of+any/kind=!"]), Ok("of+any/kind=!".to_owned()));
        assert_eq!(shown(&[]), Err(NoBearer::Missing));
        for other in [
            &b""[..],
            b"t0ken",
            b"Bearer",
            b"Bearer ",
            b"Bearert0ken",
            b"Basic t0ken",
            b"Bearer\tt0ken",
            b"Bearer \xff",
        ] {
            assert_eq!(shown(&[other]), Err(NoBearer::Form), "{other:?}");
        }
        assert_eq!(shown(&[b"Bearer t0ken", b"Bearer t0ken"]), Err(NoBearer::Form), "which of them?");
    }
}
