//! JSON in the one form that is signed (RFC 8785), so that a file may be indented and still be the same.

use std::cmp::Ordering;
use std::fmt::Write as _;

use serde_json::Value;

/// The canonical form. Our numbers are whole and our keys ASCII, where it is plain: keys in order, and no blanks.
#[must_use]
pub fn canonical(value: &Value) -> String {
    let mut text = String::new();
    push(&mut text, value);
    text
}

fn push(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| in_order(one, other));
            text.push('{');
            for (n, (name, value)) in fields.into_iter().enumerate() {
                text.push_str(if n == 0 { "" } else { "," });
                push_quoted(text, name);
                text.push(':');
                push(text, value);
            }
            text.push('}');
        }
        Value::Array(entries) => {
            text.push('[');
            for (n, entry) in entries.iter().enumerate() {
                text.push_str(if n == 0 { "" } else { "," });
                push(text, entry);
            }
            text.push(']');
        }
        Value::String(plain) => push_quoted(text, plain),
        // Writing to a string cannot fail.
        plain => drop(write!(text, "{plain}")),
    }
}

/// By UTF-16, which for ASCII is the order of its bytes.
fn in_order(one: &str, other: &str) -> Ordering {
    match one.is_ascii() && other.is_ascii() {
        true => one.cmp(other),
        false => one.encode_utf16().cmp(other.encode_utf16()),
    }
}

fn push_quoted(text: &mut String, plain: &str) {
    if plain.bytes().any(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
        text.push_str(&Value::from(plain).to_string());
        return;
    }
    text.push('"');
    text.push_str(plain);
    text.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 8785 §3.2.3, without its numbers that are not whole, and its sorting by UTF-16.
    #[test]
    fn keys_are_sorted_as_the_standard_says() {
        let text = "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\",\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\
                    \"1\":\"One\",\"\\ud83d\\ude00\":\"Emoji: Grinning Face\",\"\\u0080\":\"Control\",\
                    \"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}";
        let value: Value = serde_json::from_str(text).unwrap();
        let said = ["Carriage Return", "One", "Control", "Latin Small", "Euro Sign", "Emoji", "Hebrew"];
        let canonical = canonical(&value);
        let places: Vec<_> = said.iter().map(|one| canonical.find(one).unwrap()).collect();
        assert!(places.is_sorted(), "{canonical}");
    }

    #[test]
    fn blanks_and_the_order_of_fields_mean_nothing_and_the_order_of_entries_does() {
        let read = |text: &str| canonical(&serde_json::from_str(text).unwrap());
        assert_eq!(
            read(r#"{ "b": [2, {"d": null, "c": "x\/\u000f"}], "a": true }"#),
            r#"{"a":true,"b":[2,{"c":"x/\u000f","d":null}]}"#
        );
        assert_eq!(read(r#"[{}, [], "", -1, "\"\\ü"]"#), r#"[{},[],"",-1,"\"\\ü"]"#);
        assert_ne!(read("[1, 2]"), read("[2, 1]"));
    }
}
