//! What was paid, what is left, and what is said when it does not suffice.

use doubles::namecom::{BALANCE, PRICE, RENEWAL};
use model::action::ActionReason;
use model::clock::{DAY, MINUTE};
use model::domain::DomainName;
use model::intent::IntentKind;
use providers::call::Call;
use providers::kind::Said;
use providers::roles::{Account as _, Bought, Purpose, Registrar as _, Unverified};
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call, years_later};
use crate::support::start;

#[tokio::test]
async fn what_was_paid_is_told_to_the_cent_and_found_again() {
    let stage = Stage::new().await;
    let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert_eq!(bought.paid_cents, Some(PRICE));
    assert!(bought.vendor_id.is_some());
    assert_eq!(stage.adapter.registered(&call("acme.com")).await, Ok(Some(bought.clone())), "from its order");
    let years_on = Call { now: start().plus(60 * DAY), ..call("acme.com") };
    let found = stage.adapter.registered(&years_on).await.unwrap();
    assert_eq!(found, Some(Bought::until(bought.expires_at)), "an order of long ago is not this purchase");
    let renewed = stage.adapter.ensure_renewed(&call("acme.com"), years_later(start(), 2), 2 * RENEWAL).await.unwrap();
    assert_eq!((renewed.expires_at, renewed.paid_cents), (years_later(start(), 3), Some(2 * RENEWAL)));
}

#[tokio::test]
async fn a_dear_name_that_is_ours_is_renewed_for_its_own_price() {
    let stage = Stage::new().await;
    stage.double.hold_name("premium-one.com");
    assert_eq!(stage.adapter.renewal_price(&call("premium-one.com")).await, Ok(100 * RENEWAL));
    let until = years_later(start(), 1);
    let told = stage.adapter.ensure_renewed(&call("premium-one.com"), until, RENEWAL).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::PriceChanged))));
    let renewed = stage.adapter.ensure_renewed(&call("premium-one.com"), until, 100 * RENEWAL).await.unwrap();
    assert_eq!(renewed.paid_cents, Some(100 * RENEWAL));
}

#[tokio::test]
async fn a_name_that_is_sold_by_two_years_is_renewed_by_two() {
    let stage = Stage::new().await;
    let bought = stage.adapter.ensure_registered(&call("two.ai"), 2 * PRICE).await.unwrap();
    assert_eq!(stage.adapter.renewal_price(&call("two.ai")).await, Ok(RENEWAL));
    let renewed = stage.adapter.ensure_renewed(&call("two.ai"), bought.expires_at, 2 * RENEWAL).await.unwrap();
    assert_eq!(renewed.expires_at, years_later(bought.expires_at, 2));
}

#[tokio::test]
async fn no_registry_sells_more_than_ten_years() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    let told = stage.adapter.ensure_renewed(&call("acme.com"), years_later(start(), 10), RENEWAL).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
}

#[tokio::test]
async fn without_money_the_operator_is_told_and_afterwards_it_goes_on() {
    let stage = Stage::new().await;
    stage.double.hold(PRICE - 1);
    let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("balance"), "{words}");
    stage.double.hold(PRICE);
    let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert_eq!((bought.paid_cents, stage.paid("acme.com")), (Some(PRICE), (1, 0)), "the kept no is not believed");
}

#[tokio::test]
async fn each_no_has_its_meaning() {
    let ask = |reason| Trouble::Refused(Refused::Ask(reason));
    for (status, message, told) in [
        (400, "Purchase price does not match", ask(ActionReason::PriceChanged)),
        (400, "Domain is not available", ask(ActionReason::NameTaken)),
        (400, "Invalid contact", ask(ActionReason::RegistrarRejected)),
        (
            409,
            "Idempotency key has been reused for a different request",
            Trouble::Later(Some(start().plus(15 * MINUTE))),
        ),
        (422, "Domain pricing unavailable", Trouble::Later(Some(start().plus(5 * MINUTE)))),
        (422, "Unsupported TLD", ask(ActionReason::RegistrarRejected)),
        (501, "Not Implemented", ask(ActionReason::RegistrarRejected)),
        (
            451,
            "Unavailable For Legal Reasons",
            Trouble::Refused(Refused::ForGood("acme.com cannot be registered for legal reasons.".into())),
        ),
    ] {
        let stage = Stage::new().await;
        stage.double.refuse(status, message);
        assert_eq!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await, Err(told), "{status} {message}");
        assert!(stage.double.ledger().is_empty());
    }
}

#[tokio::test]
async fn the_account_tells_who_it_is_and_what_it_has() {
    let stage = Stage::new().await;
    let told = stage.adapter.examine().await.unwrap();
    assert_eq!(told.known_as.as_deref(), Some(doubles::namecom::USERNAME));
    assert_eq!((told.balance_cents, told.clock, told.remarks.len()), (Some(BALANCE), Some(start()), 0));
    stage.double.doubt_the_contact_of("acme.com");
    let remarks = stage.adapter.examine().await.unwrap().remarks;
    assert!(remarks[0].contains("acme.com") && remarks[0].contains("2026-05-23"), "{remarks:?}");
    let told = stage.adapter.unverified(&call("acme.com").world).await.unwrap();
    let names = vec![DomainName::stored("acme.com")];
    assert_eq!(told, [Unverified { names, until: start().plus(15 * DAY) }]);
}

#[tokio::test]
async fn what_was_charged_is_listed_with_what_for() {
    let stage = Stage::new().await;
    let (name, world) = (call("acme.com"), call("acme.com").world);
    assert_eq!(stage.adapter.charges(&world).await, Ok(Some(vec![])));
    let bought = stage.adapter.ensure_registered(&name, PRICE).await.unwrap();
    stage.adapter.ensure_renewed(&name, bought.expires_at, 1_000_000).await.unwrap();
    stage.double.be_slow();
    let _ = stage.adapter.ensure_registered(&call("slow.com"), PRICE).await;
    stage.double.charge("acme.com", "privacy", 499);
    stage.double.finish();
    (0..300).for_each(|_| stage.double.charge("many.com", "renewal", 1));
    let charged = stage.adapter.charges(&world).await.unwrap().unwrap();
    assert_eq!(charged.iter().filter(|one| one.name.as_str() == "many.com").count(), 300, "on several pages");
    let mut told: Vec<_> = charged.iter().filter(|one| one.name.as_str() == "acme.com").collect();
    told.sort_by_key(|one| one.cents);
    let told: Vec<_> = told.iter().map(|one| (one.kind, one.cents)).collect();
    assert_eq!(told, [(None, 499), (Some(IntentKind::Register), PRICE), (Some(IntentKind::Renew), RENEWAL)]);
    assert!(charged.iter().any(|one| Some(&one.vendor_id) == bought.vendor_id.as_ref()), "as it called the purchase");
}

#[tokio::test]
async fn an_account_of_the_sandbox_is_opened_as_the_sandbox_knows_it() {
    let stage = Stage::new().await;
    let said = Said {
        name: "main",
        base_url: Some(stage.double.server.base()),
        values: [("username".to_owned(), "acme".to_owned())].into(),
        secrets: [("token".to_owned(), doubles::namecom::TOKEN.into())].into(),
        is_sandbox: true,
        clock: stage.clock.clone(),
    };
    let opened = (providers::all::namecom::KIND.open)(&said).unwrap();
    let names = [DomainName::stored("free.com")];
    let told = opened.registrar.unwrap().check(&call("free.com").world, &names, Purpose::Browse).await;
    assert!(told.is_ok() && opened.account.is_some(), "{told:?}");
    let wrong = Said { values: [("username".to_owned(), "a:b".to_owned())].into(), ..said };
    let fault = (providers::all::namecom::KIND.open)(&wrong).err().unwrap();
    assert!(fault.starts_with("username"), "{fault}");
}
