//! Amazon's signature of a request, version 4: for the only shape of request that we send there, POST to `/`.
//!
//! AWS Identity and Access Management User Guide, "Create a signed AWS API request".

use hmac::{Hmac, Mac as _};
use seal::Secret;
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::clients::outgoing::Unwritable;
use crate::codec::hex;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// Secrets Manager's name in the scope of a signature.
const SERVICE: &str = "secretsmanager";

/// An access key. Not printable.
pub struct AwsKey {
    /// `AKIA…`, or `ASIA…` with a session.
    pub id: String,
    /// The secret access key.
    pub secret: Secret,
    /// The session token of temporary keys.
    pub session: Option<Secret>,
}

/// The value of `Authorization`. `time` is that of `x-amz-date`, `20261121T183000Z`; the headers are in the order of
/// their names, in lower case, with nothing around their values.
///
/// # Errors
/// When the time is none.
pub(super) fn authorization(
    key: &AwsKey,
    region: &str,
    time: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Result<String, Unwritable> {
    let names = headers.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(";");
    let mut canonical = Sha256::new();
    canonical.update("POST\n/\n\n");
    for part in headers.iter().flat_map(|(name, value)| [name, ":", value, "\n"]) {
        canonical.update(part);
    }
    canonical.update(["\n", &names, "\n", &hex::digits(&Sha256::digest(body))].concat());

    let date = time.get(..8).ok_or(Unwritable)?;
    let scope = format!("{date}/{region}/{SERVICE}/aws4_request");
    let signed = format!("{ALGORITHM}\n{time}\n{scope}\n{}", hex::digits(&canonical.finalize()));

    // Exposed to sign with: this is what the key is for.
    let mut signing = Zeroizing::new(["AWS4", key.secret.expose()].concat().into_bytes());
    for part in [date, region, SERVICE, "aws4_request"] {
        signing = Zeroizing::new(hmac(&signing, part)?.to_vec());
    }
    let signature = hex::digits(&*hmac(&signing, &signed)?);
    Ok(format!("{ALGORITHM} Credential={}/{scope}, SignedHeaders={names}, Signature={signature}", key.id))
}

fn hmac(key: &[u8], text: &str) -> Result<Zeroizing<[u8; 32]>, Unwritable> {
    let mut hmac = Hmac::<Sha256>::new_from_slice(key).map_err(|_| Unwritable)?;
    hmac.update(text.as_bytes());
    Ok(Zeroizing::new(hmac.finalize().into_bytes().into()))
}
