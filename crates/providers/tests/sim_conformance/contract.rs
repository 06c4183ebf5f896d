//! The suite of the roles, on each manner that names can have.

use std::collections::{HashMap, HashSet};

use model::domain::{DomainName, MailProvider};
use providers::all::sim::Effect;
use providers::conformance::{self, Maker};

use crate::support::{Sandbox, start};

/// Effects that make something which is not there yet, each with the one after which it can be made again.
const MAKING: &[(&str, Option<&str>)] = &[
    ("registered", None),
    ("zone_created", Some("zone_removed")),
    ("domain_opened", Some("domain_closed")),
    ("domain_verified", Some("domain_closed")),
    ("account_linked", Some("account_unlinked")),
];

/// What a walk from purchase to linked accounts and back leaves, with three mailboxes.
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
    "renewed",
    "mailbox_renamed",
    "account_unlinked",
    "account_unlinked",
    "account_unlinked",
    "mailbox_deleted",
    "mailbox_deleted",
    "mailbox_deleted",
    "domain_closed",
    "zone_removed",
];

pub(crate) async fn holds(sandbox: &Sandbox, prefix: &'static str) {
    let names = move |n| DomainName::stored(format!("{prefix}contract{n}.com"));
    let nobodys = |n| DomainName::stored(format!("unreg-contract{n}.com"));
    let maker = Maker::new(sandbox.world.clone(), start(), names).with_nobodys(nobodys);
    conformance::everything(&sandbox.cast, &maker).await;
    let ledger = sandbox.ledger().await;
    assert!(ledger.len() > 100, "the suite did something");
    for (made, gone) in MAKING {
        made_when_missing(&ledger, made, *gone);
    }
    mailboxes_add_up(&ledger);
}

/// Reads the ledger: a thing is made where it is not, and is gone from where it was.
fn made_when_missing(ledger: &[Effect], made: &str, gone: Option<&str>) {
    let mut there = HashSet::new();
    for Effect { effect, subject, .. } in ledger {
        if effect == made {
            assert!(there.insert(subject), "{made} twice for {subject}");
        } else if Some(effect.as_str()) == gone {
            there.remove(subject);
        }
    }
}

/// The same of mailboxes, which can move: a domain never loses or gains one by that.
fn mailboxes_add_up(ledger: &[Effect]) {
    let mut count = HashMap::<&str, i32>::new();
    for Effect { effect, subject, .. } in ledger {
        let name = subject.split_once('@').map_or(subject.as_str(), |(_, name)| name);
        match effect.as_str() {
            "mailbox_created" => *count.entry(name).or_default() += 1,
            "mailbox_deleted" => *count.entry(name).or_default() -= 1,
            "domain_closed" => assert_eq!(count.remove(name).unwrap_or_default(), 0, "{name} had mailboxes left"),
            _ => {}
        }
    }
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

#[tokio::test]
async fn names_whose_providers_take_their_time_keep_the_contract() {
    for prefix in ["pending-hours-", "dkim-slow-", "late-mailbox-"] {
        holds(&Sandbox::new().await, prefix).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandoned_calls_leave_every_effect_once() {
    loses_nothing_to_abandoned_calls(&Sandbox::new().await).await;
}
