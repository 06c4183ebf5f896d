//! Fills a database in a few large statements: a number series, and expressions over it.

use model::clock::MINUTE;
use server::cli::out;
use sqlx::{AnyConnection, AssertSqlSafe, Connection as _, Executor as _};

use crate::place::{self, NOW, Place};
use crate::size::{DOMAINS, Size};

/// Rows of one statement: large enough to be fast, small enough to be committed in a moment.
const CHUNK: i64 = 100_000;

/// Fills every table that a list reads.
pub(crate) async fn fill(place: &Place, size: Size) -> anyhow::Result<()> {
    let mut connection = AnyConnection::connect(&place.url).await?;
    let sqlite = place.url.starts_with("sqlite:");
    if sqlite {
        for pragma in ["PRAGMA busy_timeout = 60000", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"] {
            connection.execute(sqlx::raw_sql(pragma)).await?;
        }
    }
    let words = Words { sqlite };
    for table in tables(&words, size) {
        out::line(&format!("{}: {} rows", table.name, table.rows)).expect("standard output takes it");
        let mut from = 0;
        while from < table.rows {
            let to = (from + CHUNK).min(table.rows);
            let series = words.series(from, to);
            let sql = format!("INSERT INTO {} ({}) SELECT {} FROM {series}", table.name, table.columns, table.values);
            connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
            from = to;
        }
    }
    settle(&mut connection, sqlite).await?;
    connection.close().await?;
    Ok(())
}

/// What time does to a database by itself; otherwise the first readers of a row pay for it.
async fn settle(connection: &mut AnyConnection, sqlite: bool) -> anyhow::Result<()> {
    if sqlite {
        connection.execute(sqlx::raw_sql("ANALYZE")).await?;
        connection.execute(sqlx::raw_sql("PRAGMA wal_checkpoint(TRUNCATE)")).await?;
    } else {
        connection.execute(sqlx::raw_sql("VACUUM (ANALYZE)")).await?;
        // An operator's own database may not let us; nothing is measured there.
        connection.execute(sqlx::raw_sql("CHECKPOINT")).await.ok();
    }
    Ok(())
}

struct Table {
    name: &'static str,
    rows: i64,
    columns: &'static str,
    values: String,
}

/// The few words that differ between the two databases.
struct Words {
    sqlite: bool,
}

impl Words {
    fn series(&self, from: i64, to: i64) -> String {
        let last = to - 1;
        if self.sqlite {
            format!(
                "(WITH RECURSIVE s(i) AS (SELECT {from} UNION ALL SELECT i + 1 FROM s WHERE i < {last}) SELECT i FROM s) AS n"
            )
        } else {
            format!("(SELECT i FROM generate_series(CAST({from} AS BIGINT), {last}) AS s(i)) AS n")
        }
    }

    /// The id of the row with that number.
    fn id(&self, prefix: &str, number: &str) -> String {
        if self.sqlite {
            format!("'{prefix}_' || printf('0%07d000000000000000000', {number})")
        } else {
            format!("'{prefix}_0' || lpad(({number})::text, 7, '0') || '000000000000000000'")
        }
    }

    /// One of several words, by the row's number.
    fn one_of(&self, words: &[&str], number: &str) -> String {
        let cases: Vec<_> = words.iter().enumerate().map(|(n, word)| format!("WHEN {n} THEN '{word}'")).collect();
        format!("CASE ({number}) % {} {} END", words.len(), cases.join(" "))
    }
}

fn tables(words: &Words, size: Size) -> Vec<Table> {
    vec![
        users(words, size),
        bundles(words, size),
        orders(words, size),
        domains(words, size),
        inboxes(words, size),
        actions(words, size),
        swaps(words, size),
        ledger(words, size),
        events(words, size),
        deliveries(words, size),
    ]
}

/// Partner, world, and [`Size::created`].
fn owner(rows: i64) -> (String, String) {
    let created = format!("{} + (i - {rows}) * {MINUTE}", NOW.0);
    (format!("'{}', '{}'", place::partner(), place::world()), created)
}

fn users(words: &Words, size: Size) -> Table {
    let (owner, created) = owner(size.users());
    let values = format!(
        "{}, {owner}, {created}, 'user' || i || '@acme.com', 'user' || i || '@acme.com', 'Alex', 'Rivera', NULL, {}, 1",
        words.id("usr", "i"),
        words.one_of(&["active", "active", "active", "active", "deleted"], "i")
    );
    let columns =
        "id, partner, world, created_at, email, email_folded, first_name, last_name, client_id, status, version";
    Table { name: "users", rows: size.users(), columns, values }
}

fn bundles(words: &Words, size: Size) -> Table {
    let (owner, created) = owner(size.users());
    let values = format!(
        "{}, {owner}, {created}, 'Plan ' || i, 25000, NULL, 0, 2, {}, 1",
        words.id("bun", "i"),
        words.one_of(&["active", "active", "active", "archived"], "i"),
    );
    let columns = "id, partner, world, created_at, name, monthly_sending_volume, google_percent, send_on_weekends, \
        google_inboxes_per_domain, status, version";
    Table { name: "bundles", rows: size.users(), columns, values }
}

fn orders(words: &Words, size: Size) -> Table {
    let (owner, created) = owner(size.orders);
    let statuses = ["completed"; 12].into_iter().chain(["in_progress", "action_required", "failed", "cancelled"]);
    let values = format!(
        "{}, {owner}, {created}, {}, 'user' || (i % {users}) || '@acme.com', 'user' || (i % {users}) || '@acme.com', {}, 8, \
         CASE WHEN i % 2 = 0 THEN 'R-' || i END, NULL, '[]', '{{}}', {}, 5, 6800, {created}, NULL, 'peeker@acme.com', '', \
         NULL, NULL, NULL, 1",
        words.id("ord", "i"),
        words.id("usr", &format!("i % {}", size.users())),
        words.id("bun", "i % 50"),
        words.one_of(&statuses.collect::<Vec<_>>(), "i"),
        users = size.users(),
    );
    let columns = "id, partner, world, created_at, user_id, email, email_folded, bundle_id, anchor_day, reference, \
        forwarding_url, personas, metadata, status, domain_count, total_cents, renews_at, client_id, login_email, \
        login_password, login_api_key, completed_at, last_event, version";
    Table { name: "orders", rows: size.orders, columns, values }
}

fn domains(words: &Words, size: Size) -> Table {
    let rows = size.orders * DOMAINS;
    let (owner, created) = owner(rows);
    let statuses = ["active"; 16].into_iter().chain(["configuring", "action_required", "failed", "releasing"]);
    // One name in forty is in the inventory.
    let free = "i % 40 = 7";
    let values = format!(
        "{}, {owner}, 'name' || i || '.com', {created}, 'registrar', CASE WHEN {free} THEN 'available' ELSE {} END, 1, \
         CASE WHEN {free} THEN NULL ELSE {} END, i % {DOMAINS}, CASE WHEN {free} THEN NULL ELSE {} END, \
         CASE WHEN i % 3 = 0 THEN '[\"google\"]' ELSE '[\"google\",\"microsoft\"]' END, 'google', 2, 2, 2, 0, NULL, 1300, \
         1300, 1500, NULL, NULL, CASE WHEN {free} THEN 'inventory' ELSE 'connected' END, 1, \
         CASE WHEN i % 3 = 0 THEN 0 ELSE 1 END, 1",
        words.id("dom", "i"),
        words.one_of(&statuses.collect::<Vec<_>>(), "i"),
        words.id("ord", &format!("i / {DOMAINS}")),
        words.id("usr", &format!("(i / {DOMAINS}) % {}", size.users())),
    );
    let columns = "id, partner, world, name, created_at, source, status, held, order_id, position, user_id, usable_for, \
        provider, licenses, inboxes_planned, inboxes_made, persona_offset, forwarding_url, price_cents, cost_cents, \
        renewal_price_cents, dns, expires_at, category, for_google, for_microsoft, version";
    Table { name: "domains", rows, columns, values }
}

fn inboxes(words: &Words, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owner(rows);
    let statuses = ["active"; 9].into_iter().chain(["deleted"]);
    let values = format!(
        "{}, {owner}, {created}, {}, {}, {}, 'alex' || i || '@name' || i || '.com', {}, 'Alex', 'Rivera', {}, 'linked', \
         NULL, 1",
        words.id("inb", "i"),
        words.id("dom", "i"),
        words.id("ord", &format!("i / {DOMAINS}")),
        words.id("usr", &format!("(i / {DOMAINS}) % {}", size.users())),
        words.one_of(&["google", "microsoft"], "i"),
        words.one_of(&statuses.collect::<Vec<_>>(), "i"),
    );
    let columns = "id, partner, world, created_at, domain_id, order_id, user_id, email, provider, first_name, \
        last_name, status, link, account_id, version";
    Table { name: "inboxes", rows, columns, values }
}

fn actions(words: &Words, size: Size) -> Table {
    let rows = size.few();
    let (owner, created) = owner(rows);
    let values = format!(
        "{}, {owner}, {created}, 'dkim_needs_enabling', {}, {}, 'name' || i || '.com', {}, NULL, 'Do it.', \
         CASE WHEN i % 10 = 0 THEN 1 ELSE 0 END, NULL, 1",
        words.id("act", "i"),
        words.id("ord", &format!("i / {DOMAINS}")),
        words.id("dom", "i"),
        words.id("usr", &format!("(i / {DOMAINS}) % {}", size.users())),
    );
    let columns = "id, partner, world, created_at, reason, order_id, domain_id, domain_name, user_id, persona, message, \
        open, resolved_at, version";
    Table { name: "actions", rows, columns, values }
}

fn swaps(words: &Words, size: Size) -> Table {
    let rows = size.few();
    let (owner, created) = owner(rows);
    let values = format!(
        "{}, {owner}, {created}, 'standard', {}, {}, {}, NULL, 'new' || i || '.com', {}, NULL, {}, NULL, 1",
        words.id("swp", "i"),
        words.id("ord", &format!("i / {DOMAINS}")),
        words.id("usr", &format!("(i / {DOMAINS}) % {}", size.users())),
        words.id("dom", "i"),
        words.id("dom", "i + 1"),
        words.one_of(&["completed", "completed", "completed", "failed"], "i"),
    );
    let columns = "id, partner, world, created_at, kind, order_id, user_id, domain_id, inbox_id, replacement_name, \
        replacement_id, persona, status, finished_at, version";
    Table { name: "swaps", rows, columns, values }
}

fn ledger(words: &Words, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owner(rows);
    let kinds = ["domain_registration", "google_license", "google_license", "swap"];
    let values = format!(
        "{}, {owner}, {created}, {}, {}, {}, {}, 'once ' || i, 1, 600, 600, NULL, NULL, NULL",
        words.id("inv", "i"),
        words.id("ord", &format!("i / {DOMAINS}")),
        words.id("usr", &format!("(i / {DOMAINS}) % {}", size.users())),
        words.id("dom", "i"),
        words.one_of(&kinds, "i"),
    );
    let columns = "id, partner, world, created_at, order_id, user_id, domain_id, kind, period, quantity, unit_cents, \
        amount_cents, period_start, period_end, reverses";
    Table { name: "ledger", rows, columns, values }
}

fn events(words: &Words, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owner(rows);
    let kinds = ["order.in_progress", "domain.connected", "order.completed", "order.renewed"];
    let values = format!(
        "{}, {owner}, {created}, {}, {}, NULL, '{{}}', 0",
        words.id("evt", "i"),
        words.one_of(&kinds, "i"),
        words.id("ord", "i"),
    );
    let columns = "id, partner, world, created_at, kind, order_id, domain_id, data, position";
    Table { name: "events", rows, columns, values }
}

fn deliveries(words: &Words, size: Size) -> Table {
    let rows = size.orders;
    let (owner, _) = owner(rows);
    let values = format!(
        "{}, {owner}, {}, {}, {}, '[]', NULL, 1",
        words.id("dlv", "i"),
        words.id("evt", "i"),
        words.id("whe", "i % 4"),
        words.one_of(&["delivered", "delivered", "delivered", "failed"], "i"),
    );
    let columns = "id, partner, world, event_id, endpoint_id, status, attempts, next_attempt_at, version";
    Table { name: "deliveries", rows, columns, values }
}
