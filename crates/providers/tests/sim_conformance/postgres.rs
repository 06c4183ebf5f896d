//! The same on PostgreSQL, wherever its server programs are installed.

use crate::contract::{holds, loses_nothing_to_abandoned_calls};
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
}
