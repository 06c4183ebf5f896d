//! Names that are in orders, and those that are not.

use model::change::Change;
use model::clock::{Clock as _, Time};
use model::dns::{DnsHealth, Health, HostedZone, Purpose, Records, RrSet, RrType};
use model::domain::{Domain, DomainName, DomainStatus, MailProvider, Source};
use model::id::{Id, OrderId, UserId, ZoneId};
use model::partner::Preset;
use model::world::Environment;
use serde_json::{Value, json};

use crate::support::{Api, NOON};

const PATH: &str = "/partner/v1/domains";

/// A domain of a status; those before `active` and after are in an order, the others are not.
fn domain(api: &Api, name: &str, status: DomainStatus, user: Option<&str>) -> Domain {
    let new = Domain::new(api.ids.next(), &api.scope(), DomainName::stored(name), Source::Registrar, api.clock.now());
    let free = matches!(status, DomainStatus::Available | DomainStatus::Released);
    Domain {
        status,
        order: (!free).then(|| OrderId::opaque("ord_1")),
        user: user.map(UserId::opaque),
        provider: (!free).then_some(MailProvider::Google),
        usable_for: vec![MailProvider::Google],
        ..new
    }
}

async fn names(api: &Api, query: &str) -> Vec<String> {
    let reply = api.get(&format!("{PATH}{query}")).await.is(200);
    let rows = reply.data().as_array().expect("a list").iter();
    rows.map(|row| row["domain"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn a_domain_shows_all_that_is_known_of_it() {
    proves!("GET /domains/{id}", "Domain", "Zone", "ZoneRecord");
    let api = Api::start().await;
    let whole = Domain {
        usable_for: vec![MailProvider::Google, MailProvider::Microsoft],
        forwarding_url: Some("https://acme.com".into()),
        dns: Some(DnsHealth {
            spf: Health::Ok,
            dkim: Health::Ok,
            dmarc: Health::Missing,
            mx: Health::Unknown,
            checked_at: Time::parse(NOON).unwrap(),
        }),
        expires_at: Time::parse("2027-05-08T12:00:00Z"),
        ..domain(&api, "acme-mail.com", DomainStatus::Active, Some("usr_1"))
    };
    let bare = domain(&api, "bare.com", DomainStatus::Available, None);
    let mut change = Change::default();
    change.domains.insert.extend([whole.clone(), bare.clone()]);
    change.zones.insert.push(zone(&whole));
    api.write(change).await;
    let read = api.get(&format!("{PATH}/{}", whole.id)).await.is(200);
    assert_eq!(
        *read.data(),
        json!({
            "id": whole.id.as_str(),
            "domain": "acme-mail.com",
            "category": "connected",
            "status": "active",
            "source": "registrar",
            "provider": "google",
            "user_id": "usr_1",
            "order_id": "ord_1",
            "usable_for": ["google", "microsoft"],
            "forwarding_url": "https://acme.com",
            "dns": { "spf": "ok", "dkim": "ok", "dmarc": "missing", "mx": "unknown", "checked_at": NOON },
            "expires_at": "2027-05-08T12:00:00Z",
            "created_at": NOON,
            "zone": shown_zone()
        })
    );
    let read = api.get(&format!("{PATH}/{}", bare.id)).await.is(200);
    assert_eq!(read.data().get("zone"), None);
    for field in ["provider", "user_id", "order_id", "forwarding_url", "dns", "expires_at"] {
        assert_eq!(read.data().get(field), Some(&Value::Null), "{field}");
    }
    assert_eq!(read.data()["category"], "inventory");
    api.get(&format!("{PATH}/dom_1")).await.refuses(404, "not_found");
    let live = api.add_key(Environment::Live, Preset::Read).await;
    api.get_as(&live, &format!("{PATH}/{}", whole.id)).await.refuses(404, "not_found");
    assert_eq!(api.get_as(&live, PATH).await.is(200).json["meta"]["returned"], 0);
}

/// As the zone below is shown.
fn shown_zone() -> Value {
    json!({
        "nameservers": ["ns1.host.example"],
        "serial": 7,
        "published": true,
        "records": [
            {
                "purpose": "mail", "name": "acme-mail.com", "type": "MX", "ttl": 300,
                "values": ["1 smtp.google.com"], "served": true
            },
            {
                "purpose": "customer", "name": "acme-mail.com", "type": "MX", "ttl": 300,
                "values": ["10 mx.old.example"], "served": false
            }
        ],
        "notes": [
            "The MX record `10 mx.old.example` of acme-mail.com is kept, and not served while ours takes its place."
        ]
    })
}

fn zone(domain: &Domain) -> HostedZone {
    let set = |purpose, value: &str| Records {
        purpose,
        set: RrSet { name: domain.name.to_string(), rtype: RrType::Mx, ttl: 300, values: vec![value.into()] },
    };
    HostedZone {
        id: ZoneId::opaque("zon_1"),
        partner: domain.partner.clone(),
        world: domain.world.clone(),
        domain: domain.id.clone(),
        name: domain.name.clone(),
        account: None,
        nameservers: vec!["ns1.host.example".into()],
        records: vec![set(Purpose::Mail, "1 smtp.google.com"), set(Purpose::Customer, "10 mx.old.example")],
        serial: 7,
        published_serial: Some(7),
        redirects_to: None,
        redirect_account: None,
        created_at: domain.created_at,
        removed_at: None,
        version: 1,
    }
}

#[tokio::test]
async fn the_list_is_narrowed_by_every_filter() {
    proves!("GET /domains");
    let api = Api::start().await;
    let mut change = Change::default();
    change.domains.insert.extend([
        domain(&api, "free.com", DomainStatus::Available, None),
        domain(&api, "works.com", DomainStatus::Active, Some("usr_1")),
        Domain {
            usable_for: vec![MailProvider::Microsoft],
            ..domain(&api, "micro.com", DomainStatus::Pending, Some("usr_2"))
        },
        domain(&api, "failed.com", DomainStatus::Failed, Some("usr_1")),
        domain(&api, "gone.com", DomainStatus::Released, Some("usr_1")),
    ]);
    let failed = change.domains.insert[3].id.clone();
    api.write(change).await;
    for (query, expected) in [
        ("", vec!["micro.com", "works.com", "free.com"]),
        ("?category=inventory", vec!["free.com"]),
        ("?category=connected", vec!["micro.com", "works.com"]),
        ("?category=inventory&status=released", vec!["gone.com"]),
        ("?user_id=usr_1", vec!["works.com"]),
        ("?user_id=usr_1&status=failed", vec!["failed.com"]),
        ("?usable_for=google", vec!["works.com", "free.com"]),
        ("?usable_for=microsoft", vec!["micro.com"]),
        ("?usable_for=microsoft&category=inventory", vec![]),
        ("?status=released", vec!["gone.com"]),
        ("?status=active&usable_for=google&user_id=usr_1&category=connected", vec!["works.com"]),
    ] {
        assert_eq!(names(&api, query).await, expected, "{query}");
    }
    assert_eq!(api.get(&format!("{PATH}/{failed}")).await.is(200).data()["status"], "failed");
    for (query, field) in [
        ("?category=free", "category"),
        ("?usable_for=yahoo", "usable_for"),
        ("?status=deleted", "status"),
        ("?user_email=", "user_email"),
        ("?page_token=x", "page_token"),
    ] {
        api.get(&format!("{PATH}{query}")).await.refuses_field(field);
    }
}

#[tokio::test]
async fn an_address_stands_for_the_user_who_has_it_or_had_it_last() {
    let api = Api::start().await;
    let make = async || {
        let body = json!({ "email": "alex@acme.com", "sequencer": { "provider": "smartlead" } });
        api.post("/partner/v1/users", &body).await.is(201).data()["id"].as_str().unwrap().to_owned()
    };
    let remove = async |id: &str| api.json("DELETE", &format!("/partner/v1/users/{id}"), &json!({})).await.is(200);
    let first = make().await;
    let mut change = Change::default();
    change.domains.insert.push(domain(&api, "first.com", DomainStatus::Available, Some(&first)));
    api.write(change).await;
    assert_eq!(names(&api, "?user_email=ALEX@acme.com").await, ["first.com"]);
    remove(&first).await;
    assert_eq!(names(&api, "?user_email=alex@acme.com").await, ["first.com"]);
    let second = make().await;
    assert_eq!(names(&api, "?user_email=alex@acme.com").await, [""; 0]);
    assert_eq!(names(&api, &format!("?user_email=alex@acme.com&user_id={first}")).await, [""; 0]);
    let mut change = Change::default();
    change.domains.insert.push(domain(&api, "second.com", DomainStatus::Available, Some(&second)));
    api.write(change).await;
    assert_eq!(names(&api, &format!("?user_email=alex@acme.com&user_id={second}")).await, ["second.com"]);
    assert_eq!(names(&api, "?user_email=nobody@acme.com").await, [""; 0]);
}
