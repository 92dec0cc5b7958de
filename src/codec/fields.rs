//! The fields of a JSON value, by name: how answers and payloads are taken apart.
//!
//! A type that reads itself adds 3 to 8 kB to the Worker; these few functions read them all.

use serde_json::Value;

/// JSON that is not what its document describes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unexpected;

/// What stands at the end of `path`, from field to field; `None` when something on the way is absent or `null`.
///
/// # Errors
/// When something on the way is there and no object.
pub fn at<'v>(value: &'v Value, path: &[&str]) -> Result<Option<&'v Value>, Unexpected> {
    let mut value = value;
    for name in path {
        match value.as_object().ok_or(Unexpected)?.get(*name) {
            None | Some(Value::Null) => return Ok(None),
            Some(within) => value = within,
        }
    }
    Ok(Some(value))
}

/// The text at `path`; `None` when it is absent or `null`.
///
/// # Errors
/// When it is not a text.
pub fn text<'v>(value: &'v Value, path: &[&str]) -> Result<Option<&'v str>, Unexpected> {
    match at(value, path)? {
        None => Ok(None),
        Some(text) => text.as_str().map(Some).ok_or(Unexpected),
    }
}

/// The text at `path`, to keep; `None` when it is absent or `null`.
///
/// # Errors
/// When it is not a text.
pub fn owned(value: &Value, path: &[&str]) -> Result<Option<String>, Unexpected> {
    Ok(text(value, path)?.map(str::to_owned))
}

/// The text at `path`, to keep, which has to be there.
///
/// # Errors
/// When it is absent, `null` or not a text.
pub fn required(value: &Value, path: &[&str]) -> Result<String, Unexpected> {
    owned(value, path)?.ok_or(Unexpected)
}

/// Whether the field is `true`; when it is absent it is not.
///
/// # Errors
/// When it is there and neither `true` nor `false`, or there are no fields at all: a mark that cannot be read is not taken for unset.
pub fn flag(value: &Value, name: &str) -> Result<bool, Unexpected> {
    match value.as_object().ok_or(Unexpected)?.get(name) {
        None => Ok(false),
        Some(flag) => flag.as_bool().ok_or(Unexpected),
    }
}

/// The entries of the field; none when it is absent or `null`.
///
/// # Errors
/// When it is not a list.
pub fn list<'v>(value: &'v Value, name: &str) -> Result<&'v [Value], Unexpected> {
    match at(value, &[name])? {
        None => Ok(&[]),
        Some(list) => list.as_array().map(Vec::as_slice).ok_or(Unexpected),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_field_is_there_absent_or_not_as_expected() {
        let value = json!({ "a": { "b": "x" }, "n": null, "t": "x", "i": 7 });
        assert_eq!(text(&value, &["a", "b"]), Ok(Some("x")));
        for path in [&["none"][..], &["n"], &["n", "b"], &["a", "none"], &["none", "b"]] {
            assert_eq!(text(&value, path), Ok(None), "{path:?}");
            assert_eq!(required(&value, path), Err(Unexpected), "{path:?}");
        }
        for path in [&["i"][..], &["a"], &["t", "b"], &["a", "b", "c"]] {
            assert_eq!(text(&value, path), Err(Unexpected), "{path:?}");
            assert_eq!(owned(&value, path), Err(Unexpected), "{path:?}");
        }
        assert_eq!(text(&json!([]), &["a"]), Err(Unexpected), "no object");
    }

    #[test]
    fn a_flag_is_unset_only_when_it_is_absent_or_false() {
        let value = json!({ "yes": true, "no": false, "null": null, "text": "false" });
        assert_eq!(["yes", "no", "none"].map(|name| flag(&value, name)), [Ok(true), Ok(false), Ok(false)]);
        assert_eq!(["null", "text"].map(|name| flag(&value, name)), [Err(Unexpected); 2]);
        assert_eq!(flag(&json!([]), "yes"), Err(Unexpected), "no object");
    }

    #[test]
    fn a_list_may_be_missing_and_is_never_anything_else() {
        let value = json!({ "list": [1], "null": null, "object": {} });
        assert_eq!(["list", "null", "none"].map(|name| list(&value, name).map(<[_]>::len)), [Ok(1), Ok(0), Ok(0)]);
        assert_eq!(list(&value, "object"), Err(Unexpected));
    }
}
