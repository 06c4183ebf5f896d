-- What the owner of an inbox has consented to: one row an inbox. `code` and `granted` are sealed.
CREATE TABLE consents (
    id TEXT NOT NULL PRIMARY KEY,
    partner TEXT NOT NULL,
    world TEXT NOT NULL,
    domain_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    round INTEGER NOT NULL,
    open_until INTEGER NOT NULL,
    redirect_uri TEXT NOT NULL,
    code TEXT,
    granted TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX consents_domain ON consents (domain_id, id);
CREATE INDEX consents_world ON consents (partner, world, id);
