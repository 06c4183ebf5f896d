//! What only a person can do at a vendor, who sits before its pages. Each is one act, however many clicks it takes.

/// Something that a person has done.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Act {
    /// What it was, in words for whoever counts them.
    pub what: &'static str,
    /// The tenant, domain or address that it was done for.
    pub about: String,
}

/// A password as vendors show them once: sixteen letters, drawn from a number.
pub(crate) fn app_password(number: u128) -> String {
    let letter = |place: u32| char::from(b'a' + u8::try_from(number / 26_u128.pow(place) % 26).unwrap_or(0));
    (0..16).map(letter).collect()
}
