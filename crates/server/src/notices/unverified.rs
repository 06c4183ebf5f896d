//! Registrants who have not confirmed their address: a registrar has to take their names off the net after fifteen days (ICANN's
//! registrar accreditation agreement, WHOIS accuracy program).

use model::notice::{Finding, NoticeKind};
use model::world::World;
use providers::roles::Unverified;
use providers::roster::Roster;

use super::compared::SOME;

/// Asks every registrar that says it; one that does not answer says nothing of anybody.
pub(super) async fn hear(roster: &Roster) -> Result<Vec<Finding>, &'static str> {
    let mut found = vec![];
    for (account, opened) in &roster.accounts {
        let Some(registrar) = &opened.registrar else { continue };
        let unverified = registrar.unverified(&World::live()).await.map_err(|trouble| trouble.name())?;
        found.extend(finding(account, &unverified));
    }
    Ok(found)
}

/// One for each account: the names that have least time come first.
fn finding(account: &str, unverified: &[Unverified]) -> Option<Finding> {
    let first = unverified.iter().map(|one| one.until).min()?;
    let mut names: Vec<_> = unverified.iter().flat_map(|one| one.names.iter().map(|name| (one.until, name))).collect();
    names.sort_unstable();
    let more = if names.len() > SOME { format!(" and {} more", names.len() - SOME) } else { String::new() };
    let shown = names.iter().take(SOME).map(|(_, name)| name.to_string()).collect::<Vec<_>>().join(", ");
    Some(Finding {
        kind: NoticeKind::RegistrantUnverified,
        subject: account.to_owned(),
        partner: None,
        environment: None,
        message: format!(
            "The registrant of {shown}{more} at the account `{account}` has not confirmed the address of e-mail; from {} on names are taken off the net.",
            first.date()
        ),
        todo: "Have whoever reads the registrant's mail open the registrar's message and confirm it, or have it sent again on the registrar's pages.".into(),
    })
}

#[cfg(test)]
mod tests {
    use model::clock::{DAY, Time};
    use model::domain::DomainName;

    use super::*;

    #[test]
    fn those_with_least_time_are_named_first() {
        let one = |day, names: std::ops::Range<usize>| Unverified {
            names: names.map(|n| DomainName::stored(format!("acme-{n}.com"))).collect(),
            until: Time(day * DAY),
        };
        let told = finding("first", &[one(20_000, 0..6), one(19_000, 6..7)]).unwrap().message;
        assert!(told.contains("of acme-6.com, acme-0.com, acme-1.com, acme-2.com, acme-3.com and 2 more"), "{told}");
        assert!(told.contains(&format!("from {} on", Time(19_000 * DAY).date())), "{told}");
        assert_eq!(finding("first", &[]), None);
    }
}
