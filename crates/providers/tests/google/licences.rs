//! Licences, where the tenant does not give them by itself.

use model::action::ActionReason;
use model::evidence::MailboxState;
use providers::roles::MailHost as _;
use providers::trouble::{Refused, Trouble};

use super::stage::{LICENCE, Stage, spec};

async fn stage() -> Stage {
    let stage = Stage::with(LICENCE).await;
    stage.double.be_late(doubles::google::Lag { mailbox: 0, verified: 0, users: 0 });
    stage
}

#[tokio::test]
async fn each_user_is_licensed_once_and_gives_it_back() {
    let stage = stage().await;
    let call = stage.opened("acme.com").await;
    let wanted = [spec("jane@acme.com"), spec("john@acme.com")];
    for _ in 0..3 {
        stage.adapter.ensure_mailboxes(&call, &wanted).await;
    }
    assert_eq!((stage.double.licences(), stage.double.count("licence_given", "jane@acme.com")), (2, 1));
    stage.adapter.ensure_no_domain(&call).await.unwrap();
    assert_eq!((stage.double.licences(), stage.double.count("licence_taken", "jane@acme.com")), (0, 1));
}

#[tokio::test]
async fn a_tenant_without_a_licence_left_says_so_and_a_user_is_not_made_twice() {
    let stage = stage().await;
    let call = stage.opened("acme.com").await;
    let full = Some(Trouble::Refused(Refused::Ask(ActionReason::LicenceCapacity)));
    stage.double.limit_seats(2);
    let part = stage.adapter.ensure_mailboxes(&call, &[spec("jane@acme.com")]).await;
    assert_eq!(part.trouble, full, "the tenant has no room for a third user");
    stage.double.limit_seats(3);
    stage.double.say_no("POST", "/user", 412, "conditionNotMet", "There aren't enough available licenses");
    let part = stage.adapter.ensure_mailboxes(&call, &[spec("jane@acme.com")]).await;
    assert_eq!(part.trouble, full);
    stage.filled(&call, &[spec("jane@acme.com")]).await;
    assert_eq!(stage.double.count("user_made", "jane@acme.com"), 1);
}

#[tokio::test]
async fn a_licence_whose_answer_was_lost_is_not_given_twice() {
    let stage = stage().await;
    let call = stage.opened("acme.com").await;
    stage.double.server.fail("POST", "/user", doubles::Fault::ReplyLost);
    let part = stage.adapter.ensure_mailboxes(&call, &[spec("jane@acme.com")]).await;
    assert_eq!(part.trouble, Some(Trouble::Unknown));
    stage.filled(&call, &[spec("jane@acme.com")]).await;
    assert_eq!(stage.double.count("licence_given", "jane@acme.com"), 1);
}

#[tokio::test]
async fn a_user_whose_licence_is_gone_is_found_without_one_and_one_who_is_shut_as_that() {
    let stage = stage().await;
    let (call, jane) = (stage.opened("acme.com").await, "jane@acme.com");
    stage.filled(&call, &[spec(jane)]).await;
    let found = async || {
        let looks = stage.adapter.mailboxes(&call, &[jane.into()]).await.unwrap().unwrap();
        looks.iter().map(|look| look.state).collect::<Vec<_>>()
    };
    assert_eq!(found().await, [MailboxState::Works]);
    stage.double.take_licences(jane);
    assert_eq!(found().await, [MailboxState::Unlicensed]);
    assert_eq!(stage.double.count("licence_given", jane), 1, "who looks gives none");
    stage.double.suspend(jane);
    assert_eq!(found().await, [MailboxState::Suspended]);
    let given = LICENCE.split_once('/').unwrap();
    stage.double.give_licence(given, jane);
    stage.double.unsuspend(jane);
    assert_eq!(found().await, [MailboxState::Works]);
}
