//! The judge itself: it looks at both sides, and refuses junk.

use doubles::porkbun::{PRICE, RENEWAL};
use providers::roles::Registrar as _;
use providers::vendor::{Answered, Exchange};
use serde_json::{Value, json};

use super::stage::{Stage, call, description};

/// A purchase as it goes over the wire.
async fn purchase() -> Exchange {
    let stage = Stage::new().await;
    stage.adapter.ensure_registered(&call("acme.com"), PRICE).await.unwrap();
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
        ("an unknown field", with_request(&good, |body| body["dryRun"] = true.into())),
        ("dollars for cents", with_request(&good, |body| body["cost"] = json!(9.73))),
        ("a price as a text", with_request(&good, |body| body["cost"] = "973".into())),
        ("no price", with_request(&good, |body| _ = body.as_object_mut().unwrap().remove("cost"))),
        ("another word for yes", with_request(&good, |body| body["agreeToTerms"] = "true".into())),
        ("no body", Exchange { request_body: String::new(), ..good.clone() }),
        ("another method", Exchange { method: "PUT".into(), ..good.clone() }),
        ("another path", Exchange { url: good.url.replace("/create/", "/buy/"), ..good.clone() }),
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
        ("an order as a text", with_answer(&good, |body| body["orderId"] = "70001".into())),
        ("no order", with_answer(&good, |body| _ = body.as_object_mut().unwrap().remove("orderId"))),
        ("a balance in dollars", with_answer(&good, |body| body["balance"] = json!(12.34))),
        ("an invented field", with_answer(&good, |body| body["limits"]["day"] = 1.into())),
        ("a status that is not described", status(418)),
        ("the shape of another status", status(400)),
    ] {
        assert_ne!(judge.faults(&junk), Vec::<String>::new(), "{what}");
    }
}

#[tokio::test]
async fn the_judge_has_heard_every_call_of_the_adapter() {
    let stage = Stage::new().await;
    let name = call("acme.com");
    let bought = stage.adapter.ensure_registered(&name, PRICE).await.unwrap();
    stage.adapter.ensure_renewed(&name, bought.expires_at, RENEWAL).await.unwrap();
    stage.adapter.ensure_nameservers(&name, &["a.example".to_owned(), "b.example".to_owned()]).await.unwrap();
    stage.adapter.portfolio(&name.world).await.unwrap();
    providers::roles::Account::examine(&*stage.adapter).await.unwrap();
    stage.double.tell_no_renewal_price();
    stage.double.hold_name("other.com");
    assert_eq!(stage.adapter.renewal_price(&call("other.com")).await, Ok(RENEWAL), "from the list of all prices");
    let mut heard: Vec<_> = stage.heard.exchanges().iter().map(|exchange| exchange.operation).collect();
    heard.sort_unstable();
    heard.dedup();
    let all = [
        "balance",
        "check",
        "delegate",
        "limits",
        "list_domains",
        "look_at_delegation",
        "look_at_domain",
        "ping",
        "prices",
        "register",
        "renew",
        "stop_renewing",
    ];
    assert_eq!(heard, all);
}
