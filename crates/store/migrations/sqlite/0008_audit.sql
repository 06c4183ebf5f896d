-- The audit trail. Nothing in it is ever changed or removed: not by us, and not by whoever opens the file, unless they take
-- these triggers away; the seals show that too.
CREATE TABLE audit (
    id TEXT NOT NULL PRIMARY KEY,
    at INTEGER NOT NULL,
    act TEXT NOT NULL,
    who TEXT NOT NULL,
    api_key TEXT,
    partner TEXT,
    environment TEXT,
    subject TEXT,
    request_id TEXT,
    address TEXT,
    command TEXT,
    system_user TEXT,
    hash TEXT NOT NULL,
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX audit_order ON audit (position, id);
CREATE INDEX audit_partner ON audit (partner, id) WHERE partner IS NOT NULL;
CREATE INDEX audit_subject ON audit (subject, id) WHERE subject IS NOT NULL;

-- Each seal is a keyed hash over the one before it and the entries since.
CREATE TABLE audit_seals (
    number INTEGER NOT NULL PRIMARY KEY,
    made_at INTEGER NOT NULL,
    position INTEGER NOT NULL,
    last_id TEXT NOT NULL,
    entries INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;
CREATE INDEX audit_seals_hash ON audit_seals (hash);

CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
CREATE TRIGGER audit_seals_stay BEFORE UPDATE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
CREATE TRIGGER audit_seals_are_kept BEFORE DELETE ON audit_seals BEGIN SELECT RAISE(ABORT, 'the audit trail is only ever added to'); END;
