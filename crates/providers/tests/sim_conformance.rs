//! The sandbox keeps the contract of the roles, whatever its names make of it, in several processes at once.

use std::collections::HashSet;

use futures_util::future::join_all;
use model::action::ActionReason;
use model::domain::{DomainName, MailProvider};
use model::run::StepName;
use providers::conformance::{self, Maker};
use providers::trouble::{Refused, Trouble};

use crate::support::{Sandbox, start};

mod support;

/// Effects of which a name or address has one at most.
const ONCE: &[&str] =
    &["registered", "zone_created", "domain_opened", "domain_verified", "mailbox_created", "account_linked"];

async fn holds(prefix: &'static str) {
    let sandbox = Sandbox::new().await;
    let names = move |n| DomainName::stored(format!("{prefix}contract{n}.com"));
    let maker = Maker::new(sandbox.world.clone(), start(), names);
    conformance::everything(&sandbox.cast, &maker).await;
    let (mut seen, ledger) = (HashSet::new(), sandbox.ledger().await);
    for row in ledger.iter().filter(|row| ONCE.contains(&row.effect.as_str())) {
        assert!(seen.insert((&row.effect, &row.subject)), "{} twice for {}", row.effect, row.subject);
    }
    assert!(seen.len() > 50, "the suite did something");
}

#[tokio::test]
async fn ordinary_names_keep_the_contract() {
    holds("").await;
}

#[tokio::test]
async fn names_that_lose_answers_keep_the_contract() {
    holds("lost-").await;
}

#[tokio::test]
async fn names_that_fail_at_first_keep_the_contract() {
    holds("flaky-").await;
}

#[tokio::test]
async fn slow_names_keep_the_contract() {
    holds("slow-").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn abandoned_calls_leave_every_effect_once() {
    let sandbox = Sandbox::new().await;
    let maker = Maker::new(sandbox.world.clone(), start(), |n| DomainName::stored(format!("gone{n}.com")));
    conformance::lost_replies(&sandbox.cast, &maker, MailProvider::Google).await;
    let effects: Vec<_> = sandbox.ledger().await.into_iter().map(|row| row.effect).collect();
    let one_each = ["registered", "zone_created", "nameservers_set", "domain_opened", "records_written"];
    let expected = [&one_each[..], &["domain_verified"], &["mailbox_created"; 3], &["account_linked"; 3]].concat();
    assert_eq!(effects, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_processes_never_sell_a_name_twice() {
    let sandbox = Sandbox::new().await;
    let casts = [sandbox.cast.clone(), sandbox.again().await.cast()];
    let tries = (0..16).map(|n| {
        let mut call = sandbox.call("wanted.com", StepName::RegisterName);
        call.reference = format!("run_{n}/register_name");
        let registrar = casts[n % 2].registrar.clone();
        tokio::spawn(async move { registrar.ensure_registered(&call, 1_300).await })
    });
    let answers: Vec<_> = join_all(tries).await.into_iter().map(Result::unwrap).collect();
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 1);
    let taken = Err(Trouble::Refused(Refused::Ask(ActionReason::NameTaken)));
    assert_eq!(answers.iter().filter(|answer| **answer == taken).count(), 15);
    assert_eq!(sandbox.count("registered", "wanted.com").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_processes_may_open_a_new_file_at_once() {
    let sandbox = Sandbox::new().await;
    let sims = join_all((0..8).map(|_| sandbox.again())).await;
    for sim in sims {
        assert_eq!(sim.ledger(None).await.unwrap(), []);
    }
}
