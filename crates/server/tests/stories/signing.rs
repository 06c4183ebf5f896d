//! A domain's mail is signed: what somebody has sent, what its host wants instead, and hosts that never say the same.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use async_trait::async_trait;
use model::action::ActionReason;
use model::clock::{Clock as _, HOUR};
use model::dns::{RrSet, RrType};
use providers::call::Call;
use providers::cast::{Cast, Player};
use providers::roles::{MailHost, MailboxSpec, Part};
use providers::trouble::{Refused, Trouble};
use serde_json::json;

use crate::support::{Rig, order_body};

/// A key as a console shows it.
const KEY: &str = "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDLSg4vfXQ9JqaFL/qkP4rW1RYZWKkjtzR6qcXBW55yibcCPGAIgixz0ykL+0tYQfBauRcKHhxRZDad2n4f0XX+JqwHcUC+9uf0wG+Bt/K6sopsDyHgpMwkCiR42YlFEEIO71s3vrjoIWyTZcZs8yjfLmptJs73W8U6rOLQaGlW8QIDAQAB";
/// How often it may be asked before somebody has to go on by hand.
const ENOUGH: usize = 40;

/// The sandbox's host, that wants a key of its own choice once it has seen one.
struct Choosing {
    behind: Player<dyn MailHost>,
    asked: AtomicUsize,
    /// How many targets it takes turns with; none where it signs by itself, and wants other records each time before.
    targets: usize,
}

impl Choosing {
    /// How often it was asked before; `None` when that was enough.
    fn turn(&self) -> Option<usize> {
        Some(self.asked.fetch_add(1, Ordering::SeqCst)).filter(|turn| *turn < ENOUGH)
    }
}

#[async_trait]
impl MailHost for Choosing {
    async fn ensure_signed(&self, call: &Call, published: &[RrSet]) -> Result<Vec<RrSet>, Trouble> {
        if self.targets == 0 {
            return Ok(published.to_vec());
        }
        if published.is_empty() {
            return Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling)));
        }
        let Some(turn) = self.turn() else { return Ok(published.to_vec()) };
        let target = format!("k{}._domainkey.host.onmicrosoft.com", turn % self.targets);
        let name = format!("google._domainkey.{}", call.subject);
        Ok(vec![RrSet { name, rtype: RrType::Cname, ttl: 300, values: vec![target] }])
    }

    async fn ensure_domain(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        self.behind.ensure_domain(call).await
    }

    async fn ensure_verified(&self, call: &Call) -> Result<Vec<RrSet>, Trouble> {
        let records = self.behind.ensure_verified(call).await?;
        let Some(turn) = self.turn().filter(|_| self.targets == 0) else { return Ok(records) };
        let mut records = self.behind.ensure_domain(call).await?;
        let (name, values) = (format!("proof.{}", call.subject), vec![format!("proof-{}", turn % 2)]);
        records.push(RrSet { name, rtype: RrType::Txt, ttl: 300, values });
        Ok(records)
    }

    async fn ensure_mailboxes(&self, call: &Call, mailboxes: &[MailboxSpec]) -> Part<String> {
        self.behind.ensure_mailboxes(call, mailboxes).await
    }

    async fn ensure_renamed(&self, call: &Call, from: &str, to: &MailboxSpec) -> Result<(), Trouble> {
        self.behind.ensure_renamed(call, from, to).await
    }

    async fn ensure_no_domain(&self, call: &Call) -> Result<(), Trouble> {
        self.behind.ensure_no_domain(call).await
    }
}

/// A server whose host takes turns with so many keys.
async fn stage(targets: usize) -> (Rig, Arc<Choosing>) {
    let mut rig = Rig::sqlite().await;
    let cast = rig.wired.sim.cast();
    let host = Arc::new(Choosing { behind: cast.google.clone(), asked: AtomicUsize::new(0), targets });
    rig.employ(Cast { google: Player::new("sandbox", host.clone()), ..cast }, None);
    (rig, host)
}

/// An order whose domain's key was sent by somebody.
async fn sent(rig: &Rig) -> String {
    let id = rig.place(&order_body(&["action-dkim-acme.com"])).await;
    rig.work_off().await;
    let open = rig.call("GET", &format!("/orders/pending?order_id={id}"), None).await.body;
    let path = format!("/orders/pending/{}/resolve", open["data"][0]["id"].as_str().unwrap());
    let body = json!({ "dkim_record": { "name": "google._domainkey", "value": KEY } });
    assert_eq!(rig.call("POST", &path, Some(&body)).await.status, 200, "{open}");
    id
}

#[tokio::test]
async fn the_hosts_own_key_takes_the_place_of_one_that_was_sent() {
    let (rig, host) = stage(1).await;
    let id = sent(&rig).await;
    host.asked.store(0, Ordering::SeqCst);
    rig.settle_all().await;
    let order = rig.order(&id).await;
    let domain = order["domains"][0]["id"].as_str().unwrap();
    let shown = rig.call("GET", &format!("/domains/{domain}"), None).await.body;
    let records = shown["data"]["zone"]["records"].as_array().unwrap();
    let keys: Vec<_> = records.iter().filter(|one| one["purpose"] == "signing_key").collect();
    assert_eq!((keys.len(), &keys[0]["type"]), (1, &json!("CNAME")), "{shown:#}");
    assert_eq!(host.asked.load(Ordering::SeqCst), 2, "what it wants, and that it has it");
}

#[tokio::test]
async fn a_host_that_wants_another_key_each_time_is_asked_less_and_less_often() {
    let (rig, host) = stage(2).await;
    sent(&rig).await;
    let began = rig.clock.now();
    rig.settle_all().await;
    assert!(host.asked.load(Ordering::SeqCst) >= ENOUGH, "it has gone on until the host was content");
    assert!(rig.clock.now() > began.plus(HOUR), "{:?}", rig.clock.now());
}

#[tokio::test]
async fn a_host_that_wants_other_records_each_time_is_asked_less_and_less_often() {
    let (rig, host) = stage(0).await;
    let began = rig.clock.now();
    let id = rig.place(&order_body(&["acme-one.com"])).await;
    rig.settle_all().await;
    assert!(host.asked.load(Ordering::SeqCst) >= ENOUGH, "it has gone on until the host was content");
    assert!(rig.clock.now() > began.plus(HOUR), "{:?}", rig.clock.now());
    assert_eq!(rig.order(&id).await["status"], "completed");
}
