-- What is about to be bought, written down before it is asked for; what became of it is added.
CREATE TABLE intents (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner TEXT COLLATE "C" NOT NULL,
    world TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    account TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    domain_id TEXT COLLATE "C" NOT NULL,
    order_id TEXT COLLATE "C",
    run_id TEXT COLLATE "C" NOT NULL,
    reference TEXT COLLATE "C" NOT NULL,
    opened_at BIGINT NOT NULL,
    most_cents BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    paid_until BIGINT,
    closed_at BIGINT,
    version BIGINT NOT NULL
);
-- Of one purchase there is one open intent, whoever works on it.
CREATE UNIQUE INDEX intents_open ON intents (reference) WHERE state = 'open';
CREATE INDEX intents_waiting ON intents (opened_at, id) WHERE state = 'open';
CREATE INDEX intents_reference ON intents (reference, id);
CREATE INDEX intents_world ON intents (partner, world, id);

-- When the operator stopped all buying, or that at one account, and went on.
CREATE TABLE pauses (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    reach TEXT COLLATE "C" NOT NULL,
    began_by TEXT COLLATE "C" NOT NULL,
    began_at BIGINT NOT NULL,
    renewals BIGINT NOT NULL,
    lifted_at BIGINT,
    version BIGINT NOT NULL
);
CREATE UNIQUE INDEX pauses_in_force ON pauses (reach) WHERE lifted_at IS NULL;
