-- Signed looks at domains: the last one of each, and the one by which it was said to be connected.
CREATE TABLE evidence (
    domain_id TEXT NOT NULL,
    which TEXT NOT NULL,
    partner TEXT NOT NULL,
    world TEXT NOT NULL,
    checked_at INTEGER NOT NULL,
    summary TEXT NOT NULL,
    document TEXT NOT NULL,
    PRIMARY KEY (domain_id, which)
) STRICT, WITHOUT ROWID;
CREATE INDEX evidence_world ON evidence (partner, world, domain_id);
-- How many domains of a partner's world were given leave to be put right in an hour.
CREATE TABLE mendings (
    partner TEXT NOT NULL,
    world TEXT NOT NULL,
    hour TEXT NOT NULL,
    taken INTEGER NOT NULL,
    most INTEGER NOT NULL,
    PRIMARY KEY (partner, world, hour)
) STRICT, WITHOUT ROWID;
-- Mailboxes of the real world that cannot be used: few of many.
CREATE INDEX inboxes_suspended ON inboxes (domain_id) WHERE status = 'suspended' AND world = 'live';
-- Whether what is found to be wrong with a partner's domains is put right, and whether its orders wait for mail to be signed.
ALTER TABLE partners ADD COLUMN is_mended INTEGER NOT NULL DEFAULT 1;
ALTER TABLE partners ADD COLUMN dkim TEXT NOT NULL DEFAULT 'required';
ALTER TABLE orders ADD COLUMN dkim TEXT NOT NULL DEFAULT 'required';
