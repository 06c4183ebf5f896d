//! The published page, step by step, on both databases.

use serde_json::json;

use crate::support::{Rig, order_body};

async fn four_steps(rig: Rig) {
    rig.endpoint("https://example.com/hooks").await;

    // 1. Bundles.
    let body = json!({ "name": "Starter - 25k emails/month", "monthly_sending_volume": 25000, "send_on_weekends": false, "google_inboxes_per_domain": 2 });
    let bundle = rig.call("POST", "/bundles", Some(&body)).await;
    assert_eq!(bundle.status, 201);
    assert_eq!(bundle.body["data"]["required_domains"], json!({ "google": 15, "microsoft": 4, "total": 19 }));
    let big =
        json!({ "name": "Big", "monthly_sending_volume": 100_000, "google_percent": 70, "microsoft_percent": 30 });
    let big = rig.call("POST", "/bundles", Some(&big)).await;
    assert_eq!(big.body["data"]["required_domains"], json!({ "google": 80, "microsoft": 10, "total": 90 }));

    // 2. Availability.
    let names = json!({ "domains": ["acme-mail.com", "team-acme.com", "premium-acme.com"] });
    let rows = rig.call("POST", "/domains/availability", Some(&names)).await;
    assert_eq!(
        rows.body["data"]["domains"],
        json!([
            { "domain": "acme-mail.com", "available": true, "price_cents": 1300, "renewal_price_cents": 1500, "currency": "usd", "usable_for": ["google", "microsoft"] },
            { "domain": "team-acme.com", "available": true, "price_cents": 1300, "renewal_price_cents": 1500, "currency": "usd", "usable_for": ["google"] },
            { "domain": "premium-acme.com", "available": false, "premium": true, "reason": "premium" },
        ])
    );

    // 3. The order.
    let small = json!({ "name": "Small", "monthly_sending_volume": 880 });
    let small = rig.call("POST", "/bundles", Some(&small)).await.body["data"]["id"].clone();
    let mut body = order_body(&["acme-mail.com", "team-acme.com"]);
    body.as_object_mut().unwrap().retain(|key, _| !key.ends_with("_licenses"));
    body["bundle_id"] = small;
    let receipt = rig.call("POST", "/orders", Some(&body)).await;
    assert_eq!(receipt.status, 200, "{}", receipt.body);
    assert_eq!(receipt.body["data"]["costs"], json!({ "total_cents": 6800, "currency": "usd" }));
    assert_eq!(receipt.body["data"]["status"], "in_progress");
    assert_eq!(receipt.body["data"]["renews_at"], "2026-06-08T12:00:00Z");

    // 4. The webhooks.
    rig.settle_all().await;
    let sent = rig.courier.sent();
    let mut told: Vec<_> =
        sent.iter().map(|one| (one.event()["id"].as_str().unwrap().to_owned(), one.kind())).collect();
    told.sort();
    let kinds: Vec<_> = told.iter().map(|(_, kind)| kind.as_str()).collect();
    assert_eq!(kinds, ["order.in_progress", "domain.connected", "domain.connected", "order.completed"]);
    assert_eq!(rig.event_types().await, kinds, "the feed tells the same");

    let id = receipt.body["data"]["id"].as_str().unwrap();
    let order = rig.order(id).await;
    let completed = sent.iter().find(|one| one.kind() == "order.completed").unwrap().event();
    assert_eq!(completed["data"], order, "the event carries what the GET shows");
    assert_eq!(order["status"], "completed");
    assert_eq!(order["domains"][0]["provider"], "microsoft");
    assert_eq!(order["domains"][0]["inboxes"], 25);
    assert_eq!(order["domains"][1]["provider"], "google");
    assert_eq!(order["domains"][1]["inboxes"], 2);
    for name in ["acme-mail.com", "team-acme.com"] {
        assert_eq!(rig.effects("registered", name).await, 1);
    }
    assert_eq!(rig.effects("mailbox_created", "alex.rivera@acme-mail.com").await, 1);
    assert_eq!(rig.effects("account_linked", "sam.lee@team-acme.com").await, 1);
}

#[tokio::test]
async fn the_published_page_works_on_sqlite() {
    proves!("event order.completed", "event domain.connected");
    four_steps(Rig::sqlite().await).await;
}

#[tokio::test]
async fn the_published_page_works_on_postgresql() {
    if let Some(rig) = Rig::postgres().await {
        four_steps(rig).await;
    }
}

#[tokio::test]
async fn no_secret_is_in_any_answer_event_or_row() {
    let rig = Rig::sqlite().await;
    rig.endpoint("https://example.com/hooks").await;
    let id = rig.place(&order_body(&["acme-one.com", "acme-two.com"])).await;
    rig.settle_all().await;
    let mut texts = vec![rig.order(&id).await.to_string()];
    for path in ["/orders", "/events", "/bundles", "/me"] {
        texts.push(rig.call("GET", path, None).await.body.to_string());
    }
    texts.extend(rig.courier.sent().into_iter().map(|one| one.body));
    for file in ["mailwright.db", "mailwright.db-wal", "sandbox.db", "sandbox.db-wal"] {
        let bytes = std::fs::read(rig.folder.path().join(file)).unwrap_or_default();
        texts.push(String::from_utf8_lossy(&bytes).into_owned());
    }
    for text in texts {
        assert!(!text.contains("hunter2-secret"), "{}", &text[..200.min(text.len())]);
    }
}

#[tokio::test]
async fn placing_two_domains_writes_few_rows_in_few_statements() {
    let rig = Rig::sqlite().await;
    rig.endpoint("https://example.com/hooks").await;
    let scope = rig.scope();
    let placing = model::order::Placing {
        user: Some(model::order::UserRef::Email("alex@acme.com".into())),
        size: model::order::Size::Licenses { google: 2, microsoft: 1, google_inboxes_per_domain: 2 },
        sequencer: Some(model::order::SequencerLogin {
            client_id: None,
            provider: model::order::SequencerProvider::Smartlead,
            login_email: Some("peeker@acme.com".into()),
            login_password: Some(model::secret::Secret::plain("x")),
            api_key: None,
        }),
        domains: ["acme-one.com", "acme-two.com"]
            .map(|name| model::order::Wanted {
                name: model::domain::DomainName::stored(name),
                forwarding_url: None,
                provider: None,
            })
            .into(),
        personas: vec![model::persona::Persona {
            first_name: "Alex".into(),
            last_name: "Rivera".into(),
            profile_picture_url: None,
            addresses: vec![],
        }],
        forwarding_url: None,
        max_total_cents: None,
        quote_id: None,
        reference: None,
        metadata: std::collections::BTreeMap::new(),
        dkim: None,
    };
    let names: Vec<_> = placing.domains.iter().map(|wanted| wanted.name.clone()).collect();
    let cast = rig.wired.sim.cast();
    let answers = cast.registrar.check(&scope.world, &names, providers::roles::Purpose::Buy).await.unwrap();
    let now = model::clock::Now { server: crate::support::NOW, offset: 0 };
    let ids = rig.wired.app.ids.clone();
    let statements = rig
        .wired
        .store
        .write(move |tx| {
            let (scope, placing, answers, ids) = (scope.clone(), placing.clone(), answers.clone(), ids.clone());
            Box::pin(async move {
                let facts = store::orders::facts_for_placing(tx, &scope, &placing).await?;
                let rules = model::order::Rules::default();
                let (placing, facts, answers, rules) = (&placing, &facts, &answers[..], &rules);
                let submitted = model::order::Submitted { scope: &scope, placing, facts, answers, rules, now };
                let placed = model::order::place(&submitted, &ids)?;
                tx.record(true);
                tx.apply(placed.change, &ids, now.server).await?;
                Ok(tx.record(false))
            })
        })
        .await
        .unwrap();
    let rows: u64 = statements.iter().map(|statement| statement.rows).sum();
    assert!(statements.len() <= 12 && rows <= 16, "{} statements, {rows} rows", statements.len());
}
