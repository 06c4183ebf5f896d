//! JSON as text that does not depend on the order of fields or on white space.

use serde_json::{Map, Value};

/// The text of an object.
pub(super) fn object(fields: &Map<String, Value>) -> String {
    let mut text = String::new();
    write_object(&mut text, fields);
    text
}

fn write(text: &mut String, value: &Value) {
    match value {
        Value::Object(fields) => write_object(text, fields),
        Value::Array(items) => {
            text.push('[');
            for (n, item) in items.iter().enumerate() {
                comma(text, n);
                write(text, item);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn write_object(text: &mut String, fields: &Map<String, Value>) {
    // The map sorts its keys only while no crate of the build asks it to keep them as they came.
    let mut sorted: Vec<_> = fields.iter().collect();
    sorted.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (n, (name, value)) in sorted.into_iter().enumerate() {
        comma(text, n);
        text.push_str(&Value::from(name.as_str()).to_string());
        text.push(':');
        write(text, value);
    }
    text.push('}');
}

fn comma(text: &mut String, n: usize) {
    if n > 0 {
        text.push(',');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str) -> String {
        object(serde_json::from_str::<Value>(json).unwrap().as_object().unwrap())
    }

    #[test]
    fn order_and_white_space_do_not_matter_but_everything_else_does() {
        let one = text(r#"{"b": [1, {"y": null, "x": "\u00e9"}], "a": 1.0}"#);
        assert_eq!(one, text(r#"{"a":1.0,"b":[1,{"x":"é","y":null}]}"#));
        assert_eq!(one, r#"{"a":1.0,"b":[1,{"x":"é","y":null}]}"#);
        for other in [r#"{"a":1,"b":[]}"#, r#"{"a":1.0,"b":[{"x":"é","y":null},1]}"#, r#"{"a":"1.0"}"#] {
            assert_ne!(one, text(other));
        }
    }
}
