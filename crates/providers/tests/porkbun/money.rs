//! What was paid, what is left, and what is said when it does not suffice.

use doubles::porkbun::{API_KEY, BALANCE, PRICE, RENEWAL, SECRET_KEY};
use model::action::ActionReason;
use model::clock::MINUTE;
use providers::all::porkbun::KIND;
use providers::kind::Said;
use providers::roles::{Account as _, Registrar as _};
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call, years_later};
use crate::support::start;

#[tokio::test]
async fn dollars_are_told_and_cents_are_sent() {
    let stage = Stage::new().await;
    let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    assert_eq!((bought.paid_cents, bought.vendor_id.as_deref()), (Some(PRICE), Some("70001")));
    let asked = stage.double.server.asked();
    let create = asked.iter().find(|one| one.path.ends_with("/create/acme.com")).unwrap();
    assert_eq!(create.body, serde_json::json!({ "cost": PRICE, "agreeToTerms": "yes" }), "and no secret in the body");
    let renewed = stage.adapter.ensure_renewed(&call("acme.com"), years_later(start(), 2), 2 * RENEWAL).await.unwrap();
    assert_eq!((renewed.expires_at, renewed.paid_cents), (years_later(start(), 3), Some(2 * RENEWAL)));
    let nothing = stage.adapter.ensure_renewed(&call("acme.com"), years_later(start(), 2), 0).await.unwrap();
    assert_eq!(nothing.paid_cents, None);
}

#[tokio::test]
async fn a_name_that_is_sold_by_two_years_is_renewed_by_two() {
    let stage = Stage::new().await;
    let bought = stage.adapter.ensure_registered(&call("two.ai"), 2 * PRICE).await.unwrap();
    assert_eq!(stage.adapter.renewal_price(&call("two.ai")).await, Ok(RENEWAL));
    let renewed = stage.adapter.ensure_renewed(&call("two.ai"), bought.expires_at, 2 * RENEWAL).await.unwrap();
    assert_eq!((renewed.expires_at, renewed.paid_cents), (years_later(start(), 4), Some(2 * RENEWAL)));
}

#[tokio::test]
async fn no_registry_sells_more_than_ten_years() {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    let told = stage.adapter.ensure_renewed(&call("acme.com"), years_later(start(), 10), RENEWAL).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
    assert_eq!(stage.paid("acme.com"), (1, 0), "nor a part of it");
}

#[tokio::test]
async fn without_money_the_operator_is_told_and_afterwards_it_goes_on() {
    for no_is_200 in [false, true] {
        let stage = Stage::new().await.spoilt();
        if no_is_200 {
            stage.double.say_no_with_200();
        }
        stage.double.hold(PRICE - 1);
        let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
        let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
        assert!(words.contains("credit"), "{words}");
        stage.double.hold(PRICE);
        let bought = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
        assert_eq!((bought.paid_cents, stage.paid("acme.com")), (Some(PRICE), (1, 0)), "the kept no is not believed");
    }
}

#[tokio::test]
async fn a_months_limit_is_the_operators_to_raise() {
    let stage = Stage::usual().await;
    stage.double.ask(10_001);
    let told = stage.adapter.ensure_registered(&call("acme.com"), 10_001).await;
    let Err(Trouble::Misconfigured(words)) = told else { panic!("{told:?}") };
    assert!(words.contains("month") && words.contains("https://porkbun.com/account/api"), "{words}");
}

#[tokio::test]
async fn each_no_has_its_meaning() {
    let ask = |reason| Some(Trouble::Refused(Refused::Ask(reason)));
    for (code, message, told) in [
        ("DOMAIN_NOT_AVAILABLE", "Domain is not available.", ask(ActionReason::NameTaken)),
        ("INVALID_COST", "The cost does not match.", ask(ActionReason::PriceChanged)),
        ("SOMETHING_NEW", "No.", ask(ActionReason::RegistrarRejected)),
        ("", "", ask(ActionReason::RegistrarRejected)),
        ("ACCOUNT_NOT_READY", "Your phone number must be verified.", None),
        ("ACCOUNT_NOT_READY", "At least one previous registration is required.", None),
    ] {
        let stage = Stage::new().await;
        stage.double.refuse(code, message);
        let said = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap_err();
        match told {
            Some(told) => assert_eq!(said, told, "{code} {message}"),
            None => assert!(matches!(said, Trouble::Misconfigured(_)), "{code} {message}: {said:?}"),
        }
        assert!(stage.double.ledger().is_empty());
    }
}

#[tokio::test]
async fn what_somebody_else_has_under_way_is_waited_for() {
    let stage = Stage::new().await.spoilt();
    stage.double.be_at_work(true);
    let told = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(MINUTE)))));
    stage.double.be_at_work(false);
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
}

#[tokio::test]
async fn the_account_tells_what_it_has_and_what_it_may_spend() {
    let stage = Stage::usual().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
    let told = stage.adapter.examine().await.unwrap();
    assert_eq!((told.balance_cents, told.clock), (Some(BALANCE - PRICE), Some(start())));
    assert!(told.remarks.iter().any(|remark| remark.contains("90.27 USD")), "{:?}", told.remarks);
    stage.double.raise_limits();
    assert_eq!(
        stage.adapter.examine().await.unwrap().remarks.len(),
        1,
        "without a limit there is nothing to say of it"
    );
}

#[tokio::test]
async fn keys_of_the_sandbox_and_others_are_told_apart() {
    let stage = Stage::new().await;
    let said = |key: &str, seconds: &str, is_sandbox| Said {
        name: "main",
        base_url: Some(format!("{}/api/json/v3", stage.double.server.base())),
        values: [("check_seconds".to_owned(), seconds.to_owned())].into(),
        secrets: [("api_key".to_owned(), key.into()), ("secret_api_key".to_owned(), SECRET_KEY.into())].into(),
        is_sandbox,
        clock: stage.clock.clone(),
    };
    for (key, seconds, is_sandbox, field) in [
        (API_KEY, "", true, "api_key"),
        ("pk1_sb_1", "", false, "api_key"),
        (API_KEY, "often", false, "check_seconds"),
        (API_KEY, "0", false, "check_seconds"),
    ] {
        let fault = (KIND.open)(&said(key, seconds, is_sandbox)).err().unwrap();
        assert!(fault.starts_with(field), "{fault}");
    }
    assert!((KIND.open)(&said("pk1_sb_1", "2", true)).is_ok());
    let opened = (KIND.open)(&said(API_KEY, "", false)).unwrap();
    assert!(opened.account.unwrap().examine().await.is_ok() && opened.registrar.is_some());
}
