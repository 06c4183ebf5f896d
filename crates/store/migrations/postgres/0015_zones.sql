-- The zones of ours as they should be, whoever serves them. `mark` says when a row was changed last, so that whoever serves
-- from these rows finds what is new.
CREATE TABLE zones (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner TEXT COLLATE "C" NOT NULL,
    world TEXT COLLATE "C" NOT NULL,
    domain_id TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    account TEXT COLLATE "C",
    nameservers TEXT COLLATE "C" NOT NULL,
    records TEXT COLLATE "C" NOT NULL,
    serial BIGINT NOT NULL,
    published_serial BIGINT,
    removed_at BIGINT,
    version BIGINT NOT NULL,
    mark BIGINT NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX zones_domain ON zones (domain_id) WHERE removed_at IS NULL;
CREATE INDEX zones_name ON zones (name, world);
CREATE INDEX zones_world ON zones (partner, world, id);
CREATE INDEX zones_mark ON zones (mark);
CREATE INDEX zones_account ON zones (account, id) WHERE removed_at IS NULL;
