//! Names whose providers take their time, and one that becomes dearer.

use model::action::ActionReason;
use model::clock::{DAY, HOUR, MINUTE};
use model::domain::{Unavailable, Verdict};
use model::run::StepName;
use providers::call::Call;
use providers::roles::{MailboxSpec, Part, Purpose};
use providers::trouble::{Trouble, UnderWay};

use crate::steps::{addresses, asks, buyable, jane, janes};
use crate::support::{Sandbox, start};
use crate::until::Until as _;

#[tokio::test]
async fn pending_hours_is_ordered_once_and_registered_six_hours_later() {
    let (sandbox, name) = (Sandbox::new().await, "pending-hours-acme.com");
    let both = buyable(&[model::domain::MailProvider::Google, model::domain::MailProvider::Microsoft]);
    assert_eq!(sandbox.check(name, Purpose::Buy).await, both);
    let ready = start().plus(6 * HOUR);
    let waits = Err(Trouble::UnderWay(UnderWay::Registration, ready));
    let registrar = &sandbox.cast.registrar;
    let call = sandbox.call(name, StepName::RegisterName);
    assert_eq!(registrar.registered(&call).await.until(), Ok(None), "nothing was ordered");
    let dear = registrar.ensure_registered(&call, 1_299).await.until();
    assert_eq!((dear, registrar.registered(&call).await.until()), (asks(ActionReason::PriceChanged), Ok(None)));
    for now in [start(), ready.plus(-1)] {
        let call = Call { now, ..call.clone() };
        assert_eq!(registrar.ensure_registered(&call, 1_300).await.until(), waits.clone());
        assert_eq!(registrar.registered(&call).await.until(), Err(Trouble::UnderWay(UnderWay::Registration, ready)));
    }
    assert_eq!(sandbox.check(name, Purpose::Buy).await, Verdict::Not(Unavailable::Taken));
    let rival = Call { reference: "run_rival/register_name".into(), ..call.clone() };
    assert_eq!(registrar.ensure_registered(&rival, 1_300).await.until(), asks(ActionReason::NameTaken));
    assert_eq!(registrar.registered(&rival).await.until(), Ok(None));
    assert_eq!(sandbox.count("registered", name).await, 0);

    let late = Call { now: ready.plus(9 * DAY), ..call.clone() };
    let expires = ready.plus(365 * DAY);
    assert_eq!(
        registrar.registered(&late).await.until(),
        Ok(Some(expires)),
        "it is registered although nobody ordered again"
    );
    assert_eq!(registrar.ensure_registered(&late, 0).await.until(), Ok(expires));
    assert_eq!(sandbox.count("registered", name).await, 1);
    let rival = Call { now: late.now, ..rival };
    assert_eq!(registrar.ensure_registered(&rival, 1_300).await.until(), asks(ActionReason::NameTaken));
}

#[tokio::test]
async fn dkim_slow_opens_the_mail_domain_once_and_has_its_key_three_days_later() {
    let (sandbox, name) = (Sandbox::new().await, "dkim-slow-acme.com");
    let ready = start().plus(72 * HOUR);
    let mut call = sandbox.call(name, StepName::OpenMailDomain);
    for now in [start(), ready.plus(-1)] {
        call.now = now;
        assert_eq!(sandbox.cast.google.ensure_domain(&call).await, Err(Trouble::UnderWay(UnderWay::SigningKey, ready)));
    }
    call.now = ready;
    let records = sandbox.cast.google.ensure_domain(&call).await.unwrap();
    assert!(records.iter().any(|set| set.name.contains("._domainkey.")));
    assert_eq!(sandbox.count("domain_opened", name).await, 1);
    sandbox.cast.google.ensure_no_domain(&call).await.unwrap();
    let again = sandbox.cast.google.ensure_domain(&call).await;
    assert_eq!(
        again,
        Err(Trouble::UnderWay(UnderWay::SigningKey, ready.plus(72 * HOUR))),
        "another domain, another key"
    );
}

#[tokio::test]
async fn late_mailboxes_are_made_once_and_found_ten_minutes_later() {
    let name = "late-mailbox-acme.com";
    let sandbox = Sandbox::verified(name).await;
    let ready = start().plus(10 * MINUTE);
    let call = sandbox.call(name, StepName::CreateInboxes);
    let fill = async |now, boxes: Vec<MailboxSpec>| {
        sandbox.cast.google.ensure_mailboxes(&Call { now, ..call.clone() }, &boxes).await
    };
    let late = |until| Part { done: vec![], trouble: Some(Trouble::UnderWay(UnderWay::Mailboxes, until)) };
    for now in [start(), ready.plus(-1)] {
        assert_eq!(fill(now, janes(name)).await, late(ready));
    }
    assert_eq!(fill(ready, janes(name)).await, Part { done: addresses(name), trouble: None });
    let more = [janes(name), vec![jane(name, 9)]].concat();
    let part = fill(ready, more).await;
    assert_eq!(
        part,
        Part { done: addresses(name), ..late(ready.plus(10 * MINUTE)) },
        "a new one is late, the others are there"
    );
    assert!(sandbox.ledger().await.iter().all(|row| row.effect != "mailbox_changed"));
    for email in addresses(name) {
        assert_eq!(sandbox.count("mailbox_created", &email).await, 1, "{email}");
    }
}

#[tokio::test]
async fn renewal_jump_is_renewed_for_twice_the_price_only() {
    let name = "renewal-jump-acme.com";
    let sandbox = Sandbox::new().await;
    let expires = sandbox.register(name).await.unwrap();
    let call = sandbox.later(name, "renew");
    let renew = async |cents| sandbox.cast.registrar.ensure_renewed(&call, expires, cents).await.until();
    assert_eq!(sandbox.cast.registrar.renewal_price(&call).await, Ok(3_000));
    for cents in [0, 1_500, 2_999] {
        assert_eq!(renew(cents).await, asks(ActionReason::PriceChanged));
    }
    assert_eq!(sandbox.count("renewed", name).await, 0);
    assert_eq!(renew(3_000).await, Ok(expires.plus(365 * DAY)));
    let paid: Vec<_> = sandbox.ledger().await.into_iter().map(|row| row.price_cents).collect();
    assert_eq!(paid, [Some(1_300), Some(3_000)]);
}
