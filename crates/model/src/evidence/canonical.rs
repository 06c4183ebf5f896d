//! JSON in the one form that is signed (RFC 8785), so that a file may be indented and still be the same.

use serde_json::Value;

/// The canonical form. Our numbers are whole and our keys ASCII, where it is plain: keys in order, and no blanks.
#[must_use]
pub fn canonical(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by(|(one, _), (other, _)| one.encode_utf16().cmp(other.encode_utf16()));
            let field =
                |(name, value): (&String, &Value)| format!("{}:{}", Value::from(name.as_str()), canonical(value));
            format!("{{{}}}", fields.into_iter().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(entries) => {
            format!("[{}]", entries.iter().map(canonical).collect::<Vec<_>>().join(","))
        }
        plain => plain.to_string(),
    }
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
        assert_ne!(read("[1, 2]"), read("[2, 1]"));
    }
}
