//! The people whose names the inboxes carry.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A sender's name and picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Persona {
    /// Given name, 1–60 characters.
    #[schema(min_length = 1, max_length = 60, example = "Alex")]
    pub first_name: String,
    /// Family name, 1–60 characters.
    #[schema(min_length = 1, max_length = 60, example = "Rivera")]
    pub last_name: String,
    /// A public address of a picture; null or empty for none.
    #[schema(required, max_length = 2048, example = "")]
    pub profile_picture_url: Option<String>,
}

impl Persona {
    /// The picture's address, when there is one.
    #[must_use]
    pub fn picture(&self) -> Option<&str> {
        self.profile_picture_url.as_deref().filter(|url| !url.is_empty())
    }
}

/// A name as the local part of an address may spell it: ASCII letters and digits, lower case.
#[must_use]
pub fn spell(name: &str) -> String {
    deunicode::deunicode(name).chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A name spelt short enough that two of them, a dot and three digits make a local part of at most 64
/// characters (RFC 5321 §4.5.3.1.1).
fn short(name: &str) -> String {
    let mut spelt = spell(name);
    spelt.truncate(30);
    spelt
}

/// The local parts a persona may have, best first, without end.
pub fn local_parts(persona: &Persona) -> impl Iterator<Item = String> {
    let first = short(&persona.first_name);
    let last = short(&persona.last_name);
    let f = first.get(..1).unwrap_or_default().to_owned();
    let l = last.get(..1).unwrap_or_default().to_owned();
    let named = vec![
        format!("{first}.{last}"),
        first.clone(),
        format!("{first}{last}"),
        format!("{f}.{last}"),
        format!("{f}{last}"),
        format!("{first}.{l}"),
        format!("{first}{l}"),
        format!("{last}.{first}"),
        format!("{last}{first}"),
        last.clone(),
    ];
    named.into_iter().chain((2_u32..).map(move |n| format!("{first}.{last}{n}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persona(first: &str, last: &str) -> Persona {
        Persona { first_name: first.into(), last_name: last.into(), profile_picture_url: None }
    }

    #[test]
    fn the_patterns_come_in_their_order() {
        let parts: Vec<_> = local_parts(&persona("Jane", "Doe")).take(12).collect();
        assert_eq!(
            parts,
            [
                "jane.doe",
                "jane",
                "janedoe",
                "j.doe",
                "jdoe",
                "jane.d",
                "janed",
                "doe.jane",
                "doejane",
                "doe",
                "jane.doe2",
                "jane.doe3"
            ]
        );
    }

    #[test]
    fn long_names_are_cut_to_what_an_address_can_hold() {
        let long = persona(&"Maximilian".repeat(6), &"北京".repeat(30));
        assert!(local_parts(&long).take(900).all(|part| part.len() <= 64));
    }

    #[test]
    fn letters_outside_ascii_are_transliterated() {
        assert_eq!(local_parts(&persona("Jörg", "Müller-Łukasz")).next().unwrap(), "jorg.mullerlukasz");
        assert_eq!(local_parts(&persona("Алексей", "O'Brien")).next().unwrap(), "aleksei.obrien");
    }
}
