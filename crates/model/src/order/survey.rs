//! Everything that can be said about an order before it is placed, and all that stands in its way.

use super::check::{check_bundle, count_faults, look_up_names, user_faults};
use super::{Facts, NameRow, Need, Placing, Rules, assign, price};
use crate::domain::{DomainName, MailProvider, NameAnswer};
use crate::id::PartnerId;
use crate::refusal::{Fault, Refusal};

/// What is known of an order that is only asked about.
#[derive(Debug)]
pub struct Survey {
    /// What its size comes to; `None` while there is no such bundle.
    pub need: Option<Need>,
    /// The names that can be had.
    pub rows: Vec<NameRow>,
    /// Which name would go to which provider; empty while a fault stands in the way.
    pub assignment: Vec<(DomainName, MailProvider)>,
    /// The faults of every stage.
    pub faults: Vec<Fault>,
}

/// Looks at an order as [`super::place()`] would, but goes on where that stops.
///
/// `shape` are the faults that the body itself already has. While an entry of its `domains` is no
/// name, their count says nothing.
#[must_use]
pub fn survey(
    partner: &PartnerId,
    placing: &Placing,
    shape: Vec<Fault>,
    facts: &Facts,
    answers: &[NameAnswer],
    rules: &Rules,
) -> Survey {
    let countable = !shape.iter().any(is_about_a_name);
    let mut faults = shape;
    faults.extend(user_faults(placing, facts));
    faults.extend(faults_of(check_bundle(placing, facts)));
    let need = Need::of(&placing.size, facts.bundle.as_ref(), &rules.sizing);
    let counted = need.filter(|_| countable).map_or(vec![], |need| count_faults(placing, need, &rules.sizing));
    let (rows, unavailable) = look_up_names(partner, placing, &facts.held, answers);
    let complete = countable && counted.is_empty() && unavailable.is_none();
    faults.extend(counted);
    faults.extend(unavailable);
    let mut assignment = vec![];
    if let Some(need) = need {
        faults.extend(faults_of(price(placing, &rows, need, &rules.book)));
        match assign(&rows, need) {
            Ok(providers) if complete => {
                assignment = rows.iter().map(|row| row.wanted.name.clone()).zip(providers).collect();
            }
            Err(refusal) if complete => faults.extend(refusal.faults().cloned()),
            // With names missing or left over it would only repeat that.
            _ => {}
        }
    }
    Survey { need, rows, assignment, faults }
}

fn is_about_a_name(fault: &Fault) -> bool {
    fault.field.as_deref().is_some_and(|field| field.starts_with("domains["))
}

fn faults_of<T>(result: Result<T, Refusal>) -> Vec<Fault> {
    result.err().map_or(vec![], |refusal| refusal.faults().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Bundle, BundleStatus, Terms};
    use crate::clock::Time;
    use crate::domain::{Unavailable, Verdict};
    use crate::id::{BundleId, Id};
    use crate::order::{Size, UserRef, Wanted};
    use crate::refusal::Code;
    use crate::world::World;

    fn partner() -> PartnerId {
        PartnerId::opaque("org_1")
    }

    fn bundle(status: BundleStatus) -> Bundle {
        Bundle {
            id: BundleId::opaque("bun_1"),
            partner: partner(),
            world: World::live(),
            terms: Terms {
                name: "Small".into(),
                monthly_sending_volume: 880,
                google_percent: None,
                send_on_weekends: false,
                google_inboxes_per_domain: 2,
            },
            status,
            created_at: Time(0),
            version: 1,
        }
    }

    fn placing(names: &[&str]) -> Placing {
        let wanted = |name: &&str| Wanted { name: DomainName::stored(*name), forwarding_url: None, provider: None };
        Placing {
            user: None,
            size: Size::Bundle(BundleId::opaque("bun_1")),
            sequencer: None,
            domains: names.iter().map(wanted).collect(),
            personas: vec![],
            forwarding_url: None,
            max_total_cents: None,
            reference: None,
            metadata: std::collections::BTreeMap::new(),
        }
    }

    fn answer(name: &str, verdict: Verdict) -> NameAnswer {
        NameAnswer { name: DomainName::stored(name), verdict }
    }

    fn buyable() -> Verdict {
        let usable_for = vec![MailProvider::Google, MailProvider::Microsoft];
        Verdict::Buyable { price_cents: 1_300, renewal_price_cents: 1_500, usable_for }
    }

    fn codes(survey: &Survey) -> Vec<Code> {
        survey.faults.iter().map(|fault| fault.code).collect()
    }

    #[test]
    fn the_faults_of_every_stage_are_listed() {
        let mut placing = placing(&["a.com", "b.com", "c.com"]);
        placing.user = Some(UserRef::Id(crate::id::UserId::opaque("usr_1")));
        placing.max_total_cents = Some(1);
        let facts = Facts { bundle: Some(bundle(BundleStatus::Archived)), ..Facts::default() };
        let answers = [answer("a.com", buyable()), answer("b.com", Verdict::Not(Unavailable::Premium))];
        let found = survey(&partner(), &placing, vec![], &facts, &answers, &Rules::default());
        assert_eq!(
            codes(&found),
            [
                Code::NotFound,
                Code::BundleArchived,
                Code::DomainCountMismatch,
                Code::DomainUnavailable,
                Code::PriceChanged
            ]
        );
        assert_eq!((found.rows.len(), found.assignment.len()), (1, 0));
    }

    #[test]
    fn names_are_assigned_once_nothing_is_wrong_with_them() {
        let facts = Facts { bundle: Some(bundle(BundleStatus::Active)), ..Facts::default() };
        let answers = [answer("a.com", buyable()), answer("b.com", buyable())];
        let look =
            |shape| survey(&partner(), &placing(&["a.com", "b.com"]), shape, &facts, &answers, &Rules::default());
        assert_eq!(look(vec![]).assignment.len(), 2);
        let elsewhere = look(vec![Fault::invalid("forwarding_url", "Send another.")]);
        assert_eq!((elsewhere.assignment.len(), codes(&elsewhere).len()), (2, 1));
        assert!(look(vec![Fault::invalid("domains[2]", "Not a name.")]).assignment.is_empty());
    }
}
