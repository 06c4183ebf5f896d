-- The audit trail. Nothing in it is ever changed or removed: not by us, and not by whoever opens the database, unless they take
-- these triggers away; the seals show that too.
CREATE TABLE audit (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    at BIGINT NOT NULL,
    act TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    api_key TEXT COLLATE "C",
    partner TEXT COLLATE "C",
    environment TEXT COLLATE "C",
    subject TEXT COLLATE "C",
    request_id TEXT COLLATE "C",
    address TEXT COLLATE "C",
    command TEXT COLLATE "C",
    system_user TEXT COLLATE "C",
    hash TEXT COLLATE "C" NOT NULL,
    position BIGINT NOT NULL
);
CREATE INDEX audit_order ON audit (position, id);
CREATE INDEX audit_partner ON audit (partner, id) WHERE partner IS NOT NULL;
CREATE INDEX audit_subject ON audit (subject, id) WHERE subject IS NOT NULL;

-- Each seal is a keyed hash over the one before it and the entries since.
CREATE TABLE audit_seals (
    number BIGINT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    position BIGINT NOT NULL,
    last_id TEXT COLLATE "C" NOT NULL,
    entries BIGINT NOT NULL,
    hash TEXT COLLATE "C" NOT NULL
);
CREATE INDEX audit_seals_hash ON audit_seals (hash);

CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is only ever added to';
END $$;
CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
CREATE TRIGGER audit_seals_stay BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seals
    FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept();
