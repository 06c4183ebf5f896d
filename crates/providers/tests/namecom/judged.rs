//! The judge itself: it looks at both sides, and refuses junk.

use doubles::namecom::PRICE;
use providers::roles::Registrar as _;
use providers::vendor::{Answered, Exchange};
use serde_json::{Value, json};

use super::stage::{Stage, call, call_for, description, registrant};

/// A purchase as it goes over the wire.
async fn purchase() -> Exchange {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call_for("acme.com", registrant()), PRICE).await.unwrap();
    let all = stage.heard.exchanges();
    all.into_iter().find(|exchange| exchange.operation == "register").unwrap()
}

fn with_request(exchange: &Exchange, change: impl Fn(&mut Value)) -> Exchange {
    let mut body = serde_json::from_str(&exchange.request_body).unwrap();
    change(&mut body);
    Exchange { request_body: body.to_string(), ..exchange.clone() }
}

fn with_answer(exchange: &Exchange, change: impl Fn(&mut Value)) -> Exchange {
    let answer = exchange.answer.clone().unwrap();
    let mut body = serde_json::from_str(&answer.body).unwrap();
    change(&mut body);
    Exchange { answer: Some(Answered { body: body.to_string(), ..answer }), ..exchange.clone() }
}

#[tokio::test]
async fn the_judge_accepts_a_purchase_and_refuses_junk_in_what_is_sent() {
    let Some(judge) = description() else { return };
    let good = purchase().await;
    assert_eq!(judge.faults(&good), Vec::<String>::new());
    for (what, junk) in [
        ("an unknown field", with_request(&good, |body| body["colour"] = "red".into())),
        ("an unknown field inside", with_request(&good, |body| body["domain"]["zip"] = "1".into())),
        ("a wrong type", with_request(&good, |body| body["years"] = "one".into())),
        ("no domain", with_request(&good, |body| *body = json!({}))),
        (
            "a telephone with a point",
            with_request(&good, |body| {
                body["domain"]["contacts"]["admin"]["phone"] = "+1.2125550100".into();
            }),
        ),
        (
            "a country in small letters",
            with_request(&good, |body| {
                body["domain"]["contacts"]["registrant"]["country"] = "us".into();
            }),
        ),
        ("another method", Exchange { method: "PUT".into(), ..good.clone() }),
        ("another path", Exchange { url: format!("{}/buy", good.url), ..good.clone() }),
        ("an escaped colon", Exchange { url: good.url.replace("/domains", "/domains%3Abuy"), ..good.clone() }),
        ("a parameter", Exchange { url: format!("{}?years=1", good.url), ..good.clone() }),
    ] {
        assert_ne!(judge.faults(&junk), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn the_judge_refuses_junk_in_what_is_answered() {
    let Some(judge) = description() else { return };
    let good = purchase().await;
    let status = |status| {
        let answer = Answered { status, ..good.answer.clone().unwrap() };
        Exchange { answer: Some(answer), ..good.clone() }
    };
    for (what, junk) in [
        ("a price as a text", with_answer(&good, |body| body["totalPaid"] = "10.99".into())),
        ("no order", with_answer(&good, |body| _ = body.as_object_mut().unwrap().remove("order"))),
        ("no date", with_answer(&good, |body| _ = body["domain"].as_object_mut().unwrap().remove("expireDate"))),
        ("a date that is none", with_answer(&good, |body| body["domain"]["expireDate"] = "soon".into())),
        ("an invented field", with_answer(&good, |body| body["domain"]["autoRenew"] = true.into())),
        ("a status that is not described", status(418)),
        ("the shape of another status", status(400)),
    ] {
        assert_ne!(judge.faults(&junk), Vec::<String>::new(), "{what}");
    }
}

/// The paths with a colon are told apart from those without.
#[tokio::test]
async fn the_judge_has_heard_every_call_of_the_adapter() {
    let stage = Stage::new().await;
    let name = call("acme.com");
    let bought = stage.adapter.ensure_registered(&name, PRICE).await.unwrap();
    stage.adapter.renewal_price(&name).await.unwrap();
    stage.adapter.ensure_renewed(&name, bought.expires_at, 1_000_000).await.unwrap();
    stage.adapter.ensure_nameservers(&name, &["a.example".to_owned(), "b.example".to_owned()]).await.unwrap();
    stage.adapter.portfolio(&name.world).await.unwrap();
    providers::roles::Account::examine(&*stage.adapter).await.unwrap();
    stage.adapter.charges(&name.world).await.unwrap();
    let mut heard: Vec<_> = stage.heard.exchanges().iter().map(|exchange| exchange.operation).collect();
    heard.sort_unstable();
    heard.dedup();
    let all = [
        "balance",
        "check",
        "delegate",
        "list_charges",
        "list_domains",
        "list_orders",
        "list_unverified",
        "look_at_domain",
        "price",
        "register",
        "renew",
        "stop_renewing",
        "who_am_i",
    ];
    assert_eq!(heard, all);
}
