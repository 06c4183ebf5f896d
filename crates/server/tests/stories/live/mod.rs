//! Live keys, at vendors' doubles: two registrars at once, and every cent written down.

mod batch;
mod cancelled;
mod charged;
mod clicks;
mod consents;
mod crash;
mod dovecot;
mod edge;
mod ends;
mod frozen;
mod houses;
mod import_crash;
mod importing;
mod judged;
mod lapsed;
mod licences;
mod lost;
mod mail_walks;
mod many;

mod own_renewal;
mod paced;
mod people;
mod places;
mod prices;
mod relinked;
mod renewals;
mod restored;
mod rooms;
mod seats;
mod secondaries;
mod secrets;
mod shut;
mod smtp_by_hand;
pub(crate) mod stage;
mod tenants;
mod trouble;
mod truths;
mod unanswered;
mod vendors_zones;
mod walks;
mod watched;

use app::operator::Operator;
use model::audit::Origin;
use model::clock::Clock as _;
use model::intent::{Intent, IntentState};
use model::money::Cents;
use model::pause::Reach;
use model::role::Role;
use serde_json::{Value, json};
use server::accounts::laid_out;
use store::domains;
use store::intents::{self, Filter};

use self::stage::{Live, body, portfolio};
use crate::support::Rig;

async fn purchases(live: &Live) -> Vec<Intent> {
    let store = &live.rig.wired.store;
    let mut found = intents::list(&mut store.read().await.unwrap(), &Filter::default(), 100).await.unwrap();
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

async fn prices(live: &Live, names: &[&str]) -> Vec<(String, Option<Cents>)> {
    let answer = live.rig.call("POST", "/domains/availability", Some(&json!({ "domains": names }))).await;
    let rows = answer.body["data"]["domains"].as_array().unwrap().clone();
    rows.iter().map(|row| (row["domain"].as_str().unwrap().to_owned(), row["price_cents"].as_i64())).collect()
}

fn operator(rig: &Rig) -> Operator {
    let origin = Origin { command: Some("reconcile".into()), ..Origin::default() };
    let ids = rig.wired.app.ids.clone();
    Operator { store: rig.wired.store.clone(), clock: rig.clock.clone(), ids, origin }
}

fn status(order: &Value) -> &str {
    order["status"].as_str().unwrap()
}

#[tokio::test]
async fn an_order_is_bought_at_two_registrars_each_name_where_it_is_sold() {
    let live = Live::new().await;
    live.namecom.hold_name("elsewhere.com");
    let names = ["acme-one.com", "elsewhere.com"];
    let told = prices(&live, &names).await;
    assert_eq!(told, [("acme-one.com".into(), Some(1_299)), ("elsewhere.com".into(), Some(1_650))], "with the margin");
    let id = live.place(&names).await;
    live.rig.settle_all().await;
    let order = live.rig.order(&id).await;
    assert_eq!(status(&order), "completed", "{order:#}");
    assert_eq!((live.bought("acme-one.com"), live.bought("elsewhere.com")), ((1, 0), (0, 1)));
    let bought = purchases(&live).await;
    let paid: Vec<_> = bought.iter().map(|one| (one.account.as_str(), one.state, one.paid_cents)).collect();
    let sure = IntentState::Bought;
    assert_eq!(paid, [("first", sure, Some(1_099)), ("second", sure, Some(1_450))]);
    assert!(bought.iter().all(|one| one.vendor_id.is_some()), "{bought:?}");
    let lies = domains::living(&mut live.rig.wired.store.read().await.unwrap(), &bought[0].world).await.unwrap();
    let given: Vec<_> = lies.iter().map(|one| (one.name.as_str(), one.accounts.clone())).collect();
    for (name, accounts) in given {
        assert_eq!(accounts.registrar.as_deref(), Some(if name == "elsewhere.com" { "second" } else { "first" }));
        assert_eq!((accounts.dns.as_deref(), accounts.mail.as_deref()), (Some("second"), Some("house")), "{name}");
        assert_eq!(accounts.sequencer.as_deref(), Some("house"));
    }
    assert_eq!(portfolio(&live, "second").await, ["elsewhere.com"]);
    assert!(portfolio(&live, "first").await.contains(&"acme-one.com".to_owned()));
}

#[tokio::test]
async fn a_purchase_whose_answer_is_lost_is_found_where_it_was_asked_for() {
    let live = Live::new().await;
    live.namecom.server.fail("POST", "/domains", doubles::Fault::PageInstead);
    let id = live.place(&["lost-acme.com"]).await;
    live.rig.settle_all().await;
    assert_eq!(status(&live.rig.order(&id).await), "completed");
    assert_eq!(live.bought("lost-acme.com"), (1, 0), "nowhere else, and once");
    let bought = purchases(&live).await;
    assert_eq!((bought.len(), bought[0].state), (1, IntentState::Bought));
}

#[tokio::test]
async fn beyond_a_cap_purchases_wait_for_the_operator() {
    let live = Live::with(|text| text.replace("day_cap_cents = 1000000", "day_cap_cents = 1500")).await;
    let id = live.place(&["acme-one.com", "acme-two.com"]).await;
    live.rig.work_off().await;
    let count = ["acme-one.com", "acme-two.com"].map(|name| live.bought(name).0).iter().sum::<usize>();
    assert_eq!(count, 1, "two would be 2,198 cents");
    let timeline = live.rig.call("GET", &format!("/orders/{id}/timeline"), None).await.body.to_string();
    assert!(timeline.contains("The operator's limit for buying is reached"), "{timeline}");
    live.rig.advance(model::clock::DAY).await;
    live.rig.settle_all().await;
    assert_eq!(status(&live.rig.order(&id).await), "completed", "the next day has a cap of its own");
    assert_eq!(purchases(&live).await.len(), 2);
}

#[tokio::test]
async fn while_buying_is_paused_orders_wait_or_are_refused_as_the_operator_wants() {
    proves!("error buying_paused");
    for (wanted, status_code) in [("accept", 200), ("refuse", 503)] {
        let live = Live::with(|text| {
            text.replace("margin_cents = 200", &format!("margin_cents = 200\nwhile_paused = \"{wanted}\""))
        })
        .await;
        operator(&live.rig).pause(Reach::Role(Role::Registrar), false).await.unwrap();
        let answer = live.rig.call("POST", "/orders", Some(&body(&["acme-one.com"]))).await;
        assert_eq!(answer.status.as_u16(), status_code, "{}", answer.body);
        live.rig.work_off().await;
        assert_eq!(live.bought("acme-one.com"), (0, 0));
        if wanted == "refuse" {
            assert_eq!(answer.body["error"]["code"], "buying_paused");
        }
        operator(&live.rig).resume(Reach::Role(Role::Registrar)).await.unwrap();
        live.rig.settle_all().await;
        assert_eq!(live.bought("acme-one.com").0, usize::from(wanted == "accept"));
    }
}

#[tokio::test]
async fn an_account_that_domains_lie_at_cannot_vanish() {
    let live = Live::new().await;
    live.place(&["acme-one.com"]).await;
    live.rig.settle_all().await;
    let mut config = live.rig.config.clone();
    assert_eq!(laid_out::refuse(&config, &mut live.rig.wired.store.read().await.unwrap()).await, Err(
        "accounts.house is not configured, and domains are at it: 1 as mail, 1 as sequencer; put it back, without it they are neither renewed nor looked after".into()
    ));
    config.accounts.remove("first");
    let told = laid_out::refuse(&config, &mut live.rig.wired.store.read().await.unwrap()).await.unwrap_err();
    assert!(told.contains("accounts.first") && told.contains("1 as registrar"), "{told}");
}

#[tokio::test]
async fn a_role_without_an_account_is_named_before_anything_is_bought() {
    let live = Live::with(|text| text.replace("registrar = [\"first\", \"second\"]", "registrar = []")).await;
    let answer = live.rig.call("POST", "/orders", Some(&body(&["acme-one.com"]))).await;
    assert_eq!((answer.status.as_u16(), answer.body["error"]["code"].as_str()), (503, Some("provider_not_configured")));
    assert_eq!(live.bought("acme-one.com"), (0, 0));
}

#[tokio::test]
async fn a_name_in_an_account_that_no_row_knows_is_taken_in_once() {
    let live = Live::new().await;
    let (rig, operator) = (&live.rig, operator(&live.rig));
    let name = model::domain::DomainName::parse("found.com").unwrap();
    let until = rig.clock.now().plus(90 * model::clock::DAY);
    operator.adopt(&rig.partner, &name, "first", until).await.unwrap();
    assert!(operator.adopt(&rig.partner, &name, "first", until).await.is_err());
    let list = rig.call("GET", "/domains?category=inventory", None).await;
    assert!(list.body.to_string().contains("found.com"), "{}", list.body);
    operator.take_over_expiry(&name, until.plus(model::clock::DAY)).await.unwrap();
    let known = domains::living(&mut rig.wired.store.read().await.unwrap(), &model::world::World::live()).await;
    assert_eq!(known.unwrap()[0].expires_at, Some(until.plus(model::clock::DAY)));
}
