//! The rules that hold for every name.

use model::action::ActionReason;
use model::clock::DAY;
use model::dns::RrType;
use model::domain::{MailProvider, Unavailable, Verdict};
use model::run::StepName;
use providers::roles::{MailboxSpec, Part, Purpose};
use providers::trouble::Trouble;
use sqlx::Connection as _;

use crate::steps::{addresses, asks, buyable, jane};
use crate::support::{Sandbox, file, start};
use crate::until::Until as _;

#[tokio::test]
async fn an_ordinary_name_works() {
    let name = "acme-mail.com";
    let sandbox = Sandbox::new().await;
    assert_eq!(sandbox.check(name, Purpose::Buy).await, buyable(&[MailProvider::Google, MailProvider::Microsoft]));
    assert_eq!(sandbox.register(name).await, Ok(start().plus(365 * DAY)));
    assert_eq!(sandbox.check(name, Purpose::Browse).await, Verdict::Not(Unavailable::Taken));
    sandbox.zone(name).await;
    sandbox.publish(name).await;
    sandbox.verify(name).await.unwrap();
    assert_eq!(sandbox.fill(name).await, Part { done: addresses(name), trouble: None });
    assert_eq!(sandbox.link(name).await.trouble, None);
    assert_eq!(sandbox.ledger().await.len(), 6 + 4 + 4);
}

#[tokio::test]
async fn what_cannot_be_bought_is_not_sold() {
    let sandbox = Sandbox::new().await;
    assert_eq!(sandbox.register("taken-acme.com").await, asks(ActionReason::NameTaken));
    assert_eq!(sandbox.register("premium-acme.com").await, asks(ActionReason::PriceChanged));
    assert_eq!(sandbox.register("errored-acme.com").await, Err(Trouble::Later(None)));
    assert_eq!(sandbox.ledger().await, []);
}

#[tokio::test]
async fn a_name_is_not_sold_above_the_limit() {
    let sandbox = Sandbox::new().await;
    let call = sandbox.call("dear.com", StepName::RegisterName);
    let registrar = &sandbox.cast.registrar;
    assert_eq!(registrar.ensure_registered(&call, 1_299).await.until(), asks(ActionReason::PriceChanged));
    assert_eq!(sandbox.count("registered", "dear.com").await, 0);
    assert!(registrar.ensure_registered(&call, 1_300).await.until().is_ok());
}

#[tokio::test]
async fn worlds_do_not_see_each_other() {
    let sandbox = Sandbox::new().await;
    sandbox.register("acme.com").await.unwrap();
    let mut elsewhere = sandbox.call("acme.com", StepName::RegisterName);
    elsewhere.world = model::world::World::stored("test:org_1:1");
    elsewhere.reference = "run_other/register_name".into();
    assert!(sandbox.cast.registrar.ensure_registered(&elsewhere, 1_300).await.until().is_ok());
    assert_eq!(sandbox.sim.ledger(None).await.unwrap().len(), 2);
    assert_eq!(sandbox.ledger().await.len(), 1);
}

#[tokio::test]
async fn what_comes_too_early_is_told_to_come_later() {
    let name = "acme.com";
    let sandbox = Sandbox::new().await;
    let later = Err(Trouble::Later(None));
    assert_eq!(sandbox.verify(name).await, later);
    let records = sandbox.open(name).await.unwrap();
    assert_eq!(sandbox.verify(name).await, later);
    assert_eq!(sandbox.fill(name).await.trouble, Some(Trouble::Later(None)));
    assert_eq!(sandbox.link(name).await.trouble, Some(Trouble::Later(None)));
    let call = sandbox.call(name, StepName::PublishRecords);
    assert_eq!(sandbox.cast.dns.ensure_records(&call, &records).await, later);
    assert_eq!(sandbox.cast.redirector.ensure_redirect(&call, "https://acme.example/").await.map(drop), later);
}

#[tokio::test]
async fn only_names_that_were_sold_here_can_be_delegated() {
    let sandbox = Sandbox::new().await;
    let call = sandbox.call("brought.com", StepName::DelegateName);
    let answer = sandbox.cast.registrar.ensure_nameservers(&call, &["ns1.example.net".into()]).await;
    assert_eq!(answer, asks(ActionReason::NameserversNotPointed));
}

#[tokio::test]
async fn the_zone_is_seen_only_where_the_delegation_leads_to_it() {
    let name = "acme.com";
    let sandbox = Sandbox::published(name).await;
    let call = sandbox.call(name, StepName::ConfirmReady);
    let observer = &sandbox.cast.observer;
    assert_eq!(observer.dns(&call, "ACME.com.", RrType::Mx).await, Ok(vec!["1 smtp.google.com".into()]));
    let elsewhere = ["ns1.example.net".to_owned()];
    sandbox.cast.registrar.ensure_nameservers(&call, &elsewhere).await.unwrap();
    assert_eq!(observer.dns(&call, name, RrType::Mx).await, Ok(vec![]));
    assert_eq!(observer.dns(&call, name, RrType::Ns).await, Ok(elsewhere.to_vec()));
}

#[tokio::test]
async fn a_mailbox_that_is_described_anew_changes() {
    let name = "acme.com";
    let sandbox = Sandbox::verified(name).await;
    sandbox.fill(name).await;
    let renamed = MailboxSpec { first_name: "Joan".into(), ..jane(name, 1) };
    let call = sandbox.call(name, StepName::CreateInboxes);
    for _ in 0..2 {
        let part = sandbox.cast.google.ensure_mailboxes(&call, std::slice::from_ref(&renamed)).await;
        assert_eq!(part, Part { done: vec![renamed.email.clone()], trouble: None });
    }
    assert_eq!(sandbox.count("mailbox_created", &renamed.email).await, 1);
    assert_eq!(sandbox.count("mailbox_changed", &renamed.email).await, 1);
}

#[tokio::test]
async fn the_ledger_says_who_did_what_to_whom() {
    let sandbox = Sandbox::new().await;
    sandbox.register("acme.com").await.unwrap();
    sandbox.register("acme.com").await.unwrap();
    let rows = serde_json::to_value(sandbox.ledger().await).unwrap();
    let row = serde_json::json!([{
        "at": "2026-05-08T12:00:00Z",
        "partner_at": "2026-05-08T12:00:00Z",
        "role": "registrar",
        "effect": "registered",
        "subject": "acme.com",
        "price_cents": 1300,
        "reference": "run_acme.com/register_name",
    }]);
    assert_eq!(rows, row);
}

#[tokio::test]
async fn what_was_sold_survives_reopening_the_file() {
    let sandbox = Sandbox::new().await;
    let call = sandbox.call("kept.com", StepName::RegisterName);
    let first = sandbox.cast.registrar.ensure_registered(&call, 1_300).await.until().unwrap();
    let reopened = sandbox.again().await;
    assert_eq!(reopened.cast().registrar.ensure_registered(&call, 1_300).await.until(), Ok(first));
    assert_eq!(reopened.ledger(None).await.unwrap(), sandbox.ledger().await);
}

#[tokio::test]
async fn a_ledger_without_prices_and_partners_time_goes_on_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let url = file(&folder);
    Sandbox::at(&url, 0).await.register("old.com").await.unwrap();
    let mut connection = sqlx::AnyConnection::connect(&url).await.unwrap();
    for column in ["partner_at", "price_cents"] {
        let drop = format!("ALTER TABLE effect DROP COLUMN {column}");
        sqlx::query(sqlx::AssertSqlSafe(drop)).execute(&mut connection).await.unwrap();
    }
    let sandbox = Sandbox::at(&url, 0).await;
    sandbox.register("new.com").await.unwrap();
    let told: Vec<_> = sandbox.ledger().await.into_iter().map(|row| (row.partner_at, row.price_cents)).collect();
    assert_eq!(told, [(None, None), (Some(start()), Some(1_300))]);
}
