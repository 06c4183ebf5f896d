//! The contract of a mail host, and what this vendor does in its own way.

use doubles::google::{CUSTOMER, Lag};
use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{RrSet, RrType};
use model::domain::{DomainName, MailProvider};
use providers::conformance::{self, Maker};
use providers::roles::MailHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call};
use crate::support::{Sandbox, start};

fn maker(sandbox: &Sandbox) -> Maker {
    Maker::new(sandbox.world.clone(), start(), |n| DomainName::stored(format!("free-{n}.com")))
}

#[tokio::test]
async fn the_suite_of_a_mail_host() {
    let stage = Stage::new().await;
    let (cast, sandbox) = stage.cast().await;
    conformance::mail_host(&cast, &maker(&sandbox), MailProvider::Google).await;
}

#[tokio::test]
async fn the_suite_of_a_mail_host_that_is_never_late() {
    let stage = Stage::prompt().await;
    let (cast, sandbox) = stage.cast().await;
    conformance::mail_host(&cast, &maker(&sandbox), MailProvider::Google).await;
}

/// Each call is abandoned at every moment: each effect is there once.
#[tokio::test]
async fn the_suite_of_lost_replies() {
    let stage = Stage::new().await;
    let (cast, sandbox) = stage.cast().await;
    conformance::lost_replies(&cast, &maker(&sandbox), MailProvider::Google).await;
    let ledger = stage.double.ledger();
    assert!(ledger.iter().any(|entry| entry.what == "user_renamed"));
    for entry in ledger.iter().filter(|entry| !matches!(entry.what, "user_changed" | "photo_set")) {
        assert_eq!(stage.double.count(entry.what, &entry.subject), 1, "{entry:?}");
    }
}

#[tokio::test]
async fn a_domain_wants_its_proof_and_no_key() {
    let stage = Stage::new().await;
    let records = stage.adapter.ensure_domain(&call("acme.com")).await.unwrap();
    let said: Vec<_> = records.iter().map(|set| (set.name.as_str(), set.rtype, set.values.clone())).collect();
    let [(_, RrType::Mx, mx), (_, RrType::Txt, texts)] = said.as_slice() else { panic!("{said:?}") };
    assert_eq!(mx, &["1 smtp.google.com"]);
    assert_eq!(texts[0], "v=spf1 include:_spf.google.com ~all");
    assert!(texts[1].starts_with("google-site-verification=") && texts.len() == 2, "{texts:?}");
}

#[tokio::test]
async fn a_name_in_another_tenant_is_a_question_to_a_person() {
    let stage = Stage::new().await;
    stage.double.put_elsewhere("acme.com");
    let told = stage.adapter.ensure_domain(&call("acme.com")).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::DomainInAnotherTenant))));
}

#[tokio::test]
async fn a_domain_that_is_added_twice_at_once_is_added_once() {
    let stage = Stage::new().await;
    let (one, other) = (call("acme.com"), call("acme.com"));
    let (one, other) = tokio::join!(stage.adapter.ensure_domain(&one), stage.adapter.ensure_domain(&other));
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(stage.double.count("domain_added", "acme.com"), 1);
}

/// The record is not seen, then the directory has not heard, then it is there: each is a time to come back at.
#[tokio::test]
async fn verifying_waits_for_the_record_and_for_the_directory() {
    let stage = Stage::new().await;
    stage.double.be_late(Lag { mailbox: 0, verified: 2, users: 0 });
    let call = call("acme.com");
    let records = stage.adapter.ensure_domain(&call).await.unwrap();
    let later = |minutes| Err(Trouble::Later(Some(start().plus(minutes * MINUTE))));
    assert_eq!(stage.adapter.ensure_verified(&call).await, later(5));
    stage.double.see("acme.com", records.into_iter().flat_map(|set| set.values).collect());
    assert_eq!(stage.adapter.ensure_verified(&call).await, later(1));
    assert_eq!(stage.double.domain("acme.com"), Some(false));
    for _ in 0..3 {
        let _ = stage.adapter.ensure_verified(&call).await;
    }
    let proved = stage.asked("POST", "/webResource");
    assert_eq!(stage.adapter.ensure_verified(&call).await, Ok(vec![]));
    assert_eq!(stage.asked("POST", "/webResource"), proved, "what is verified is not proved again");
}

#[tokio::test]
async fn the_proof_belongs_to_whoever_asked_for_it() {
    let stage = Stage::prompt().await;
    let mut fields = super::stage::fields(&stage.double);
    fields.admin = doubles::google::OTHER_ADMIN.into();
    fields.customer = CUSTOMER.into();
    let other = super::stage::adapter(&stage.double, &fields, &stage.clock, None).unwrap();
    let call = call("acme.com");
    let (one, other_one) =
        (stage.adapter.ensure_domain(&call).await.unwrap(), other.ensure_domain(&call).await.unwrap());
    assert_ne!(one, other_one);
    stage.double.see("acme.com", one.into_iter().flat_map(|set| set.values).collect());
    assert!(matches!(other.ensure_verified(&call).await, Err(Trouble::Later(Some(_)))));
    assert_eq!(stage.adapter.ensure_verified(&call).await, Ok(vec![]));
}

#[tokio::test]
async fn the_tenants_first_domain_and_its_administrator_are_left_alone() {
    let stage = Stage::prompt().await;
    let first = stage.adapter.ensure_no_domain(&call(doubles::google::PRIMARY)).await;
    assert!(matches!(first, Err(Trouble::Refused(Refused::ForGood(_)))), "{first:?}");
    assert_eq!(stage.asked("DELETE", ""), 0);
}

/// Five hundred and one users of one name are two pages.
#[tokio::test]
async fn a_domain_with_more_users_than_a_page_is_closed() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    for n in 0..501 {
        stage.double.make_by_hand(&format!("by.hand{n}@acme.com"));
    }
    assert_eq!(stage.adapter.ensure_no_domain(&call).await, Ok(()));
    assert_eq!((stage.double.domain("acme.com"), stage.asked("DELETE", "")), (None, 502));
    assert_eq!(stage.adapter.ensure_no_domain(&call).await, Ok(()), "what is gone is gone");
}

/// Nothing of a key can be asked for: it is what a person has pasted, or a question to them.
#[tokio::test]
async fn a_key_is_a_persons_business() {
    let stage = Stage::prompt().await;
    let set =
        |name: &str| RrSet { name: name.into(), rtype: RrType::Txt, ttl: 300, values: vec!["v=DKIM1; p=".into()] };
    let (other, key) = (set("k1._domainkey.acme.com"), set("google._domainkey.acme.com"));
    let told = stage.adapter.ensure_signed(&call("acme.com"), std::slice::from_ref(&other)).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling))));
    assert_eq!(stage.adapter.ensure_signed(&call("acme.com"), &[other, key.clone()]).await, Ok(vec![key]));
    assert!(stage.double.server.asked().is_empty());
}
