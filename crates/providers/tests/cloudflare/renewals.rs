//! Renewals, which the vendor makes by itself, and only while it is told to.

use doubles::cloudflare::{PRICE, RENEWAL};
use model::action::ActionReason;
use model::clock::{DAY, Time};
use providers::call::Call;
use providers::roles::Registrar as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call, years_later};
use crate::support::start;
use crate::until::Until as _;

async fn bought() -> (Stage, Time) {
    let stage = Stage::new().await;
    let expires = stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.until().unwrap();
    (stage, expires)
}

fn at(now: Time) -> Call {
    Call { now, ..call("acme.com") }
}

#[tokio::test]
async fn a_renewal_switches_the_vendors_own_on_waits_for_its_month_and_switches_it_off() {
    let (stage, before) = bought().await;
    let told = stage.adapter.ensure_renewed(&at(start()), before, RENEWAL).await;
    let Err(Trouble::Later(Some(due))) = told else { panic!("{told:?}") };
    assert_eq!(due, before.plus(-30 * DAY), "nothing happens sooner");
    assert!(stage.double.renews_by_itself("acme.com"));
    assert_eq!(stage.paid("acme.com"), (1, 0));
    stage.double.pass_to(due.seconds());
    let after = stage.adapter.ensure_renewed(&at(due), before, 0).await.until();
    assert_eq!((after, stage.paid("acme.com")), (Ok(years_later(before, 1)), (1, 1)));
    assert!(!stage.double.renews_by_itself("acme.com"), "a second year is bought by nobody");
    stage.double.pass_to(before.plus(335 * DAY).seconds());
    assert_eq!(stage.paid("acme.com"), (1, 1));
}

#[tokio::test]
async fn a_renewal_that_does_not_come_is_looked_for_without_hurry() {
    let (stage, before) = bought().await;
    stage.double.charge(false);
    let due = before.plus(-10 * DAY);
    stage.double.pass_to(due.seconds());
    let wait = async |now: Time| match stage.adapter.ensure_renewed(&at(now), before, RENEWAL).await {
        Err(Trouble::Later(Some(then))) => then.0 - now.0,
        told => panic!("{told:?}"),
    };
    assert!(wait(due).await < DAY / 24, "soon after it was switched on");
    assert!(wait(due.plus(DAY)).await > DAY / 24 && wait(due.plus(DAY)).await <= DAY);
    assert_eq!(stage.asked("PATCH", "/acme.com"), 1, "it is switched on once");
}

#[tokio::test]
async fn a_price_that_rises_while_it_is_waited_for_switches_it_off_again() {
    let (stage, before) = bought().await;
    assert!(stage.adapter.ensure_renewed(&at(start()), before, RENEWAL).await.is_err());
    assert!(stage.double.renews_by_itself("acme.com"));
    stage.double.ask_for_renewals(RENEWAL + 1);
    let told = stage.adapter.ensure_renewed(&at(start()), before, RENEWAL).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::PriceChanged))));
    assert!(!stage.double.renews_by_itself("acme.com"));
    stage.double.pass_to(before.seconds());
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn another_year_costs_what_every_name_of_the_ending_costs() {
    let (stage, _) = bought().await;
    stage.double.ask_for_renewals(1_299);
    assert_eq!(stage.adapter.renewal_price(&call("acme.com")).await, Ok(1_299));
    let told = stage.adapter.renewal_price(&call("acme.pineapple")).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
}

#[tokio::test]
async fn what_is_far_enough_costs_nothing_and_what_is_too_far_is_refused() {
    let (stage, before) = bought().await;
    stage.double.renew_by_itself("acme.com", true);
    let told = stage.adapter.ensure_renewed(&at(start()), before.plus(-DAY), 0).await.until();
    assert_eq!(told, Ok(before));
    assert!(!stage.double.renews_by_itself("acme.com"), "nor later");
    let told = stage.adapter.ensure_renewed(&at(start()), years_later(start(), 10), RENEWAL).await;
    assert!(matches!(told, Err(Trouble::Refused(Refused::ForGood(_)))), "{told:?}");
    assert!(!stage.double.renews_by_itself("acme.com"));
    let told = stage.adapter.ensure_renewed(&call("nobodys.com"), start(), RENEWAL).await;
    assert_eq!(told, Err(Trouble::Refused(Refused::Ask(ActionReason::RegistrarRejected))));
}

#[tokio::test]
async fn a_renewal_that_nobody_wants_any_more_is_switched_off_and_charged_to_nobody() {
    let (stage, before) = bought().await;
    assert!(stage.adapter.ensure_renewed(&at(start()), before, RENEWAL).await.is_err());
    assert!(stage.double.renews_by_itself("acme.com"));
    for name in ["acme.com", "acme.com", "nobodys.com"] {
        assert_eq!(stage.adapter.ensure_no_renewal(&call(name)).await, Ok(()));
    }
    assert!(!stage.double.renews_by_itself("acme.com"));
    stage.double.pass_to(before.plus(-DAY).seconds());
    assert_eq!(stage.paid("acme.com"), (1, 0));
}
