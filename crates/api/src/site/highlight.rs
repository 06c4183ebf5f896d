//! JSON in colours: names, words, numbers. What is no JSON is shown as it is.

use maud::{Markup, html};

/// What a piece of a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece {
    Name,
    Word,
    Number,
    Other,
}

impl Piece {
    const fn class(self) -> Option<&'static str> {
        match self {
            Self::Name => Some("k"),
            Self::Word => Some("s"),
            Self::Number => Some("n"),
            Self::Other => None,
        }
    }
}

/// The text with its pieces told apart.
pub(super) fn json(text: &str) -> Markup {
    html! {
        @for (piece, part) in pieces(text) {
            @if let Some(class) = piece.class() { span class=(class) { (part) } } @else { (part) }
        }
    }
}

fn pieces(text: &str) -> Vec<(Piece, &str)> {
    let (mut pieces, mut rest) = (vec![], text);
    while let Some(first) = rest.chars().next() {
        let (piece, length) = match first {
            '"' => word(rest),
            '-' | '0'..='9' | 'a'..='z' => (Piece::Number, run(rest, is_plain)),
            _ => (Piece::Other, run(rest, |letter| letter != '"' && !is_plain(letter))),
        };
        let (part, after) = rest.split_at(length.max(first.len_utf8()));
        pieces.push((piece, part));
        rest = after;
    }
    pieces
}

fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || matches!(letter, '-' | '+' | '.' | '_')
}

/// How many bytes of the text go on like this.
fn run(text: &str, goes_on: impl Fn(char) -> bool) -> usize {
    text.find(|letter| !goes_on(letter)).unwrap_or(text.len())
}

/// A string from its first quote to its last; a name when a colon follows.
fn word(text: &str) -> (Piece, usize) {
    let mut is_escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => {
                let is_name = text[at + 1..].trim_start().starts_with(':');
                return (if is_name { Piece::Name } else { Piece::Word }, at + 1);
            }
            _ => {}
        }
    }
    (Piece::Other, text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_words_and_numbers_are_told_apart() {
        let told: Vec<_> = pieces(r#"{"a": "b\"", "c": [-1.5e3, true]}"#)
            .into_iter()
            .filter(|(piece, _)| *piece != Piece::Other)
            .collect();
        assert_eq!(
            told,
            [
                (Piece::Name, r#""a""#),
                (Piece::Word, r#""b\"""#),
                (Piece::Name, r#""c""#),
                (Piece::Number, "-1.5e3"),
                (Piece::Number, "true"),
            ]
        );
    }

    #[test]
    fn every_text_comes_back_whole() {
        for text in ["", "\"", "\"\\", "ü{\"ü\":é}", "A…B", "{\"<script>\": </pre>}", "_x \u{1F600}1"] {
            let parts: String = pieces(text).into_iter().map(|(_, part)| part).collect();
            assert_eq!(parts, text);
            assert!(!json(text).into_string().contains("<script"));
        }
    }
}
