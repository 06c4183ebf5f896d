//! Two operators at one database.

use app::operator::{KeyWish, Operator};
use model::audit::Origin;
use model::clock::Clock as _;
use model::partner::Preset;
use model::world::Environment;
use secrecy::ExposeSecret as _;
use store::{endpoints, keys, partners};

use crate::support::Rig;

async fn operator() -> (Rig, Operator) {
    let rig = Rig::sqlite().await;
    let core = &rig.wired.app.core;
    let operator = Operator {
        store: core.store.clone(),
        clock: core.clock.clone(),
        ids: core.ids.clone(),
        origin: Origin::default(),
    };
    (rig, operator)
}

/// Each has shown its secret before it is in force.
#[tokio::test]
async fn what_two_have_prepared_is_put_in_force_one_after_the_other() {
    let (rig, operator) = operator().await;
    let mut db = operator.store.read().await.unwrap();
    let partner = partners::get(&mut db, &rig.scope().partner).await.unwrap().unwrap();
    let test = Environment::Test;
    let one = operator.new_endpoint(&partner, test, "https://one.example.com/hook").await.unwrap();
    let other = operator.new_endpoint(&partner, test, "https://other.example.com/hook").await.unwrap();
    operator.put_in_force(one.prepared).await.unwrap();
    operator.put_in_force(other.prepared).await.unwrap();
    let endpoint = endpoints::from_cli(&mut db, &partner.id, test).await.unwrap().unwrap();
    assert_eq!((&endpoint.id, endpoint.url.as_str()), (&one.id, "https://other.example.com/hook"));

    let first = operator.new_endpoint_secret(&partner, test).await.unwrap().unwrap();
    let second = operator.new_endpoint_secret(&partner, test).await.unwrap().unwrap();
    operator.put_in_force(first.prepared).await.unwrap();
    operator.put_in_force(second.prepared).await.unwrap();
    let endpoint = endpoints::from_cli(&mut db, &partner.id, test).await.unwrap().unwrap();
    let opened = endpoints::open_secrets(operator.store.vault(), &endpoint, rig.clock.now()).unwrap();
    let opened: Vec<_> = opened.iter().map(|secret| secret.expose_secret()).collect();
    assert_eq!(opened, [second.secret.expose_secret(), first.secret.expose_secret()]);
}

#[tokio::test]
async fn a_key_that_another_has_changed_meanwhile_is_revoked_all_the_same_and_once() {
    let (rig, operator) = operator().await;
    let mut db = operator.store.read().await.unwrap();
    let partner = partners::get(&mut db, &rig.scope().partner).await.unwrap().unwrap();
    let new = operator.new_key(&partner, Environment::Test, Preset::Full, None);
    let id = new.record.id.clone();
    operator.put_in_force(new.prepared()).await.unwrap();
    let wish = KeyWish { rate_per_minute: Some(Some(7)), ..KeyWish::default() };
    let (changed, revoked, again) = tokio::join!(
        operator.change_key(id.clone(), wish),
        operator.revoke_key(id.clone()),
        operator.revoke_key(id.clone())
    );
    assert_eq!(changed.unwrap().rate_per_minute, Some(7));
    assert_eq!(revoked.unwrap().revoked_at, again.unwrap().revoked_at);
    let kept = keys::get(&mut db, &id).await.unwrap().unwrap();
    assert!(kept.revoked_at.is_some() && kept.rate_per_minute == Some(7));
}
