//! How inboxes are logged in to: shown to whoever may look, handed out to whoever may do everything, and kept nowhere.

use model::change::Change;
use model::clock::Clock as _;
use model::consent::{Consent, ConsentStatus};
use model::domain::{Domain, DomainName, MailProvider, Source};
use model::id::{Id as _, OrderId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::secret::Secret;
use serde_json::{Value, json};

use crate::support::{Api, order};

const PASSWORD: &str = "app-password-4711";

/// An order with a domain: Ann's inbox has a password, Bob's owner has consented, of Cy's nobody has said anything.
async fn inboxes(api: &Api) -> (String, Vec<Inbox>) {
    let body = order(&api.small_bundle().await);
    let placed = api.post("/partner/v1/orders", &body).await.is(200);
    let order = placed.data()["id"].as_str().expect("an id").to_owned();
    let scope = api.scope();
    let name = DomainName::stored("other-mail.com");
    let domain = Domain {
        order: Some(OrderId::opaque(&order)),
        provider: Some(MailProvider::Google),
        mail_logins: Some(Secret::plain(format!(r#"{{"ann@other-mail.com":"{PASSWORD}"}}"#))),
        ..Domain::new(api.ids.next(), &scope, name, Source::Registrar, api.clock.now())
    };
    let inbox = |name: &str| Inbox {
        id: api.ids.next(),
        partner: api.partner.clone(),
        world: scope.world.clone(),
        domain: domain.id.clone(),
        order: OrderId::opaque(&order),
        user: api.ids.next(),
        email: format!("{name}@other-mail.com"),
        first_name: name.into(),
        last_name: "Lee".into(),
        provider: MailProvider::Google,
        status: InboxStatus::Active,
        link: LinkStatus::Waiting,
        account_id: None,
        created_at: api.clock.now(),
        version: 1,
    };
    let rows = vec![inbox("ann"), inbox("bob"), inbox("cy")];
    let consent = Consent {
        inbox: rows[1].id.clone(),
        partner: api.partner.clone(),
        world: scope.world.clone(),
        domain: domain.id.clone(),
        status: ConsentStatus::Granted,
        round: 1,
        open_until: api.clock.now(),
        redirect_uri: String::new(),
        code: None,
        granted: Some(Secret::plain("refresh-token-4711")),
        created_at: api.clock.now(),
        version: 1,
    };
    let mut change = Change::default();
    change.domains.insert.push(domain);
    change.inboxes.insert.extend(rows.clone());
    change.consents.insert.push(consent);
    api.write(change).await;
    (order, rows)
}

fn path(inbox: &Inbox) -> String {
    format!("/partner/v1/inboxes/{}/access", inbox.id)
}

#[tokio::test]
async fn an_inbox_says_how_it_is_reached_and_nothing_secret() {
    proves!("GET /inboxes/{id}/access", "InboxAccess", "MailServerAddress");
    let api = Api::start().await;
    let (_, rows) = inboxes(&api).await;
    let expected = |inbox: &Inbox, kinds: Value| {
        json!({
            "inbox_id": inbox.id.as_str(), "email": inbox.email, "provider": "google", "user_name": inbox.email,
            "smtp": { "host": "smtp.gmail.com", "port": 465 }, "imap": { "host": "imap.gmail.com", "port": 993 },
            "kinds": kinds,
        })
    };
    for (inbox, kinds) in rows.iter().zip([json!(["password"]), json!(["oauth"]), json!([])]) {
        assert_eq!(*api.get(&path(inbox)).await.is(200).data(), expected(inbox, kinds));
    }
    api.get("/partner/v1/inboxes/inb_other/access").await.refuses(404, "not_found");
}

#[tokio::test]
async fn what_was_sent_for_an_inbox_is_handed_out_and_what_was_consented_to_is_not() {
    proves!("POST /inboxes/{id}/access", "HandedAccess");
    let api = Api::start().await;
    let (_, rows) = inboxes(&api).await;
    let mut said = vec![];
    for inbox in &rows {
        let reply = api.post(&path(inbox), &json!({})).await.is(201);
        assert_eq!(reply.headers["cache-control"], "no-store");
        assert_eq!(reply.data()["access"]["email"], inbox.email);
        said.push((reply.data()["password"].clone(), reply.data()["reason"].clone(), reply.data()["message"].clone()));
    }
    assert_eq!((&said[0].0, &said[0].1, &said[0].2), (&json!(PASSWORD), &Value::Null, &Value::Null));
    assert_eq!((&said[1].0, &said[1].1), (&Value::Null, &json!("held_by_consent")));
    assert_eq!((&said[2].0, &said[2].1), (&Value::Null, &json!("not_given")));
    assert!(said[2].2.as_str().unwrap().contains("`logins`"), "where to give it");
    assert!(!format!("{said:?}").contains("refresh-token"));
}

#[tokio::test]
async fn an_orders_inboxes_are_handed_out_as_json_and_as_a_sheet_and_no_answer_is_kept() {
    proves!("POST /orders/{id}/access", "OrderAccess");
    let api = Api::start().await;
    let (order, rows) = inboxes(&api).await;
    let path = format!("/partner/v1/orders/{order}/access");
    let all = api.post(&path, &json!({})).await.is(201);
    let inboxes = all.data()["inboxes"].as_array().unwrap();
    assert_eq!(
        inboxes.iter().map(|one| &one["access"]["email"]).collect::<Vec<_>>(),
        [&rows[0].email, &rows[1].email, &rows[2].email]
    );
    for (query, accept) in [("?format=csv", "*/*"), ("", "text/csv")] {
        let request = axum::http::Request::post(format!("{path}{query}"))
            .header("authorization", format!("Bearer {}", api.key))
            .header("idempotency-key", "one-and-the-same")
            .header("accept", accept);
        let (status, kind, text) = api.raw(request.body(axum::body::Body::empty()).unwrap()).await;
        assert_eq!((status, kind.as_str()), (201, "text/csv; charset=utf-8"));
        let lines: Vec<_> = text.split("\r\n").collect();
        assert!(lines[0].ends_with(",login,password,note") && lines.len() == 5, "{lines:?}");
        assert!(lines[1].ends_with(&format!("{PASSWORD},")) && !text.contains("refresh-token"), "{lines:?}");
    }
    api.post(&format!("{path}?format=xml"), &json!({})).await.refuses(400, "invalid_request");
    api.post("/partner/v1/orders/ord_other/access", &json!({})).await.refuses(404, "not_found");
    let mut db = api.store.read().await.unwrap();
    let audited = store::audit::list(&mut db, &store::audit::Filter::default(), 100).await.unwrap();
    let handed = audited.iter().filter(|entry| entry.act == model::audit::Act::LoginsHandOut).count();
    assert_eq!(handed, 3, "each time that somebody was told");
}
