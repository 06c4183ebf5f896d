//! E-mail addresses of customers: which texts are some, and which are one.

use std::borrow::Cow;

use crate::domain::is_host_label;

/// How e-mail addresses are compared: case does not matter, and a host is its A-labels however it is written.
/// Databases fold differently, so it is done here.
#[must_use]
pub fn fold(email: &str) -> String {
    let lowered = lowered(email);
    match lowered.rsplit_once('@').zip(email.trim().rsplit_once('@')) {
        Some(((local, _), (_, host))) => host_in_ascii(host).map_or(lowered.clone(), |host| format!("{local}@{host}")),
        None => lowered,
    }
}

/// Every way in which an address may be kept: first as older versions kept this very spelling, whose hosts were only
/// lower-cased, then as [`fold`] has it, then with its host in letters. Most addresses have one.
#[must_use]
pub fn spellings(email: &str) -> Vec<String> {
    let folded = fold(email);
    let in_letters = folded.rsplit_once('@').and_then(|(local, host)| {
        let (host, read) = idna::domain_to_unicode(host);
        read.is_ok().then(|| format!("{local}@{host}"))
    });
    let mut all = vec![lowered(email)];
    for spelling in [folded].into_iter().chain(in_letters) {
        if !all.contains(&spelling) {
            all.push(spelling);
        }
    }
    all
}

fn lowered(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The A-labels of a host (UTS 46); what is far too long for one is not looked at.
fn host_in_ascii(host: &str) -> Option<String> {
    if host.len() > 1_024 { None } else { idna::domain_to_ascii(host).ok() }
}

/// Whether a text is an address we can use: one `@`, a dotted host, no spaces, at most 254 bytes
/// (RFC 5321 §4.5.3.1.3), as it stands and with its host in A-labels. Every name that is sold is a host.
#[must_use]
pub fn is_email(text: &str) -> bool {
    let Some((local, host)) = text.rsplit_once('@') else { return false };
    let local_ok = !local.is_empty()
        && local.len() <= 64
        && local.chars().all(|c| c.is_ascii_graphic() && !"@\"(),:;<>[]\\".contains(c));
    text.len() <= 254
        && local_ok
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && is_host(host, 253 - local.len())
}

/// What is written in ASCII is looked at as it stands: there are more names than can be read back from `xn--`.
fn is_host(host: &str, longest: usize) -> bool {
    let ascii = if host.is_ascii() { Some(Cow::Borrowed(host)) } else { host_in_ascii(host).map(Cow::Owned) };
    ascii.is_some_and(|ascii| {
        let labels = || ascii.split('.');
        let taken = host.is_ascii() || labels().all(is_host_label);
        let label_ok = |label: &str| {
            (1..=63).contains(&label.len())
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        };
        ascii.len() <= longest && ascii.contains('.') && taken && labels().all(label_ok)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_other_text() {
        for good in [
            "alex@acme.com",
            "a.b+c@sub.acme.co.uk",
            "x_y@ünïcode.de",
            "a@xn--bcher-kva.de",
            "a@r3---sn.acme.com",
            "a@हिन्दी.com",
            "a@привет-мир.рф",
            "a@acme\u{ad}shop.com",
            "a@東京タワー.jp",
            "a@l·l.cat",
        ] {
            assert!(is_email(good), "{good}");
        }
        let long = format!("a@{}.de", "ü".repeat(63));
        for bad in [
            "",
            "alex",
            "@acme.com",
            "a@b",
            "a b@acme.com",
            "a@acme..com",
            ".a@acme.com",
            "a@-x.com",
            "a@b@c.com",
            "a@acme\u{2011}mail.com",
            "a@i♥acme.com",
            "a@bücher.de.",
            "a@bücher_.de",
            "a@\u{ad}.com",
            "ü@acme.com",
            "a@acme.com\0",
            &long,
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn a_host_is_one_in_letters_and_in_a_labels() {
        for one in ["a@bücher.de", "A@BÜCHER.de", "a@bu\u{308}cher.de", "a@xn--bcher-kva.de", " a@XN--BCHER-KVA.DE "]
        {
            assert_eq!(fold(one), "a@xn--bcher-kva.de", "{one}");
        }
        for (one, folded) in [
            ("Alex@Acme.com", "alex@acme.com"),
            ("a@straße.de", "a@xn--strae-oqa.de"),
            ("a@strasse.de", "a@strasse.de"),
            ("a@ΛΌΓΟΣ.gr", "a@xn--oxapnq6b.gr"),
            // What is no A-label stays what it was.
            ("a@XN--zzzzzzzzz.de", "a@xn--zzzzzzzzz.de"),
            ("no address", "no address"),
        ] {
            assert_eq!(fold(one), folded, "{one}");
            assert_eq!(fold(folded), folded);
        }
    }

    #[test]
    fn an_address_is_found_however_older_versions_kept_it() {
        assert_eq!(spellings("Alex@Acme.com"), ["alex@acme.com"]);
        let (letters, ascii) = ("a@bücher.de", "a@xn--bcher-kva.de");
        assert_eq!(spellings("A@Bücher.de"), [letters, ascii]);
        assert_eq!(spellings(ascii), [ascii, letters]);
        assert_eq!(spellings("a@BU\u{308}CHER.de"), ["a@bu\u{308}cher.de", ascii, letters]);
        assert_eq!(spellings("a@xn--zzzzzzzzz.de"), ["a@xn--zzzzzzzzz.de"]);
    }
}
