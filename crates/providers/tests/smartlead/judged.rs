//! The judge itself: it looks at both sides, and refuses junk.

use model::domain::MailProvider;
use providers::roles::Sequencer as _;
use providers::vendor::{Answered, Exchange};
use serde_json::{Value, json};

use super::stage::{DESCRIPTION, REFRESH, Stage, by_consent, call, login, shut_inbox};

/// An inbox on its way over the wire.
async fn told() -> Exchange {
    let stage = Stage::new().await;
    stage.linked(&stage.inbox("jane@acme.com")).await;
    let all = stage.heard.exchanges();
    all.into_iter().find(|exchange| exchange.operation == "link").unwrap()
}

fn with_request(exchange: &Exchange, change: impl Fn(&mut Value)) -> Exchange {
    let mut body = serde_json::from_str(&exchange.request_body).unwrap();
    change(&mut body);
    Exchange { request_body: body.to_string(), ..exchange.clone() }
}

fn with_answer(exchange: &Exchange, status: u16, body: &Value) -> Exchange {
    let answer = Answered { status, body: body.to_string(), ..exchange.answer.clone().unwrap() };
    Exchange { answer: Some(answer), ..exchange.clone() }
}

#[tokio::test]
async fn the_judge_accepts_an_inbox_and_refuses_junk_in_what_is_sent() {
    let good = told().await;
    assert_eq!(DESCRIPTION.faults(&good), Vec::<String>::new());
    for (what, junk) in [
        ("an unknown field", with_request(&good, |body| body["warm"] = true.into())),
        ("a port as a text", with_request(&good, |body| body["smtp_port"] = "587".into())),
        ("no password", with_request(&good, |body| _ = body.as_object_mut().unwrap().remove("password"))),
        ("a ramp-up that is too slow", with_request(&good, |body| body["daily_rampup"] = 1.into())),
        ("more than a day allows", with_request(&good, |body| body["total_warmup_per_day"] = 51.into())),
        ("an address that is none", with_request(&good, |body| body["from_email"] = "jane".into())),
        ("a client as a text", with_request(&good, |body| body["client_id"] = "7".into())),
        ("no body", Exchange { request_body: String::new(), ..good.clone() }),
        ("another method", Exchange { method: "PUT".into(), ..good.clone() }),
        ("another path", Exchange { url: good.url.replace("/save?", "/store?"), ..good.clone() }),
        ("another parameter", Exchange { url: format!("{}&page=1", good.url), ..good.clone() }),
    ] {
        assert_ne!(DESCRIPTION.faults(&junk), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn the_judge_refuses_junk_in_what_is_answered() {
    let good = told().await;
    for (what, status, body) in [
        ("an id as a text", 200, json!({ "ok": true, "id": "7" })),
        ("no id at all", 200, json!({ "ok": true })),
        ("two shapes at once", 200, json!({ "ok": true, "id": 7, "emailAccountId": 7 })),
        ("an invented field", 200, json!({ "ok": true, "id": 7, "day": 1 })),
        ("a status that is not described", 418, json!({ "message": "no" })),
        ("the shape of another status", 400, json!({ "ok": true, "id": 7 })),
    ] {
        assert_ne!(DESCRIPTION.faults(&with_answer(&good, status, &body)), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn the_judge_has_heard_every_call_of_the_adapter() {
    let stage = Stage::new().await;
    stage.double.open_mailbox("g@acme.com", REFRESH);
    stage.linked(&by_consent(shut_inbox("g@acme.com"), MailProvider::Google)).await;
    let id = stage.double.accounts("g@acme.com")[0].id;
    stage.double.alter(id, |account| account.is_suspended = true);
    let again = [by_consent(shut_inbox("g@acme.com"), MailProvider::Google)];
    assert_eq!(stage.adapter.ensure_linked(&call(), &login(Some(7)), &again).await.trouble, None);
    stage.unlink(&["g@acme.com"]).await.unwrap();
    stage.adapter.key_for(&call(), &login(None)).await.unwrap();
    let mut heard: Vec<_> = stage.heard.exchanges().iter().map(|exchange| exchange.operation).collect();
    heard.sort_unstable();
    heard.dedup();
    let all =
        ["give_to_client", "link", "list_accounts", "look_at_account", "sign_in", "unlink", "unsuspend", "warm_up"];
    assert_eq!(heard, all);
}
