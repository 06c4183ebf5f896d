-- What only the operator can mend or should know; closed ones are kept for a while.
CREATE TABLE notices (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    subject TEXT COLLATE "C" NOT NULL,
    partner TEXT COLLATE "C",
    environment TEXT COLLATE "C",
    opened_at BIGINT NOT NULL,
    message TEXT COLLATE "C" NOT NULL,
    todo TEXT COLLATE "C" NOT NULL,
    seen_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,
    closed_at BIGINT,
    version BIGINT NOT NULL
);
-- Of two who find the same at once, one opens it.
CREATE UNIQUE INDEX notices_open ON notices (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX notices_closed ON notices (closed_at, id) WHERE closed_at IS NOT NULL;

-- What the operator's webhook is told of them.
CREATE TABLE notice_messages (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    notice_id TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    body TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    due_at BIGINT,
    error TEXT COLLATE "C",
    version BIGINT NOT NULL
);
CREATE INDEX notice_messages_due ON notice_messages (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX notice_messages_notice ON notice_messages (notice_id, id);
CREATE INDEX notice_messages_tried ON notice_messages (id) WHERE attempts > 0 OR due_at IS NULL;

-- Which runs wait for the operator, and which for longer than usual. Runs from before get theirs when they are looked at
-- again, within minutes.
ALTER TABLE runs ADD COLUMN parked BIGINT NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN overdue_at BIGINT;
CREATE INDEX runs_parked ON runs (id) WHERE parked = 1;
CREATE INDEX runs_overdue ON runs (overdue_at, id) WHERE overdue_at IS NOT NULL;

CREATE INDEX endpoints_off ON endpoints (id) WHERE active = 0;
