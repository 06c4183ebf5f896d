//! The people whose names the inboxes carry.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{Array, ArrayBuilder, ObjectBuilder, Type};

/// A sender's name and picture.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Persona {
    /// Given name, 1–60 characters.
    #[schema(min_length = 1, max_length = 60, example = "Alex")]
    pub first_name: String,
    /// Family name, up to 60 characters; empty or null for people with one name.
    #[schema(value_type = Option<String>, required, max_length = 60, example = "Rivera")]
    pub last_name: String,
    /// A public address of a picture; null or empty for none.
    #[schema(required, max_length = 2048, example = "")]
    pub profile_picture_url: Option<String>,
    /// What stands before the @ of this person's addresses, best first. Without it, or when more are needed, they are
    /// made of the names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(schema_with = addresses_schema, required = false)]
    pub addresses: Vec<String>,
}

fn addresses_schema() -> Array {
    let address = ObjectBuilder::new()
        .schema_type(Type::String)
        .max_length(Some(64))
        .pattern(Some("^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$"));
    let about = "What stands before the @ of this person's addresses, best first. Without it, or when more are needed, \
        they are made of the names.";
    ArrayBuilder::new().items(address).max_items(Some(20)).description(Some(about)).build()
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

/// The local parts a persona may have, best first, without end: those that were sent, then those made of the names. None
/// is one that mailbox hosts keep for themselves.
pub fn local_parts(persona: &Persona) -> impl Iterator<Item = String> {
    let (first, last) = (short(&persona.first_name), short(&persona.last_name));
    let whole = if last.is_empty() { first.clone() } else { format!("{first}.{last}") };
    let named = if last.is_empty() { vec![first] } else { of_two(&first, &last) };
    let numbered = (2_u32..).map(move |n| format!("{whole}{n}"));
    let all = persona.addresses.clone().into_iter().chain(named).chain(numbered);
    all.filter(|local| !is_reserved(local))
}

fn of_two(first: &str, last: &str) -> Vec<String> {
    let f = first.get(..1).unwrap_or_default();
    let l = last.get(..1).unwrap_or_default();
    vec![
        format!("{first}.{last}"),
        first.to_owned(),
        format!("{first}{last}"),
        format!("{f}.{last}"),
        format!("{f}{last}"),
        format!("{first}.{l}"),
        format!("{first}{l}"),
        format!("{last}.{first}"),
        format!("{last}{first}"),
        last.to_owned(),
    ]
}

/// Whether an address is kept for a role: by RFC 2142, by the host (Google Workspace and Microsoft 365 keep `abuse` and
/// `postmaster`), or by custom. Whoever gets mail at one of them can get a certificate for the domain (CA/Browser Forum
/// baseline requirements, 3.2.2.4.4).
#[must_use]
pub fn is_reserved(local: &str) -> bool {
    let plain: String = local.chars().filter(char::is_ascii_alphanumeric).map(|one| one.to_ascii_lowercase()).collect();
    RESERVED.contains(&plain.as_str())
}

const RESERVED: &[&str] = &[
    "abuse",
    "admin",
    "administrator",
    "all",
    "bounce",
    "bounces",
    "catchall",
    "daemon",
    "dmarc",
    "donotreply",
    "everyone",
    "ftp",
    "hostmaster",
    "info",
    "mailerdaemon",
    "mailmaster",
    "marketing",
    "mta",
    "news",
    "nobody",
    "noc",
    "noreply",
    "ops",
    "owner",
    "postmaster",
    "root",
    "sales",
    "security",
    "ssladmin",
    "ssladministrator",
    "sslwebmaster",
    "support",
    "sysadmin",
    "system",
    "undisclosedrecipients",
    "usenet",
    "uucp",
    "webmaster",
    "www",
];

/// Whether a text can stand before the @ of an address of ours: lower-case letters and digits, with dots, hyphens and
/// underscores between them, 64 characters at most (RFC 5321, 4.5.3.1.1).
#[must_use]
pub fn is_local_part(text: &str) -> bool {
    let plain = |one: char| one.is_ascii_lowercase() || one.is_ascii_digit();
    text.len() <= 64
        && text.starts_with(plain)
        && text.ends_with(plain)
        && !text.as_bytes().windows(2).any(|pair| pair.iter().all(|one| b"._-".contains(one)))
        && text.chars().all(|one| plain(one) || matches!(one, '.' | '-' | '_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn persona(first: &str, last: &str) -> Persona {
        Persona { first_name: first.into(), last_name: last.into(), profile_picture_url: None, addresses: vec![] }
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

    #[test]
    fn what_hosts_keep_for_themselves_is_passed_over() {
        let parts: Vec<_> = local_parts(&persona("Ab", "Use")).take(3).collect();
        assert_eq!(parts, ["ab", "a.use", "ause"]);
        assert_eq!(local_parts(&persona("Root", "")).next().unwrap(), "root2");
        for local in ["no-reply", "mailer-daemon", "Post.Master", "admin"] {
            assert!(is_reserved(local), "{local}");
        }
    }

    #[test]
    fn people_with_one_name_have_it_as_their_address() {
        let parts: Vec<_> = local_parts(&persona("Madonna", "")).take(3).collect();
        assert_eq!(parts, ["madonna", "madonna2", "madonna3"]);
    }

    #[test]
    fn what_was_sent_comes_first() {
        let tanaka = Persona { addresses: vec!["tanaka".into(), "abuse".into()], ..persona("田中", "一郎") };
        assert_eq!(local_parts(&tanaka).take(2).collect::<Vec<_>>(), ["tanaka", "tianzhong.yilang"]);
    }

    #[test]
    fn local_parts_are_what_every_host_takes() {
        for (text, good) in
            [("tanaka", true), ("a.b-c_d1", true), (".a", false), ("a..b", false), ("A", false), ("", false)]
        {
            assert_eq!(is_local_part(text), good, "{text}");
        }
        assert!(!is_local_part(&"a".repeat(65)));
    }
}
