//! Two names that the vendor chooses, and a switch.

use doubles::graph::Permission;
use model::action::ActionReason;
use model::clock::MINUTE;
use model::dns::{RrSet, RrType};
use providers::roles::MailHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{Stage, call};
use crate::support::start;

#[tokio::test]
async fn the_names_are_told_and_the_switch_is_thrown_when_they_are_seen() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    let wanted = stage.adapter.ensure_signed(&call, &[]).await.unwrap();
    let names: Vec<_> = wanted.iter().map(|set| (set.name.as_str(), set.rtype)).collect();
    let expected = [("selector1._domainkey.acme.com", RrType::Cname), ("selector2._domainkey.acme.com", RrType::Cname)];
    assert_eq!(names, expected);
    assert!(wanted[0].values[0].ends_with("r-v1.dkim.mail.microsoft"), "as the vendor tells them: {wanted:?}");
    assert_eq!(stage.adapter.ensure_signed(&call, &[]).await.as_ref(), Ok(&wanted));
    assert!(!stage.double.signs("acme.com"));
    let later = Err(Trouble::Later(Some(start().plus(15 * MINUTE))));
    assert_eq!(stage.adapter.ensure_signed(&call, &wanted).await, later, "published, and not seen yet");
    stage.publish(&wanted);
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_signed(&call, &wanted).await.as_ref(), Ok(&wanted));
    }
    assert!(stage.double.signs("acme.com"));
    assert_eq!((stage.double.count("keys_made", "acme.com"), stage.double.count("signed", "acme.com")), (1, 1));
}

#[tokio::test]
async fn names_that_lead_elsewhere_do_not_throw_the_switch() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    let wanted = stage.adapter.ensure_signed(&call, &[]).await.unwrap();
    let mut wrong = wanted.clone();
    wrong[1].values = vec!["elsewhere.example".into()];
    assert_eq!(stage.adapter.ensure_signed(&call, &wrong).await, Ok(wanted));
    assert_eq!(stage.double.count("signed", "acme.com"), 0);
}

#[tokio::test]
async fn a_lost_answer_makes_no_second_keys() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.adapter.ensure_signed(&super::stage::call("other.com"), &[]).await.unwrap_err();
    stage.double.say_no("POST", "/InvokeCommand", 404, "NotFound", "ManagementObjectNotFound");
    stage.double.server.fail("POST", "/InvokeCommand", doubles::Fault::Broken);
    assert_eq!(stage.adapter.ensure_signed(&call, &[]).await, Err(Trouble::Later(None)), "a look has done nothing");
    stage.double.server.fail_about("New-DkimSigningConfig", 0, doubles::Fault::ReplyLost);
    assert_eq!(stage.adapter.ensure_signed(&call, &[]).await, Err(Trouble::Unknown));
    assert!(stage.adapter.ensure_signed(&call, &[]).await.is_ok());
    assert_eq!(stage.double.count("keys_made", "acme.com"), 1);
}

#[tokio::test]
async fn a_domain_that_the_mail_service_has_not_heard_of_is_waited_for() {
    let stage = Stage::prompt().await;
    let told = stage.adapter.ensure_signed(&call("acme.com"), &[]).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(15 * MINUTE)))));
}

#[tokio::test]
async fn by_hand_a_person_is_asked_until_both_names_are_published() {
    let stage = Stage::with("by_hand").await;
    let call = call("acme.com");
    let set = |n: u8| RrSet {
        name: format!("selector{n}._domainkey.acme.com"),
        rtype: RrType::Cname,
        ttl: 300,
        values: vec!["anywhere.example".into()],
    };
    let asks = Err(Trouble::Refused(Refused::Ask(ActionReason::DkimNeedsEnabling)));
    assert_eq!(stage.adapter.ensure_signed(&call, &[]).await, asks);
    assert_eq!(stage.adapter.ensure_signed(&call, &[set(1)]).await, asks);
    assert_eq!(stage.adapter.ensure_signed(&call, &[set(1), set(2)]).await, Ok(vec![set(1), set(2)]));
    assert!(stage.double.server.asked().is_empty());
}

#[tokio::test]
async fn an_application_that_may_not_is_told_what_it_lacks_and_a_busy_service_is_waited_for() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.say_no(
        "POST",
        "/InvokeCommand",
        400,
        "BadRequest",
        "The maximum number of concurrent requests per tenant",
    );
    assert_eq!(stage.adapter.ensure_signed(&call, &[]).await, Err(Trouble::Later(None)));
    stage.double.withhold(Permission::Exchange);
    let told = stage.adapter.ensure_signed(&call, &[]).await;
    assert!(matches!(&told, Err(Trouble::Misconfigured(words)) if words.contains("Exchange.ManageAsApp")), "{told:?}");
}
