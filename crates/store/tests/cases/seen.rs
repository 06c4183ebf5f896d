//! What is seen of a database by whoever only looks.

use std::time::Duration;

use model::change::Change;
use model::clock::SECOND;
use model::delivery::{DisabledReason, Endpoint};
use model::world::Environment;
use store::look::{self, Look, Schema, Soundness};
use store::{endpoints, figures};

use crate::support::bench::{Bench, NOW};

on_both! {
    endpoints_in_trouble_are_found_across_partners
    whoever_looks_sees_all_and_changes_nothing
}

async fn endpoints_in_trouble_are_found_across_partners(bench: Bench) {
    let base = || Endpoint { id: bench.ids.next(), ..bench.endpoint(Environment::Test, None) };
    let (late, early) = (NOW.plus(-SECOND), NOW.plus(-9 * SECOND));
    let failing = [late, early].map(|since| Endpoint { failing_since: Some(since), ..base() });
    let [dead, off] =
        [DisabledReason::Failing, DisabledReason::ByYou].map(|reason| Endpoint { disabled: Some(reason), ..base() });
    let mut change = Change::default();
    change.endpoints.insert.extend(failing.iter().cloned().chain([dead.clone(), off, base()]));
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let found = endpoints::in_trouble(&mut db, 10).await.unwrap();
    assert_eq!(found.failing, [(failing[1].id.clone(), early), (failing[0].id.clone(), late)]);
    assert_eq!(found.disabled, std::slice::from_ref(&dead.id));
    assert_eq!(endpoints::in_trouble(&mut db, 1).await.unwrap().failing.len(), 1);
    assert_eq!(figures::last_backup(&mut db).await.unwrap(), None);
}

async fn whoever_looks_sees_all_and_changes_nothing(bench: Bench) {
    let opening = bench.opening();
    look::opens(&opening).await.unwrap();
    let mut look = Look::open(&opening).await.unwrap();
    let (schema, applied, ours) = look.schema().await.unwrap();
    assert_eq!((schema, applied), (Schema::Current, ours));
    assert_eq!(look.fingerprint().await.unwrap(), Some(bench.store.vault().key_fingerprint()));
    assert_eq!(look.soundness(Duration::from_secs(60)).await.unwrap(), Soundness::Sound);
    assert!(!look.is_standby().await.unwrap() && !look.has_moved().await.unwrap());
    look.close().await;
}
