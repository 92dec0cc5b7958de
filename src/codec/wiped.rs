//! A JSON value whose texts are wiped when it is dropped: somebody may have typed a credential into one of them.

use serde_json::Value;
use zeroize::Zeroize as _;

/// A value that may hold secrets. Not printable; what is taken out of it is the taker's to wipe.
pub struct Wiped(pub Value);

impl Drop for Wiped {
    fn drop(&mut self) {
        wipe(&mut self.0);
    }
}

fn wipe(value: &mut Value) {
    match value {
        Value::String(text) => text.zeroize(),
        Value::Array(values) => values.iter_mut().for_each(wipe),
        Value::Object(fields) => fields.values_mut().for_each(wipe),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn no_text_is_left_at_any_depth() {
        let mut value = json!({ "a": "x", "b": [{ "c": "x" }, ["x"]], "d": 7, "e": null });
        wipe(&mut value);
        assert_eq!(value, json!({ "a": "", "b": [{ "c": "" }, [""]], "d": 7, "e": null }));
    }
}
