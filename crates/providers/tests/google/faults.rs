//! Everything that goes wrong between us and the vendor: nothing is made twice, and "too often" is never "no".

use doubles::Fault;
use doubles::google::LIMIT;
use model::clock::{HOUR, MINUTE, SECOND};
use providers::roles::MailHost as _;
use providers::trouble::Trouble;

use super::stage::{Stage, call, spec};
use crate::support::start;

/// What may have been done when nobody heard of it, and what is heard then.
const UNHEARD: [Fault; 6] =
    [Fault::ReplyLost, Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer, Fault::Silence];

const JANE: &str = "jane@acme.com";

/// The clock goes on when nothing else does.
#[tokio::test(start_paused = true)]
async fn what_nobody_heard_of_is_unknown_and_done_once() {
    for fault in UNHEARD {
        let stage = Stage::prompt().await;
        stage.double.server.fail("POST", "/domains", fault);
        assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Unknown), "{fault:?}");
        let call = stage.opened("acme.com").await;
        assert_eq!(stage.double.count("domain_added", "acme.com"), 1, "{fault:?}");
        stage.double.server.fail("POST", "/users", fault);
        let part = stage.adapter.ensure_mailboxes(&call, &[spec(JANE)]).await;
        assert_eq!(part.trouble, Some(Trouble::Unknown), "{fault:?}");
        stage.filled(&call, &[spec(JANE)]).await;
        assert_eq!(stage.double.count("user_made", JANE), 1, "{fault:?}");
        let id = stage.double.user(JANE).unwrap()["id"].as_str().unwrap().to_owned();
        stage.double.server.fail("PATCH", &id, fault);
        let rename = async || stage.adapter.ensure_renamed(&call, JANE, &spec("joan@acme.com")).await;
        assert_eq!(rename().await, Err(Trouble::Unknown), "{fault:?}");
        assert_eq!(rename().await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.count("user_renamed", "joan@acme.com"), 1, "{fault:?}");
        for ending in [id.as_str(), "/domains/acme.com"] {
            stage.double.server.fail("DELETE", ending, fault);
            assert_eq!(stage.adapter.ensure_no_domain(&call).await, Err(Trouble::Unknown), "{fault:?} {ending}");
        }
        assert_eq!(stage.adapter.ensure_no_domain(&call).await, Ok(()), "{fault:?}");
        assert_eq!(stage.double.count("user_deleted", "joan@acme.com"), 1, "{fault:?}");
        assert_eq!(stage.double.server.faults_left(), 0);
    }
}

#[tokio::test]
async fn a_look_that_says_nothing_decides_nothing() {
    let stage = Stage::prompt().await;
    for fault in [Fault::RequestLost, Fault::Broken, Fault::PageInstead, Fault::HalfAnAnswer] {
        stage.double.server.fail("GET", "/acme.com", fault);
        assert_eq!(stage.adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Later(None)), "{fault:?}");
        stage.clock.advance(HOUR / 2);
        stage.double.pass_to(stage.clock_seconds());
    }
    assert_eq!(stage.double.count("domain_added", "acme.com"), 0);
}

/// Somebody in between says that there is no such user, and the vendor has not said so.
#[tokio::test]
async fn a_not_found_in_no_envelope_of_the_vendors_is_no_certain_no() {
    let token = br#"{"access_token":"a","expires_in":3599,"token_type":"Bearer"}"#;
    let ok =
        |body: &[u8]| [format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat();
    let none = b"HTTP/1.1 404 X\r\ncontent-length: 2\r\n\r\n{}".to_vec();
    let (base, _serving) =
        doubles::replay(vec![("POST".into(), "/token".into(), ok(token)), ("GET".into(), "".into(), none)]).await;
    let stage = Stage::prompt().await;
    let mut fields = super::stage::fields(&stage.double);
    fields.key = stage.double.key_file().replace(&stage.double.server.base(), &base).into();
    let adapter = super::stage::adapter_at(&base, &fields, &stage.clock, None).unwrap();
    assert_eq!(adapter.ensure_domain(&call("acme.com")).await, Err(Trouble::Later(None)));
    assert_eq!(adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(None)));
}

#[tokio::test]
async fn too_often_is_said_with_a_403_too_and_waited_out() {
    for reason in ["userRateLimitExceeded", "rateLimitExceeded", "quotaExceeded", "dailyLimitExceeded"] {
        let stage = Stage::prompt().await;
        stage.double.say_no("POST", "/domains", 403, reason, "Quota exceeded");
        let until = start().plus(MINUTE);
        let told = stage.adapter.ensure_domain(&call("acme.com")).await;
        assert_eq!(told, Err(Trouble::Later(Some(until))), "{reason}");
        let asked = stage.double.server.asked().len();
        assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(Some(until))));
        assert_eq!(stage.double.server.asked().len(), asked, "nobody is asked in the meantime");
        stage.clock.set(until);
        assert!(stage.adapter.ensure_domain(&call("acme.com")).await.is_ok());
    }
    let stage = Stage::prompt().await;
    stage.double.server.fail("POST", "/domains", Fault::TooMany(Some(7)));
    let told = stage.adapter.ensure_domain(&call("acme.com")).await;
    assert_eq!(told, Err(Trouble::Later(Some(start().plus(7 * SECOND)))));
}

#[tokio::test]
async fn any_other_403_is_the_operators_and_names_what_is_missing() {
    for (reason, message, word) in [
        ("forbidden", "Not Authorized to access this resource/api", "super administrator"),
        ("notAuthorized", "Not authorized", "admin.directory.domain"),
        ("accessNotConfigured", "Admin SDK API has not been used in project 47 before", "Admin SDK API"),
    ] {
        let stage = Stage::prompt().await;
        stage.double.say_no("POST", "/domains", 403, reason, message);
        let told = stage.adapter.ensure_domain(&call("acme.com")).await;
        assert!(matches!(&told, Err(Trouble::Misconfigured(words)) if words.contains(word)), "{told:?}");
    }
}

/// As many as it lets us is as many as we ask, on a clock that does not go on.
#[tokio::test]
async fn the_vendor_never_has_to_refuse_for_being_asked_too_often() {
    let stage = Stage::prompt().await;
    let mut looks = 0;
    let told = loop {
        match stage.adapter.ensure_no_domain(&call("acme.com")).await {
            Ok(()) => looks += 1,
            told => break told,
        }
    };
    let Err(Trouble::Later(Some(until))) = told else { panic!("{told:?}") };
    assert_eq!(looks, LIMIT);
    stage.clock.set(until);
    stage.double.pass_to(until.seconds());
    assert_eq!(stage.adapter.ensure_no_domain(&call("acme.com")).await, Ok(()));
}

/// A list whose every page leads to another ends all the same.
#[tokio::test]
async fn a_list_that_never_ends_is_given_up() {
    let token = br#"{"access_token":"a","expires_in":3599,"token_type":"Bearer"}"#;
    let ok =
        |body: &[u8]| [format!("HTTP/1.1 200 X\r\ncontent-length: {}\r\n\r\n", body.len()).as_bytes(), body].concat();
    let (base, _serving) = doubles::replay(vec![
        ("POST".into(), "/token".into(), ok(token)),
        ("GET".into(), "/users".into(), ok(br#"{"users":[],"nextPageToken":"again"}"#)),
        ("GET".into(), "/acme.com".into(), ok(br#"{"domainName":"acme.com","isPrimary":false}"#)),
    ])
    .await;
    let stage = Stage::prompt().await;
    let mut fields = super::stage::fields(&stage.double);
    fields.key = stage.double.key_file().replace(&stage.double.server.base(), &base).into();
    let adapter = super::stage::adapter_at(&base, &fields, &stage.clock, None).unwrap();
    assert_eq!(adapter.ensure_no_domain(&call("acme.com")).await, Err(Trouble::Later(None)));
}
