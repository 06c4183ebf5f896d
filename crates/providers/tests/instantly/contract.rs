//! What the role promises, and how this vendor keeps it.

use model::access::AccessKind;
use model::action::ActionReason;
use model::domain::{DomainName, MailProvider};
use model::world::World;
use providers::all::instantly::{Knobs, Warmup};
use providers::conformance::{self, Maker};
use providers::roles::{Account as _, Link, Reachable, Sequencer as _, SequencerLogin};
use providers::trouble::{Refused, Trouble};
use serde_json::json;

use super::stage::{PASSWORD, Stage, call, login, shut_inbox};
use crate::support::{Sandbox, start};

const ASK: Trouble = Trouble::Refused(Refused::Ask(ActionReason::CredentialsRejected));

fn maker() -> Maker {
    Maker::new(World::stored("live"), start(), |n| DomainName::stored(format!("free-{n}.com")))
}

#[tokio::test]
async fn the_suite_of_a_sequencer() {
    for provider in [MailProvider::Google, MailProvider::Microsoft] {
        let stage = Stage::new().await;
        let sandbox = Sandbox::new().await;
        conformance::sequencer(&stage.cast(&sandbox.cast), &maker(), provider).await;
    }
}

/// Calls are given up at every moment: what was sent then is done all the same.
#[tokio::test]
async fn the_suite_of_lost_replies() {
    let stage = Stage::new().await;
    let sandbox = Sandbox::new().await;
    conformance::lost_replies(&stage.cast(&sandbox.cast), &maker(), MailProvider::Google).await;
}

#[tokio::test]
async fn an_account_is_as_the_operator_has_set_it() {
    let warmup = Some(Warmup { a_day: 40, ramp_up: 3 });
    let stage = Stage::set(Knobs { warmup, daily_limit: 25, ramps_up: false, names_host: true }).await;
    for (email, provider, code) in [("g@acme.com", MailProvider::Google, 2), ("M@acme.com", MailProvider::Microsoft, 3)]
    {
        let inbox = Reachable { provider, ..stage.inbox(email) };
        assert_eq!(stage.linked(&inbox).await, email.to_ascii_lowercase());
        let account = stage.double.account(email).unwrap();
        assert_eq!((account.provider_code, account.daily_limit), (code, json!(25)));
        assert_eq!(
            (account.warmup, account.enable_slow_ramp),
            (json!({ "limit": 40, "increment": "3" }), json!(false))
        );
        assert_eq!((account.warmup_status, account.first_name.as_str()), (1, "Jane"));
    }
    let cold = Stage::set(Knobs { warmup: None, names_host: false, ..Knobs::default() }).await;
    cold.linked(&cold.inbox("jane@acme.com")).await;
    let account = cold.double.account("jane@acme.com").unwrap();
    assert_eq!((account.provider_code, account.warmup_status, account.warmup), (1, 0, json!(null)));
}

#[tokio::test]
async fn one_that_fails_keeps_no_other_back_and_a_hundred_are_warmed_up_at_once() {
    let stage = Stage::usual().await;
    let mut inboxes: Vec<_> = (0..130).map(|n| stage.inbox(&format!("n{n:03}@acme.com"))).collect();
    inboxes.insert(3, shut_inbox("nobody@acme.com"));
    let (mut left, mut tries) = (inboxes, 0);
    loop {
        tries += 1;
        assert!(tries < 50, "{} are left", left.len());
        let part = stage.link(&left).await;
        left.retain(|inbox| !part.done.iter().any(|(email, _)| *email == inbox.email));
        match part.trouble {
            Some(Trouble::Later(Some(when))) => stage.clock.set(when),
            other => break assert_eq!(other, Some(Trouble::Refused(Refused::ShutOut))),
        }
    }
    assert_eq!(left.iter().map(|inbox| inbox.email.as_str()).collect::<Vec<_>>(), ["nobody@acme.com"]);
    let warmed = stage.seen.all().into_iter().filter(|exchange| exchange.operation == "warm_up").count();
    assert!(warmed < 10, "{warmed} calls");
}

#[tokio::test]
async fn what_is_there_is_brought_back_and_what_is_right_is_left_alone() {
    let stage = Stage::new().await;
    let inbox = stage.inbox("jane@acme.com");
    stage.linked(&inbox).await;
    let before = stage.double.ledger();
    stage.linked(&inbox).await;
    assert_eq!(stage.double.ledger(), before);
    for (status, what) in [(2, "resumed"), (-2, "fixed"), (-3, "fixed")] {
        stage.double.alter("jane@acme.com", |account| account.status = status);
        stage.linked(&inbox).await;
        assert_eq!(stage.double.account("jane@acme.com").unwrap().status, 1, "{what}");
    }
    assert_eq!((stage.double.count("created", "jane@acme.com"), stage.double.count("fixed", "jane@acme.com")), (1, 2));
}

#[tokio::test]
async fn an_account_that_cannot_log_in_is_made_anew_with_the_password_that_is_known() {
    let stage = Stage::new().await;
    assert_eq!(stage.link(&[shut_inbox("jane@acme.com")]).await.trouble, Some(Trouble::Refused(Refused::ShutOut)));
    assert_eq!(stage.double.account("jane@acme.com").unwrap().status, -1, "it was made, and cannot log in");
    let unknown = Reachable { access: None, ..shut_inbox("jane@acme.com") };
    assert_eq!(stage.link(&[unknown]).await.trouble, Some(Trouble::Refused(Refused::ShutOut)));
    assert_eq!(stage.double.count("deleted", "jane@acme.com"), 0, "without a password nothing would be better");
    stage.double.open_mailbox("jane@acme.com", "another-4711");
    let mut inbox = shut_inbox("jane@acme.com");
    if let Some(providers::roles::Access::Password(login)) = &mut inbox.access {
        login.password = "another-4711".into();
    }
    stage.linked(&inbox).await;
    assert_eq!(
        (stage.double.count("deleted", "jane@acme.com"), stage.double.count("created", "jane@acme.com")),
        (1, 2)
    );
    assert_ne!(PASSWORD, "another-4711");
}

#[tokio::test]
async fn what_is_unlinked_is_gone_and_nothing_else() {
    let stage = Stage::new().await;
    stage.linked(&stage.inbox("kept@acme.com")).await;
    stage.linked(&stage.inbox("jane@acme.com")).await;
    for _ in 0..2 {
        assert_eq!(stage.unlink(&["Jane@acme.com", "nobody@acme.com"]).await, Ok(()));
    }
    assert!(stage.double.account("jane@acme.com").is_none() && stage.double.account("kept@acme.com").is_some());
    assert_eq!(stage.unlink(&[]).await, Ok(()));
}

#[tokio::test]
async fn it_is_told_whether_the_vendor_gets_in_and_not_guessed() {
    let stage = Stage::new().await;
    for email in ["good@acme.com", "bad@acme.com", "paused@acme.com"] {
        stage.linked(&stage.inbox(email)).await;
    }
    stage.double.close_mailbox("bad@acme.com");
    stage.double.alter("paused@acme.com", |account| account.status = 2);
    let emails = ["good@acme.com", "none@acme.com", "bad@acme.com", "paused@acme.com"].map(str::to_owned);
    let link = |email: &str, works| Link { email: email.into(), account: email.into(), sends: works, receives: works };
    let expected =
        vec![link("good@acme.com", Some(true)), link("bad@acme.com", Some(false)), link("paused@acme.com", None)];
    assert_eq!(stage.adapter.links(&call(), &login(), &emails).await, Ok(Some(expected)));
}

#[tokio::test]
async fn whoever_has_no_key_or_no_plan_is_asked_and_nobody_is_asked_in_vain() {
    let stage = Stage::new().await;
    let inboxes: Vec<_> = (0..20).map(|n| stage.inbox(&format!("n{n}@acme.com"))).collect();
    for key in [None, Some(""), Some("two words"), Some("line\nfeed")] {
        let login = SequencerLogin { api_key: key.map(Into::into), ..login() };
        assert_eq!(stage.adapter.ensure_linked(&call(), &login, &inboxes).await.trouble, Some(ASK), "{key:?}");
        assert_eq!(stage.adapter.links(&call(), &login, &["a@acme.com".into()]).await, Err(ASK));
    }
    assert_eq!(stage.double.server.asked().len(), 0);
    let revoked = SequencerLogin { api_key: Some("revoked".into()), ..login() };
    assert_eq!(stage.adapter.ensure_linked(&call(), &revoked, &inboxes).await.trouble, Some(ASK));
    stage.double.end_plan();
    assert_eq!(stage.link(&inboxes).await.trouble, Some(ASK));
    assert!(stage.double.server.asked().len() < 20, "no more than are under way at once, of each");
    assert!(stage.adapter.key_for(&call(), &login()).await.unwrap().is_none(), "it has no such exchange");
}

#[tokio::test]
async fn the_vendor_is_found_without_a_key() {
    let stage = Stage::usual().await;
    let examined = stage.adapter.examine().await.unwrap();
    assert!(examined.limits.iter().any(|limit| limit.contains("6000 calls")) && examined.remarks.len() == 1);
    assert_eq!(stage.adapter.takes(), [AccessKind::Password]);
}
