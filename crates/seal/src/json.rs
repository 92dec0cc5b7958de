//! Writes `credentialData` byte for byte as Microsoft's .NET SDK (Newtonsoft.Json) does.

use crate::Secret;

const OPEN: &str = r#"{"credentialData":["#;
const CLOSE: &str = "]}";
/// What stands around the name and the value of one pair, commas included.
const AROUND_PAIR: usize = r#",{"name":"","value":""}"#.len();
/// `\u0000` for a one-byte control character is the most that one byte of a value can grow to.
const LONGEST_ESCAPE: usize = 6;

/// `{"credentialData":[{"name":"<name>","value":"<value>"},...]}`, in the given order. Names are ours and need no
/// escaping.
pub(crate) fn credential_data(pairs: &[(&str, &str)]) -> Secret {
    let capacity = OPEN.len()
        + CLOSE.len()
        + pairs.iter().map(|(name, value)| AROUND_PAIR + name.len() + value.len() * LONGEST_ESCAPE).sum::<usize>();
    // Room for the worst case: a string that grew would leave copies of the secret behind it.
    let mut text = String::with_capacity(capacity);
    text.push_str(OPEN);
    for (index, (name, value)) in pairs.iter().enumerate() {
        text.push_str(if index == 0 { r#"{"name":""# } else { r#",{"name":""# });
        text.push_str(name);
        text.push_str(r#"","value":""#);
        value.chars().for_each(|character| push_escaped(&mut text, character));
        text.push_str(r#""}"#);
    }
    text.push_str(CLOSE);
    Secret::new(text)
}

/// Newtonsoft's default escaping: the JSON grammar's own, and the three line separators that break JavaScript. `/`,
/// `<`, `'`, DEL and everything else beyond ASCII stay as they are.
fn push_escaped(text: &mut String, character: char) {
    match character {
        '"' => text.push_str(r#"\""#),
        '\\' => text.push_str(r"\\"),
        '\u{8}' => text.push_str(r"\b"),
        '\t' => text.push_str(r"\t"),
        '\n' => text.push_str(r"\n"),
        '\u{c}' => text.push_str(r"\f"),
        '\r' => text.push_str(r"\r"),
        '\0'..='\u{1f}' | '\u{85}' | '\u{2028}' | '\u{2029}' => {
            text.push_str(r"\u");
            let code = u32::from(character);
            let digits = [12, 8, 4, 0].map(|shift| char::from_digit(code >> shift & 0xf, 16));
            text.extend(digits.into_iter().flatten());
        }
        plain => text.push(plain),
    }
}
