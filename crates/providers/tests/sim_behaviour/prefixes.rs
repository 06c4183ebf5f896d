//! One test for each prefix.

use model::action::ActionReason;
use model::clock::{DAY, SECOND};
use model::dns::RrType;
use model::domain::{MailProvider, Unavailable, Verdict};
use model::run::StepName;
use providers::call::Call;
use providers::roles::{Part, Purpose};
use providers::trouble::{Refused, Trouble};

use crate::steps::{addresses, asks, buyable};
use crate::support::{Sandbox, start};
use crate::until::Until as _;

#[tokio::test]
async fn check_answers_by_prefix() {
    let sandbox = Sandbox::new().await;
    let both = buyable(&[MailProvider::Google, MailProvider::Microsoft]);
    for (name, verdict) in [
        ("premium-acme.com", Verdict::Not(Unavailable::Premium)),
        ("taken-acme.com", Verdict::Not(Unavailable::Taken)),
        ("errored-acme.com", Verdict::Not(Unavailable::Errored)),
        ("stale-acme.com", Verdict::Not(Unavailable::Stale)),
        ("team-acme.com", buyable(&[MailProvider::Google])),
        ("action-picture-acme.com", buyable(&[MailProvider::Google])),
        ("action-picture-type-acme.com", buyable(&[MailProvider::Google])),
        ("action-acme.com", both),
    ] {
        assert_eq!(sandbox.check(name, Purpose::Browse).await, verdict, "{name}");
        assert_eq!(sandbox.check(name, Purpose::Buy).await, verdict, "{name}");
    }
}

#[tokio::test]
async fn sold_names_are_gone_at_the_purchase() {
    let sandbox = Sandbox::new().await;
    let both = buyable(&[MailProvider::Google, MailProvider::Microsoft]);
    assert_eq!(sandbox.check("sold-acme.com", Purpose::Browse).await, both);
    assert_eq!(sandbox.check("sold-acme.com", Purpose::Buy).await, Verdict::Not(Unavailable::Taken));
    assert_eq!(sandbox.register("sold-acme.com").await, asks(ActionReason::NameTaken));
}

#[tokio::test]
async fn slow_names_take_five_seconds_for_each_step() {
    let sandbox = Sandbox::new().await;
    let mut call = sandbox.call("slow-acme.com", StepName::RegisterName);
    let ready = start().plus(5 * SECOND);
    let registrar = &sandbox.cast.registrar;
    for now in [start(), start().plus(4 * SECOND)] {
        call.now = now;
        assert_eq!(registrar.ensure_registered(&call, 1_300).await.until(), Err(Trouble::Later(Some(ready))));
    }
    call.now = ready;
    assert_eq!(registrar.ensure_registered(&call, 1_300).await.until(), Ok(ready.plus(365 * DAY)));
    let zone = Call { now: ready, ..sandbox.call("slow-acme.com", StepName::CreateZone) };
    let zone = sandbox.cast.dns.ensure_zone(&zone).await;
    assert_eq!(zone, Err(Trouble::Later(Some(ready.plus(5 * SECOND)))));
}

#[tokio::test]
async fn flaky_names_fail_twice_for_each_step() {
    let name = "flaky-acme.com";
    let sandbox = Sandbox::new().await;
    for _ in 0..2 {
        assert_eq!(sandbox.register(name).await, Err(Trouble::Later(None)));
    }
    assert!(sandbox.register(name).await.is_ok());
    assert!(sandbox.register(name).await.is_ok());
    let zone = sandbox.call(name, StepName::CreateZone);
    for _ in 0..2 {
        assert_eq!(sandbox.cast.dns.ensure_zone(&zone).await, Err(Trouble::Later(None)));
    }
    assert!(sandbox.cast.dns.ensure_zone(&zone).await.is_ok());
}

#[tokio::test]
async fn lost_names_act_and_lose_the_answer_once_for_each_step() {
    let name = "lost-acme.com";
    let sandbox = Sandbox::new().await;
    let look = sandbox.call(name, StepName::RegisterName);
    assert!(sandbox.cast.observer.dns(&look, name, RrType::Ns).await.is_ok());
    assert_eq!(sandbox.cast.registrar.registered(&look).await.until(), Ok(None));
    assert_eq!(sandbox.register(name).await, Err(Trouble::Unknown));
    assert_eq!(sandbox.count("registered", name).await, 1);
    assert!(sandbox.register(name).await.is_ok());
    let zone = sandbox.call(name, StepName::CreateZone);
    assert_eq!(sandbox.cast.dns.ensure_zone(&zone).await, Err(Trouble::Unknown));
    assert!(sandbox.cast.dns.ensure_zone(&zone).await.is_ok());
    let delegate = sandbox.call(name, StepName::DelegateName);
    for (nameserver, answer) in [("ns1.one.net", Err(Trouble::Unknown)), ("ns1.two.net", Ok(()))] {
        let nameservers = [nameserver.to_owned()];
        assert_eq!(sandbox.cast.registrar.ensure_nameservers(&delegate, &nameservers).await, answer);
    }
    assert_eq!(sandbox.ledger().await.len(), 4);
}

#[tokio::test]
async fn lost_answers_about_mailboxes_name_none() {
    let name = "lost-acme.com";
    let sandbox = Sandbox::new().await;
    let _lost = sandbox.register(name).await;
    let zone = sandbox.call(name, StepName::CreateZone);
    let _lost = sandbox.cast.dns.ensure_zone(&zone).await;
    let nameservers = sandbox.cast.dns.ensure_zone(&zone).await.unwrap();
    let delegate = sandbox.call(name, StepName::DelegateName);
    let _lost = sandbox.cast.registrar.ensure_nameservers(&delegate, &nameservers).await;
    let _lost = sandbox.open(name).await;
    let records = sandbox.open(name).await.unwrap();
    let publish = sandbox.call(name, StepName::PublishRecords);
    assert_eq!(sandbox.cast.dns.ensure_records(&publish, &records).await, Err(Trouble::Unknown));
    assert_eq!(sandbox.verify(name).await, Err(Trouble::Unknown));
    assert_eq!(sandbox.fill(name).await, Part { done: vec![], trouble: Some(Trouble::Unknown) });
    assert_eq!(sandbox.fill(name).await, Part { done: addresses(name), trouble: None });
    assert_eq!(sandbox.ledger().await.iter().filter(|row| row.effect == "mailbox_created").count(), 4);
}

#[tokio::test]
async fn fail_names_are_refused_for_good_after_the_purchase() {
    let sandbox = Sandbox::new().await;
    assert!(sandbox.register("fail-acme.com").await.is_ok());
    for _ in 0..3 {
        let answer = sandbox.open("fail-acme.com").await;
        assert!(matches!(answer, Err(Trouble::Refused(Refused::ForGood(_)))), "{answer:?}");
    }
}

#[tokio::test]
async fn action_names_ask_at_the_registrar_once() {
    for (name, reason) in [
        ("action-acme.com", ActionReason::RegistrarRejected),
        ("action-registrant-acme.com", ActionReason::RegistrantUnverified),
    ] {
        let sandbox = Sandbox::new().await;
        assert_eq!(sandbox.register(name).await, asks(reason), "{name}");
        assert_eq!(sandbox.ledger().await, [], "{name}");
        assert!(sandbox.register(name).await.is_ok(), "{name}");
    }
}

#[tokio::test]
async fn action_taken_is_never_to_be_had() {
    let sandbox = Sandbox::new().await;
    for _ in 0..3 {
        assert_eq!(sandbox.register("action-taken-acme.com").await, asks(ActionReason::NameTaken));
    }
    assert_eq!(sandbox.ledger().await, []);
}

#[tokio::test]
async fn action_price_asks_until_more_is_offered() {
    let (sandbox, name) = (Sandbox::new().await, "action-price-acme.com");
    let call = sandbox.call(name, StepName::RegisterName);
    for _ in 0..3 {
        assert_eq!(
            sandbox.cast.registrar.ensure_registered(&call, 1599).await.until(),
            asks(ActionReason::PriceChanged)
        );
    }
    assert_eq!(sandbox.ledger().await, []);
    assert!(sandbox.cast.registrar.ensure_registered(&call, 1600).await.until().is_ok());
}

#[tokio::test]
async fn action_consent_asks_when_the_mail_domain_is_opened() {
    let sandbox = Sandbox::new().await;
    assert_eq!(sandbox.open("action-consent-acme.com").await, asks(ActionReason::AdminConsentNeeded));
    assert!(sandbox.open("action-consent-acme.com").await.is_ok());
}

#[tokio::test]
async fn action_dkim_asks_for_the_key_when_mail_is_to_be_signed() {
    let name = "action-dkim-acme.com";
    let sandbox = Sandbox::verified(name).await;
    assert!(sandbox.open(name).await.unwrap().iter().all(|set| !set.name.contains("_domainkey")));
    assert_eq!(sandbox.sign(name, &[]).await, asks(ActionReason::DkimNeedsEnabling));
    let keys = sandbox.sign(name, &[]).await.unwrap();
    assert_eq!(keys.iter().map(|set| set.name.as_str()).collect::<Vec<_>>(), [format!("google._domainkey.{name}")]);
    assert_eq!(sandbox.sign(name, &keys).await, Ok(keys), "what is published, whoever made it, is enough");
}

#[tokio::test]
async fn action_capacity_runs_out_half_way_through_the_mailboxes() {
    let name = "action-capacity-acme.com";
    let sandbox = Sandbox::verified(name).await;
    let full = Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity));
    assert_eq!(sandbox.fill(name).await, Part { done: addresses(name)[..2].to_vec(), trouble: Some(full) });
    assert_eq!(sandbox.fill(name).await, Part { done: addresses(name), trouble: None });
}

#[tokio::test]
async fn action_picture_asks_before_any_mailbox_is_made() {
    for (name, reason) in [
        ("action-picture-acme.com", ActionReason::ProfilePictureNotAccessible),
        ("action-picture-type-acme.com", ActionReason::ProfilePictureNotAnImage),
    ] {
        let sandbox = Sandbox::verified(name).await;
        let asked = Trouble::Refused(Refused::Ask(reason));
        assert_eq!(sandbox.fill(name).await, Part { done: vec![], trouble: Some(asked) });
        assert_eq!(sandbox.fill(name).await, Part { done: addresses(name), trouble: None });
    }
}

#[tokio::test]
async fn action_login_asks_when_accounts_are_linked() {
    let name = "action-login-acme.com";
    let sandbox = Sandbox::verified(name).await;
    sandbox.fill(name).await;
    let asked = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));
    assert_eq!(sandbox.link(name).await, Part { done: vec![], trouble: Some(asked) });
    assert_eq!(sandbox.link(name).await.done.len(), 4);
}
