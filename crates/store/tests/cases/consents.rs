//! Consents of inboxes' owners: what was given for a domain goes with it.

use model::change::Change;
use model::consent::Consent;
use store::consents;

use crate::support::bench::Bench;
use crate::support::fill::Fill;
use crate::support::filled::ordered;

on_both! {
    what_was_given_for_a_domain_goes_with_it_and_nothing_else
}

async fn what_was_given_for_a_domain_goes_with_it_and_nothing_else(bench: Bench) {
    let one = |row| ordered::consent(&Fill::of(row, 0, 1));
    let first = one("a");
    let second = Consent { domain: first.domain.clone(), ..one("b") };
    let other = one("c");
    let mut change = Change::default();
    change.consents.insert.extend([first.clone(), second.clone(), other.clone()]);
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let inboxes = |found: Vec<Consent>| found.into_iter().map(|one| one.inbox).collect::<Vec<_>>();
    let found = inboxes(consents::of_domain(&mut db, &first.domain).await.unwrap());
    assert_eq!(found, [first.inbox.clone(), second.inbox]);
    drop(db);
    bench.write(Change { consents_ended: vec![first.domain.clone()], ..Change::default() }).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(consents::of_domain(&mut db, &first.domain).await.unwrap(), []);
    assert_eq!(inboxes(consents::of_domain(&mut db, &other.domain).await.unwrap()), [other.inbox]);
}
