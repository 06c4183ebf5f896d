-- Conventions: ids are text, times are microseconds since 1970 in UTC, JSON is text, flags are 0 or 1,
-- `version` is raised by every update and fences it.

CREATE TABLE meta (
    key   TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE partners (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL,
    tier        TEXT COLLATE "C" NOT NULL,
    test_epoch  BIGINT NOT NULL,
    test_offset BIGINT NOT NULL,
    version     BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner         TEXT COLLATE "C" NOT NULL,
    environment     TEXT COLLATE "C" NOT NULL CHECK (environment IN ('test', 'live')),
    preset          TEXT COLLATE "C" NOT NULL CHECK (preset IN ('full', 'limited', 'read')),
    hash            TEXT COLLATE "C" NOT NULL UNIQUE,
    hint            TEXT COLLATE "C" NOT NULL,
    created_at      BIGINT NOT NULL,
    rate_per_minute BIGINT,
    revoked_at      BIGINT,
    version         BIGINT NOT NULL
);
CREATE INDEX api_keys_partner ON api_keys (partner, id);

CREATE TABLE endpoints (
    id               TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner          TEXT COLLATE "C" NOT NULL,
    environment      TEXT COLLATE "C" NOT NULL CHECK (environment IN ('test', 'live')),
    from_cli         BIGINT NOT NULL,
    created_at       BIGINT NOT NULL,
    url              TEXT COLLATE "C" NOT NULL,
    events           TEXT COLLATE "C",
    active           BIGINT NOT NULL,
    secret           TEXT COLLATE "C" NOT NULL,
    old_secret       TEXT COLLATE "C",
    old_secret_until BIGINT,
    failing_since    BIGINT,
    version          BIGINT NOT NULL
);
CREATE UNIQUE INDEX endpoints_from_cli ON endpoints (partner, environment) WHERE from_cli = 1;
CREATE INDEX endpoints_partner ON endpoints (partner, environment, id);

CREATE TABLE users (
    id           TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner      TEXT COLLATE "C" NOT NULL,
    world        TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT NOT NULL,
    email        TEXT COLLATE "C" NOT NULL,
    email_folded TEXT COLLATE "C" NOT NULL,
    first_name   TEXT COLLATE "C",
    last_name    TEXT COLLATE "C",
    client_id    BIGINT,
    status       TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'deleted')),
    version      BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_email ON users (partner, world, email_folded) WHERE status = 'active';
CREATE INDEX users_status ON users (partner, world, status, id);

CREATE TABLE bundles (
    id                        TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner                   TEXT COLLATE "C" NOT NULL,
    world                     TEXT COLLATE "C" NOT NULL,
    created_at                BIGINT NOT NULL,
    name                      TEXT COLLATE "C" NOT NULL,
    monthly_sending_volume    BIGINT NOT NULL,
    google_percent            BIGINT,
    send_on_weekends          BIGINT NOT NULL,
    google_inboxes_per_domain BIGINT NOT NULL,
    status                    TEXT COLLATE "C" NOT NULL CHECK (status IN ('active', 'archived')),
    version                   BIGINT NOT NULL
);
CREATE INDEX bundles_all ON bundles (partner, world, id);
CREATE INDEX bundles_status ON bundles (partner, world, status, id);

CREATE TABLE quotes (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner     TEXT COLLATE "C" NOT NULL,
    world       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    total_cents BIGINT NOT NULL,
    data        TEXT COLLATE "C" NOT NULL,
    expires_at  BIGINT NOT NULL
);

CREATE TABLE orders (
    id                TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner           TEXT COLLATE "C" NOT NULL,
    world             TEXT COLLATE "C" NOT NULL,
    created_at        BIGINT NOT NULL,
    user_id           TEXT COLLATE "C" NOT NULL,
    email             TEXT COLLATE "C" NOT NULL,
    email_folded      TEXT COLLATE "C" NOT NULL,
    bundle_id         TEXT COLLATE "C",
    anchor_day        BIGINT NOT NULL,
    reference         TEXT COLLATE "C",
    forwarding_url    TEXT COLLATE "C",
    personas          TEXT COLLATE "C" NOT NULL,
    metadata          TEXT COLLATE "C" NOT NULL,
    status            TEXT COLLATE "C" NOT NULL,
    domain_count      BIGINT NOT NULL,
    total_cents       BIGINT NOT NULL,
    renews_at         BIGINT NOT NULL,
    client_id         BIGINT,
    login_email       TEXT COLLATE "C" NOT NULL,
    login_password    TEXT COLLATE "C" NOT NULL,
    login_api_key     TEXT COLLATE "C",
    completed_at      BIGINT,
    last_event        TEXT COLLATE "C",
    version           BIGINT NOT NULL
);
CREATE INDEX orders_all ON orders (partner, world, id);
CREATE INDEX orders_status ON orders (partner, world, status, id);
CREATE INDEX orders_user ON orders (partner, world, user_id, id);
CREATE INDEX orders_email ON orders (partner, world, email_folded, id);
CREATE INDEX orders_bundle ON orders (partner, world, bundle_id, id) WHERE bundle_id IS NOT NULL;
CREATE UNIQUE INDEX orders_reference ON orders (partner, world, reference) WHERE reference IS NOT NULL;

CREATE TABLE domains (
    id                  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner             TEXT COLLATE "C" NOT NULL,
    world               TEXT COLLATE "C" NOT NULL,
    name                TEXT COLLATE "C" NOT NULL,
    created_at          BIGINT NOT NULL,
    source              TEXT COLLATE "C" NOT NULL CHECK (source IN ('registrar', 'imported')),
    status              TEXT COLLATE "C" NOT NULL,
    held                BIGINT NOT NULL,
    order_id            TEXT COLLATE "C",
    position            BIGINT NOT NULL,
    user_id             TEXT COLLATE "C",
    usable_for          TEXT COLLATE "C" NOT NULL,
    provider            TEXT COLLATE "C",
    licenses            BIGINT NOT NULL,
    inboxes_planned     BIGINT NOT NULL,
    inboxes_made        BIGINT NOT NULL,
    persona_offset      BIGINT NOT NULL,
    forwarding_url      TEXT COLLATE "C",
    price_cents         BIGINT NOT NULL,
    cost_cents          BIGINT NOT NULL,
    renewal_price_cents BIGINT NOT NULL,
    dns                 TEXT COLLATE "C",
    expires_at          BIGINT,
    version             BIGINT NOT NULL
);
CREATE UNIQUE INDEX domains_name ON domains (world, name) WHERE status <> 'failed' AND status <> 'released';
CREATE INDEX domains_all ON domains (partner, world, id);
CREATE INDEX domains_status ON domains (partner, world, status, id);
CREATE INDEX domains_user ON domains (partner, world, user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX domains_order ON domains (order_id, position) WHERE order_id IS NOT NULL;

CREATE TABLE inboxes (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner    TEXT COLLATE "C" NOT NULL,
    world      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    domain_id  TEXT COLLATE "C" NOT NULL,
    order_id   TEXT COLLATE "C" NOT NULL,
    user_id    TEXT COLLATE "C" NOT NULL,
    email      TEXT COLLATE "C" NOT NULL,
    provider   TEXT COLLATE "C" NOT NULL,
    first_name TEXT COLLATE "C" NOT NULL,
    last_name  TEXT COLLATE "C" NOT NULL,
    status     TEXT COLLATE "C" NOT NULL,
    link       TEXT COLLATE "C" NOT NULL,
    account_id TEXT COLLATE "C",
    version    BIGINT NOT NULL
);
CREATE UNIQUE INDEX inboxes_email ON inboxes (world, email) WHERE status <> 'deleted';
CREATE INDEX inboxes_domain ON inboxes (domain_id, id);
CREATE INDEX inboxes_order ON inboxes (partner, world, order_id, id);

CREATE TABLE actions (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner     TEXT COLLATE "C" NOT NULL,
    world       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    reason      TEXT COLLATE "C" NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    domain_id   TEXT COLLATE "C" NOT NULL,
    domain_name TEXT COLLATE "C" NOT NULL,
    user_id     TEXT COLLATE "C" NOT NULL,
    persona     BIGINT,
    message     TEXT COLLATE "C" NOT NULL,
    open        BIGINT NOT NULL,
    resolved_at BIGINT,
    version     BIGINT NOT NULL
);
CREATE UNIQUE INDEX actions_domain_open ON actions (domain_id) WHERE open = 1;
CREATE INDEX actions_open ON actions (partner, world, open, id);

CREATE TABLE runs (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner     TEXT COLLATE "C" NOT NULL,
    world       TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    order_id    TEXT COLLATE "C" NOT NULL,
    domain_id   TEXT COLLATE "C" NOT NULL,
    state       TEXT COLLATE "C" NOT NULL CHECK (state IN ('open', 'asking', 'done', 'failed')),
    step        TEXT COLLATE "C" NOT NULL,
    memory      TEXT COLLATE "C" NOT NULL,
    steps       TEXT COLLATE "C" NOT NULL,
    finished_at BIGINT,
    version     BIGINT NOT NULL,
    CHECK ((finished_at IS NULL) = (state IN ('open', 'asking')))
);
CREATE INDEX runs_order ON runs (order_id, id);

CREATE TABLE ledger (
    order_id     TEXT COLLATE "C" NOT NULL,
    domain_id    TEXT COLLATE "C" NOT NULL,
    kind         TEXT COLLATE "C" NOT NULL,
    period       TEXT COLLATE "C" NOT NULL,
    id           TEXT COLLATE "C" NOT NULL,
    partner      TEXT COLLATE "C" NOT NULL,
    world        TEXT COLLATE "C" NOT NULL,
    quantity     BIGINT NOT NULL,
    unit_cents   BIGINT NOT NULL,
    amount_cents BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (order_id, domain_id, kind, period)
);

CREATE TABLE events (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner    TEXT COLLATE "C" NOT NULL,
    world      TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    kind       TEXT COLLATE "C" NOT NULL,
    order_id   TEXT COLLATE "C",
    domain_id  TEXT COLLATE "C",
    data       TEXT COLLATE "C" NOT NULL,
    position   BIGINT NOT NULL
);
CREATE INDEX events_all ON events (partner, world, id);
CREATE INDEX events_kind ON events (partner, world, kind, id);
CREATE INDEX events_feed ON events (partner, world, position, id);

CREATE TABLE deliveries (
    id              TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner         TEXT COLLATE "C" NOT NULL,
    world           TEXT COLLATE "C" NOT NULL,
    event_id        TEXT COLLATE "C" NOT NULL,
    endpoint_id     TEXT COLLATE "C" NOT NULL,
    status          TEXT COLLATE "C" NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    attempts        TEXT COLLATE "C" NOT NULL,
    next_attempt_at BIGINT,
    version         BIGINT NOT NULL
);
CREATE INDEX deliveries_all ON deliveries (partner, world, id);
CREATE INDEX deliveries_event ON deliveries (event_id);

CREATE TABLE remembered (
    partner     TEXT COLLATE "C" NOT NULL,
    world       TEXT COLLATE "C" NOT NULL,
    key         TEXT COLLATE "C" NOT NULL,
    fingerprint TEXT COLLATE "C" NOT NULL,
    answer      TEXT COLLATE "C" NOT NULL,
    created_at  BIGINT NOT NULL,
    PRIMARY KEY (partner, world, key)
);

CREATE TABLE tasks (
    id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner  TEXT COLLATE "C" NOT NULL,
    world    TEXT COLLATE "C" NOT NULL,
    lane     TEXT COLLATE "C" NOT NULL CHECK (lane IN ('step', 'delivery', 'timer')),
    bucket   TEXT COLLATE "C" NOT NULL,
    subject  TEXT COLLATE "C" NOT NULL,
    due_at   BIGINT NOT NULL,
    lease    TEXT COLLATE "C",
    attempts BIGINT NOT NULL
);
CREATE INDEX tasks_due ON tasks (lane, bucket, due_at);
CREATE INDEX tasks_subject ON tasks (subject);
CREATE INDEX tasks_world ON tasks (world);
CREATE INDEX tasks_leased ON tasks (lease) WHERE lease IS NOT NULL;
