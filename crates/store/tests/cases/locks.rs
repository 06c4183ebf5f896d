//! Who decides about a whole order, and who changes one of its domains meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use futures_util::FutureExt as _;
use model::change::Change;
use model::domain::{Domain, DomainStatus, Stop};
use model::id::{DomainId, OrderId};
use model::order::Order;
use store::{Failure, Halt, Value, domains, orders};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};

on_both! {
    the_domains_of_an_order_stand_still_for_who_decides_about_all_of_them
    names_are_taken_in_one_order_whatever_order_they_were_sent_in
}

/// An order of two domains, of which the first has the higher id.
async fn placed(bench: &Bench) -> (Order, Vec<DomainId>) {
    let (order, mut rows, _) = bench.order("acme-second.com");
    rows[0].position = 1;
    let (_, mut first, _) = bench.order("acme-first.com");
    first[0].order = Some(order.id.clone());
    rows.insert(0, first.remove(0));
    let mut change = Change::default();
    change.orders.insert.push(order.clone());
    change.domains.insert.extend(rows.clone());
    bench.write(change).await.unwrap();
    (order, rows.into_iter().map(|row| row.id).collect())
}

/// A settlement that changes one domain, as a step does that tells nothing. Answers how often it had to decide.
async fn settle(bench: &Bench, id: &DomainId) -> Result<usize, Failure> {
    let (runs, id, ids) = (Arc::new(AtomicUsize::new(0)), id.clone(), bench.ids.clone());
    let counted = runs.clone();
    let settled = bench.store.settle(move |tx| {
        let (counted, id, ids) = (counted.clone(), id.clone(), ids.clone());
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            let domain = domains::load(tx, &id).await?.ok_or(Halt::Lost)?;
            let mut change = Change::default();
            change.domains.update.push(Domain { status: DomainStatus::Configuring, ..domain });
            tx.apply(change, &ids, NOW).await
        }
        .boxed()
    });
    settled.await.map(|()| runs.load(Ordering::SeqCst))
}

/// A decision about a whole order that takes its time between reading and writing. Answers how often it was made.
async fn cancel(bench: &Bench, order: &OrderId, read: &Arc<Notify>, gate: &Arc<Notify>) -> Result<usize, Failure> {
    let runs = Arc::new(AtomicUsize::new(0));
    let (counted, order, ids) = (runs.clone(), order.clone(), bench.ids.clone());
    let (read, gate) = (read.clone(), gate.clone());
    let cancelled = bench.store.write(move |tx| {
        let (counted, order, ids) = (counted.clone(), order.clone(), ids.clone());
        let (read, gate) = (read.clone(), gate.clone());
        async move {
            orders::lock(tx, &order).await?.ok_or(Halt::Lost)?;
            let all = domains::lock_of_order(tx, &order).await?;
            if counted.fetch_add(1, Ordering::SeqCst) == 0 {
                read.notify_one();
                gate.notified().await;
            }
            let mut change = Change::default();
            change.domains.update.extend(all.into_iter().map(|one| Domain { stop: Some(Stop::Cancelled), ..one }));
            tx.apply(change, &ids, NOW).await
        }
        .boxed()
    });
    cancelled.await.map(|()| runs.load(Ordering::SeqCst))
}

async fn the_domains_of_an_order_stand_still_for_who_decides_about_all_of_them(bench: Bench) {
    let (order, ids) = placed(&bench).await;
    let (read, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let settled = async {
        read.notified().await;
        let mut settling = Box::pin(settle(&bench, &ids[0]));
        // It stands still at the lock; one that does not has come through already, and is found out below.
        let done = tokio::select! {
            done = &mut settling => Some(done),
            () = bench.somebody_waits() => None,
        };
        gate.notify_one();
        match done {
            Some(done) => done,
            None => settling.await,
        }
    };
    let (cancelled, settled) = tokio::join!(cancel(&bench, &order.id, &read, &gate), settled);
    assert_eq!(cancelled.unwrap(), 1, "nothing that it read was changed before it wrote");
    settled.unwrap();
    let rows = domains::of_order(&mut bench.store.read().await.unwrap(), &order.id).await.unwrap();
    assert_eq!(rows.iter().map(|row| &row.id).collect::<Vec<_>>(), ids.iter().collect::<Vec<_>>());
    let both: Vec<_> = rows.iter().map(|row| (row.status, row.stop)).collect();
    let stop = Some(Stop::Cancelled);
    assert_eq!(both, [(DomainStatus::Configuring, stop), (DomainStatus::Pending, stop)], "neither is lost");
}

/// Two who take the same names in opposite orders would each wait for the other.
async fn names_are_taken_in_one_order_whatever_order_they_were_sent_in(bench: Bench) {
    let rows: Vec<_> = ["zoo.com", "acme.com", "mid.com"].map(|name| bench.order(name).1.remove(0)).into();
    let (ids, names) = (bench.ids.clone(), Arc::new(Mutex::new(vec![])));
    let heard = names.clone();
    let written = bench.store.write(move |tx| {
        let (rows, ids, heard) = (rows.clone(), ids.clone(), heard.clone());
        async move {
            let mut change = Change::default();
            change.domains.insert.extend(rows.into_iter().map(|row| Domain { order: None, ..row }));
            tx.record(true);
            tx.apply(change, &ids, NOW).await?;
            let sent = tx.record(false);
            let values = sent.iter().find(|one| one.sql.starts_with("INSERT INTO domains")).map(|one| &one.values);
            let of_names = values.into_iter().flatten().filter_map(|value| match value {
                Value::Text(Some(text)) if text.ends_with(".com") => Some(text.clone()),
                _ => None,
            });
            *heard.lock().unwrap() = of_names.collect();
            Ok(())
        }
        .boxed()
    });
    written.await.unwrap();
    assert_eq!(*names.lock().unwrap(), ["acme.com", "mid.com", "zoo.com"]);
}
