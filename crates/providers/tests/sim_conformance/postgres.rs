//! The same on PostgreSQL, wherever its server programs are installed.

use sqlx::{AnyConnection, Connection as _, Row as _, query, raw_sql};

use crate::contract::{holds, loses_nothing_to_abandoned_calls};
use crate::forgetting::{
    forgets_in_bounded_pieces, forgets_old_worlds_only, forgets_what_comes_late_and_what_is_long_ago,
    forgets_while_others_live,
};
use crate::processes::{lose_no_call, open_at_once, sell_a_name_once};
use crate::support::Sandbox;
use crate::throw_away;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn postgres_remembers_as_sqlite_does() {
    let Some(server) = throw_away::server() else { return };
    let url = server.fresh_schema().await;
    open_at_once(&url).await;
    for (n, prefix) in ["", "lost-"].into_iter().enumerate() {
        holds(&Sandbox::at(&url, n).await, prefix).await;
    }
    loses_nothing_to_abandoned_calls(&Sandbox::at(&url, 2).await).await;
    sell_a_name_once(&Sandbox::at(&url, 3).await).await;
    lose_no_call(&Sandbox::at(&url, 4).await).await;
    forgets_as_sqlite_does(&url).await;
}

/// All of a server's sandboxes are one schema, so this is no test of its own.
async fn forgets_as_sqlite_does(url: &str) {
    let sandbox = Sandbox::at(url, 5).await;
    forgets_old_worlds_only(&sandbox).await;
    forgets_in_bounded_pieces(&sandbox).await;
    forgets_what_comes_late_and_what_is_long_ago(&sandbox).await;
    forgets_while_others_live(&sandbox).await;
    reads_a_ledger_by_its_index(url).await;
}

/// The planner scans small tables whatever it could use, so it is told not to.
async fn reads_a_ledger_by_its_index(url: &str) {
    let mut connection = AnyConnection::connect(url).await.unwrap();
    raw_sql("SET enable_seqscan = off; SET enable_bitmapscan = off").execute(&mut connection).await.unwrap();
    let ledger = "EXPLAIN SELECT at FROM mailwright_sandbox.effect WHERE world = 'test:org_f4:5' ORDER BY seq";
    let plan = query(ledger).fetch_all(&mut connection).await.unwrap();
    let plan: Vec<String> = plan.iter().map(|row| row.get(0)).collect();
    assert!(plan[0].contains("Index Scan using effect_world"), "{plan:#?}");
    assert!(plan[1].contains("Index Cond: (world ="), "{plan:#?}");
}
