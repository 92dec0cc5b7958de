//! JSON Web Tokens that we sign ourselves, by which managers know us.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use seal::Secret;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::codec::json::{self, object};
use crate::codec::signatures::{PrivateKey, Signatures};
use crate::domain::trouble::{Cause, Service, Trouble};

/// A token with those claims (RFC 7515, compact serialization; RS256).
///
/// # Errors
/// [`Cause::Identity`] when the key cannot sign.
pub(super) async fn sign(
    signatures: &impl Signatures,
    service: Service,
    key: &PrivateKey,
    key_id: Option<&str>,
    claims: &Value,
) -> Result<Secret, Trouble> {
    let mut header = object! { "alg": "RS256", "typ": "JWT" };
    if let (Some(header), Some(id)) = (header.as_object_mut(), key_id) {
        header.insert("kid".to_owned(), Value::from(id));
    }
    let encoded = |value: &Value| URL_SAFE_NO_PAD.encode(json::text(value));
    let signed = format!("{}.{}", encoded(&header), encoded(claims));
    let signature = signatures
        .sign_rs256(key, signed.as_bytes())
        .await
        .map_err(|_| Trouble::noted(service, Cause::Identity, "our private key for it cannot sign"))?;
    Ok(Secret::new([signed.as_str(), ".", &Zeroizing::new(URL_SAFE_NO_PAD.encode(signature))].concat()))
}
