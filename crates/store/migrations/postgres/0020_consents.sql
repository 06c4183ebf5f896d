-- What the owner of an inbox has consented to: one row an inbox. `code` and `granted` are sealed.
CREATE TABLE consents (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    partner TEXT COLLATE "C" NOT NULL,
    world TEXT COLLATE "C" NOT NULL,
    domain_id TEXT COLLATE "C" NOT NULL,
    created_at BIGINT NOT NULL,
    status TEXT COLLATE "C" NOT NULL,
    round BIGINT NOT NULL,
    open_until BIGINT NOT NULL,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    code TEXT COLLATE "C",
    granted TEXT COLLATE "C",
    version BIGINT NOT NULL
);
CREATE INDEX consents_domain ON consents (domain_id, id);
CREATE INDEX consents_world ON consents (partner, world, id);
