//! JSON text as it was before somebody wrote it anew.

use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, Visitor};

/// The same JSON without white space between its parts, in the order it has; `None` when it is not JSON.
pub(super) fn compact(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let (mut compact, mut in_string, mut escaped) = (String::with_capacity(text.len()), false, false);
    for letter in text.chars() {
        if in_string {
            in_string = escaped || letter != '"';
            escaped = !escaped && letter == '\\';
        } else if letter.is_ascii_whitespace() {
            continue;
        } else {
            in_string = letter == '"';
        }
        compact.push(letter);
    }
    Some(compact)
}

/// The names of an object's fields, in the order in which they stand.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Names;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Names, A::Error> {
        let mut names = vec![];
        while let Some((name, IgnoredAny)) = fields.next_entry::<String, IgnoredAny>()? {
            names.push(name);
        }
        Ok(Names(names))
    }
}

/// Whether this is one of our bodies with its fields in alphabetical order, which is never ours.
pub(super) fn is_sorted(text: &str) -> bool {
    let names = serde_json::from_str::<Names>(text).map(|names| names.0).unwrap_or_default();
    names == ["created_at", "data", "id", "type"]
}

/// The same JSON with letters in place of those escapes that we never write: `\u00e9`, `\/`.
pub(super) fn unescaped(json: &str) -> String {
    let (mut plain, mut rest) = (String::with_capacity(json.len()), json);
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let (letter, taken) = letter(&rest[at..]);
        plain.push_str(&letter);
        rest = &rest[at + taken..];
    }
    plain + rest
}

/// The text of an escape, and how long the escape is.
fn letter(escape: &str) -> (String, usize) {
    if escape.starts_with("\\/") {
        return ("/".into(), 2);
    }
    let unit = |from: usize| {
        let digits = escape.get(from..from + 6)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(0) else {
        let length = escape.chars().take(2).map(char::len_utf8).sum();
        return (escape[..length].into(), length);
    };
    let pair = unit(6).map(|second| [first, second]);
    let wide = pair.and_then(|pair| char::decode_utf16(pair).next()?.ok().filter(|letter| letter.len_utf16() == 2));
    match (wide, char::from_u32(first.into())) {
        (Some(letter), _) => (letter.into(), 12),
        // What has to be escaped stays so.
        (None, Some(letter)) if letter >= ' ' && letter != '"' && letter != '\\' => (letter.into(), 6),
        _ => (escape[..6].into(), 6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_and_strings_stay() {
        let text = "{ \"a\" : [1, 2],\n \"b c\": \"x \\\" y\\\\\" }";
        assert_eq!(compact(text).unwrap(), r#"{"a":[1,2],"b c":"x \" y\\"}"#);
        assert_eq!(compact("{ not json }"), None);
    }

    #[test]
    fn escapes_that_we_never_write_are_undone() {
        let json = r#"{"a":"\u00e9 \/ \ud83d\ude00 \n \" \u0001 \u0022 \u12"}"#;
        assert_eq!(unescaped(json), r#"{"a":"é / 😀 \n \" \u0001 \u0022 \u12"}"#);
    }
}
