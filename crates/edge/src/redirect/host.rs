//! The host of a request: what a stranger has written where a name should stand.

use model::dns::hostname;

/// The longest host that is looked at, in bytes: a name in letters beyond ASCII is longer before it is mapped.
const LONGEST: usize = 1_024;

/// The name that an authority (RFC 3986 §3.2) means: in lower-case A-labels, without port and without the last dot. `None` where it
/// is no name, or one with a user before it.
pub(super) fn of(authority: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(authority).ok().filter(|text| text.len() <= LONGEST)?;
    let name = match text.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => text,
    };
    if name.is_ascii() { hostname(name) } else { hostname(&idna::domain_to_ascii(name).ok()?) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_host_is_read_however_it_is_written() {
        for text in ["acme.com", "ACME.com", "acme.com.", "acme.com:80", "Acme.Com.:8080", "acme.com:"] {
            assert_eq!(of(text.as_bytes()).as_deref(), Some("acme.com"), "{text}");
        }
        for text in ["bücher.example", "BÜCHER.example:80", "xn--bcher-kva.example", "XN--BCHER-KVA.example."] {
            assert_eq!(of(text.as_bytes()).as_deref(), Some("xn--bcher-kva.example"), "{text}");
        }
    }

    #[test]
    fn what_is_no_name_is_none() {
        let long = "a.".repeat(600);
        for text in [
            "",
            ".",
            ":80",
            "user@acme.com",
            "acme.com:80:80",
            "[::1]",
            "[::1]:80",
            "acme .com",
            "acme.com/",
            "a..b",
            "*.acme.com",
            &long,
        ] {
            assert_eq!(of(text.as_bytes()), None, "{text}");
        }
        assert_eq!(of(b"acme.com\xff"), None);
    }

    proptest! {
        #[test]
        fn whatever_comes_is_a_name_or_none(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            if let Some(name) = of(&bytes) {
                prop_assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte)));
            }
        }
    }
}
