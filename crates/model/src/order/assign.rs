//! Which name goes to which mail provider.

use super::Need;
use super::check::domains;
use super::facts::NameRow;
use crate::domain::MailProvider::{self, Google, Microsoft};
use crate::refusal::{Code, Fault, Refusal};

/// Gives every name its provider: pinned names first, names that only one provider takes go there,
/// then Microsoft's places are filled with capable names in the order sent, the rest are Google's.
///
/// # Errors
/// `domain_provider_mismatch` when a provider cannot get as many names as it needs.
pub fn assign(rows: &[NameRow], need: Need) -> Result<Vec<MailProvider>, Refusal> {
    Refusal::unless_empty(impossible_pins(rows.iter().enumerate()))?;
    let places = usize::try_from(need.microsoft_domains).unwrap_or(0);
    let fixed: Vec<_> = rows.iter().map(only_choice).collect();
    let mut left = places.saturating_sub(fixed.iter().filter(|one| **one == Some(Microsoft)).count());
    let assigned: Vec<_> = fixed
        .iter()
        .map(|one| {
            one.unwrap_or_else(|| {
                let provider = if left > 0 { Microsoft } else { Google };
                left = left.saturating_sub(1);
                provider
            })
        })
        .collect();
    let microsoft = assigned.iter().filter(|one| **one == Microsoft).count();
    match microsoft.cmp(&places) {
        std::cmp::Ordering::Equal => Ok(assigned),
        std::cmp::Ordering::Less => Err(too_few(Microsoft, need.microsoft_domains, rows)),
        std::cmp::Ordering::Greater => Err(too_few(Google, need.google_domains, rows)),
    }
}

fn only_choice(row: &NameRow) -> Option<MailProvider> {
    row.wanted.provider.or(match row.usable_for.as_slice() {
        [one] => Some(*one),
        _ => None,
    })
}

fn could_be(row: &NameRow, provider: MailProvider) -> bool {
    row.usable_for.contains(&provider) && row.wanted.provider.is_none_or(|pin| pin == provider)
}

/// The names that are pinned to a provider that cannot use them, each with its place in the body.
pub(super) fn impossible_pins<'a>(rows: impl Iterator<Item = (usize, &'a NameRow)>) -> Vec<Fault> {
    rows.filter_map(|(n, row)| impossible_pin(n, row)).collect()
}

fn impossible_pin(n: usize, row: &NameRow) -> Option<Fault> {
    let pin = row.wanted.provider.filter(|pin| !row.usable_for.contains(pin))?;
    let usable: Vec<_> = row.usable_for.iter().map(|one| one.as_str()).collect();
    let message =
        format!("{} cannot be used for {}; it is usable for {}.", row.wanted.name, pin.as_str(), usable.join(" and "));
    Some(mismatch(message, pin, 1, vec![]).at(format!("domains[{n}].provider")))
}

fn too_few(provider: MailProvider, required: i64, rows: &[NameRow]) -> Refusal {
    let usable: Vec<_> =
        rows.iter().filter(|row| could_be(row, provider)).map(|row| row.wanted.name.to_string()).collect();
    let message = format!(
        "This size needs {} for {} and {} of those sent can be used for it. Replace others with names whose usable_for has \"{}\".",
        domains(required),
        provider.as_str(),
        usable.len(),
        provider.as_str()
    );
    mismatch(message, provider, required, usable).at("domains").into()
}

fn mismatch(message: String, provider: MailProvider, required: i64, usable: Vec<String>) -> Fault {
    Fault::new(Code::DomainProviderMismatch, message)
        .with("provider", provider.as_str())
        .with("required_count", required)
        .with("usable_count", usable.len())
        .with("usable_domains", usable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DomainName;
    use crate::order::Wanted;

    fn row(name: &str, usable_for: &[MailProvider], pin: Option<MailProvider>) -> NameRow {
        NameRow {
            wanted: Wanted { name: DomainName::stored(name), forwarding_url: None, provider: pin },
            inventory: None,
            usable_for: usable_for.to_vec(),
            cost_cents: 1300,
            renewal_cost_cents: 1500,
            account: None,
        }
    }

    fn need(google: i64, microsoft: i64) -> Need {
        Need {
            google_licenses: google * 2,
            google_domains: google,
            microsoft_domains: microsoft,
            google_inboxes_per_domain: 2,
        }
    }

    const BOTH: &[MailProvider] = &[Google, Microsoft];

    #[test]
    fn capable_names_fill_microsoft_in_the_order_sent() {
        let rows = [row("a.com", &[Google], None), row("b.com", BOTH, None), row("c.com", BOTH, None)];
        assert_eq!(assign(&rows, need(2, 1)).unwrap(), [Google, Microsoft, Google]);
    }

    #[test]
    fn pins_win() {
        let rows = [row("a.com", BOTH, None), row("b.com", BOTH, Some(Microsoft)), row("c.com", BOTH, Some(Google))];
        assert_eq!(assign(&rows, need(2, 1)).unwrap(), [Google, Microsoft, Google]);
    }

    #[test]
    fn too_few_capable_names_are_refused_with_the_usable_ones() {
        let rows = [row("a.com", &[Google], None), row("b.com", BOTH, None)];
        let refusal = assign(&rows, need(0, 2)).unwrap_err();
        let body = refusal.body();
        assert_eq!(body["error"]["code"], "domain_provider_mismatch");
        assert_eq!(body["error"]["details"]["usable_domains"][0], "b.com");
        assert_eq!(body["error"]["details"]["usable_count"], 1);
    }

    #[test]
    fn a_pin_that_the_name_cannot_have_is_refused_at_its_field() {
        let refusal = assign(&[row("a.com", &[Google], Some(Microsoft))], need(0, 1)).unwrap_err();
        assert_eq!(refusal.first().field.as_deref(), Some("domains[0].provider"));
    }

    #[test]
    fn too_many_pinned_to_microsoft_leave_google_short() {
        let rows = [row("a.com", BOTH, Some(Microsoft)), row("b.com", BOTH, Some(Microsoft))];
        assert_eq!(assign(&rows, need(1, 1)).unwrap_err().body()["error"]["details"]["provider"], "google");
    }
}
