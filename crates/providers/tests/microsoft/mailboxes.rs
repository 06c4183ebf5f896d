//! Mailboxes and their addresses.

use doubles::graph::{KEPT, Lag};
use model::action::ActionReason;
use model::clock::{MINUTE, SECOND};
use model::evidence::MailboxState;
use model::id::{Id as _, UserId};
use model::world::World;
use providers::all::microsoft::Fields;
use providers::call::Call;
use providers::roles::{MailHost as _, MailboxSpec, Part};
use providers::trouble::{Refused, Trouble, UnderWay};
use serde_json::json;

use super::stage::{Stage, call, fields, spec};
use crate::support::start;

const JANE: &str = "jane@acme.com";

/// Whoever logs in with a password is let in to the mailboxes that are made, and to no others.
#[tokio::test]
async fn logging_in_over_smtp_is_switched_on_once_for_each_mailbox_where_the_operator_wants_it() {
    for (exchange, smtp_auth, times, by_a_person) in [
        ("automatic", "true", 1, false),
        ("automatic", "false", 0, false),
        ("by_hand", "true", 0, true),
        ("by_hand", "", 0, false),
    ] {
        let said = Fields { exchange: exchange.into(), smtp_auth: smtp_auth.into(), ..fields() };
        let stage = Stage::said(said).await;
        assert_eq!(stage.adapter.lets_smtp_by_hand(), by_a_person, "{exchange} {smtp_auth}");
        let call = stage.opened("acme.com").await;
        stage.double.make_by_hand("by.hand@acme.com");
        let wanted = [spec("jane@acme.com"), spec("joan@acme.com")];
        stage.filled(&call, &wanted).await;
        stage.filled(&call, &wanted).await;
        for email in ["jane@acme.com", "joan@acme.com"] {
            assert_eq!(stage.double.count("smtp_let", email), times, "{smtp_auth} {email}");
        }
        assert_eq!(stage.double.count("smtp_let", "by.hand@acme.com"), 0);
    }
}

#[tokio::test]
async fn a_mailbox_is_there_when_the_mail_service_has_its_address_and_not_before() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.be_late(Lag { mailbox: 2, records: 0, users: 0 });
    let picture = b"\x89PNG\r\n".to_vec();
    let wanted = [MailboxSpec { picture: Some(picture.clone()), ..spec(JANE) }];
    let soon = Some(Trouble::UnderWay(UnderWay::Mailboxes, start().plus(3 * MINUTE)));
    for _ in 0..3 {
        let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
        assert_eq!(part, Part { done: vec![], trouble: soon.clone() });
        assert_eq!(stage.double.photo(JANE), None);
    }
    for _ in 0..2 {
        let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
        assert_eq!(part, Part { done: vec![JANE.into()], trouble: None });
    }
    assert_eq!(stage.double.photo(JANE), Some(("image/png".into(), picture)));
    for (what, times) in [("user_made", 1), ("licence_given", 1), ("photo_set", 1), ("user_changed", 0)] {
        assert_eq!(stage.double.count(what, JANE), times, "{what}");
    }
}

#[tokio::test]
async fn a_user_of_the_tenants_is_taken_as_it_is_and_given_a_place_and_a_licence() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.make_by_hand(JANE);
    stage.filled(&call, &[spec(JANE)]).await;
    assert_eq!(stage.double.count("user_made", JANE), 0);
    let user = stage.double.user(JANE).unwrap();
    assert_eq!((&user["displayName"], &user["usageLocation"]), (&json!("Jane Doe"), &json!("US")));
    assert_eq!(user["employeeType"], json!(null), "it is not marked as ours");
}

#[tokio::test]
async fn a_tenant_without_a_licence_left_says_so_and_one_without_a_subscription_too() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.double.limit_seats(1);
    let wanted = [spec(JANE), spec("john@acme.com")];
    for _ in 0..3 {
        stage.adapter.ensure_mailboxes(&call, &wanted).await;
    }
    let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
    let full = Some(Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity)));
    assert_eq!(part, Part { done: vec![JANE.into()], trouble: full.clone() });
    assert_eq!(stage.adapter.free_seats(&World::live()).await, Ok(Some(0)));
    stage.double.limit_seats(2);
    stage.double.say_no(
        "POST",
        "/assignLicense",
        400,
        "Request_BadRequest",
        "Subscription does not have any available licenses.",
    );
    assert_eq!(stage.adapter.ensure_mailboxes(&call, &wanted).await.trouble, full, "somebody was faster");
    let mut fields = super::stage::fields();
    fields.licence = "E9".into();
    let other = super::stage::adapter(&stage.double.server.base(), &fields, &stage.clock).unwrap();
    let part = other.ensure_mailboxes(&call, &[spec("john@acme.com")]).await;
    assert!(matches!(part.trouble, Some(Trouble::Misconfigured(words)) if words.contains("E9")));
}

#[tokio::test]
async fn a_domain_that_was_verified_a_moment_ago_takes_users_later() {
    let stage = Stage::prompt().await;
    stage.double.be_late(Lag { mailbox: 0, records: 0, users: 2 });
    let call = stage.opened("acme.com").await;
    for _ in 0..2 {
        let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
        assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Later(None)) });
    }
    stage.filled(&call, &[spec(JANE)]).await;
    assert_eq!(stage.double.count("user_made", JANE), 1);
}

#[tokio::test]
async fn a_user_of_ours_whose_address_is_kept_comes_back_within_thirty_days() {
    let stage = Stage::prompt().await;
    stage.double.keep_addresses();
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    stage.double.delete_by_hand(JANE);
    let again = [MailboxSpec { first_name: "Joan".into(), ..spec(JANE) }];
    stage.filled(&call, &again).await;
    assert_eq!((stage.double.count("user_made", JANE), stage.double.count("user_restored", JANE)), (1, 1));
    assert_eq!(stage.double.user(JANE).unwrap()["displayName"], "Joan Doe");
    stage.double.delete_by_hand(JANE);
    stage.double.pass_to(start().seconds() + KEPT + 1);
    stage.clock.set(start().plus((KEPT + 1) * SECOND));
    stage.filled(&call, &again).await;
    assert_eq!((stage.double.count("user_made", JANE), stage.double.count("user_restored", JANE)), (2, 1));
}

#[tokio::test]
async fn an_address_that_is_kept_for_somebody_elses_user_is_refused_and_the_others_are_made() {
    let stage = Stage::prompt().await;
    stage.double.keep_addresses();
    let call = stage.opened("acme.com").await;
    stage.double.make_by_hand(JANE);
    stage.double.delete_by_hand(JANE);
    let wanted = [spec(JANE), spec("john@acme.com")];
    for _ in 0..3 {
        stage.adapter.ensure_mailboxes(&call, &wanted).await;
    }
    let part = stage.adapter.ensure_mailboxes(&call, &wanted).await;
    assert_eq!(part.trouble, Some(Trouble::Refused(Refused::AddressKept(JANE.into()))));
    let renamed = stage.adapter.ensure_renamed(&call, "john@acme.com", &spec(JANE)).await;
    assert_eq!(renamed, Err(part.trouble.unwrap()));
}

#[tokio::test]
async fn a_renamed_mailbox_keeps_its_old_address_and_waits_until_it_is_there() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    let to = MailboxSpec { first_name: "Joan".into(), picture: Some(vec![0xff, 0xd8]), ..spec("joan@acme.com") };
    stage.double.be_late(Lag { mailbox: 1, records: 0, users: 0 });
    stage.double.make_by_hand("new@acme.com");
    stage.adapter.ensure_mailboxes(&call, &[spec("new@acme.com")]).await;
    let early = stage.adapter.ensure_renamed(&call, "new@acme.com", &spec("newer@acme.com")).await;
    assert!(matches!(early, Err(Trouble::UnderWay(UnderWay::Mailboxes, _))), "{early:?}");
    for _ in 0..2 {
        assert_eq!(stage.adapter.ensure_renamed(&call, JANE, &to).await, Ok(()));
    }
    let user = stage.double.user("joan@acme.com").unwrap();
    assert_eq!(user["proxyAddresses"], json!(["SMTP:joan@acme.com", "smtp:jane@acme.com"]));
    assert_eq!(user["displayName"], "Joan Doe");
    assert_eq!(stage.double.photo("joan@acme.com").map(|(kind, _)| kind).as_deref(), Some("image/jpeg"));
    assert_eq!(stage.double.count("user_renamed", "joan@acme.com"), 1);
}

/// Nothing but the mail service can take an address away.
#[tokio::test]
async fn an_address_that_leads_to_another_mailbox_is_a_persons_business_by_hand() {
    let stage = Stage::with("by_hand").await;
    stage.double.be_late(Lag { mailbox: 0, records: 0, users: 0 });
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await.unwrap();
    let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    let Some(Trouble::Refused(Refused::ForGood(words))) = part.trouble else { panic!("{part:?}") };
    assert!(words.contains("joan@acme.com") && words.contains("Exchange admin center"), "{words}");
}

#[tokio::test]
async fn a_picture_that_is_none_is_a_question_and_a_blocked_user_the_operators() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    stage.double.say_no("PUT", "/$value", 400, "ErrorInvalidImage", "no");
    let part = stage.adapter.ensure_mailboxes(&call, &[MailboxSpec { picture: Some(vec![1]), ..spec(JANE) }]).await;
    assert_eq!(part.trouble, Some(Trouble::Refused(Refused::Ask(ActionReason::ProfilePictureNotAnImage))));
    stage.double.block(JANE);
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
    let words = "Another object with the same value for property userPrincipalName already exists.";
    stage.double.say_no("POST", "/users", 400, "Request_BadRequest", words);
    let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
    assert_eq!(part, Part { done: vec![], trouble: Some(Trouble::Later(None)) });
    stage.filled(&call, &[spec(JANE)]).await;
    let id = stage.double.user(JANE).unwrap()["id"].as_str().unwrap().to_owned();
    stage.double.say_no("PATCH", &id, 400, "Request_BadRequest", words);
    let told = stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await;
    assert_eq!(told, Err(Trouble::Later(None)));
}

#[tokio::test]
async fn what_one_customer_left_is_never_given_to_another() {
    let stage = Stage::prompt().await;
    stage.double.keep_addresses();
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    stage.double.delete_by_hand(JANE);
    for customer in [Some(UserId::opaque("usr_2")), None] {
        let other = Call { customer, ..call.clone() };
        let part = stage.adapter.ensure_mailboxes(&other, &[spec(JANE)]).await;
        assert_eq!(part.trouble, Some(Trouble::Refused(Refused::AddressKept(JANE.into()))));
    }
    assert_eq!(stage.double.count("user_restored", JANE), 0, "nor is their mail");
}

#[tokio::test]
async fn a_mailbox_is_found_to_work_to_be_shut_to_have_lost_its_licence_or_not_to_be_there() {
    let stage = Stage::prompt().await;
    let call = stage.opened("acme.com").await;
    stage.filled(&call, &[spec(JANE)]).await;
    let found = async || {
        let looks = stage.adapter.mailboxes(&call, &[JANE.into()]).await.unwrap().unwrap();
        assert_eq!((looks.len(), looks[0].email.as_str()), (1, JANE));
        looks[0].state
    };
    assert_eq!(found().await, MailboxState::Works);
    stage.double.lapse(JANE, true);
    assert_eq!(found().await, MailboxState::Unlicensed, "its subscription has run out");
    stage.double.lapse(JANE, false);
    assert_eq!(found().await, MailboxState::Works);
    stage.double.take_licence(JANE);
    assert!(stage.double.has_mailbox(JANE), "the address is there for a while");
    assert_eq!(found().await, MailboxState::Unlicensed);
    stage.double.give_licence(JANE);
    assert_eq!(found().await, MailboxState::Works);
    stage.double.block(JANE);
    assert_eq!(found().await, MailboxState::Suspended);
    stage.double.delete_by_hand(JANE);
    assert_eq!(found().await, MailboxState::Missing);
}
