//! Inboxes.

use model::change::Change;
use model::clock::Clock as _;
use model::domain::MailProvider;
use model::id::{DomainId, Id, OrderId, UserId};
use model::inbox::{Inbox, InboxStatus, LinkStatus};
use model::partner::Preset;
use model::world::Environment;
use serde_json::json;

use crate::support::{Api, NOON};

const PATH: &str = "/partner/v1/inboxes";

fn inbox(api: &Api, email: &str, n: u8, status: InboxStatus) -> Inbox {
    Inbox {
        id: api.ids.next(),
        partner: api.partner.clone(),
        world: api.scope().world,
        domain: DomainId::opaque(format!("dom_{n}")),
        order: OrderId::opaque(format!("ord_{n}")),
        user: UserId::opaque(format!("usr_{n}")),
        email: email.into(),
        first_name: "Alex".into(),
        last_name: "Rivera".into(),
        provider: if n == 1 { MailProvider::Google } else { MailProvider::Microsoft },
        status,
        link: LinkStatus::Waiting,
        account_id: None,
        created_at: api.clock.now(),
        version: 1,
    }
}

async fn emails(api: &Api, query: &str) -> Vec<String> {
    let reply = api.get(&format!("{PATH}{query}")).await.is(200);
    let rows = reply.data().as_array().expect("a list").iter();
    rows.map(|row| row["email"].as_str().expect("a text").to_owned()).collect()
}

#[tokio::test]
async fn an_inbox_shows_its_link() {
    proves!("GET /inboxes/{id}", "Inbox", "InboxLink");
    let api = Api::start().await;
    let linked = Inbox {
        link: LinkStatus::Linked,
        account_id: Some("4711".into()),
        ..inbox(&api, "alex.rivera@acme-mail.com", 1, InboxStatus::Active)
    };
    let mut change = Change::default();
    change.inboxes.insert.push(linked.clone());
    api.write(change).await;
    let expected = json!({
        "id": linked.id.as_str(),
        "email": "alex.rivera@acme-mail.com",
        "first_name": "Alex",
        "last_name": "Rivera",
        "provider": "google",
        "domain_id": "dom_1",
        "order_id": "ord_1",
        "user_id": "usr_1",
        "status": "active",
        "sequencer": { "status": "linked", "account_id": "4711" },
        "created_at": NOON
    });
    assert_eq!(*api.get(&format!("{PATH}/{}", linked.id)).await.is(200).data(), expected);
    assert_eq!(*api.get(PATH).await.is(200).data(), json!([expected]));
    let live = api.add_key(Environment::Live, Preset::Read).await;
    api.get_as(&live, &format!("{PATH}/{}", linked.id)).await.refuses(404, "not_found");
    assert_eq!(api.get_as(&live, PATH).await.is(200).json["meta"]["returned"], 0);
}

#[tokio::test]
async fn the_list_is_narrowed_by_every_filter() {
    proves!("GET /inboxes");
    let api = Api::start().await;
    let mut change = Change::default();
    change.inboxes.insert.extend([
        inbox(&api, "a@one.com", 1, InboxStatus::Deleted),
        inbox(&api, "a@one.com", 1, InboxStatus::Active),
        inbox(&api, "b@two.com", 2, InboxStatus::Creating),
        inbox(&api, "c@two.com", 2, InboxStatus::Deleted),
    ]);
    let deleted = change.inboxes.insert[3].id.clone();
    api.write(change).await;
    for (query, expected) in [
        ("", vec!["b@two.com", "a@one.com"]),
        ("?order_id=ord_1", vec!["a@one.com"]),
        ("?domain_id=dom_2", vec!["b@two.com"]),
        ("?user_id=usr_2", vec!["b@two.com"]),
        ("?status=creating", vec!["b@two.com"]),
        ("?status=deleted", vec!["c@two.com", "a@one.com"]),
        ("?status=deleted&domain_id=dom_2", vec!["c@two.com"]),
        ("?provider=google", vec!["a@one.com"]),
        ("?provider=microsoft&status=deleted", vec!["c@two.com"]),
        ("?email=A@One.com", vec!["a@one.com"]),
        ("?email=c@two.com", vec![]),
        ("?email=c@two.com&status=deleted", vec!["c@two.com"]),
        ("?email=a@one.com&status=creating", vec![]),
    ] {
        assert_eq!(emails(&api, query).await, expected, "{query}");
    }
    assert_eq!(api.get(&format!("{PATH}/{deleted}")).await.is(200).data()["status"], "deleted");
    api.get(&format!("{PATH}/inb_1")).await.refuses(404, "not_found");
    for (query, field) in [("?status=gone", "status"), ("?provider=yahoo", "provider"), ("?order_id=", "order_id")] {
        api.get(&format!("{PATH}{query}")).await.refuses_field(field);
    }
}
