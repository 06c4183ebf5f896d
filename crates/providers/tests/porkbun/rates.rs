//! An account that may ask whether a name can be had once in ten seconds, and buy once in ten.

use doubles::porkbun::{PRICE, RENEWAL};
use model::clock::{DAY, HOUR, SECOND};
use model::domain::{DomainName, NameAnswer, Unavailable, Verdict};
use providers::roles::{Purpose, Registrar as _};
use providers::trouble::{Trouble, UnderWay};

use super::stage::{Stage, call, years_later};
use crate::support::start;
use crate::until::Until as _;

fn errored(answers: &[NameAnswer]) -> usize {
    answers.iter().filter(|one| one.verdict == Verdict::Not(Unavailable::Errored)).count()
}

#[tokio::test]
async fn of_many_names_one_is_answered_and_the_others_soon() {
    let stage = Stage::usual().await;
    let world = call("any.com").world;
    let names: Vec<_> = (0..500).map(|n| DomainName::stored(format!("free-{n}.com"))).collect();
    let answers = stage.adapter.check(&world, &names, Purpose::Browse).await.unwrap();
    assert_eq!((answers.len(), errored(&answers)), (500, 499), "nobody is kept waiting for them");
    assert_eq!(stage.double.server.asked().len(), 1, "nor is the vendor asked in vain");
    let retry_at = |answer: &NameAnswer| answer.retry_at;
    assert!(answers[1..].iter().all(|one| retry_at(one) == Some(start().plus(11 * SECOND))), "with when to ask again");
    for known in 2..=6 {
        stage.pass(11);
        let answers = stage.adapter.check(&world, &names[..6], Purpose::Browse).await.unwrap();
        assert_eq!(errored(&answers), 6 - known, "what was said is remembered");
    }
    let again = stage.adapter.check(&world, &names[..6], Purpose::Buy).await.unwrap();
    assert_eq!((errored(&again), stage.double.server.asked().len()), (0, 6), "also by who buys: the price is pinned");
    stage.pass(300);
    let later = stage.adapter.check(&world, &names[..6], Purpose::Buy).await.unwrap();
    assert_eq!(errored(&later), 5, "for five minutes");
}

#[tokio::test]
async fn a_name_is_bought_right_after_somebody_has_chosen_it() {
    let stage = Stage::usual().await;
    let name = call("acme.com");
    stage.adapter.check(&name.world, &[DomainName::stored("acme.com")], Purpose::Browse).await.unwrap();
    let bought = stage.adapter.ensure_registered(&name, PRICE).await.unwrap();
    assert_eq!(
        (bought.paid_cents, stage.paid("acme.com")),
        (Some(PRICE), (1, 0)),
        "without asking for its price again"
    );
    let second = stage.adapter.ensure_registered(&call("other.com"), PRICE).await;
    assert_eq!(second, Err(Trouble::Later(Some(start().plus(11 * SECOND)))), "the check has to wait");
    stage.pass(11);
    assert!(stage.adapter.ensure_registered(&call("other.com"), PRICE).await.is_ok());
}

/// The answer about a name says that nothing is left, and means checks alone.
#[tokio::test]
async fn a_check_that_was_the_last_one_keeps_nobody_from_buying() {
    let stage = Stage::usual().await;
    assert!(stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.is_ok());
    assert_eq!(stage.paid("acme.com"), (1, 0));
}

#[tokio::test]
async fn a_price_that_has_changed_since_is_asked_for_again() {
    let stage = Stage::usual().await;
    let name = call("acme.com");
    stage.adapter.check(&name.world, &[DomainName::stored("acme.com")], Purpose::Browse).await.unwrap();
    stage.double.ask(PRICE + 1);
    assert_eq!(stage.adapter.ensure_registered(&name, PRICE + 1).await, Err(Trouble::Later(None)), "not bought");
    stage.pass(11);
    let bought = stage.adapter.ensure_registered(&name, PRICE + 1).await.unwrap();
    assert_eq!(bought.paid_cents, Some(PRICE + 1));
}

#[tokio::test]
async fn ten_names_are_bought_a_day_and_the_eleventh_waits() {
    let stage = Stage::usual().await;
    stage.double.ask(100);
    for n in 0..10 {
        stage.adapter.ensure_registered(&call(&format!("name-{n}.com")), 100).await.unwrap();
        stage.pass(11);
    }
    let told = stage.adapter.ensure_registered(&call("eleventh.com"), 100).await;
    let until = start().plus(110 * SECOND + HOUR);
    assert_eq!(told, Err(Trouble::Later(Some(until))), "a vendor is believed for an hour at a time");
    let asked = stage.double.server.asked().len();
    stage.pass(60);
    assert_eq!(stage.adapter.ensure_registered(&call("eleventh.com"), 100).await, Err(Trouble::Later(Some(until))));
    let more = stage.double.server.asked().len() - asked;
    assert_eq!(more, 1, "it was looked for, and not asked for again");
    stage.pass(86_400);
    assert!(stage.adapter.ensure_registered(&call("eleventh.com"), 100).await.is_ok());
    assert_eq!(stage.double.ledger().len(), 11);
}

#[tokio::test]
async fn what_was_registered_or_renewed_lately_is_renewed_when_that_is_allowed() {
    let stage = Stage::usual().await;
    let name = call("acme.com");
    let before = stage.adapter.ensure_registered(&name, PRICE).await.until().unwrap();
    stage.pass(11);
    let told = stage.adapter.ensure_renewed(&name, before, RENEWAL).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(30 * DAY)))), "thirty days after it was registered");
    stage.double.hold_name("old.com");
    stage.pass(11);
    let old = call("old.com");
    let far = years_later(start(), 3);
    let told = stage.adapter.ensure_renewed(&old, far, 2 * RENEWAL).await;
    let waits = matches!(told, Err(Trouble::UnderWay(UnderWay::Renewal, _)));
    assert!(waits, "a year was bought, and the next waits: {told:?}");
    assert_eq!(stage.paid("old.com"), (0, 1));
    let one = stage.adapter.ensure_renewed(&old, years_later(start(), 2), 0).await.until();
    assert_eq!(one, Ok(years_later(start().plus(11 * SECOND), 2)), "what it has come to is told");
}
