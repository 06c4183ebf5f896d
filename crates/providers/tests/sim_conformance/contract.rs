//! The suite of the roles, on each manner that names can have.

use std::collections::HashSet;

use model::domain::{DomainName, MailProvider};
use providers::conformance::{self, Maker};

use crate::support::{Sandbox, start};

/// Effects of which a name or address has one at most.
const ONCE: &[&str] =
    &["registered", "zone_created", "domain_opened", "domain_verified", "mailbox_created", "account_linked"];

/// What a walk from purchase to linked accounts leaves, with three mailboxes.
const WALK: &[&str] = &[
    "registered",
    "zone_created",
    "nameservers_set",
    "domain_opened",
    "records_written",
    "domain_verified",
    "mailbox_created",
    "mailbox_created",
    "mailbox_created",
    "account_linked",
    "account_linked",
    "account_linked",
];

pub(crate) async fn holds(sandbox: &Sandbox, prefix: &'static str) {
    let names = move |n| DomainName::stored(format!("{prefix}contract{n}.com"));
    let maker = Maker::new(sandbox.world.clone(), start(), names);
    conformance::everything(&sandbox.cast, &maker).await;
    let (mut seen, ledger) = (HashSet::new(), sandbox.ledger().await);
    for row in ledger.iter().filter(|row| ONCE.contains(&row.effect.as_str())) {
        assert!(seen.insert((&row.effect, &row.subject)), "{} twice for {}", row.effect, row.subject);
    }
    assert!(seen.len() > 50, "the suite did something");
}

pub(crate) async fn loses_nothing_to_abandoned_calls(sandbox: &Sandbox) {
    let maker = Maker::new(sandbox.world.clone(), start(), |n| DomainName::stored(format!("gone{n}.com")));
    conformance::lost_replies(&sandbox.cast, &maker, MailProvider::Google).await;
    let effects: Vec<_> = sandbox.ledger().await.into_iter().map(|row| row.effect).collect();
    assert_eq!(effects, WALK);
}

#[tokio::test]
async fn ordinary_names_keep_the_contract() {
    holds(&Sandbox::new().await, "").await;
}

#[tokio::test]
async fn names_that_lose_answers_keep_the_contract() {
    holds(&Sandbox::new().await, "lost-").await;
}

#[tokio::test]
async fn names_that_fail_at_first_keep_the_contract() {
    holds(&Sandbox::new().await, "flaky-").await;
}

#[tokio::test]
async fn slow_names_keep_the_contract() {
    holds(&Sandbox::new().await, "slow-").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandoned_calls_leave_every_effect_once() {
    loses_nothing_to_abandoned_calls(&Sandbox::new().await).await;
}
