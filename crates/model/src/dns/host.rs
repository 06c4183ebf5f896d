//! Names as records have them: what may own one, and what one may lead to.

/// The longest name in presentation form, without the last dot (RFC 1035 §2.3.4: 255 bytes on the wire).
const LONGEST: usize = 253;
/// The longest label.
const LONGEST_LABEL: usize = 63;

/// Where a name is to a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It is the zone's own name.
    Apex,
    /// It is below it.
    Below,
    /// It is no part of the zone.
    Outside,
}

impl Place {
    /// Where a name is to a zone; both in lower case, without the last dot.
    #[must_use]
    pub fn of(name: &str, zone: &str) -> Self {
        match name.strip_suffix(zone) {
            Some("") => Self::Apex,
            Some(rest) if rest.ends_with('.') => Self::Below,
            _ => Self::Outside,
        }
    }
}

/// A name that may own records, in lower case and without the last dot. Its labels have letters, digits, `-` and `_`, and
/// the first one may be `*` (RFC 4592 §2.1.1). `None` of anything else.
#[must_use]
pub fn owner(text: &str) -> Option<String> {
    let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
    let rest = name.strip_prefix("*.").unwrap_or(&name);
    (name.len() <= LONGEST && rest.split('.').all(is_label)).then_some(name)
}

/// A name that a record may lead to, in lower case and without the last dot. Wildcards lead nowhere.
#[must_use]
pub fn hostname(text: &str) -> Option<String> {
    owner(text).filter(|name| !name.starts_with('*'))
}

fn is_label(label: &str) -> bool {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=LONGEST_LABEL).contains(&label.len()) && label.bytes().all(is_fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_refused() {
        for (text, name) in [
            ("acme.com", "acme.com"),
            ("ACME.com.", "acme.com"),
            ("*.acme.com", "*.acme.com"),
            ("_dmarc.acme.com", "_dmarc.acme.com"),
            ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ] {
            assert_eq!(owner(text).as_deref(), Some(name), "{text}");
        }
        let long = ["a"; 127].join(".");
        assert!(owner(&long).is_some(), "253 letters");
        for text in ["", ".", "a..b", ".a", "a b.com", "bücher.example", "a.*.com", "**.com", "*", "a\\.b.com", "a\0b"]
        {
            assert_eq!(owner(text), None, "{text}");
        }
        assert_eq!(owner(&format!("{long}.a")), None);
        assert_eq!(owner(&format!("{}.com", "a".repeat(64))), None);
        assert_eq!(hostname("*.acme.com"), None);
    }

    #[test]
    fn a_name_is_in_a_zone_by_its_labels() {
        assert_eq!(Place::of("acme.com", "acme.com"), Place::Apex);
        assert_eq!(Place::of("www.acme.com", "acme.com"), Place::Below);
        assert_eq!(Place::of("myacme.com", "acme.com"), Place::Outside);
        assert_eq!(Place::of("com", "acme.com"), Place::Outside);
    }
}
