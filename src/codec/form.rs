//! `application/x-www-form-urlencoded`, strictly: what is broken is refused, not guessed.

use std::mem;

use zeroize::Zeroizing;

use super::hex;

/// Most fields a form may have; Slack's slash command has 14.
const MOST_FIELDS: usize = 64;

/// Decoded fields, in order. Wiped when dropped: a form can carry a credential.
pub struct Form(Vec<(String, Zeroizing<String>)>);

/// Why a body is not a form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// A `%` without two hexadecimal digits.
    Escape,
    /// Not UTF-8 once decoded.
    Utf8,
    /// The same field twice.
    Twice,
    /// More fields than any caller sends.
    TooMany,
}

impl Form {
    /// Decodes a body.
    ///
    /// # Errors
    /// On the first thing that is not a well-formed form.
    pub fn parse(body: &[u8]) -> Result<Self, FormError> {
        let mut fields: Vec<(String, Zeroizing<String>)> = Vec::new();
        for pair in body.split(|byte| *byte == b'&').filter(|pair| !pair.is_empty()) {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = text(halves.next().unwrap_or_default())?;
            let value = Zeroizing::new(text(halves.next().unwrap_or_default())?);
            if fields.iter().any(|(known, _)| *known == name) {
                return Err(FormError::Twice);
            }
            if fields.len() == MOST_FIELDS {
                return Err(FormError::TooMany);
            }
            fields.push((name, value));
        }
        Ok(Self(fields))
    }

    /// A field's value; `None` when it is absent or empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }
}

fn text(encoded: &[u8]) -> Result<String, FormError> {
    // Wiped when the rest turns out not to be a form.
    let mut decoded = Zeroizing::new(Vec::with_capacity(encoded.len()));
    let mut rest = encoded;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'+' | b'%')) {
        let (plain, from) = rest.split_at(at);
        decoded.extend_from_slice(plain);
        let mut from = from.iter();
        decoded.push(match from.next() {
            Some(b'%') => digit(from.next())? << 4 | digit(from.next())?,
            _ => b' ',
        });
        rest = from.as_slice();
    }
    decoded.extend_from_slice(rest);
    String::from_utf8(mem::take(&mut *decoded)).map_err(|error| {
        drop(Zeroizing::new(error.into_bytes()));
        FormError::Utf8
    })
}

/// A hexadecimal digit, large or small.
fn digit(byte: Option<&u8>) -> Result<u8, FormError> {
    byte.and_then(|byte| hex::digit(byte.to_ascii_lowercase())).ok_or(FormError::Escape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_forms_hold() {
        let form =
            Form::parse(b"command=%2Fpbi&text=rotate+sales-db&empty=&flag&e=%F0%9F%94%90&plus=%2B&small=%2f").unwrap();
        assert_eq!(form.get("command"), Some("/pbi"));
        assert_eq!(form.get("text"), Some("rotate sales-db"));
        assert_eq!(form.get("e"), Some("🔐"));
        assert_eq!(form.get("plus"), Some("+"));
        assert_eq!(form.get("small"), Some("/"));
        assert_eq!((form.get("empty"), form.get("flag"), form.get("none")), (None, None, None));
    }

    #[test]
    fn refuses_what_is_broken() {
        let error = |body: &[u8]| Form::parse(body).err();
        assert_eq!(error(b"a=%4"), Some(FormError::Escape));
        assert_eq!(error(b"a=%zz"), Some(FormError::Escape));
        assert_eq!(error(b"a=%4g"), Some(FormError::Escape));
        assert_eq!(error(b"a=%+1"), Some(FormError::Escape));
        assert_eq!(error(b"a=%ff%fe"), Some(FormError::Utf8));
        assert_eq!(error(b"a=\xff"), Some(FormError::Utf8));
        assert_eq!(error(b"a=1&a=2"), Some(FormError::Twice));
        let many = (0..65).map(|n| format!("f{n}=1")).collect::<Vec<_>>().join("&");
        assert_eq!(error(many.as_bytes()), Some(FormError::TooMany));
    }
}
