//! The public key of an X.509 certificate, and how long it is good: nothing else of it is read.
//!
//! RFC 5280 in DER (X.690), and of that one form: version 3, an RSA key. A reader of these forty lines is a twentieth of
//! what a crate for certificates adds to the Worker. Nothing here tells whose certificate it is: that is proven by where
//! it was fetched.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use super::fields::Unexpected;
use super::jwks::fits;
use super::signatures::RsaKey;
use crate::domain::time::Timestamp;

/// The longest text that is read, in bytes; a real one has about 2000.
const LONGEST: usize = 16 * 1024;
const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

// Tags (X.690, 8).
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
const SEQUENCE: u8 = 0x30;
/// `version`, which is there in every certificate that is not of version 1.
const VERSION: u8 = 0xa0;

/// `rsaEncryption` and its absent parameters (RFC 3279, 2.3.1).
const RSA: [u8; 13] = [0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// What a certificate is read for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Certificate {
    /// Its subject's key.
    pub key: RsaKey,
    /// The first moment at which it is good.
    pub not_before: Timestamp,
    /// The last one.
    pub not_after: Timestamp,
}

/// Reads a certificate in PEM (RFC 7468). What follows the first one is its chain, and not needed.
///
/// # Errors
/// When it is none, or none with an RSA key of a usual size.
pub fn read(text: &[u8]) -> Result<Certificate, Unexpected> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= LONGEST).ok_or(Unexpected)?;
    let body = text.trim_start().strip_prefix(BEGIN).and_then(|rest| rest.split_once(END)).ok_or(Unexpected)?.0;
    let body: String = body.lines().map(str::trim_end).collect();
    let der = STANDARD.decode(body).map_err(|_| Unexpected)?;
    certificate(&der).ok_or(Unexpected)
}

fn certificate(der: &[u8]) -> Option<Certificate> {
    let mut signed = Der(Der(der).only(SEQUENCE)?);
    let mut content = Der(signed.next(SEQUENCE)?);
    signed.next(SEQUENCE)?;
    Der(signed.0).only(BIT_STRING)?;
    for unread in [VERSION, INTEGER, SEQUENCE, SEQUENCE] {
        content.next(unread)?;
    }
    let mut validity = Der(content.next(SEQUENCE)?);
    let (not_before, not_after) = (validity.time()?, validity.time()?);
    content.next(SEQUENCE)?;
    let mut subject_key = Der(content.next(SEQUENCE)?);
    if subject_key.next(SEQUENCE)? != RSA {
        return None;
    }
    // The first byte counts the bits at the end that are not used, and a key has none.
    let key = Der(subject_key.0).only(BIT_STRING)?.strip_prefix(&[0])?;
    let mut numbers = Der(Der(key).only(SEQUENCE)?);
    let (modulus, exponent) = (numbers.number()?, numbers.number()?);
    let usable = validity.0.is_empty() && numbers.0.is_empty() && fits(modulus, exponent);
    let [modulus, exponent] = [modulus, exponent].map(|number| URL_SAFE_NO_PAD.encode(number));
    usable.then_some(Certificate { key: RsaKey { modulus, exponent }, not_before, not_after })
}

/// What is not read yet.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// The content of the next value, which has to have that tag. Lengths are as short as they can be (X.690, 10.1), and
    /// no certificate is longer than 64 kB.
    fn next(&mut self, tag: u8) -> Option<&'a [u8]> {
        let [first, length, rest @ ..] = self.0 else { return None };
        let (length, rest) = match (length, rest) {
            (..=0x7f, rest) => (usize::from(*length), rest),
            (0x81, [length @ 0x80..=0xff, rest @ ..]) => (usize::from(*length), rest),
            (0x82, [high @ 1..=0xff, low, rest @ ..]) => (usize::from(*high) << 8 | usize::from(*low), rest),
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        (*first == tag).then_some(content)
    }

    /// The content of the one value that is left.
    fn only(mut self, tag: u8) -> Option<&'a [u8]> {
        let content = self.next(tag)?;
        self.0.is_empty().then_some(content)
    }

    /// A number above zero, without the byte that only says it is not below.
    fn number(&mut self) -> Option<&'a [u8]> {
        let number = self.next(INTEGER)?;
        match number {
            [0, above @ ..] => above.first().is_some_and(|first| *first > 0x7f).then_some(above),
            [1..=0x7f, ..] => Some(number),
            _ => None,
        }
    }

    /// A moment to the second (RFC 5280, 4.1.2.5).
    fn time(&mut self) -> Option<Timestamp> {
        let short = self.0.first() == Some(&UTC_TIME);
        let text = std::str::from_utf8(self.next(if short { UTC_TIME } else { GENERALIZED_TIME })?).ok()?;
        let (year, rest) = text.split_at_checked(if short { 2 } else { 4 })?;
        // Two digits are of the years from 1950 to 2049.
        let century = if !short {
            ""
        } else if year < "50" {
            "20"
        } else {
            "19"
        };
        let pair = |at: usize| rest.get(at..at + 2);
        let [month, day, hour, minute, second] = [pair(0)?, pair(2)?, pair(4)?, pair(6)?, pair(8)?];
        let iso = format!("{century}{year}-{month}-{day}T{hour}:{minute}:{second}{}", rest.get(10..)?);
        Timestamp::from_iso(&iso).filter(|_| rest.len() == 11)
    }
}
