//! What an update writes: what differs from the row as it was read in the same transaction.

use futures_util::FutureExt as _;
use model::change::Change;
use model::user::User;
use store::{Backend, Failure, Tx, users};

use crate::support::bench::{Bench, NOW};

on_both! {
    only_what_differs_is_written
    what_was_not_read_is_written_whole
    what_was_read_at_another_version_is_not_written
}

/// Renames users that were just written, and answers the statement.
async fn rename(bench: &Bench, some: Vec<User>, reads: bool) -> Result<String, Failure> {
    let (ids, scope) = (bench.ids.clone(), bench.scope());
    let writing = bench.store.write(move |tx: &mut Tx| {
        let (ids, scope, some) = (ids.clone(), scope.clone(), some.clone());
        async move {
            let mut change = Change::default();
            for user in some {
                if reads {
                    users::get(tx, &scope, &user.id).await?;
                }
                change.users.update.push(User { first_name: Some(format!("New {}", user.email)), ..user });
            }
            tx.record(true);
            tx.apply(change, &ids, NOW).await?;
            let sent = tx.record(false).into_iter().map(|one| one.sql);
            Ok(sent.filter(|sql| sql.starts_with("UPDATE users")).collect::<Vec<_>>().join("; "))
        }
        .boxed()
    });
    writing.await
}

async fn written(bench: &Bench, count: usize) -> Vec<User> {
    let some: Vec<_> = (0..count).map(|n| bench.user(&format!("alex{n}@acme.com"))).collect();
    let mut change = Change::default();
    change.users.insert.extend(some.clone());
    bench.write(change).await.unwrap();
    some
}

async fn only_what_differs_is_written(bench: Bench) {
    let some = written(&bench, 3).await;
    let one = rename(&bench, vec![some[0].clone()], true).await.unwrap();
    let alone = "UPDATE users SET first_name = $2, version = version + 1 WHERE id = $1 AND version = $3";
    assert_eq!(one, alone);
    let two = rename(&bench, some[1..].to_vec(), true).await.unwrap();
    match bench.store.backend() {
        Backend::Sqlite => assert_eq!(two, [alone; 2].join("; ")),
        Backend::Postgres => {
            assert!(two.starts_with("UPDATE users SET first_name = new.column2, version = users.version + 1 FROM"));
        }
    }
    let mut db = bench.store.read().await.unwrap();
    for user in some {
        let now = users::get(&mut db, &bench.scope(), &user.id).await.unwrap().unwrap();
        let renamed = User { first_name: Some(format!("New {}", user.email)), version: user.version + 1, ..user };
        assert_eq!(now, renamed);
    }
}

async fn what_was_not_read_is_written_whole(bench: Bench) {
    let some = written(&bench, 1).await;
    let whole = rename(&bench, some, false).await.unwrap();
    assert!(whole.matches(" = $").count() > 5, "{whole}");
}

async fn what_was_read_at_another_version_is_not_written(bench: Bench) {
    let some = written(&bench, 1).await;
    rename(&bench, some.clone(), true).await.unwrap();
    assert!(rename(&bench, some, true).await.is_err(), "it is at another version by now");
}
