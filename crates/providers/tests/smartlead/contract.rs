//! What the role promises, and how this vendor keeps it.

use doubles::smartlead::{API_KEY, No, OTHER_KEY, Saved};
use model::domain::{DomainName, MailProvider};
use model::world::World;
use providers::all::smartlead::{Knobs, Warmup};
use providers::conformance::{self, Maker};
use providers::roles::{Link, Sequencer as _};
use providers::trouble::Trouble;
use serde_json::json;

use super::stage::{REFRESH, Stage, by_consent, call, login, shut_inbox};
use crate::support::{Sandbox, start};

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
    let stage = Stage::new().await.spoilt();
    let sandbox = Sandbox::new().await;
    conformance::lost_replies(&stage.cast(&sandbox.cast), &maker(), MailProvider::Google).await;
    let saved = stage.double.ledger().into_iter().filter(|entry| entry.what == "saved");
    let mut saved: Vec<_> = saved.map(|entry| entry.email).collect();
    saved.sort();
    assert!(!saved.is_empty() && saved.windows(2).all(|two| two[0] != two[1]), "each once: {saved:?}");
}

#[tokio::test]
async fn an_inbox_is_told_of_once_and_found_afterwards_whatever_the_shape_of_the_yes() {
    for shape in Saved::ALL {
        let stage = Stage::new().await;
        stage.double.say_saved_as(shape);
        let inbox = stage.inbox("jane@acme.com");
        let id = stage.linked(&inbox).await;
        assert_eq!((stage.linked(&inbox).await, stage.double.accounts("jane@acme.com").len()), (id, 1), "{shape:?}");
    }
}

#[tokio::test]
async fn an_address_is_one_whatever_its_case() {
    let stage = Stage::new().await;
    let id = stage.linked(&stage.inbox("Jane.Doe@acme.com")).await;
    assert_eq!(stage.linked(&stage.inbox("jane.doe@ACME.com")).await, id);
    assert_eq!(stage.unlink(&["JANE.DOE@acme.com"]).await, Ok(()));
    assert!(stage.double.accounts("jane.doe@acme.com").is_empty());
}

#[tokio::test]
async fn an_account_is_as_the_operator_has_set_it() {
    let warmup = Some(Warmup { a_day: 40, ramp_up: 10, reply_rate: 45 });
    let stage = Stage::set(Knobs { warmup, daily_limit: 25, ..Knobs::default() }).await;
    let inbox = stage.inbox("jane@acme.com");
    stage.adapter.ensure_linked(&call(), &login(Some(366_903)), &[inbox]).await;
    let account = stage.double.accounts("jane@acme.com").remove(0);
    assert_eq!((account.client_id, account.max_email_per_day), (Some(366_903), Some(25)));
    assert_eq!((account.from_name.as_str(), account.username.as_str()), ("Jane Doe", "jane@acme.com"));
    let told = |name: &str| account.warmup[name].clone();
    assert_eq!(
        (told("total_warmup_per_day"), told("daily_rampup"), told("reply_rate_percentage")),
        (40.into(), 10.into(), 45.into())
    );
    let cold = Stage::set(Knobs { warmup: None, ..Knobs::default() }).await;
    cold.linked(&cold.inbox("jane@acme.com")).await;
    assert_eq!(cold.double.accounts("jane@acme.com")[0].warmup["warmup_enabled"], false);
}

#[tokio::test]
async fn consent_is_handed_on_and_warmed_up() {
    let stage = Stage::new().await;
    for (email, provider, kind) in
        [("g@acme.com", MailProvider::Google, "GMAIL"), ("m@acme.com", MailProvider::Microsoft, "OUTLOOK")]
    {
        stage.double.open_mailbox(email, REFRESH);
        let id = stage.linked(&by_consent(shut_inbox(email), provider)).await;
        let account = stage.double.accounts(email).remove(0);
        assert_eq!((account.id.to_string(), account.kind.as_str()), (id, kind));
        let token = account.token.unwrap();
        assert_eq!((token["refresh_token"].clone(), token["token_type"].clone()), (json!(REFRESH), json!("Bearer")));
        assert_eq!(token["expiry_date"].as_i64().map(|millis| millis / 1_000), Some(start().seconds()));
        assert_eq!((stage.double.count("warmed", email), account.warmup["daily_rampup"].clone()), (1, json!(5)));
    }
}

#[tokio::test]
async fn kinds_of_consent_are_called_as_the_operator_says() {
    let oauth_types = ["gmail".into(), "microsoft".into()];
    let stage = Stage::set(Knobs { oauth_types, ..Knobs::default() }).await;
    stage.double.name_types_as_described();
    stage.double.open_mailbox("m@acme.com", REFRESH);
    stage.linked(&by_consent(shut_inbox("m@acme.com"), MailProvider::Microsoft)).await;
    assert_eq!(stage.double.accounts("m@acme.com")[0].kind, "microsoft");
}

#[tokio::test]
async fn one_that_fails_keeps_no_other_back() {
    let stage = Stage::new().await;
    let mut inboxes: Vec<_> = (0..30).map(|n| stage.inbox(&format!("n{n:02}@acme.com"))).collect();
    inboxes.insert(3, shut_inbox("nobody@acme.com"));
    let hidden = stage.inbox("hidden@acme.com");
    stage.double.hide_servers(&hidden.email, true);
    inboxes.insert(0, hidden);
    let part = stage.link(&inboxes).await;
    assert_eq!(part.done.len(), 30);
    assert!(part.trouble.is_some());
    assert!(part.done.iter().map(|(email, _)| email).is_sorted(), "in the order in which they were asked for");
    stage.double.hide_servers("hidden@acme.com", false);
    assert_eq!(stage.link(&inboxes).await.done.len(), 31);
    assert!(inboxes.iter().all(|inbox| stage.double.accounts(&inbox.email).len() <= 1));
}

#[tokio::test]
async fn servers_that_nobody_knows_yet_are_tried_again() {
    for shape in No::ALL {
        let stage = Stage::new().await;
        stage.double.say_no_as(shape);
        let inbox = stage.inbox("jane@acme.com");
        stage.double.hide_servers(&inbox.email, true);
        assert_eq!(stage.link(&[inbox]).await.trouble, Some(Trouble::Later(None)), "{shape:?}");
    }
}

#[tokio::test]
async fn an_address_is_found_among_thousands_whether_or_not_lists_can_be_filtered() {
    for ignores in [false, true] {
        let stage = Stage::new().await;
        (0..250).for_each(|n| _ = stage.double.add(API_KEY, &format!("other{n}@elsewhere.com"), None));
        let id = stage.double.add(API_KEY, "jane@acme.com", None);
        (0..50).for_each(|n| _ = stage.double.add(API_KEY, &format!("more{n}@elsewhere.com"), None));
        if ignores {
            stage.double.ignore_filters();
        }
        let part = stage.link(&[stage.inbox("jane@acme.com"), stage.inbox("john@acme.com")]).await;
        assert_eq!((part.done[0].1.clone(), part.done.len(), part.trouble), (id.to_string(), 2, None));
        assert_eq!(
            (stage.double.count("saved", "jane@acme.com"), stage.double.count("saved", "john@acme.com")),
            (0, 1)
        );
    }
}

#[tokio::test]
async fn lists_that_are_shorter_than_was_asked_for_are_not_taken_for_whole() {
    let stage = Stage::new().await;
    stage.double.shorten_lists(40);
    stage.double.ignore_filters();
    (0..70).for_each(|n| _ = stage.double.add(API_KEY, &format!("other{n}@elsewhere.com"), None));
    let emails: Vec<_> = (0..12).map(|n| format!("n{n:02}@acme.com")).collect();
    emails.iter().for_each(|email| _ = stage.double.add(API_KEY, email, None));
    let inboxes: Vec<_> = emails.iter().map(|email| stage.inbox(email)).collect();
    assert_eq!((stage.link(&inboxes).await.done.len(), stage.link(&inboxes[..1]).await.done.len()), (12, 1));
    assert_eq!(stage.double.ledger(), vec![], "all were there");
    assert_eq!(stage.adapter.links(&call(), &login(None), &emails).await.unwrap().unwrap().len(), 12);
}

#[tokio::test]
async fn what_is_unlinked_is_gone_and_nothing_else() {
    let stage = Stage::new().await;
    let kept = stage.linked(&stage.inbox("kept@acme.com")).await;
    stage.linked(&stage.inbox("jane@acme.com")).await;
    stage.double.add(API_KEY, "jane@acme.com", None);
    stage.double.add(OTHER_KEY, "jane@acme.com", None);
    for _ in 0..2 {
        assert_eq!(stage.unlink(&["jane@acme.com", "nobody@acme.com"]).await, Ok(()));
    }
    let left = stage.double.accounts("jane@acme.com");
    assert_eq!(left.iter().map(|account| account.key.as_str()).collect::<Vec<_>>(), [OTHER_KEY], "both of the key's");
    assert_eq!(stage.double.accounts("kept@acme.com")[0].id.to_string(), kept);
    assert_eq!(stage.unlink(&[]).await, Ok(()));
}

#[tokio::test]
async fn it_is_told_whether_the_vendor_gets_in() {
    let stage = Stage::new().await;
    let good = stage.linked(&stage.inbox("good@acme.com")).await;
    let bad = stage.double.add(API_KEY, "bad@acme.com", None);
    stage.double.alter(bad, |account| account.failure = Some("535 not accepted".into()));
    let emails = ["good@acme.com", "none@acme.com", "bad@acme.com"].map(str::to_owned);
    let link = |email: &str, account: &str, works| Link {
        email: email.into(),
        account: account.into(),
        sends: Some(works),
        receives: Some(works),
    };
    let expected = vec![link("good@acme.com", &good, true), link("bad@acme.com", &bad.to_string(), false)];
    assert_eq!(stage.adapter.links(&call(), &login(None), &emails).await, Ok(Some(expected)));
    assert_eq!(stage.adapter.links(&call(), &login(None), &[]).await, Ok(Some(vec![])));
}
