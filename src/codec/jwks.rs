//! A published key set (RFC 7517), as far as its keys can sign tokens by RS256.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::fields::{self, Unexpected};
use super::signatures::RsaKey;

/// Keys that are read at most; real sets have about a dozen.
const MOST_KEYS: usize = 100;
/// Lengths of a modulus that are taken, in bytes: 2048 bits (NIST SP 800-131A) to 8192.
const MODULUS: std::ops::RangeInclusive<usize> = 256..=1024;
/// The longest exponent that is taken, in bytes; everybody uses 65537.
const LONGEST_EXPONENT: usize = 8;

/// One key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The name by which a token says that it was signed with it.
    pub kid: String,
    /// Its numbers.
    pub rsa: RsaKey,
    /// The channels for which it may sign (Bot Framework, Authentication: `endorsements`); other services list none.
    pub endorsements: Vec<String>,
}

/// The keys of one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// The key of that name; names are compared as they stand.
    pub fn get(&self, kid: &str) -> Option<&Key> {
        self.keys.iter().find(|key| key.kid == kid)
    }
}

/// Where a metadata document says that the key set is (OpenID Connect Discovery 1.0, 3: `jwks_uri`).
///
/// # Errors
/// When it does not say.
pub fn address(metadata: &Value) -> Result<String, Unexpected> {
    fields::required(metadata, &["jwks_uri"])
}

/// Reads a key set. Keys that cannot sign such tokens are left out: of another kind, for another use, too short.
///
/// # Errors
/// When it is no key set, has more keys than anybody needs, or none that can be used.
pub fn read(set: &Value) -> Result<KeySet, Unexpected> {
    let listed = fields::list(set, "keys")?;
    if listed.len() > MOST_KEYS {
        return Err(Unexpected);
    }
    let keys: Vec<_> = listed.iter().filter_map(|key| usable(key).ok().flatten()).collect();
    if keys.is_empty() { Err(Unexpected) } else { Ok(KeySet { keys }) }
}

/// Whether a key of these numbers is of a size that is taken.
pub(super) fn fits(modulus: &[u8], exponent: &[u8]) -> bool {
    MODULUS.contains(&modulus.len()) && (1..=LONGEST_EXPONENT).contains(&exponent.len())
}

fn usable(key: &Value) -> Result<Option<Key>, Unexpected> {
    let or_absent = |name: &str, wanted: &str| Ok(fields::text(key, &[name])?.is_none_or(|text| text == wanted));
    if fields::text(key, &["kty"])? != Some("RSA") || !or_absent("use", "sig")? || !or_absent("alg", "RS256")? {
        return Ok(None);
    }
    let rsa = RsaKey { modulus: fields::required(key, &["n"])?, exponent: fields::required(key, &["e"])? };
    let number = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| Unexpected);
    if !fits(&number(&rsa.modulus)?, &number(&rsa.exponent)?) {
        return Ok(None);
    }
    let endorsements = fields::list(key, "endorsements")?.iter().filter_map(Value::as_str).map(str::to_owned);
    Ok(Some(Key { kid: fields::required(key, &["kid"])?, rsa, endorsements: endorsements.collect() }))
}
