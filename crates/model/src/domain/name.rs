//! Names that can be registered.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A registrable name in lower-case A-labels, directly below a public suffix.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DomainName(String);

/// Why a text is not a name that can be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    /// Not a host name: bad label, too long, empty.
    Malformed,
    /// The ending is not one that names are registered under.
    UnknownSuffix,
    /// The text is itself a public suffix, such as `co.uk`.
    PublicSuffix,
    /// A name below a registrable one, such as `www.acme.com`.
    Subdomain,
}

impl NameFault {
    /// What is wrong and what to send, for a message.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::Malformed => "is not a domain name; send a name such as acme-mail.com",
            Self::UnknownSuffix => "does not end in a public suffix that names are registered under",
            Self::PublicSuffix => "is a public suffix; send a name below it",
            Self::Subdomain => "is a subdomain; send the root name that is registered",
        }
    }
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
        let ascii =
            idna::domain_to_ascii_strict(text.strip_suffix('.').unwrap_or(text)).map_err(|_| NameFault::Malformed)?;
        if ascii.len() > 253 || !ascii.split('.').all(is_label) {
            return Err(NameFault::Malformed);
        }
        let suffix = psl::suffix(ascii.as_bytes()).ok_or(NameFault::UnknownSuffix)?;
        if suffix.as_bytes() == ascii.as_bytes() {
            return Err(if suffix.is_known() { NameFault::PublicSuffix } else { NameFault::Malformed });
        }
        if !suffix.is_known() {
            return Err(NameFault::UnknownSuffix);
        }
        if suffix.typ() == Some(psl::Type::Private) {
            return Err(NameFault::Subdomain);
        }
        match psl::domain_str(&ascii) {
            Some(root) if root == ascii => Ok(Self(ascii)),
            _ => Err(NameFault::Subdomain),
        }
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
}
