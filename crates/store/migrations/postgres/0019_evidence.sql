-- Signed looks at domains: the last one of each, and the one by which it was said to be connected.
CREATE TABLE evidence (
    domain_id TEXT COLLATE "C" NOT NULL,
    which TEXT COLLATE "C" NOT NULL,
    partner TEXT COLLATE "C" NOT NULL,
    world TEXT COLLATE "C" NOT NULL,
    checked_at BIGINT NOT NULL,
    summary TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (domain_id, which)
);
CREATE INDEX evidence_world ON evidence (partner, world, domain_id);
-- How many domains of a partner's world were given leave to be put right in an hour.
CREATE TABLE mendings (
    partner TEXT COLLATE "C" NOT NULL,
    world TEXT COLLATE "C" NOT NULL,
    hour TEXT COLLATE "C" NOT NULL,
    taken BIGINT NOT NULL,
    most BIGINT NOT NULL,
    PRIMARY KEY (partner, world, hour)
);
-- Mailboxes of the real world that cannot be used: few of many.
CREATE INDEX inboxes_suspended ON inboxes (domain_id) WHERE status = 'suspended' AND world = 'live';
-- Whether what is found to be wrong with a partner's domains is put right, and whether its orders wait for mail to be signed.
ALTER TABLE partners ADD COLUMN is_mended BIGINT NOT NULL DEFAULT 1;
ALTER TABLE partners ADD COLUMN dkim TEXT COLLATE "C" NOT NULL DEFAULT 'required';
ALTER TABLE orders ADD COLUMN dkim TEXT COLLATE "C" NOT NULL DEFAULT 'required';
