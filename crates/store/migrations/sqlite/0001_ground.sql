-- Conventions: ids are text, times are microseconds since 1970 in UTC, JSON is text, flags are 0 or 1,
-- `version` is raised by every update and fences it.

CREATE TABLE meta (
    key   TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE partners (
    id          TEXT NOT NULL PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL,
    tier        TEXT NOT NULL,
    test_epoch  INTEGER NOT NULL,
    test_offset INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_keys (
    id              TEXT NOT NULL PRIMARY KEY,
    partner         TEXT NOT NULL,
    environment     TEXT NOT NULL CHECK (environment IN ('test', 'live')),
    preset          TEXT NOT NULL CHECK (preset IN ('full', 'limited', 'read')),
    hash            TEXT NOT NULL UNIQUE,
    hint            TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    rate_per_minute INTEGER,
    revoked_at      INTEGER,
    version         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_keys_partner ON api_keys (partner, id);

CREATE TABLE endpoints (
    id               TEXT NOT NULL PRIMARY KEY,
    partner          TEXT NOT NULL,
    environment      TEXT NOT NULL CHECK (environment IN ('test', 'live')),
    from_cli         INTEGER NOT NULL,
    created_at       INTEGER NOT NULL,
    url              TEXT NOT NULL,
    events           TEXT,
    active           INTEGER NOT NULL,
    secret           TEXT NOT NULL,
    old_secret       TEXT,
    old_secret_until INTEGER,
    failing_since    INTEGER,
    version          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX endpoints_from_cli ON endpoints (partner, environment) WHERE from_cli = 1;
CREATE INDEX endpoints_partner ON endpoints (partner, environment, id);

CREATE TABLE users (
    id           TEXT NOT NULL PRIMARY KEY,
    partner      TEXT NOT NULL,
    world        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    email        TEXT NOT NULL,
    email_folded TEXT NOT NULL,
    first_name   TEXT,
    last_name    TEXT,
    client_id    INTEGER,
    status       TEXT NOT NULL CHECK (status IN ('active', 'deleted')),
    version      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX users_email ON users (partner, world, email_folded) WHERE status = 'active';
CREATE INDEX users_status ON users (partner, world, status, id);

CREATE TABLE bundles (
    id                        TEXT NOT NULL PRIMARY KEY,
    partner                   TEXT NOT NULL,
    world                     TEXT NOT NULL,
    created_at                INTEGER NOT NULL,
    name                      TEXT NOT NULL,
    monthly_sending_volume    INTEGER NOT NULL,
    google_percent            INTEGER,
    send_on_weekends          INTEGER NOT NULL,
    google_inboxes_per_domain INTEGER NOT NULL,
    status                    TEXT NOT NULL CHECK (status IN ('active', 'archived')),
    version                   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bundles_all ON bundles (partner, world, id);
CREATE INDEX bundles_status ON bundles (partner, world, status, id);

CREATE TABLE quotes (
    id          TEXT NOT NULL PRIMARY KEY,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    total_cents INTEGER NOT NULL,
    data        TEXT NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE orders (
    id                TEXT NOT NULL PRIMARY KEY,
    partner           TEXT NOT NULL,
    world             TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    user_id           TEXT NOT NULL,
    email             TEXT NOT NULL,
    email_folded      TEXT NOT NULL,
    bundle_id         TEXT,
    anchor_day        INTEGER NOT NULL,
    reference         TEXT,
    forwarding_url    TEXT,
    personas          TEXT NOT NULL,
    metadata          TEXT NOT NULL,
    status            TEXT NOT NULL,
    domain_count      INTEGER NOT NULL,
    total_cents       INTEGER NOT NULL,
    renews_at         INTEGER NOT NULL,
    client_id         INTEGER,
    login_email       TEXT NOT NULL,
    login_password    TEXT NOT NULL,
    login_api_key     TEXT,
    completed_at      INTEGER,
    last_event        TEXT,
    version           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX orders_all ON orders (partner, world, id);
CREATE INDEX orders_status ON orders (partner, world, status, id);
CREATE INDEX orders_user ON orders (partner, world, user_id, id);
CREATE INDEX orders_email ON orders (partner, world, email_folded, id);
CREATE INDEX orders_bundle ON orders (partner, world, bundle_id, id) WHERE bundle_id IS NOT NULL;
CREATE UNIQUE INDEX orders_reference ON orders (partner, world, reference) WHERE reference IS NOT NULL;

CREATE TABLE domains (
    id                  TEXT NOT NULL PRIMARY KEY,
    partner             TEXT NOT NULL,
    world               TEXT NOT NULL,
    name                TEXT NOT NULL,
    created_at          INTEGER NOT NULL,
    source              TEXT NOT NULL CHECK (source IN ('registrar', 'imported')),
    status              TEXT NOT NULL,
    held                INTEGER NOT NULL,
    order_id            TEXT,
    position            INTEGER NOT NULL,
    user_id             TEXT,
    usable_for          TEXT NOT NULL,
    provider            TEXT,
    licenses            INTEGER NOT NULL,
    inboxes_planned     INTEGER NOT NULL,
    inboxes_made        INTEGER NOT NULL,
    persona_offset      INTEGER NOT NULL,
    forwarding_url      TEXT,
    price_cents         INTEGER NOT NULL,
    cost_cents          INTEGER NOT NULL,
    renewal_price_cents INTEGER NOT NULL,
    dns                 TEXT,
    expires_at          INTEGER,
    version             INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX domains_name ON domains (world, name) WHERE status <> 'failed' AND status <> 'released';
CREATE INDEX domains_all ON domains (partner, world, id);
CREATE INDEX domains_status ON domains (partner, world, status, id);
CREATE INDEX domains_user ON domains (partner, world, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX domains_order ON domains (order_id, position) WHERE order_id IS NOT NULL;

CREATE TABLE inboxes (
    id         TEXT NOT NULL PRIMARY KEY,
    partner    TEXT NOT NULL,
    world      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    domain_id  TEXT NOT NULL,
    order_id   TEXT NOT NULL,
    user_id    TEXT NOT NULL,
    email      TEXT NOT NULL,
    provider   TEXT NOT NULL,
    first_name TEXT NOT NULL,
    last_name  TEXT NOT NULL,
    status     TEXT NOT NULL,
    link       TEXT NOT NULL,
    account_id TEXT,
    version    INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX inboxes_email ON inboxes (world, email) WHERE status <> 'deleted';
CREATE INDEX inboxes_domain ON inboxes (domain_id, id);
CREATE INDEX inboxes_order ON inboxes (partner, world, order_id, id);

CREATE TABLE actions (
    id          TEXT NOT NULL PRIMARY KEY,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    domain_id   TEXT NOT NULL,
    domain_name TEXT NOT NULL,
    user_id     TEXT NOT NULL,
    persona     INTEGER,
    message     TEXT NOT NULL,
    open        INTEGER NOT NULL,
    resolved_at INTEGER,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX actions_domain_open ON actions (domain_id) WHERE open = 1;
CREATE INDEX actions_open ON actions (partner, world, open, id);

CREATE TABLE runs (
    id          TEXT NOT NULL PRIMARY KEY,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    order_id    TEXT NOT NULL,
    domain_id   TEXT NOT NULL,
    state       TEXT NOT NULL CHECK (state IN ('open', 'asking', 'done', 'failed')),
    step        TEXT NOT NULL,
    memory      TEXT NOT NULL,
    steps       TEXT NOT NULL,
    finished_at INTEGER,
    version     INTEGER NOT NULL,
    CHECK ((finished_at IS NULL) = (state IN ('open', 'asking')))
) STRICT, WITHOUT ROWID;
CREATE INDEX runs_order ON runs (order_id, id);

CREATE TABLE ledger (
    order_id     TEXT NOT NULL,
    domain_id    TEXT NOT NULL,
    kind         TEXT NOT NULL,
    period       TEXT NOT NULL,
    id           TEXT NOT NULL,
    partner      TEXT NOT NULL,
    world        TEXT NOT NULL,
    quantity     INTEGER NOT NULL,
    unit_cents   INTEGER NOT NULL,
    amount_cents INTEGER NOT NULL,
    created_at   INTEGER NOT NULL,
    PRIMARY KEY (order_id, domain_id, kind, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    id         TEXT NOT NULL PRIMARY KEY,
    partner    TEXT NOT NULL,
    world      TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    kind       TEXT NOT NULL,
    order_id   TEXT,
    domain_id  TEXT,
    data       TEXT NOT NULL,
    position   INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX events_all ON events (partner, world, id);
CREATE INDEX events_kind ON events (partner, world, kind, id);
CREATE INDEX events_feed ON events (partner, world, position, id);

CREATE TABLE deliveries (
    id              TEXT NOT NULL PRIMARY KEY,
    partner         TEXT NOT NULL,
    world           TEXT NOT NULL,
    event_id        TEXT NOT NULL,
    endpoint_id     TEXT NOT NULL,
    status          TEXT NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts        TEXT NOT NULL,
    next_attempt_at INTEGER,
    version         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deliveries_all ON deliveries (partner, world, id);
CREATE INDEX deliveries_event ON deliveries (event_id);

CREATE TABLE remembered (
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    key         TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    answer      TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    PRIMARY KEY (partner, world, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE tasks (
    id       TEXT NOT NULL PRIMARY KEY,
    partner  TEXT NOT NULL,
    world    TEXT NOT NULL,
    lane     TEXT NOT NULL CHECK (lane IN ('step', 'delivery', 'timer')),
    bucket   TEXT NOT NULL,
    subject  TEXT NOT NULL,
    due_at   INTEGER NOT NULL,
    lease    TEXT,
    attempts INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tasks_due ON tasks (lane, bucket, due_at);
CREATE INDEX tasks_subject ON tasks (subject);
CREATE INDEX tasks_world ON tasks (world);
CREATE INDEX tasks_leased ON tasks (lease) WHERE lease IS NOT NULL;
