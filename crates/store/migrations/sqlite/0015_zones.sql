-- The zones of ours as they should be, whoever serves them. `mark` says when a row was changed last, so that whoever serves
-- from these rows finds what is new.
CREATE TABLE zones (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL,
    world TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    account TEXT,
    nameservers TEXT NOT NULL,
    records TEXT NOT NULL,
    serial INTEGER NOT NULL,
    published_serial INTEGER,
    removed_at INTEGER,
    version INTEGER NOT NULL,
    mark INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX zones_domain ON zones (domain_id) WHERE removed_at IS NULL;
CREATE INDEX zones_name ON zones (name, world);
CREATE INDEX zones_world ON zones (partner, world, id);
CREATE INDEX zones_mark ON zones (mark);
CREATE INDEX zones_account ON zones (account, id) WHERE removed_at IS NULL;
