ALTER TABLE partners ADD COLUMN spend_limit_cents INTEGER;
ALTER TABLE api_keys ADD COLUMN spend_limit_cents INTEGER;
ALTER TABLE quotes ADD COLUMN names TEXT NOT NULL DEFAULT '[]';
ALTER TABLE quotes ADD COLUMN held TEXT NOT NULL DEFAULT '{}';

ALTER TABLE orders ADD COLUMN api_key TEXT;
ALTER TABLE orders ADD COLUMN cancel_scheduled_at INTEGER;
ALTER TABLE orders ADD COLUMN cancels_at INTEGER;
ALTER TABLE orders ADD COLUMN timed INTEGER NOT NULL DEFAULT 0;
CREATE INDEX orders_created ON orders (partner, world, created_at, id);
CREATE INDEX orders_placed_with ON orders (api_key, id) WHERE api_key IS NOT NULL;

ALTER TABLE domains ADD COLUMN connected_at INTEGER;
ALTER TABLE domains ADD COLUMN cancels_at INTEGER;
ALTER TABLE domains ADD COLUMN left_at INTEGER;
ALTER TABLE domains ADD COLUMN stop TEXT;
ALTER TABLE domains ADD COLUMN swap_id TEXT;
ALTER TABLE domains ADD COLUMN personas TEXT;
ALTER TABLE domains ADD COLUMN category TEXT NOT NULL DEFAULT 'inventory';
ALTER TABLE domains ADD COLUMN for_google INTEGER NOT NULL DEFAULT 0;
ALTER TABLE domains ADD COLUMN for_microsoft INTEGER NOT NULL DEFAULT 0;
UPDATE domains SET category = 'connected' WHERE order_id IS NOT NULL;
UPDATE domains SET for_google = 1 WHERE usable_for LIKE '%google%';
UPDATE domains SET for_microsoft = 1 WHERE usable_for LIKE '%microsoft%';
CREATE INDEX domains_active ON domains (partner, world, provider) WHERE status = 'active';
-- Lists leave out what is gone, unless a status is asked for.
DROP INDEX domains_all;
CREATE INDEX domains_live ON domains (partner, world, id) WHERE status <> 'failed' AND status <> 'released';
CREATE INDEX domains_category ON domains (partner, world, category, id)
    WHERE status <> 'failed' AND status <> 'released';
CREATE INDEX domains_google ON domains (partner, world, for_google, id)
    WHERE status <> 'failed' AND status <> 'released';
CREATE INDEX domains_microsoft ON domains (partner, world, for_microsoft, id)
    WHERE status <> 'failed' AND status <> 'released';

CREATE INDEX users_any_email ON users (partner, world, email_folded, id);

CREATE INDEX inboxes_live ON inboxes (partner, world, id) WHERE status <> 'deleted';
CREATE INDEX inboxes_of_domain ON inboxes (partner, world, domain_id, id);
CREATE INDEX inboxes_user ON inboxes (partner, world, user_id, id);
CREATE INDEX inboxes_status ON inboxes (partner, world, status, id);
CREATE INDEX inboxes_provider ON inboxes (partner, world, provider, id) WHERE status <> 'deleted';
CREATE INDEX inboxes_gone_email ON inboxes (partner, world, email, id) WHERE status = 'deleted';

ALTER TABLE endpoints ADD COLUMN disabled_reason TEXT;
UPDATE endpoints SET disabled_reason = 'failing' WHERE active = 0;

ALTER TABLE deliveries ADD COLUMN by_hand INTEGER NOT NULL DEFAULT 0;
DROP INDEX deliveries_event;
CREATE INDEX deliveries_event ON deliveries (partner, world, event_id, id);
CREATE INDEX deliveries_endpoint ON deliveries (partner, world, endpoint_id, id);
CREATE INDEX deliveries_status ON deliveries (partner, world, status, id);

CREATE INDEX events_created ON events (partner, world, created_at, id);
-- Catching up on one kind does not walk over all others.
CREATE INDEX events_kind_feed ON events (partner, world, kind, position, id);

-- What the purge finds its rows by.
CREATE INDEX quotes_all ON quotes (partner, world, id);
CREATE INDEX quotes_expiry ON quotes (expires_at);
CREATE INDEX remembered_age ON remembered (created_at);

CREATE INDEX ledger_month ON ledger (partner, world, created_at, amount_cents);

CREATE TABLE new_actions (
    id          TEXT NOT NULL PRIMARY KEY,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    reason      TEXT NOT NULL,
    order_id    TEXT,
    domain_id   TEXT NOT NULL,
    domain_name TEXT NOT NULL,
    user_id     TEXT,
    persona     INTEGER,
    message     TEXT NOT NULL,
    open        INTEGER NOT NULL,
    resolved_at INTEGER,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO new_actions SELECT * FROM actions;
DROP TABLE actions;
ALTER TABLE new_actions RENAME TO actions;
CREATE UNIQUE INDEX actions_domain_open ON actions (domain_id) WHERE open = 1;
CREATE INDEX actions_open ON actions (partner, world, open, id);
CREATE INDEX actions_order ON actions (partner, world, open, order_id, id);
CREATE INDEX actions_domain ON actions (partner, world, open, domain_id, id);
CREATE INDEX actions_user ON actions (partner, world, open, user_id, id);

CREATE TABLE new_runs (
    id          TEXT NOT NULL PRIMARY KEY,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    created_at  INTEGER NOT NULL,
    kind        TEXT NOT NULL,
    order_id    TEXT,
    domain_id   TEXT NOT NULL,
    job         TEXT,
    state       TEXT NOT NULL CHECK (state IN ('open', 'asking', 'done', 'failed')),
    step        TEXT NOT NULL,
    memory      TEXT NOT NULL,
    steps       TEXT NOT NULL,
    finished_at INTEGER,
    version     INTEGER NOT NULL,
    CHECK ((finished_at IS NULL) = (state IN ('open', 'asking')))
) STRICT, WITHOUT ROWID;
INSERT INTO new_runs SELECT id, partner, world, created_at, kind, order_id, domain_id, NULL, state, step, memory, steps,
    finished_at, version FROM runs;
DROP TABLE runs;
ALTER TABLE new_runs RENAME TO runs;
CREATE INDEX runs_order ON runs (order_id, id) WHERE order_id IS NOT NULL;
CREATE INDEX runs_domain ON runs (domain_id, id);
CREATE INDEX runs_job ON runs (job, id) WHERE job IS NOT NULL;
CREATE INDEX runs_history ON runs (world, kind, state, finished_at);

CREATE TABLE swaps (
    id               TEXT NOT NULL PRIMARY KEY,
    partner          TEXT NOT NULL,
    world            TEXT NOT NULL,
    created_at       INTEGER NOT NULL,
    kind             TEXT NOT NULL,
    order_id         TEXT NOT NULL,
    user_id          TEXT NOT NULL,
    domain_id        TEXT NOT NULL,
    inbox_id         TEXT,
    replacement_name TEXT,
    replacement_id   TEXT,
    persona          TEXT,
    status           TEXT NOT NULL,
    finished_at      INTEGER,
    version          INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX swaps_open ON swaps (domain_id)
    WHERE kind <> 'user_names' AND status IN ('created', 'in_progress', 'action_required');
CREATE UNIQUE INDEX swaps_open_inbox ON swaps (inbox_id)
    WHERE inbox_id IS NOT NULL AND status IN ('created', 'in_progress', 'action_required');
CREATE INDEX swaps_all ON swaps (partner, world, id);
CREATE INDEX swaps_status ON swaps (partner, world, status, id);
CREATE INDEX swaps_user ON swaps (partner, world, user_id, id);
CREATE INDEX swaps_order ON swaps (partner, world, order_id, id);
CREATE INDEX swaps_domain ON swaps (partner, world, domain_id, id);
CREATE INDEX swaps_kind ON swaps (partner, world, kind, created_at);
CREATE INDEX swaps_replacement ON swaps (partner, world, replacement_id, id) WHERE replacement_id IS NOT NULL;

CREATE TABLE imports (
    id                TEXT NOT NULL PRIMARY KEY,
    partner           TEXT NOT NULL,
    world             TEXT NOT NULL,
    created_at        INTEGER NOT NULL,
    fingerprint       TEXT NOT NULL,
    replace_live_mail INTEGER NOT NULL,
    newest            INTEGER NOT NULL,
    status            TEXT NOT NULL,
    domain_count      INTEGER NOT NULL,
    completed_count   INTEGER NOT NULL,
    failed_count      INTEGER NOT NULL,
    last_event        TEXT,
    completed_at      INTEGER,
    version           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX imports_set ON imports (partner, world, fingerprint) WHERE newest = 1;

CREATE TABLE import_rows (
    id          TEXT NOT NULL PRIMARY KEY,
    import_id   TEXT NOT NULL,
    position    INTEGER NOT NULL,
    partner     TEXT NOT NULL,
    world       TEXT NOT NULL,
    name        TEXT NOT NULL,
    domain_id   TEXT,
    status      TEXT NOT NULL,
    reason      TEXT,
    nameservers TEXT NOT NULL,
    asking      INTEGER NOT NULL,
    version     INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX import_rows_job ON import_rows (import_id, position);
CREATE INDEX import_rows_name ON import_rows (partner, world, name, import_id);
CREATE UNIQUE INDEX import_rows_domain ON import_rows (domain_id) WHERE domain_id IS NOT NULL;

CREATE TABLE forwardings (
    id           TEXT NOT NULL PRIMARY KEY,
    partner      TEXT NOT NULL,
    world        TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    url          TEXT NOT NULL,
    status       TEXT NOT NULL,
    entries      TEXT NOT NULL,
    completed_at INTEGER,
    version      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX forwardings_all ON forwardings (partner, world, id);
