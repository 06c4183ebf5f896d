//! Mailboxes and their addresses.

use doubles::google::{KEPT, Lag};
use model::action::ActionReason;
use model::clock::MINUTE;
use model::id::{Id as _, UserId};
use providers::call::Call;
use providers::roles::{MailHost as _, MailboxSpec, Part};
use providers::trouble::{Refused, Trouble, UnderWay};

use super::stage::{Stage, call, spec};
use crate::support::start;

const JANE: &str = "jane@acme.com";

fn done(emails: &[&str]) -> Part<String> {
    Part { done: emails.iter().map(|email| (*email).to_owned()).collect(), trouble: None }
}

#[tokio::test]
async fn a_mailbox_is_there_when_the_vendor_has_set_it_up_and_not_before() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.be_late(Lag { mailbox: 2, verified: 0, users: 0 });
    let picture = Some(vec![0xfb, 0xff, 0xfe]);
    let wanted = [MailboxSpec { picture, ..spec(JANE) }];
    let soon = Some(Trouble::UnderWay(UnderWay::Mailboxes, start().plus(2 * MINUTE)));
    for _ in 0..3 {
        let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
        assert_eq!(part, Part { done: vec![], trouble: soon.clone() });
        assert_eq!(stage.double.photo(JANE), None);
    }
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_mailboxes(&call, &wanted).await, done(&[JANE]));
    }
    assert_eq!(stage.double.photo(JANE).as_deref(), Some("-__-"));
    assert_eq!((stage.double.count("user_made", JANE), stage.double.count("photo_set", JANE)), (1, 1));
}

#[tokio::test]
async fn users_are_described_as_the_operator_wants_them_and_nobody_knows_their_password() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    let long = MailboxSpec { first_name: "x".repeat(80), ..spec("long@acme.com") };
    let wanted = [spec(JANE), long];
    stage.filled(&call, &wanted).await;
    let asked = stage.double.server.asked();
    let made: Vec<_> = asked.iter().filter(|one| one.method == "POST" && one.path.ends_with("/users")).collect();
    assert_eq!(made[0].body["hashFunction"], "SHA-1");
    assert_eq!(made[0].body["orgUnitPath"], "/");
    assert_ne!(made[0].body["password"], made[1].body["password"]);
    assert_eq!(stage.double.user("long@acme.com").unwrap()["name"]["givenName"].as_str().map(str::len), Some(60));
}

#[tokio::test]
async fn a_user_of_the_tenants_is_taken_as_it_is_and_given_its_name() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.make_by_hand(JANE);
    assert_eq!(stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await, done(&[JANE]));
    assert_eq!(stage.double.count("user_made", JANE), 0);
    assert_eq!(stage.double.user(JANE).unwrap()["name"]["familyName"], "Doe");
}

#[tokio::test]
async fn two_who_make_the_same_mailbox_make_one() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    let wanted = [spec(JANE)];
    let (one, other) =
        tokio::join!(stage.adapter.ensure_mailboxes(&call, &wanted), stage.adapter.ensure_mailboxes(&call, &wanted));
    for part in [one, other] {
        assert!(matches!(part.trouble, None | Some(Trouble::UnderWay(..))), "{part:?}");
    }
    assert_eq!(stage.double.count("user_made", JANE), 1);
}

#[tokio::test]
async fn a_domain_that_was_proved_a_moment_ago_takes_users_later() {
    let stage = Stage::prompt().await;
    stage.double.be_late(Lag { mailbox: 0, verified: 0, users: 2 });
    let call = stage.opened("acme.com").await;
    for _ in 0..2 {
        let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
        assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Later(None)) });
    }
    stage.filled(&call, &[spec(JANE)]).await;
    assert_eq!(stage.double.count("user_made", JANE), 1);
}

#[tokio::test]
async fn a_user_of_ours_who_was_deleted_comes_back_within_twenty_days() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    stage.double.delete_by_hand(JANE);
    let again = MailboxSpec { first_name: "Joan".into(), ..spec(JANE) };
    stage.filled(&call, std::slice::from_ref(&again)).await;
    assert_eq!((stage.double.count("user_made", JANE), stage.double.count("user_undeleted", JANE)), (1, 1));
    assert_eq!(stage.double.user(JANE).unwrap()["name"]["givenName"], "Joan");
    stage.double.delete_by_hand(JANE);
    stage.double.pass_to(start().seconds() + KEPT + 1);
    stage.clock.set(start().plus((KEPT + 1) * model::clock::SECOND));
    stage.filled(&call, &[spec(JANE)]).await;
    assert_eq!((stage.double.count("user_made", JANE), stage.double.count("user_undeleted", JANE)), (2, 1));
}

#[tokio::test]
async fn an_address_that_is_kept_for_somebody_elses_user_is_refused_and_the_others_are_made() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.make_by_hand(JANE);
    stage.double.delete_by_hand(JANE);
    let wanted = [spec(JANE), spec("john@acme.com")];
    for _ in 0..3 {
        stage.adapter.ensure_mailboxes(&call, &wanted).await;
    }
    let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
    assert_eq!(part.trouble, Some(Trouble::Refused(Refused::AddressKept(JANE.into()))));
    assert_eq!(stage.double.count("user_undeleted", JANE), 0);
    let renamed = stage.adapter.ensure_renamed(&call, "john@acme.com", &spec(JANE)).await;
    assert_eq!(renamed, Err(part.trouble.unwrap()));
}

#[tokio::test]
async fn a_renamed_mailbox_keeps_its_old_address_as_another_one() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    let to = MailboxSpec { first_name: "Joan".into(), picture: Some(vec![1, 2, 3]), ..spec("joan@acme.com") };
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_renamed(&call, JANE, &to).await, Ok(()));
    }
    let user = stage.double.user("joan@acme.com").unwrap();
    assert_eq!((&user["aliases"][0], &user["name"]["givenName"]), (&JANE.into(), &"Joan".into()));
    assert_eq!(stage.double.photo("joan@acme.com").as_deref(), Some("AQID"));
    assert_eq!(stage.double.count("user_renamed", "joan@acme.com"), 1);
}

#[tokio::test]
async fn a_picture_that_is_none_is_a_question_and_a_suspended_user_the_operators() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    stage.double.say_no("PUT", "/thumbnail", 400, "invalid", "Invalid Input: photoData");
    let wanted = [MailboxSpec { picture: Some(vec![1]), ..spec(JANE) }];
    let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
    assert_eq!(part.trouble, Some(Trouble::Refused(Refused::Ask(ActionReason::ProfilePictureNotAnImage))));
    stage.double.suspend(JANE);
    let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    assert!(matches!(part.trouble, Some(Trouble::Misconfigured(words)) if words.contains(JANE)));
}

#[tokio::test]
async fn a_domain_that_nobody_opened_takes_none() {
    let stage = Stage::prompt().await;
    let part = stage.adapter.ensure_mailboxes(&call("acme.com"), &[spec(JANE)]).await;
    assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Later(None)) });
}

/// The vendor says that somebody has the address, and sees nobody: a moment ago somebody was made.
#[tokio::test]
async fn who_is_not_seen_yet_is_not_taken_for_somebody_who_was_deleted() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.say_no("POST", "/users", 409, "duplicate", "Entity already exists.");
    let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Later(None)) });
    stage.filled(&call, &[spec(JANE)]).await;
    let id = stage.double.user(JANE).unwrap()["id"].as_str().unwrap().to_owned();
    stage.double.say_no("PATCH", &id, 409, "duplicate", "Entity already exists.");
    let told = stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await;
    assert_eq!(told, Err(Trouble::Later(None)));
}

/// A tenant that has to be left alone is not asked for the second mailbox.
#[tokio::test]
async fn a_tenant_that_was_asked_too_often_is_asked_for_no_other_mailbox() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.say_no("GET", JANE, 403, "quotaExceeded", "Quota exceeded");
    let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE), spec("john@acme.com")]).await;
    assert_eq!(part.trouble, Some(Trouble::Later(Some(start().plus(MINUTE)))));
    assert_eq!(stage.asked("GET", "/john@acme.com"), 0);
}

#[tokio::test]
async fn what_one_customer_left_is_never_given_to_another() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    stage.double.delete_by_hand(JANE);
    for customer in [Some(UserId::opaque("usr_2")), None] {
        let other = Call { customer, ..call.clone() };
        let part = stage.adapter.ensure_mailboxes(&other, &[spec(JANE)]).await;
        assert_eq!(part.trouble, Some(Trouble::Refused(Refused::AddressKept(JANE.into()))));
    }
    assert_eq!(stage.double.count("user_undeleted", JANE), 0, "nor is their mail");
}
