//! The rows of every table.

use model::clock::{DAY, MINUTE};

use super::words::Words;
use super::{DOMAINS, NOW, Owner, Size};

/// So long after everything was seeded the first timer is due.
const LONG: i64 = 10_000 * DAY;

/// Rows of one table.
pub(super) struct Table {
    pub(super) name: &'static str,
    pub(super) rows: i64,
    pub(super) columns: &'static str,
    pub(super) values: String,
}

/// Every table, in the order in which they are filled.
pub(super) fn all(words: &Words, owner: &Owner, size: Size) -> Vec<Table> {
    vec![
        users(words, owner, size),
        bundles(words, owner, size),
        orders(words, owner, size),
        domains(words, owner, size),
        inboxes(words, owner, size),
        actions(words, owner, size),
        swaps(words, owner, size),
        ledger(words, owner, size),
        events(words, owner, size),
        deliveries(words, owner, size),
        runs(words, owner, size),
        timers(words, owner, size),
    ]
}

/// Partner, world, and [`Size::created`].
fn owned(owner: &Owner, rows: i64) -> (String, String) {
    let created = format!("{} + (i - {rows}) * {MINUTE}", NOW.0);
    (format!("'{}', '{}'", owner.partner, owner.world), created)
}

fn users(words: &Words, owner: &Owner, size: Size) -> Table {
    let (owner, created) = owned(owner, size.users());
    let values = format!(
        "{}, {owner}, {created}, 'user' || i || '@acme.com', 'user' || i || '@acme.com', 'Alex', 'Rivera', NULL, {}, 1",
        words.id("usr", "i"),
        words.one_of(&["active", "active", "active", "active", "deleted"], "i")
    );
    let columns =
        "id, partner, world, created_at, email, email_folded, first_name, last_name, client_id, status, version";
    Table { name: "users", rows: size.users(), columns, values }
}

fn bundles(words: &Words, owner: &Owner, size: Size) -> Table {
    let (owner, created) = owned(owner, size.users());
    let values = format!(
        "{}, {owner}, {created}, 'Plan ' || i, 25000, NULL, 0, 2, {}, 1",
        words.id("bun", "i"),
        words.one_of(&["active", "active", "active", "archived"], "i"),
    );
    let columns = "id, partner, world, created_at, name, monthly_sending_volume, google_percent, send_on_weekends, \
        google_inboxes_per_domain, status, version";
    Table { name: "bundles", rows: size.users(), columns, values }
}

fn orders(words: &Words, owner: &Owner, size: Size) -> Table {
    let (owner, created) = owned(owner, size.orders);
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

fn domains(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders * DOMAINS;
    let (owner, created) = owned(owner, rows);
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

fn inboxes(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owned(owner, rows);
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

fn actions(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.few();
    let (owner, created) = owned(owner, rows);
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

fn swaps(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.few();
    let (owner, created) = owned(owner, rows);
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

fn ledger(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owned(owner, rows);
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

fn events(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owned(owner, rows);
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

fn deliveries(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let (owner, _) = owned(owner, rows);
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

/// The last thing that was done for each order, and is finished.
fn runs(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let (owner, created) = owned(owner, rows);
    let values = format!(
        "{}, {owner}, {created}, 'provision', {}, {}, NULL, 'done', 'confirm_ready', '{{}}', '[]', {created}, 1",
        words.id("run", "i"),
        words.id("ord", "i"),
        words.id("dom", &format!("i * {DOMAINS}")),
    );
    let columns = "id, partner, world, created_at, kind, order_id, domain_id, job, state, step, memory, steps, \
        finished_at, version";
    Table { name: "runs", rows, columns, values }
}

/// What each order waits for, long after whoever is measured has ended.
fn timers(words: &Words, owner: &Owner, size: Size) -> Table {
    let rows = size.orders;
    let values = format!(
        "{}, '{}', '{}', 'timer', '{}', {}, {} + i * {MINUTE}, NULL, 0, 0",
        words.id("tsk", "i"),
        owner.partner,
        owner.world,
        owner.partner,
        words.id("ord", "i"),
        NOW.plus(LONG).0,
    );
    let columns = "id, partner, world, lane, bucket, subject, due_at, lease, attempts, clock";
    Table { name: "tasks", rows, columns, values }
}
