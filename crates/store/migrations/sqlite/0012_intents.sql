-- What is about to be bought, written down before it is asked for; what became of it is added.
CREATE TABLE intents (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL,
    world TEXT NOT NULL,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    order_id TEXT,
    run_id TEXT NOT NULL,
    reference TEXT NOT NULL,
    opened_at INTEGER NOT NULL,
    most_cents INTEGER NOT NULL,
    state TEXT NOT NULL,
    paid_until INTEGER,
    closed_at INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Of one purchase there is one open intent, whoever works on it.
CREATE UNIQUE INDEX intents_open ON intents (reference) WHERE state = 'open';
CREATE INDEX intents_waiting ON intents (opened_at, id) WHERE state = 'open';
CREATE INDEX intents_reference ON intents (reference, id);
CREATE INDEX intents_world ON intents (partner, world, id);

-- When the operator stopped all buying, or that at one account, and went on.
CREATE TABLE pauses (
    id TEXT NOT NULL PRIMARY KEY,
    reach TEXT NOT NULL,
    began_by TEXT NOT NULL,
    began_at INTEGER NOT NULL,
    renewals INTEGER NOT NULL,
    lifted_at INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX pauses_in_force ON pauses (reach) WHERE lifted_at IS NULL;
