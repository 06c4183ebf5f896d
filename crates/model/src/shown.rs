//! Foreign text on its way to people: what hides or disorders is spelled out, what is too long is cut.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The most characters of an unknown value in a sentence.
pub const LONGEST: usize = 100;

/// Whether a character does something to the text around it instead of being seen: control characters, those that
/// end a line or a paragraph, and those that turn the direction of writing (Unicode Bidirectional Algorithm, §2).
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text with everything spelled out that is hidden, but for characters that `passes`: `\u202e`, as JSON
/// writes it, so that JSON stays the same value.
#[must_use]
pub fn spelled(text: &str, passes: impl Fn(char) -> bool) -> Cow<'_, str> {
    let is_spelled = |letter: char| is_hidden(letter) && !passes(letter);
    if !text.contains(is_spelled) {
        return Cow::Borrowed(text);
    }
    let mut plain = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            _ if !is_spelled(letter) => plain.push(letter),
            '\n' => plain.push_str("\\n"),
            // Writing to a text does not fail.
            _ => drop(write!(plain, "\\u{:04x}", u32::from(letter))),
        }
    }
    Cow::Owned(plain)
}

/// A text of somebody else's, fit for a sentence: spelled out, and at most [`LONGEST`] characters of it.
#[must_use]
pub fn short(text: &str) -> Cow<'_, str> {
    cut(text, LONGEST)
}

/// The same with another length.
#[must_use]
pub fn cut(text: &str, longest: usize) -> Cow<'_, str> {
    match text.char_indices().nth(longest) {
        None => spelled(text, |_| false),
        Some((end, _)) => Cow::Owned(format!("{}…", spelled(&text[..end], |_| false))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_hides_is_spelled_out_and_the_rest_stays() {
        for (text, plain) in [
            ("Zoë Müller", "Zoë Müller"),
            ("שלום", "שלום"),
            ("می\u{200c}خواهم", "می\u{200c}خواهم"),
            ("gpj.\u{202e}exe", "gpj.\\u202eexe"),
            ("one\u{2028}two\u{2029}", "one\\u2028two\\u2029"),
            ("a\u{1b}[2Jb\nc", "a\\u001b[2Jb\\nc"),
            ("\u{2066}x\u{2069}\u{61c}\u{200f}\u{9b}", "\\u2066x\\u2069\\u061c\\u200f\\u009b"),
        ] {
            assert_eq!(spelled(text, |_| false), plain);
        }
        assert_eq!(spelled("a\nb\u{202e}", |letter| letter == '\n'), "a\nb\\u202e");
    }

    #[test]
    fn json_stays_the_same_value() {
        let text = serde_json::to_string("a\u{202e}\u{85}b").unwrap();
        let plain = spelled(&text, |_| false);
        assert!(plain.is_ascii(), "{plain}");
        assert_eq!(serde_json::from_str::<String>(&plain).unwrap(), "a\u{202e}\u{85}b");
    }

    #[test]
    fn what_is_too_long_is_cut_between_characters() {
        assert_eq!(short(&"é".repeat(LONGEST)), "é".repeat(LONGEST));
        assert_eq!(short(&"é".repeat(70_000)), format!("{}…", "é".repeat(LONGEST)));
    }
}
