//! What a sender most likely meant by a field or a query parameter that does not exist.

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
    ("limit", "per_page"),
    ("page_size", "per_page"),
    ("pageSize", "per_page"),
    ("size", "per_page"),
    ("count", "per_page"),
    ("page", "page_token"),
    ("cursor", "page_token"),
    ("next", "page_token"),
    ("starting_after", "after"),
    ("since", "after"),
    ("since", "created_after"),
    ("after", "created_after"),
    ("until", "before"),
    ("until", "created_before"),
    ("before", "created_before"),
    ("email", "user_email"),
    ("user", "user_id"),
    ("order", "order_id"),
    ("domain", "domain_id"),
    ("bundle", "bundle_id"),
    ("state", "status"),
    ("event", "type"),
    ("kind", "type"),
    ("type", "kind"),
];

/// The known name that is nearest, when one is near.
pub(crate) fn meant<'k>(sent: &str, known: &[&'k str]) -> Option<&'k str> {
    let synonym = SYNONYMS.iter().filter(|(name, _)| *name == sent).find_map(|(_, right)| find(known, right));
    synonym.or_else(|| {
        let near = known.iter().filter_map(|name| Some((distance_within(sent, name, allowed(name))?, *name)));
        near.min().map(|(_, name)| name)
    })
}

/// The distance, when it is at most `allowed`. Lengths that are further apart need no measuring: what a sender puts
/// into a long name costs nothing.
fn distance_within(sent: &str, name: &str, allowed: usize) -> Option<usize> {
    let letters = sent.chars().take(name.len() + allowed + 1).count();
    (letters.abs_diff(name.chars().count()) <= allowed).then(|| distance(sent, name)).filter(|far| *far <= allowed)
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
    let letters = |text: &str| text.to_lowercase().chars().collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut rows = vec![(0..=b.len()).collect::<Vec<_>>()];
    for n in 0..a.len() {
        let mut row = vec![n + 1];
        for m in 0..b.len() {
            let replaced = rows[n][m] + usize::from(a[n] != b[m]);
            let mut least = replaced.min(row[m] + 1).min(rows[n][m + 1] + 1);
            if n > 0 && m > 0 && a[n] == b[m - 1] && a[n - 1] == b[m] {
                least = least.min(rows[n - 1][m - 1] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
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
    fn only_names_of_about_the_same_length_are_measured() {
        for (sent, near) in [("domains", Some(0)), ("domain", Some(1)), ("domainsss", Some(2)), ("domainssss", None)] {
            assert_eq!(distance_within(sent, "domains", 2), near, "{sent}");
        }
        assert_eq!(distance_within(&"domains".repeat(100_000), "domains", 2), None);
    }

    #[test]
    fn distances_are_counted_in_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("nmae", "name"), 1);
        assert_eq!(distance("süd", "sud"), 1);
    }
}
