//! What the operator's commands read across partners.

use model::change::Change;
use model::domain::DomainStatus;
use model::id::{ActionId, Id as _};
use model::order::{Order, OrderStatus};
use model::partner::Partner;
use model::user::User;
use model::world::{Environment, World};
use store::operator::{self, Sought, is_erased, newest_orders};
use store::orders::Filter;

use super::super::support::bench::Bench;
use super::super::support::fill::Fill;
use super::super::support::filled::ordered;

on_both! {
    orders_of_everybody_are_found_and_those_of_a_world_that_was_left_are_not
    an_action_of_anybody_is_found_by_its_id
}

async fn an_action_of_anybody_is_found_by_its_id(bench: Bench) {
    let asked = ordered::action(&Fill::of("a", 0, 1));
    let mut change = Change::default();
    change.actions.insert.push(asked.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let found = operator::action(&mut db, &asked.id).await.unwrap();
    assert_eq!(found.map(|action| action.id), Some(asked.id));
    assert_eq!(operator::action(&mut db, &ActionId::opaque("act_none")).await.unwrap(), None);
}

/// An order written in a world; its domain is gone again when it has failed.
async fn written(bench: &Bench, name: &str, world: &World, status: OrderStatus) -> Order {
    let (mut order, mut domains, lines) = bench.order(name);
    (order.world, order.status, order.reference) = (world.clone(), status, Some(format!("ref {name}")));
    let mut change = Change::default();
    for domain in &mut domains {
        domain.world = world.clone();
        if status == OrderStatus::Failed {
            domain.status = DomainStatus::Failed;
        }
    }
    change.lines.extend(lines);
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(domains);
    bench.write(change).await.unwrap();
    order
}

async fn found(bench: &Bench, sought: &Sought, limit: i64) -> Vec<String> {
    let orders = newest_orders(&mut bench.store.read().await.unwrap(), sought, limit).await.unwrap();
    orders.iter().map(|order| order.id.to_string()).collect()
}

async fn orders_of_everybody_are_found_and_those_of_a_world_that_was_left_are_not(bench: Bench) {
    let (partner, live) = (bench.partner.clone(), World::live());
    let now = partner.scope(Environment::Test).world;
    let left = World::test(&partner.id, partner.test_epoch - 1);
    let erased = written(&bench, "erased.com", &left, OrderStatus::Completed).await;
    let bought = written(&bench, "acme.com", &live, OrderStatus::Completed).await;
    let tried = written(&bench, "acme.com", &now, OrderStatus::Failed).await;
    let ids = |orders: &[&Order]| orders.iter().map(|order| order.id.to_string()).collect::<Vec<_>>();
    let mut db = bench.store.read().await.unwrap();
    for (order, gone) in [(&erased, true), (&bought, false), (&tried, false)] {
        assert_eq!(is_erased(&mut db, order).await.unwrap(), gone);
    }
    drop(db);

    let other = Partner { id: bench.ids.next(), name: "Other".into(), ..partner.clone() };
    let moved = User { id: bought.user.clone(), world: live.clone(), ..bench.user("alex@new.com") };
    let mut change = Change::default();
    change.partners.insert.push(other.clone());
    change.users.insert.push(moved.clone());
    bench.write(change).await.unwrap();
    let all = Sought::default();
    assert_eq!(found(&bench, &all, 10).await, ids(&[&tried, &bought]));
    assert_eq!(found(&bench, &all, 1).await, ids(&[&tried]));
    let of = |filter: Filter| Sought { filter, ..Sought::default() };
    let domain = |name: &str| Sought { domain: Some(name.into()), ..Sought::default() };
    let failed = Filter { status: Some(OrderStatus::Failed), ..Filter::default() };
    let mail = Filter { email: Some(bought.email.to_uppercase()), ..Filter::default() };
    let now = Filter { email: Some(moved.email), ..Filter::default() };
    let reference = Filter { reference: Some("ref acme.com".into()), ..Filter::default() };
    for (sought, expected) in [
        (domain("acme.com"), ids(&[&tried, &bought])),
        (domain("erased.com"), vec![]),
        (Sought { environment: Some(Environment::Live), ..domain("acme.com") }, ids(&[&bought])),
        (Sought { filter: failed.clone(), ..domain("acme.com") }, ids(&[&tried])),
        (Sought { filter: mail.clone(), ..domain("acme.com") }, ids(&[&tried, &bought])),
        (of(failed), ids(&[&tried])),
        (of(mail), ids(&[&tried, &bought])),
        (of(now.clone()), ids(&[&bought])),
        (Sought { filter: now, ..domain("acme.com") }, ids(&[&bought])),
        (of(reference), ids(&[&tried, &bought])),
        (Sought { partner: Some(other), ..Sought::default() }, vec![]),
        (Sought { partner: Some(partner), ..Sought::default() }, ids(&[&tried, &bought])),
    ] {
        assert_eq!(found(&bench, &sought, 10).await, expected, "{sought:?}");
    }
}
