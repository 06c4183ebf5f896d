//! What a sender most likely meant by a field that does not exist.

/// Names that people use, and what they are called here. The first whose right name is known counts.
const SYNONYMS: &[(&str, &str)] = &[
    ("users", "personas"),
    ("people", "personas"),
    ("user_id", "user"),
    ("user_email", "user"),
    ("customer", "user"),
    ("email", "user"),
    ("email", "login_email"),
    ("username", "login_email"),
    ("password", "login_password"),
    ("type", "provider"),
    ("bundle", "bundle_id"),
    ("volume", "monthly_sending_volume"),
    ("weekends", "send_on_weekends"),
    ("names", "domains"),
    ("name", "domain"),
    ("picture", "profile_picture_url"),
    ("photo_url", "profile_picture_url"),
    ("avatar_url", "profile_picture_url"),
    ("redirect_url", "forwarding_url"),
    ("redirect", "forwarding_url"),
    ("order_number", "reference"),
    ("external_id", "reference"),
    ("max_price_cents", "max_total_cents"),
];

/// The known field that is nearest, when one is near.
pub(super) fn meant<'k>(sent: &str, known: &[&'k str]) -> Option<&'k str> {
    let synonym = SYNONYMS.iter().filter(|(name, _)| *name == sent).find_map(|(_, right)| find(known, right));
    synonym.or_else(|| {
        let near = known.iter().map(|name| (distance(sent, name), *name));
        near.filter(|(far, name)| *far <= allowed(name)).min().map(|(_, name)| name)
    })
}

fn find<'k>(known: &[&'k str], name: &str) -> Option<&'k str> {
    known.iter().copied().find(|one| *one == name)
}

/// How many slips a name of this length may have.
fn allowed(name: &str) -> usize {
    (name.len() / 3).clamp(1, 3)
}

/// How many letters have to be put in, taken out or replaced.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (n, letter) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], n + 1);
        for (m, other) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = row[m + 1];
            row[m + 1] = replaced.min(row[m] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORDER: &[&str] = &["user", "bundle_id", "google_licenses", "personas", "forwarding_url", "domains"];

    #[test]
    fn slips_and_other_names_are_recognised() {
        for (sent, right) in [
            ("users", Some("personas")),
            ("user_id", Some("user")),
            ("google_licences", Some("google_licenses")),
            ("forwardingUrl", Some("forwarding_url")),
            ("Domain", Some("domains")),
            ("bundleId", Some("bundle_id")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(meant(sent, ORDER), right, "{sent}");
        }
    }

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("süd", "sud"), 1);
    }
}
