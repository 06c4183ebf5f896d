//! Names that can be registered.

use std::fmt;

use serde::{Deserialize, Serialize};

mod letters;
mod suffix;

use letters::Odd;

/// A registrable name in lower-case A-labels, directly below a public suffix.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainName(String);

/// Why a text is not a name that can be registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Not a host name: bad label, too long, empty.
    Malformed,
    /// It has a character that no registry takes in a name.
    Character {
        /// Which.
        character: char,
        /// The name that was probably meant.
        meant: Option<String>,
    },
    /// A label has letters of scripts that are not written together: one of them looks like another.
    MixedScripts {
        /// The name that was probably meant.
        meant: Option<String>,
    },
    /// The ending is not one that names are registered under.
    UnknownSuffix,
    /// The text is itself a public suffix, such as `co.uk`.
    PublicSuffix,
    /// A name below a registrable one, such as `www.acme.com`.
    Subdomain,
    /// Its ending is a registry's that no registrar sells to everybody: see [`DomainName::is_sold`].
    NotSold,
}

impl NameFault {
    /// What is wrong and what to send, for a message.
    #[must_use]
    pub fn sentence(&self) -> String {
        let what = match self {
            Self::Malformed => "is not a domain name; send a name such as acme-mail.com".to_owned(),
            Self::Character { character, .. } => {
                format!("has the character {}, which no registry takes in a name", shown(*character))
            }
            Self::MixedScripts { .. } => {
                "has letters of different scripts side by side, one of which looks like another".to_owned()
            }
            Self::UnknownSuffix => "does not end in a public suffix that names are registered under".to_owned(),
            Self::PublicSuffix => "is a public suffix; send a name below it".to_owned(),
            Self::Subdomain => "is a subdomain; send the root name that is registered".to_owned(),
            Self::NotSold => "has an ending that no registrar sells".to_owned(),
        };
        match self.meant() {
            Some(meant) => format!("{what}; did you mean {meant}?"),
            None => what,
        }
    }

    /// The name that was probably meant.
    #[must_use]
    pub fn meant(&self) -> Option<&str> {
        match self {
            Self::Character { meant, .. } | Self::MixedScripts { meant } => meant.as_deref(),
            _ => None,
        }
    }
}

/// The character, and its number where it may be mistaken for another.
fn shown(character: char) -> String {
    let number = format!("U+{:04X}", u32::from(character));
    if character.is_ascii_graphic() { format!("`{character}`") } else { number }
}

impl DomainName {
    /// Reads a name: lower-cased, a trailing dot dropped, IDN turned into A-labels (UTS 46).
    ///
    /// # Errors
    /// Why it cannot be registered anywhere.
    pub fn parse(text: &str) -> Result<Self, NameFault> {
        let text = text.trim();
        // Nothing that long is a name in any spelling, and turning it into A-labels takes quadratic time.
        if text.len() > 1_024 {
            return Err(NameFault::Malformed);
        }
        let text = text.strip_suffix('.').unwrap_or(text);
        let ascii = idna::domain_to_ascii_strict(text).map_err(|_| malformed(text))?;
        if ascii.len() > 253 || !ascii.split('.').all(is_label) {
            return Err(malformed(text));
        }
        all_taken(text, &ascii)?;
        if !ascii.contains('.') && psl::suffix(ascii.as_bytes()).is_none_or(|suffix| !suffix.is_known()) {
            return Err(NameFault::Malformed);
        }
        let suffix = suffix::of_registry(&ascii).ok_or(NameFault::UnknownSuffix)?;
        if suffix::SPECIAL.iter().any(|special| suffix.rsplit('.').next() == Some(special)) {
            return Err(NameFault::UnknownSuffix);
        }
        match ascii.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.')) {
            None => Err(NameFault::PublicSuffix),
            Some(label) if label.contains('.') => Err(NameFault::Subdomain),
            Some(_) => Ok(Self(ascii)),
        }
    }

    /// Whether registrars sell names with its ending: others have to be registered already.
    #[must_use]
    pub fn is_sold(&self) -> bool {
        self.0.split_once('.').is_some_and(|(_, suffix)| suffix::is_sold(suffix))
    }

    /// A name as a row holds it.
    #[must_use]
    pub fn stored(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands before the first dot.
    #[must_use]
    pub fn first_label(&self) -> &str {
        self.0.split('.').next().unwrap_or_default()
    }
}

/// Whether every label has only characters that registries take, of scripts that are written together.
fn all_taken(text: &str, ascii: &str) -> Result<(), NameFault> {
    let (unicode, _) = idna::domain_to_unicode(ascii);
    match unicode.split('.').find_map(letters::odd) {
        None => Ok(()),
        Some(Odd::Character(mapped)) => {
            Err(NameFault::Character { character: mistaken(text).unwrap_or(mapped), meant: meant(text) })
        }
        Some(Odd::Scripts) => Err(NameFault::MixedScripts { meant: meant(text) }),
    }
}

/// The fault of what is no host name: the character that makes it none, where it is one that was mistaken.
fn malformed(text: &str) -> NameFault {
    match (mistaken(text), meant(text)) {
        (Some(character), Some(meant)) => NameFault::Character { character, meant: Some(meant) },
        _ => NameFault::Malformed,
    }
}

/// The first character of a text that looks like another.
fn mistaken(text: &str) -> Option<char> {
    text.chars().find(|letter| !letter.is_ascii() && letters::plain(&letter.to_string()) != letter.to_string())
}

/// The name that comes of a text when what looks like something else is taken for that.
fn meant(text: &str) -> Option<String> {
    let plain = letters::plain(&text.to_lowercase());
    let name = (plain != text.to_lowercase()).then(|| DomainName::parse(&plain).ok()).flatten()?;
    Some(name.to_string())
}

/// Whether a label in ASCII stands for characters that registries take: hosts of mail addresses have no others either.
pub(crate) fn is_host_label(ascii: &str) -> bool {
    let (unicode, read) = idna::domain_to_unicode(ascii);
    read.is_ok() && !matches!(letters::odd(&unicode), Some(Odd::Character(_)))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

impl fmt::Display for DomainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        assert_eq!(DomainName::parse("  Acme-Mail.COM. ").unwrap().as_str(), "acme-mail.com");
        assert_eq!(DomainName::parse("bücher.de").unwrap().as_str(), "xn--bcher-kva.de");
        assert_eq!(DomainName::parse("acme.co.uk").unwrap().as_str(), "acme.co.uk");
    }

    #[test]
    fn what_cannot_be_registered_is_refused_with_its_reason() {
        for (text, fault) in [
            ("", NameFault::Malformed),
            ("localhost", NameFault::Malformed),
            ("com", NameFault::PublicSuffix),
            ("co.uk", NameFault::PublicSuffix),
            ("www.acme.com", NameFault::Subdomain),
            ("me.github.io", NameFault::Subdomain),
            ("acme.uk.com", NameFault::Subdomain),
            ("acme.onion", NameFault::UnknownSuffix),
            ("acme.test", NameFault::UnknownSuffix),
            ("acme.local", NameFault::UnknownSuffix),
            ("a.home.arpa", NameFault::UnknownSuffix),
            ("acme.notatld", NameFault::UnknownSuffix),
            ("-a.com", NameFault::Malformed),
            ("a_b.com", NameFault::Malformed),
            ("a..com", NameFault::Malformed),
            ("a b.com", NameFault::Malformed),
            ("http://acme.com", NameFault::Malformed),
            ("127.0.0.1", NameFault::UnknownSuffix),
        ] {
            assert_eq!(DomainName::parse(text), Err(fault), "{text}");
        }
    }

    #[test]
    fn what_looks_like_something_else_is_no_name_and_what_was_meant_is_said() {
        for dash in "\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2212}\u{2d7}".chars() {
            let fault = DomainName::parse(&format!("acme{dash}mail.com")).unwrap_err();
            assert_eq!(fault, NameFault::Character { character: dash, meant: Some("acme-mail.com".into()) });
        }
        let fault = DomainName::parse("аcme.com").unwrap_err();
        assert_eq!(fault, NameFault::MixedScripts { meant: Some("acme.com".into()) });
        assert!(fault.sentence().ends_with("did you mean acme.com?"));
        let heart = DomainName::parse("i♥acme.com").unwrap_err();
        assert_eq!(heart, NameFault::Character { character: '♥', meant: None });
        assert_eq!(DomainName::parse("xn--iacme-cs1c.com"), Err(heart), "spelled in ASCII it is the same");
    }

    #[test]
    fn names_of_all_scripts_and_what_is_mapped_stay() {
        for (text, name) in [
            ("bücher.com", "xn--bcher-kva.com"),
            ("привет-мир.рф", "xn----ctbjkdxqigq.xn--p1ai"),
            ("हिन्दी.com", "xn--j2bd4cyah0f.com"),
            ("acme\u{ad}shop.com", "acmeshop.com"),
            ("ＡＣＭＥ.com", "acme.com"),
            ("uk.com", "uk.com"),
            ("github.io", "github.io"),
        ] {
            assert_eq!(DomainName::parse(text).map(|name| name.to_string()), Ok(name.to_owned()), "{text}");
        }
    }

    #[test]
    fn only_what_registrars_sell_is_sold() {
        for (text, sold) in [("acme.com", true), ("acme.co.uk", true), ("acme.gov", false), ("acme.bmw", false)] {
            assert_eq!(DomainName::parse(text).unwrap().is_sold(), sold, "{text}");
        }
    }
}
