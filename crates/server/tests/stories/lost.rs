//! A connection that holds locks on PostgreSQL and stays silent, as a lost process's does: what the API says meanwhile.

use axum::http::StatusCode;
use model::partner::Preset;
use model::world::Environment;
use sqlx::{AnyConnection, Connection as _, Executor as _};

use crate::support::{Rig, make_partner, order_body};

/// In milliseconds. A connection has to be had in that time too, on whatever machine.
const PATIENCE: u64 = 1_000;

/// Holds a partner's row until it is dropped.
async fn hold(rig: &Rig) -> AnyConnection {
    let mut connection = AnyConnection::connect(&rig.config.database_url).await.unwrap();
    connection.execute("BEGIN").await.unwrap();
    let lock = sqlx::query("SELECT 1 FROM partners WHERE id = $1 FOR UPDATE").bind(rig.partner.id.to_string());
    lock.execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test]
async fn what_cannot_be_had_in_time_is_busy_and_another_partner_does_not_notice() {
    let impatient = |config: &mut server::config::Config| config.database.lock_timeout_ms = PATIENCE;
    let Some(rig) = Rig::with_settings(impatient).await else { return };
    let (other, key) = make_partner(&rig.wired, "Other", Preset::Full, Environment::Test).await;
    let other = rig.as_partner(other, key);
    let mut lost = hold(&rig).await;
    let minute = serde_json::json!({ "seconds": 60 });
    let refused = rig.call("POST", "/test/clock/advance", Some(&minute)).await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE, "{}", refused.body);
    assert_eq!(refused.body["error"]["code"], "busy");
    assert_eq!(refused.headers["retry-after"], "1");
    let id = other.place(&order_body(&["other-mail.com"])).await;
    other.settle_all().await;
    assert_eq!(other.order(&id).await["status"], "completed");
    lost.execute("ROLLBACK").await.unwrap();
    assert_eq!(rig.call("POST", "/test/clock/advance", Some(&minute)).await.status, StatusCode::OK);

    let id = rig.place(&order_body(&["acme-mail.com"])).await;
    let mut lost = hold(&rig).await;
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "in_progress", "work inside waits");
    lost.execute("ROLLBACK").await.unwrap();
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed", "and comes again by itself");
    assert_eq!(rig.effects("registered", "acme-mail.com").await, 1);
}

#[tokio::test]
async fn the_sandbox_does_not_wait_for_ever_for_a_process_that_is_lost_in_it() {
    let Some(server) = crate::support::postgres::server() else { return };
    let sandbox = server.fresh_schema().await;
    let url = sandbox.clone();
    let impatient = move |config: &mut server::config::Config| {
        config.database.lock_timeout_ms = PATIENCE;
        config.sandbox.database_url = url;
    };
    let Some(rig) = Rig::with_settings(impatient).await else { return };
    let mut lost = AnyConnection::connect(&sandbox).await.unwrap();
    lost.execute("BEGIN; SELECT CAST(pg_advisory_xact_lock(5500110056) AS TEXT)").await.unwrap();
    let id = rig.place(&order_body(&["lost-process.com"])).await;
    // It ends although the lock stays: each call gives up, and its step comes again.
    rig.work_off().await;
    assert_eq!(rig.order(&id).await["status"], "in_progress");
    lost.execute("ROLLBACK").await.unwrap();
    rig.settle_all().await;
    assert_eq!(rig.order(&id).await["status"], "completed");
}
