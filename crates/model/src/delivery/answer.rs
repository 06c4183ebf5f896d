//! What is kept of an endpoint's answer.

use crate::shown::spelled;

/// The most that is kept, in bytes.
pub const KEPT: usize = 1024;

/// The beginning of an answer as a text that can be printed anywhere: what is no UTF-8 is replaced, what hides or
/// disorders is spelled out, and lines stay lines.
#[must_use]
pub fn printable(body: &[u8]) -> String {
    let body = whole_letters(&body[..body.len().min(KEPT)]);
    let text = String::from_utf8_lossy(body).replace("\r\n", "\n");
    let text = spelled(&text, |letter| matches!(letter, '\n' | '\t')).into_owned();
    let end = text.floor_char_boundary(KEPT);
    text[..end].to_owned()
}

/// Without a letter of which only the beginning was kept.
fn whole_letters(body: &[u8]) -> &[u8] {
    let tail = body.utf8_chunks().last().map_or(&[][..], |chunk| chunk.invalid());
    let cut = !tail.is_empty() && std::str::from_utf8(tail).is_err_and(|error| error.error_len().is_none());
    if cut { &body[..body.len() - tail.len()] } else { body }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::shown::is_hidden;

    #[test]
    fn an_answer_can_be_printed_anywhere() {
        for (body, text) in [
            (&b"seen"[..], "seen"),
            (b"", ""),
            (b"{\r\n\t\"ok\": true\n}", "{\n\t\"ok\": true\n}"),
            (b"a\0b\x1b[2Jc\x07\x7f", "a\\u0000b\\u001b[2Jc\\u0007\\u007f"),
            (b"a\rb", "a\\u000db"),
            ("gpj.\u{202e}exe\u{85}".as_bytes(), "gpj.\\u202eexe\\u0085"),
            (b"caf\xe9!", "caf\u{fffd}!"),
            ("Zo\u{eb}".as_bytes(), "Zo\u{eb}"),
        ] {
            assert_eq!(printable(body), text);
        }
    }

    #[test]
    fn a_letter_that_was_cut_is_left_out() {
        let body = format!("{}\u{20ac}\u{20ac}", "x".repeat(1022));
        assert_eq!(printable(body.as_bytes()), "x".repeat(1022));
        assert_eq!(printable(&body.as_bytes()[..1023]), "x".repeat(1022));
    }

    proptest! {
        #[test]
        fn whatever_it_was_it_is_short_and_can_be_seen(body in prop::collection::vec(any::<u8>(), 0..3_000)) {
            let text = printable(&body);
            prop_assert!(text.len() <= KEPT);
            prop_assert!(!text.contains(|letter| is_hidden(letter) && letter != '\n' && letter != '\t'), "{text:?}");
        }
    }
}
