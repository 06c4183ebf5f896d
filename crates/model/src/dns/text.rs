//! Texts in TXT records: one value is one text, however many strings it was cut into.
//!
//! The rule for long ones: inside it is plain text; strings of 255 bytes are made when it goes on the wire, and only
//! there; two texts are the same when their bytes are, whatever the strings.

use std::str::Chars;

/// The longest string of a TXT record, in bytes (RFC 1035 §3.3).
const LONGEST: usize = 255;

/// The text of a value. Strings in quotes belong together without anything between them (RFC 7208 §3.3,
/// RFC 6376 §3.6.2.2), and what is not in quotes is taken as it stands.
#[must_use]
pub fn joined(value: &str) -> String {
    let value = value.trim();
    if !value.starts_with('"') {
        return value.to_owned();
    }
    let (mut text, mut quoted, mut letters) = (String::with_capacity(value.len()), false, value.chars());
    while let Some(letter) = letters.next() {
        match letter {
            '"' => quoted = !quoted,
            '\\' if quoted => text.extend(escaped(&mut letters)),
            _ if quoted => text.push(letter),
            _ => {}
        }
    }
    text
}

/// What follows a backslash: three digits for a byte, anything else for itself (RFC 1035 §5.1).
fn escaped(letters: &mut Chars<'_>) -> Option<char> {
    let digits = letters.as_str().get(..3).and_then(|digits| digits.parse::<u8>().ok());
    let Some(byte) = digits else { return letters.next() };
    letters.nth(2)?;
    Some(char::from(byte))
}

/// The strings that a text is on the wire: cut after every 255 bytes, in the middle of a letter too. An empty text is one
/// empty string (RFC 1035 §3.3.14 wants one or more).
pub fn strings(text: &str) -> impl Iterator<Item = &[u8]> {
    let empty = text.is_empty().then_some(&b""[..]);
    empty.into_iter().chain(text.as_bytes().chunks(LONGEST))
}

/// A text as the value of a TXT record: as it stands when it fits one string, in quotes otherwise.
#[must_use]
pub fn in_strings(text: &str) -> String {
    if text.len() <= LONGEST {
        return text.to_owned();
    }
    let mut strings: Vec<String> = vec![String::new()];
    for letter in text.chars() {
        let full = strings.last().is_some_and(|last| last.len() + letter.len_utf8() > LONGEST);
        if full {
            strings.push(String::new());
        }
        if let Some(last) = strings.last_mut() {
            last.push(letter);
        }
    }
    let quoted = |one: &String| format!("\"{}\"", one.replace('\\', "\\\\").replace('"', "\\\""));
    strings.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_in_quotes_are_one_text() {
        for (value, text) in [
            ("v=spf1 -all", "v=spf1 -all"),
            (" v=spf1 -all ", "v=spf1 -all"),
            (r#""v=spf1 -all""#, "v=spf1 -all"),
            (r#""v=spf1 include:_spf.goo" "gle.com ~all""#, "v=spf1 include:_spf.google.com ~all"),
            (r#""v=spf1 " "-all""#, "v=spf1 -all"),
            (r#""v=DKIM1\; p=" "ab""#, "v=DKIM1; p=ab"),
            (r#""a\"b\\c\059""#, r#"a"b\c;"#),
            (r#""never closed"#, "never closed"),
            (r#""ends with \"#, "ends with "),
            (r#""\0é""#, "0é"),
            ("", ""),
        ] {
            assert_eq!(joined(value), text, "{value}");
        }
    }

    #[test]
    fn a_long_text_is_cut_into_strings_that_come_together_again() {
        for text in ["v=spf1 -all".to_owned(), "k".repeat(255), "k".repeat(600), format!("{}\"\\", "é".repeat(400))] {
            let value = in_strings(&text);
            assert_eq!(joined(&value), text);
            assert!(value.split("\" \"").all(|one| one.trim_matches('"').len() <= LONGEST + 2), "{value}");
        }
        assert_eq!(in_strings(&"k".repeat(255)), "k".repeat(255), "what fits is left as it is");
    }

    #[test]
    fn the_wire_has_strings_of_255_bytes() {
        let lengths = |text: &str| strings(text).map(<[u8]>::len).collect::<Vec<_>>();
        assert_eq!(lengths(""), [0]);
        assert_eq!(lengths(&"k".repeat(255)), [255]);
        assert_eq!(lengths(&"k".repeat(256)), [255, 1]);
        assert_eq!(lengths(&"é".repeat(256)), [255, 255, 2]);
        assert_eq!(strings(&"é".repeat(256)).collect::<Vec<_>>().concat(), "é".repeat(256).as_bytes());
    }
}
