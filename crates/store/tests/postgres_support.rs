//! The throw-away PostgreSQL itself: rows come back through `Any`, and two schemas do not see each other.

use sqlx::AnyPool;

/// Shared between the test binaries of this crate.
mod support {
    pub(crate) mod postgres;
}

async fn open(server: &support::postgres::Server) -> AnyPool {
    sqlx::any::install_default_drivers();
    AnyPool::connect(&server.fresh_schema().await).await.expect("sqlx understands the URL")
}

async fn text(pool: &AnyPool, query: &'static str) -> String {
    sqlx::query_scalar(query).fetch_one(pool).await.expect("one row with one text")
}

#[tokio::test]
async fn a_row_comes_back_and_stays_in_its_schema() {
    let Some(server) = support::postgres::server() else {
        return;
    };
    let (one, other) = (open(server).await, open(server).await);
    for (pool, note) in [(&one, "first"), (&other, "second")] {
        sqlx::query("CREATE TABLE note (body TEXT NOT NULL)").execute(pool).await.unwrap();
        sqlx::query("INSERT INTO note (body) VALUES ($1)").bind(note).execute(pool).await.unwrap();
    }
    assert_eq!(text(&one, "SELECT body FROM note").await, "first");
    assert_eq!(text(&other, "SELECT body FROM note").await, "second");
}

#[tokio::test]
async fn only_the_durable_server_waits_for_the_disk() {
    let (Some(fast), Some(durable)) = (support::postgres::server(), support::postgres::durable_server()) else {
        return;
    };
    let (fast, durable) = (open(fast).await, open(durable).await);
    assert_eq!(text(&fast, "SHOW fsync").await, "off");
    assert_eq!(text(&durable, "SHOW fsync").await, "on");
    assert_eq!(text(&durable, "SHOW max_connections").await, "300");
}
