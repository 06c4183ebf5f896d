//! The sandbox's clock, and what becomes of the worlds that a reset leaves behind.

use std::sync::Arc;

use futures_util::FutureExt as _;
use model::change::Change;
use model::clock::{DAY, HOUR, Time};
use model::id::KeyId;
use model::idempotency::WINDOW;
use model::partner::Partner;
use model::sandbox;
use model::world::World;
use store::purge::{self, BATCH};
use store::{Backend, Failure, Halt, keys, partners, tasks};
use tokio::sync::Notify;

use crate::support::bench::{Bench, NOW};
use crate::support::rows::Tables;

on_both! {
    a_settlement_and_an_advance_do_not_pass_each_other
    whoever_writes_with_a_key_and_an_advance_do_not_pass_each_other
    an_advance_moves_the_open_tasks_of_its_world_alone
    an_advance_of_many_tasks_goes_in_pieces_between_which_others_work
    the_tasks_of_a_world_that_was_left_are_nobodys
    a_world_is_left_without_waiting_for_who_holds_a_task_of_it
    what_is_due_in_a_world_that_was_left_is_not_claimed
    the_clock_of_other_worlds_is_the_servers
    worlds_that_were_left_behind_are_removed_in_batches_and_no_others
    what_has_lapsed_is_removed_a_day_later
}

async fn advance(bench: &Bench, seconds: i64) -> Result<(), Failure> {
    let (id, ids) = (bench.partner.id.clone(), bench.ids.clone());
    let written = bench.store.write(move |tx| {
        let (id, ids) = (id.clone(), ids.clone());
        async move {
            let partner = partners::lock(tx, &id).await?.ok_or(Halt::Lost)?;
            let advanced = sandbox::advance(partner, seconds)?;
            tx.apply(advanced.change, &ids, NOW).await?;
            tasks::bring_forward(tx, &advanced.world, advanced.offset).await.map(drop)
        }
        .boxed()
    });
    written.await
}

/// A settlement reads the clock, thinks, and queues a task by it. An advance that begins meanwhile must find that
/// task, or be read by the settlement.
async fn a_settlement_and_an_advance_do_not_pass_each_other(bench: Bench) {
    do_not_pass_each_other(bench, None).await;
}

/// The same, held together with the key.
async fn whoever_writes_with_a_key_and_an_advance_do_not_pass_each_other(bench: Bench) {
    let known = keys::authenticate(&mut bench.store.read().await.unwrap(), &bench.key).await.unwrap();
    let (key, _) = known.unwrap();
    do_not_pass_each_other(bench, Some(key.id)).await;
}

async fn do_not_pass_each_other(bench: Bench, key: Option<KeyId>) {
    let (entered, gate) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let task = bench.task("run_1", NOW.plus(HOUR));
    let (inside, waits, ids, queued, scope) =
        (entered.clone(), gate.clone(), bench.ids.clone(), task.clone(), bench.scope());
    let settlement = bench.store.settle(move |tx| {
        let (inside, waits, ids, task, scope, key) =
            (inside.clone(), waits.clone(), ids.clone(), queued.clone(), scope.clone(), key.clone());
        async move {
            let offset = match key {
                None => partners::clock_of(tx, &scope.partner, &scope.world).await?,
                Some(key) => {
                    let held = keys::hold_with_partner(tx, &key, &scope.partner).await?;
                    held.map(|(_, partner)| partner.test_offset).ok_or(Halt::Lost)?
                }
            };
            inside.notify_one();
            waits.notified().await;
            let mut change = Change::default();
            change.tasks.push(model::task::Task { due_at: task.due_at.plus(-offset), ..task });
            tx.apply(change, &ids, NOW).await
        }
        .boxed()
    });
    let advanced = async {
        entered.notified().await;
        let mut advancing = Box::pin(advance(&bench, 1_800));
        // It stands still at the lock; one that does not has come through already, and is found out below.
        let done = tokio::select! {
            done = &mut advancing => Some(done),
            () = bench.somebody_waits() => None,
        };
        gate.notify_one();
        match done {
            Some(done) => done,
            None => advancing.await,
        }
    };
    let (settled, advanced) = tokio::join!(settlement, advanced);
    settled.unwrap();
    advanced.unwrap();
    let read = tasks::load(&mut bench.store.read().await.unwrap(), &task.id).await.unwrap().unwrap();
    assert_eq!(read.due_at, NOW.plus(HOUR / 2));
}

async fn an_advance_moves_the_open_tasks_of_its_world_alone(bench: Bench) {
    let (open, leased) = (bench.task("run_1", NOW.plus(DAY)), bench.task("run_2", NOW));
    let mut elsewhere = bench.task("run_3", NOW.plus(DAY));
    elsewhere.world = World::live();
    let mut change = Change::default();
    change.tasks.extend([open.clone(), leased.clone(), elsewhere.clone()]);
    bench.write(change).await.unwrap();
    let held = bench.claim(1, NOW, "lse_1").await.remove(0);
    advance(&bench, 3_600).await.unwrap();
    advance(&bench, 3_600).await.unwrap();
    let mut db = bench.store.read().await.unwrap();
    for (task, due) in [(&open, NOW.plus(DAY - 2 * HOUR)), (&leased, held.due_at), (&elsewhere, NOW.plus(DAY))] {
        assert_eq!(tasks::load(&mut db, &task.id).await.unwrap().unwrap().due_at, due, "{}", task.subject);
    }
    let partner = partners::get(&mut db, &bench.partner.id).await.unwrap().unwrap();
    assert_eq!((partner.test_offset, partner.version), (2 * HOUR, bench.partner.version + 2));
}

/// Pieces, a second advance between them, and a worker who queues by the clock as it is then.
async fn an_advance_of_many_tasks_goes_in_pieces_between_which_others_work(bench: Bench) {
    let many = 2 * usize::try_from(tasks::BATCH).unwrap() + 10;
    let mut change = Change::default();
    change.tasks.extend((0..many).map(|n| bench.task(&format!("run_{n}"), NOW.plus(DAY))));
    bench.write(change).await.unwrap();
    advance(&bench, 3_600).await.unwrap();
    let meanwhile = bench.task("run_meanwhile", NOW.plus(DAY));
    let mut change = Change::default();
    change.tasks.push(meanwhile.clone());
    bench.write(change).await.unwrap();
    advance(&bench, 3_600).await.unwrap();
    let follow = async || {
        let (world, ahead) = (bench.scope().world, 2 * HOUR);
        let moving = bench.store.settle(move |tx| {
            let world = world.clone();
            async move { tasks::bring_forward(tx, &world, ahead).await }.boxed()
        });
        moving.await.unwrap()
    };
    while follow().await {}
    let pool = bench.pool().await;
    let sql = "SELECT CAST(COUNT(*) AS BIGINT) FROM tasks WHERE due_at = $1";
    let due = async |at: Time| sqlx::query_scalar::<_, i64>(sql).bind(at.0).fetch_one(&pool).await.unwrap();
    assert_eq!(due(NOW.plus(DAY - 2 * HOUR)).await, i64::try_from(many).unwrap(), "each by both hours, and once");
    let read = tasks::load(&mut bench.store.read().await.unwrap(), &meanwhile.id).await.unwrap().unwrap();
    assert_eq!(read.due_at, NOW.plus(DAY - HOUR), "it was queued between the two");
}

async fn what_is_due_in_a_world_that_was_left_is_not_claimed(bench: Bench) {
    let mut live = bench.task("run_live", NOW);
    live.world = World::live();
    let mut change = Change::default();
    change.tasks.extend([bench.task("run_left", NOW), live.clone()]);
    bench.write(change).await.unwrap();
    let mut change = Change::default();
    change.partners.update.push(Partner { test_epoch: bench.partner.test_epoch + 1, ..bench.partner.clone() });
    bench.write(change).await.unwrap();
    let claimed = bench.claim(10, NOW, "lse_1").await;
    assert_eq!(claimed.iter().map(|task| &task.id).collect::<Vec<_>>(), [&live.id]);
    assert_eq!(tasks::count(&mut bench.store.read().await.unwrap()).await.unwrap(), 1, "the other is gone");
}

async fn the_tasks_of_a_world_that_was_left_are_nobodys(bench: Bench) {
    let mut elsewhere = bench.task("run_3", NOW.plus(DAY));
    elsewhere.world = World::live();
    let mut change = Change::default();
    change.tasks.extend([bench.task("run_1", NOW), bench.task("run_2", NOW.plus(DAY)), elsewhere.clone()]);
    bench.write(change).await.unwrap();
    let held = bench.claim(1, NOW, "lse_1").await.remove(0);
    let world = held.world.clone();
    let removed = bench.store.write(move |tx| {
        let world = world.clone();
        async move { tasks::remove_world(tx, &world).await }.boxed()
    });
    assert_eq!(removed.await.unwrap(), 2);
    let settled = bench.store.settle(move |tx| {
        let id = held.id.clone();
        async move { tasks::still_mine(tx, &id, "lse_1").await }.boxed()
    });
    assert!(matches!(settled.await, Err(Failure::Lost)));
    let mut db = bench.store.read().await.unwrap();
    assert_eq!(tasks::count(&mut db).await.unwrap(), 1);
    assert!(tasks::load(&mut db, &elsewhere.id).await.unwrap().is_some());
}

async fn the_clock_of_other_worlds_is_the_servers(bench: Bench) {
    advance(&bench, 60).await.unwrap();
    let id = bench.partner.id.clone();
    let offsets = bench.store.write(move |tx| {
        let id = id.clone();
        async move {
            let mut offsets = vec![];
            for world in [World::test(&id, 1), World::live()] {
                offsets.push(partners::clock_of(tx, &id, &world).await?);
            }
            let left = partners::clock_of(tx, &id, &World::test(&id, 0)).await;
            assert!(matches!(left, Err(Halt::Lost)), "nothing goes on in a world that was left");
            Ok(offsets)
        }
        .boxed()
    });
    assert_eq!(offsets.await.unwrap(), [60_000_000, 0]);
}

async fn purge_once(bench: &Bench) -> bool {
    let id = bench.partner.id.clone();
    let purged = bench.store.settle(move |tx| {
        let id = id.clone();
        async move { purge::old_worlds(tx, &id).await }.boxed()
    });
    purged.await.unwrap()
}

async fn worlds_that_were_left_behind_are_removed_in_batches_and_no_others(bench: Bench) {
    let mut change = Change::default();
    change.partners.update.push(Partner { test_epoch: 10, ..bench.partner.clone() });
    bench.write(change).await.unwrap();
    let tables = Tables::of(&bench).await;
    assert!(tables.names().count() >= 17);
    let own = bench.partner.id.to_string();
    let world = |epoch| format!("test:{own}:{epoch}");
    let (old, kept) = ([world(0), world(1), world(9)], [world(10), "live".to_owned()]);
    for table in tables.names() {
        for world in old.iter().chain(&kept) {
            tables.put(table, &own, world, 2, 7).await;
        }
        tables.put(table, "org_other", "test:org_other:1", 2, 7).await;
    }
    let many = usize::try_from(BATCH).unwrap();
    tables.put("tasks", &own, &world(2), many, 7).await;

    assert!(purge_once(&bench).await);
    let mut left = tables.count("tasks", &own, &world(2)).await;
    for world in &old {
        left += tables.count("tasks", &own, world).await;
    }
    assert_eq!(left, 2 * 3, "one batch is gone");
    while purge_once(&bench).await {}
    for table in tables.names() {
        for world in &old {
            assert_eq!(tables.count(table, &own, world).await, 0, "{table} of {world}");
        }
        for world in &kept {
            assert_eq!(tables.count(table, &own, world).await, 2, "{table} of {world}");
        }
        assert_eq!(tables.count(table, "org_other", "test:org_other:1").await, 2, "{table}");
    }
    assert_eq!(tables.count("tasks", &own, &world(2)).await, 0);
    assert!(!purge_once(&bench).await);
}

async fn what_has_lapsed_is_removed_a_day_later(bench: Bench) {
    let tables = Tables::of(&bench).await;
    let worlds = ["live", "test:org_1:1"];
    let purge = async |now: Time| {
        let purged = bench.store.settle(move |tx| {
            async move { Ok((purge::quotes(tx, now).await?, purge::remembered(tx, now).await?)) }.boxed()
        });
        purged.await.unwrap()
    };
    for world in worlds {
        tables.put("quotes", "org_1", world, 2, NOW.0).await;
        tables.put("remembered", "org_1", world, 2, NOW.0).await;
    }
    let many = usize::try_from(BATCH).unwrap();
    tables.put("quotes", "org_2", "live", many, NOW.0).await;
    assert_eq!(purge(NOW.plus(DAY)).await, (false, false));
    assert_eq!(tables.count("quotes", "org_1", "live").await, 2);
    assert_eq!(purge(NOW.plus(DAY + 1)).await, (true, false));
    assert_eq!(purge(NOW.plus(DAY + 1)).await, (false, false));
    assert_eq!(tables.count("remembered", "org_1", "live").await, 2);
    assert_eq!(purge(NOW.plus(WINDOW + DAY + 1)).await, (false, false));
    for table in ["quotes", "remembered"] {
        for world in worlds {
            assert_eq!(tables.count(table, "org_1", world).await, 0, "{table} of {world}");
        }
    }
}

/// A settlement holds its task and waits for the partner, whom a reset holds.
async fn a_world_is_left_without_waiting_for_who_holds_a_task_of_it(bench: Bench) {
    if bench.store.backend() == Backend::Sqlite {
        return; // There is one writer.
    }
    let mut change = Change::default();
    change.tasks.extend([bench.task("run_1", NOW), bench.task("run_2", NOW.plus(DAY))]);
    bench.write(change).await.unwrap();
    let task = bench.claim(1, NOW, "lse_1").await.remove(0);
    let (held, gate, world) = (Arc::new(Notify::new()), Arc::new(Notify::new()), task.world.clone());
    let settling = async {
        let (id, held, gate) = (task.id.clone(), held.clone(), gate.clone());
        let settling = bench.store.settle(move |tx| {
            let (id, held, gate) = (id.clone(), held.clone(), gate.clone());
            async move {
                tasks::still_mine(tx, &id, "lse_1").await?;
                held.notify_one();
                gate.notified().await;
                Ok(())
            }
            .boxed()
        });
        settling.await.unwrap();
    };
    let leaving = async {
        held.notified().await;
        let world = world.clone();
        let removed = bench.store.write(move |tx| {
            let world = world.clone();
            async move { tasks::remove_world(tx, &world).await }.boxed()
        });
        let removed = removed.await;
        gate.notify_one();
        assert_eq!(removed.unwrap(), 1, "all but the one that is held");
    };
    tokio::join!(settling, leaving);
}
