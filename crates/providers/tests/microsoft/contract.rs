//! The contract of a mail host, and what this vendor does in its own way.

use doubles::graph::Lag;
use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::RrType;
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
    conformance::mail_host(&cast, &maker(&sandbox), MailProvider::Microsoft).await;
}

#[tokio::test]
async fn the_suite_of_a_mail_host_that_keeps_addresses_of_the_deleted() {
    let stage = Stage::prompt().await;
    stage.double.keep_addresses();
    let (cast, sandbox) = stage.cast().await;
    conformance::mail_host(&cast, &maker(&sandbox), MailProvider::Microsoft).await;
}

/// Each call is abandoned at every moment: each effect is there once.
#[tokio::test]
async fn the_suite_of_lost_replies() {
    let stage = Stage::new().await;
    let (cast, sandbox) = stage.cast().await;
    conformance::lost_replies(&cast, &maker(&sandbox), MailProvider::Microsoft).await;
    let ledger = stage.double.ledger();
    assert!(ledger.iter().any(|entry| entry.what == "user_renamed"));
    for entry in ledger.iter().filter(|entry| !matches!(entry.what, "user_changed" | "photo_set")) {
        assert_eq!(stage.double.count(entry.what, &entry.subject), 1, "{entry:?}");
    }
}

#[tokio::test]
async fn records_are_as_the_vendor_tells_them_and_its_stray_space_is_mended() {
    let stage = Stage::prompt().await;
    let call = call("acme.com");
    let first = stage.adapter.ensure_domain(&call).await.unwrap();
    let [proof] = first.as_slice() else { panic!("{first:?}") };
    assert!(proof.rtype == RrType::Txt && proof.values[0].starts_with("MS=ms"), "the text alone");
    stage.publish(&first);
    let then = stage.adapter.ensure_verified(&call).await.unwrap();
    let of = |name: &str, rtype| then.iter().find(|set| set.name == name && set.rtype == rtype).unwrap().values.clone();
    assert_eq!(of("acme.com", RrType::Mx), ["0 acme-com.mail.protection.outlook.com"]);
    let texts = [proof.values[0].clone(), "v=spf1 include:spf.protection.outlook.com -all".into()];
    assert_eq!(of("acme.com", RrType::Txt), texts);
    assert_eq!(of("autodiscover.acme.com", RrType::Cname), ["autodiscover.outlook.com"]);
    assert_eq!(then.len(), 3, "and nothing that is not for mail");
    assert_eq!(stage.adapter.ensure_verified(&call).await.unwrap(), then);
    assert_eq!((stage.asked("POST", "/verify"), stage.asked("PATCH", "/acme.com")), (1, 1), "each once");
}

#[tokio::test]
async fn verifying_waits_for_the_record_and_for_what_the_domain_wants() {
    let stage = Stage::new().await;
    stage.double.be_late(Lag { mailbox: 0, records: 2, users: 0 });
    let call = call("acme.com");
    let records = stage.adapter.ensure_domain(&call).await.unwrap();
    let later = |minutes| Err(Trouble::Later(Some(start().plus(minutes * MINUTE))));
    assert_eq!(stage.adapter.ensure_verified(&call).await, later(5));
    stage.publish(&records);
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_verified(&call).await, later(1));
    }
    assert!(stage.adapter.ensure_verified(&call).await.is_ok());
}

#[tokio::test]
async fn a_name_in_another_tenant_is_a_question_to_a_person() {
    let stage = Stage::prompt().await;
    stage.double.put_elsewhere("acme.com");
    let call = call("acme.com");
    stage.publish(&stage.adapter.ensure_domain(&call).await.unwrap());
    let told = stage.adapter.ensure_verified(&call).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::DomainInAnotherTenant))));
}

#[tokio::test]
async fn whose_tenant_a_name_is_in_is_asked_before_it_is_ours_and_without_a_token() {
    let stage = Stage::prompt().await;
    let call = call("acme.com");
    assert_eq!(stage.adapter.is_elsewhere(&call).await, Ok(Some(false)), "nobody has it");
    stage.double.put_elsewhere("acme.com");
    assert_eq!(stage.adapter.is_elsewhere(&call).await, Ok(Some(true)));
    stage.double.let_go("acme.com");
    assert_eq!(stage.adapter.is_elsewhere(&call).await, Ok(Some(false)));
    let all = stage.double.server.asked();
    assert!(all.iter().all(|asked| asked.header("authorization").is_none()), "nobody needs to be known for it");
    stage.opened("acme.com").await;
    assert_eq!(stage.adapter.is_elsewhere(&call).await, Ok(Some(false)), "our own tenant has it");
    stage.double.server.fail("GET", "openid-configuration", doubles::Fault::Broken);
    assert_eq!(stage.adapter.is_elsewhere(&call).await, Err(Trouble::Later(None)), "that says nothing");
}

#[tokio::test]
async fn a_domain_that_is_added_twice_at_once_is_added_once() {
    let stage = Stage::new().await;
    let (one, other) = (call("acme.com"), call("acme.com"));
    let (one, other) = tokio::join!(stage.adapter.ensure_domain(&one), stage.adapter.ensure_domain(&other));
    assert_eq!(one.unwrap(), other.unwrap());
    assert_eq!(stage.double.count("domain_added", "acme.com"), 1);
}

/// Two hundred and fifty users of one name are three pages.
#[tokio::test]
async fn a_domain_with_more_users_than_a_page_is_closed_and_the_first_one_never() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    for n in 0..250 {
        stage.double.make_by_hand(&format!("by.hand{n}@acme.com"));
    }
    assert_eq!(stage.adapter.ensure_no_domain(&call).await, Ok(()));
    assert_eq!((stage.double.domain("acme.com"), stage.asked("DELETE", "")), (None, 251));
    assert_eq!(stage.adapter.ensure_no_domain(&call).await, Ok(()), "what is gone is gone");
    let first = stage.adapter.ensure_no_domain(&super::stage::call(doubles::graph::INITIAL)).await;
    assert!(matches!(first, Err(Trouble::Refused(Refused::ForGood(_)))), "{first:?}");
}
