//! Calls that are remembered, and keys that are revoked while something is written with them.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::Time;
use model::id::KeyId;
use model::idempotency::{Handle, Remembered, Said, WINDOW};
use model::partner::{ApiKey, Partner};
use model::secret::Secret;
use model::world::{Scope, World};
use sqlx::Row as _;
use store::{Backend, Failure, idempotency, keys, partners};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

on_both! {
    repeats_are_remembered_for_a_day
    whoever_calls_is_found_with_the_calls_that_were_accepted
    an_answer_with_a_secret_is_remembered_sealed
    what_older_versions_remembered_is_read
    an_answer_that_was_begun_is_completed_in_its_place
    of_two_that_take_a_key_at_once_one_decides_again
    a_key_is_not_revoked_under_a_write_and_a_revocation_lets_no_later_one_pass
    nor_is_one_that_is_held_with_its_partner
    a_partner_is_not_limited_under_a_write_that_holds_it_with_a_key
}

fn handle(key: &str) -> Handle {
    Handle { key: key.into(), also: None, fingerprint: "f".into(), earlier: None }
}

fn open(text: &str) -> Said {
    Said::Open(text.into())
}

async fn keep(bench: &Bench, key: &str, said: Said, at: Time) -> Result<(), Failure> {
    bench.write(handle(key).remember(&bench.scope(), 201, &said, at)).await
}

async fn find(bench: &Bench, key: &str, at: Time) -> Option<Remembered> {
    let mut db = bench.store.read().await.unwrap();
    let kept = idempotency::peek(&mut db, &bench.scope(), &[key.to_owned()]).await.unwrap();
    kept.into_iter().find(|one| one.is_fresh(at))
}

async fn repeats_are_remembered_for_a_day(bench: Bench) {
    keep(&bench, "key:1", open("first"), NOW).await.unwrap();
    assert!(keep(&bench, "key:1", open("second"), NOW.plus(WINDOW - 1)).await.is_err());
    let fresh = find(&bench, "key:1", NOW.plus(WINDOW - 1)).await.unwrap();
    assert_eq!((fresh.status, fresh.said), (201, open("first")));
    assert_eq!(find(&bench, "key:1", NOW.plus(WINDOW)).await, None);
    keep(&bench, "key:1", open("third"), NOW.plus(WINDOW)).await.unwrap();
    assert_eq!(find(&bench, "key:1", NOW.plus(WINDOW)).await.unwrap().said, open("third"));
}

/// Who calls and what was answered are asked for at once; the calls of others are none of theirs.
async fn whoever_calls_is_found_with_the_calls_that_were_accepted(bench: Bench) {
    let key = the_key(&bench).await;
    for name in ["key:1", "key:2", "key:3"] {
        keep(&bench, name, open(name), NOW).await.unwrap();
    }
    let mut db = bench.store.read().await.unwrap();
    let partner = partners::get(&mut db, &bench.partner.id).await.unwrap().unwrap();
    for wanted in [&["key:1", "key:3"][..], &["key:2"], &["key:2", "key:none"], &["key:none"]] {
        let wanted: Vec<_> = wanted.iter().map(|name| (*name).to_owned()).collect();
        let found = idempotency::peek_by(&mut db, &key.id, &bench.scope(), &wanted).await.unwrap();
        let kept = idempotency::peek(&mut db, &bench.scope(), &wanted).await.unwrap();
        assert_eq!(found, Some((key.clone(), partner.clone(), kept)));
    }
    let left = Scope { world: World::live(), ..bench.scope() };
    let found = idempotency::peek_by(&mut db, &key.id, &left, &["key:1".to_owned()]).await.unwrap();
    assert_eq!(found, Some((key.clone(), partner, vec![])));
    let mut change = Change::default();
    change.keys.update.push(ApiKey { revoked_at: Some(NOW), ..key.clone() });
    bench.write(change).await.unwrap();
    assert_eq!(idempotency::peek_by(&mut db, &key.id, &bench.scope(), &["key:1".to_owned()]).await.unwrap(), None);
}

async fn an_answer_with_a_secret_is_remembered_sealed(bench: Bench) {
    let text = r#"{"data":{"secret":"whsec_hunter2"}}"#;
    keep(&bench, "key:1", Said::Sealed(Secret::plain(text)), NOW).await.unwrap();
    let row = sqlx::query("SELECT answer FROM remembered").fetch_one(&bench.pool().await).await.unwrap();
    let stored: String = row.get(0);
    assert!(stored.starts_with("s1.1.") && !stored.contains("hunter2"), "{stored}");
    let kept = find(&bench, "key:1", NOW).await.unwrap();
    assert!(!format!("{kept:?}").contains("s1."));
    let db = bench.store.read().await.unwrap();
    assert_eq!(idempotency::answer(&db, &kept).unwrap(), text);
    let moved = Remembered { key: "key:2".into(), ..kept };
    assert!(idempotency::answer(&db, &moved).is_err(), "it opens only in its own row");
}

async fn what_older_versions_remembered_is_read(bench: Bench) {
    let sql = "INSERT INTO remembered (partner, world, key, fingerprint, answer, created_at)
        VALUES ($1, $2, 'body:1', 'f', 'said', $3)";
    let values = sqlx::query(sql).bind(bench.partner.id.to_string()).bind(bench.scope().world.to_string()).bind(NOW.0);
    values.execute(&bench.pool().await).await.unwrap();
    let kept = find(&bench, "body:1", NOW).await.unwrap();
    assert_eq!((kept.status, kept.said), (200, open("said")));
}

async fn an_answer_that_was_begun_is_completed_in_its_place(bench: Bench) {
    bench.write(handle("key:1").remember(&bench.scope(), 102, &open("begun"), NOW)).await.unwrap();
    let begun = find(&bench, "key:1", NOW).await.unwrap();
    bench.write(begun.completed(200, open("whole"))).await.unwrap();
    let whole = find(&bench, "key:1", NOW).await.unwrap();
    assert_eq!((whole.status, whole.said, whole.created_at), (200, open("whole"), NOW));
}

/// Takes a key, as a call does whose answer it is, and waits at a gate before its commit. Answers how often it had to
/// decide, and what was said.
async fn take(bench: &Bench, own: &'static str, taken: &Arc<Notify>, gate: Arc<Notify>) -> (usize, String) {
    let runs = Arc::new(AtomicUsize::new(0));
    let (counted, scope, ids, taken) = (runs.clone(), bench.scope(), bench.ids.clone(), taken.clone());
    let written = bench.store.write(move |tx| {
        let (counted, scope, ids) = (counted.clone(), scope.clone(), ids.clone());
        let (taken, gate) = (taken.clone(), gate.clone());
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            if let [kept] = &idempotency::peek(tx, &scope, &["key:1".to_owned()]).await?[..] {
                return Ok(idempotency::answer(tx, kept)?.into_owned());
            }
            tx.apply(handle("key:1").remember(&scope, 200, &open(own), NOW), &ids, NOW).await?;
            taken.notify_one();
            gate.notified().await;
            Ok(own.to_owned())
        }
        .boxed()
    });
    let said = written.await.unwrap();
    (runs.load(Ordering::SeqCst), said)
}

async fn of_two_that_take_a_key_at_once_one_decides_again(bench: Bench) {
    let (taken, gate, nobody) = (Arc::new(Notify::new()), Arc::new(Notify::new()), Arc::new(Notify::new()));
    let second = async {
        taken.notified().await;
        let mut taking = Box::pin(take(&bench, "second", &nobody, nobody.clone()));
        tokio::select! {
            early = &mut taking => panic!("the first one has the key: {early:?}"),
            () = bench.somebody_waits() => {}
        }
        gate.notify_one();
        taking.await
    };
    let (first, second) = tokio::join!(take(&bench, "first", &taken, gate.clone()), second);
    assert_eq!(first, (1, "first".to_owned()));
    let runs = if bench.store.backend() == Backend::Sqlite { 1 } else { 2 };
    assert_eq!(second, (runs, "first".to_owned()));
}

async fn the_key(bench: &Bench) -> ApiKey {
    let mut db = bench.store.read().await.unwrap();
    keys::authenticate(&mut db, &bench.key).await.unwrap().unwrap().0
}

/// What a write holds.
#[derive(Clone, Copy)]
enum Held {
    Key,
    KeyAndPartner,
}

/// A write with a key: whether the key was still good, and its partner without a limit where that is held too.
async fn write_with(
    bench: &Bench,
    (key, holds): (&KeyId, Held),
    held: &Arc<Notify>,
    gate: Option<&Arc<Notify>>,
) -> bool {
    let (key, partner, held, gate) = (key.clone(), bench.partner.id.clone(), held.clone(), gate.cloned());
    let written = bench.store.write(move |tx| {
        let (key, partner, held, gate) = (key.clone(), partner.clone(), held.clone(), gate.clone());
        async move {
            let good = match holds {
                Held::Key => keys::hold(tx, &key).await?.is_some(),
                Held::KeyAndPartner => {
                    let both = keys::hold_with_partner(tx, &key, &partner).await?;
                    both.is_some_and(|(_, partner)| partner.spend_limit_cents.is_none())
                }
            };
            held.notify_one();
            if let Some(gate) = gate {
                gate.notified().await;
            }
            Ok(good)
        }
        .boxed()
    });
    written.await.unwrap()
}

/// A change of what a write holds comes after it, and before whoever writes later.
async fn none_passes(bench: &Bench, with: (&KeyId, Held), change: Change) {
    let (held, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let mut writing = Box::pin(write_with(bench, with, &held, Some(&gate)));
    tokio::select! {
        _ = &mut writing => panic!("it waits at the gate"),
        () = held.notified() => {}
    }
    let mut changing = Box::pin(bench.write(change));
    let mut waiting = Box::pin(bench.somebody_waits());
    if bench.store.backend() == Backend::Postgres {
        tokio::select! {
            _ = &mut changing => panic!("changed while something is written with it"),
            _ = &mut writing => panic!("it waits at the gate"),
            () = &mut waiting => {}
        }
    }
    // Whoever comes now, comes after the change.
    let later = write_with(bench, with, &held, None);
    let opened = async { gate.notify_one() };
    let (wrote, changed, later, ()) = tokio::join!(writing, changing, later, opened);
    changed.unwrap();
    assert_eq!((wrote, later), (true, false));
}

async fn a_key_is_not_revoked_under_a_write_and_a_revocation_lets_no_later_one_pass(bench: Bench) {
    let key = the_key(&bench).await;
    let mut change = Change::default();
    change.keys.update.push(ApiKey { revoked_at: Some(NOW), ..key.clone() });
    none_passes(&bench, (&key.id, Held::Key), change).await;
}

async fn nor_is_one_that_is_held_with_its_partner(bench: Bench) {
    let key = the_key(&bench).await;
    let mut change = Change::default();
    change.keys.update.push(ApiKey { revoked_at: Some(NOW), ..key.clone() });
    none_passes(&bench, (&key.id, Held::KeyAndPartner), change).await;
}

async fn a_partner_is_not_limited_under_a_write_that_holds_it_with_a_key(bench: Bench) {
    let key = the_key(&bench).await;
    let mut change = Change::default();
    change.partners.update.push(Partner { spend_limit_cents: Some(1), ..bench.partner.clone() });
    none_passes(&bench, (&key.id, Held::KeyAndPartner), change).await;
}
