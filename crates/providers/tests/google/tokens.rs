//! Tokens: one for each scope, kept, renewed before they end, and asked for again when they are taken away.

use doubles::Fault;
use doubles::google::{ADMIN, OTHER_ADMIN};
use model::clock::{HOUR, MINUTE};
use providers::all::google::Fields;
use providers::roles::MailHost as _;
use providers::trouble::Trouble;

use super::stage::{Stage, adapter, call, fields};

#[tokio::test]
async fn a_token_is_asked_for_once_and_renewed_before_it_ends() {
    let stage = Stage::prompt().await;
    for _ in 0..3 {
        stage.adapter.ensure_domain(&call("acme.com")).await.unwrap();
    }
    assert_eq!(stage.asked("POST", "/token"), 2 + 3, "one for domains and one for sites, and the proofs");
    let granted = |stage: &Stage| stage.double.server.asked().iter().filter(|asked| asked.path == "/token").count();
    assert_eq!(granted(&stage), 2);
    stage.clock.advance(49 * MINUTE);
    stage.adapter.ensure_no_domain(&call("other.com")).await.unwrap();
    assert_eq!(granted(&stage), 2);
    stage.clock.advance(2 * MINUTE);
    stage.adapter.ensure_no_domain(&call("other.com")).await.unwrap();
    assert_eq!(granted(&stage), 3, "ten minutes before its end");
}

#[tokio::test]
async fn many_who_come_at_once_ask_for_one_token() {
    let stage = Stage::prompt().await;
    let calls: Vec<_> = (0..8).map(|n| call(&format!("free-{n}.com"))).collect();
    let all = calls.iter().map(|call| stage.adapter.ensure_no_domain(call));
    for told in futures_util::future::join_all(all).await {
        assert_eq!(told, Ok(()));
    }
    assert_eq!(stage.asked("POST", "/token"), 1);
}

#[tokio::test]
async fn a_token_that_cannot_be_renewed_yet_is_used_while_it_is_good() {
    let stage = Stage::prompt().await;
    stage.adapter.ensure_no_domain(&call("acme.com")).await.unwrap();
    stage.clock.advance(55 * MINUTE);
    stage.double.server.fail("POST", "/token", Fault::Broken);
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Ok(()));
    assert_eq!(stage.double.server.faults_left(), 0);
    stage.clock.advance(HOUR);
    stage.double.pass_to(stage.clock_seconds());
    stage.double.server.fail("POST", "/token", Fault::Broken);
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(None)), "not an old one");
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Ok(()));
}

#[tokio::test]
async fn a_token_that_is_taken_away_is_replaced() {
    let stage = Stage::prompt().await;
    stage.adapter.ensure_no_domain(&call("acme.com")).await.unwrap();
    stage.double.revoke_tokens();
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(None)), "nothing was done");
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Ok(()));
}

fn words(told: Result<impl std::fmt::Debug, Trouble>) -> String {
    match told {
        Err(Trouble::Misconfigured(words)) => words,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_scope_that_is_not_allowed_is_named() {
    let stage = Stage::prompt().await;
    let scope = "https://www.googleapis.com/auth/admin.directory.domain";
    stage.double.withhold(scope);
    let words = words(stage.adapter.ensure_domain(&call("acme.com")).await);
    assert!(words.contains(scope) && words.contains("domain-wide delegation"), "{words}");
}

#[tokio::test]
async fn an_administrator_who_cannot_be_acted_for_is_named() {
    let stage = Stage::prompt().await;
    stage.double.suspend_admin(ADMIN);
    let told = words(stage.adapter.ensure_domain(&call("acme.com")).await);
    assert!(told.contains(ADMIN) && told.contains("suspended"), "{told}");
    let mut other = fields(&stage.double);
    other.admin = OTHER_ADMIN.into();
    let other = adapter(&stage.double, &other, &stage.clock, None).unwrap();
    assert!(other.ensure_domain(&call("acme.com")).await.is_ok());
}

/// A machine whose clock is an hour off signs for a time that is over.
#[tokio::test]
async fn a_clock_that_is_wrong_is_said() {
    let stage = Stage::prompt().await;
    stage.clock.advance(-3 * HOUR);
    let words = words(stage.adapter.ensure_domain(&call("acme.com")).await);
    assert!(words.contains("clock"), "{words}");
}

#[tokio::test]
async fn fields_that_will_not_do_are_said_before_anybody_is_asked() {
    let stage = Stage::prompt().await;
    let good = || fields(&stage.double);
    let bad_uri = stage.double.key_file().replace("http://127.0.0.1", "http://example.com");
    for (begins, fields) in [
        ("key ", Fields { key: "{}".into(), ..good() }),
        ("key ", Fields { key: bad_uri.into(), ..good() }),
        ("admin ", Fields { admin: "me".into(), ..good() }),
        ("org_unit ", Fields { org_unit: "Sales".into(), ..good() }),
        ("licence ", Fields { licence: "some".into(), ..good() }),
    ] {
        let fault = adapter(&stage.double, &fields, &stage.clock, None).map(|_| ()).unwrap_err();
        assert!(fault.starts_with(begins), "{fault}");
    }
    assert!(stage.double.server.asked().is_empty());
}
