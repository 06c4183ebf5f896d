//! PowerDNS: <https://doc.powerdns.com/authoritative/settings.html>.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::Command;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

use super::{Running, free_port, program};

/// What its API wants to be shown.
pub(crate) const API_KEY: &str = "not a secret";

/// Where the package puts the tables that it wants.
const SCHEMA: &str = "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql";

/// A server with no zones, whose DNS is at one address and whose API at another.
pub(crate) struct Powerdns {
    pub(crate) dns: SocketAddr,
    pub(crate) api: SocketAddr,
    _running: Running,
}

/// Starts it in a folder; `None` where it is not installed.
pub(crate) async fn start(folder: &Path) -> Option<Powerdns> {
    start_at(folder, SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(&[1])))).await
}

/// The same, where its DNS is at this address.
pub(crate) async fn start_at(folder: &Path, dns: SocketAddr) -> Option<Powerdns> {
    let server = program("pdns_server", "pdns-server")?;
    if !Path::new(SCHEMA).is_file() {
        assert!(!super::in_ci(), "its tables are not there: apt-get install pdns-backend-sqlite3");
        super::skipped("the SQLite backend of PowerDNS", "pdns-backend-sqlite3");
        return None;
    }
    let database = folder.join("pdns.db");
    let options = SqliteConnectOptions::new().filename(&database).create_if_missing(true);
    let pool = SqlitePool::connect_with(options).await.unwrap();
    let schema = std::fs::read_to_string(SCHEMA).unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(schema)).execute(&pool).await.unwrap();
    pool.close().await;
    std::fs::write(folder.join("pdns.conf"), "").unwrap();
    let api = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port(&[1])));
    let mut command = Command::new(server);
    command.args([
        &format!("--config-dir={}", folder.display()),
        "--launch=gsqlite3",
        &format!("--gsqlite3-database={}", database.display()),
        "--gsqlite3-pragma-synchronous=0",
        &format!("--local-address={}", dns.ip()),
        &format!("--local-port={}", dns.port()),
        "--api=yes",
        &format!("--api-key={API_KEY}"),
        "--webserver=yes",
        &format!("--webserver-address={}", api.ip()),
        &format!("--webserver-port={}", api.port()),
        &format!("--socket-dir={}", folder.display()),
        "--daemon=no",
        "--guardian=no",
    ]);
    Some(Powerdns { dns, api, _running: Running::start(&mut command, "ready to distribute questions") })
}
