//! The address of a database, as it may be shown.

/// A database URL without its password, for messages: whatever it looks like, nothing of what stands before its last
/// `@` is shown, nor what comes after a question mark.
pub(crate) fn redacted(url: &str) -> String {
    let scheme = url.split(':').next().unwrap_or_default();
    let url = url.split('?').next().unwrap_or_default();
    match url.rfind('@') {
        Some(at) if url.len() > scheme.len() => format!("{scheme}://…{}", &url[at..]),
        _ => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_never_shown_however_the_address_is_written() {
        for url in [
            "postgres://me:se?cret@db/mail",
            "postgres:/me:secret@db/mail",
            "postgres:me:secret@db/mail",
            "postgresql://me:sec@ret@db/mail",
            "postgres://db/mail?user=me&password=secret",
            "postgres:/me:secret/@db/mail",
        ] {
            assert!(!redacted(url).contains("cret"), "{} shows the password", redacted(url));
            assert!(redacted(url).starts_with("postgres"), "{}", redacted(url));
        }
        assert_eq!(redacted("postgres:/me:secret@db/mail"), "postgres://…@db/mail");
        assert_eq!(redacted("sqlite:/var/lib/mailwright.db?mode=rw"), "sqlite:/var/lib/mailwright.db");
    }
}
