//! What is seen of a database by whoever only looks.

use std::time::Duration;

use model::change::Change;
use model::clock::SECOND;
use model::delivery::{DisabledReason, Endpoint};
use model::domain::Domain;
use model::id::Id as _;
use model::run::Run;
use model::world::Environment;
use store::look::{self, Look, Schema, Soundness};
use store::{domains, endpoints, figures, runs};

use crate::support::bench::{Bench, NOW};
use crate::support::fill::Fill;
use crate::support::filled::{ordered, worked};

on_both! {
    endpoints_in_trouble_are_found_across_partners
    whoever_looks_sees_all_and_changes_nothing
    what_is_known_is_taken_as_it_is_until_somebody_writes_it
}

/// It is told by the version alone, so that what was never written is believed here.
async fn what_is_known_is_taken_as_it_is_until_somebody_writes_it(bench: Bench) {
    let (domain, run) = (ordered::domain(&Fill::of("a", 0, 6)), worked::run(&Fill::of("a", 0, 6)));
    let mut change = Change::default();
    change.domains.insert.push(domain.clone());
    change.runs.insert.push(run.clone());
    bench.write(change).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    let mine = (Domain { inboxes_made: 77, ..domain.clone() }, Run { steps: vec![], ..run.clone() });
    assert_eq!(domains::again(&mut db, &mine.0).await.unwrap().unwrap().inboxes_made, 77);
    assert_eq!(runs::again(&mut db, &mine.1).await.unwrap(), Some(mine.1.clone()));
    let mut change = Change::default();
    change.domains.update.push(Domain { inboxes_made: 5, ..domain });
    change.runs.update.push(worked::run(&Fill::of("a", 1, 6)));
    bench.write(change).await.unwrap();
    let theirs = domains::again(&mut db, &mine.0).await.unwrap().unwrap();
    assert_eq!((theirs.inboxes_made, theirs.version), (5, 7));
    assert_eq!(runs::again(&mut db, &mine.1).await.unwrap(), Some(worked::run(&Fill::of("a", 1, 7))));
    let nobody = Run { id: model::id::RunId::opaque("run_none"), ..run };
    assert_eq!(runs::again(&mut db, &nobody).await.unwrap(), None);
    let theirs = worked::run(&Fill::of("a", 1, 7));
    let taken = Run { steps: vec![], ..theirs.clone() };
    assert_eq!(runs::all_free(&mut db, &[&nobody, &mine.1]).await.unwrap(), [theirs]);
    assert_eq!(runs::all_free(&mut db, &[&taken]).await.unwrap(), std::slice::from_ref(&taken));
    assert_eq!(domains::all_free(&mut db, &[&mine.0]).await.unwrap()[0].inboxes_made, 5);
    assert_eq!(runs::all_free(&mut db, &[]).await.unwrap(), []);
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
