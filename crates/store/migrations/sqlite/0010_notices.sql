-- What only the operator can mend or should know; closed ones are kept for a while.
CREATE TABLE notices (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    partner TEXT,
    environment TEXT,
    opened_at INTEGER NOT NULL,
    message TEXT NOT NULL,
    todo TEXT NOT NULL,
    seen_at INTEGER NOT NULL,
    told_at INTEGER NOT NULL,
    closed_at INTEGER,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
-- Of two who find the same at once, one opens it.
CREATE UNIQUE INDEX notices_open ON notices (kind, subject) WHERE closed_at IS NULL;
CREATE INDEX notices_closed ON notices (closed_at, id) WHERE closed_at IS NOT NULL;

-- What the operator's webhook is told of them.
CREATE TABLE notice_messages (
    id TEXT NOT NULL PRIMARY KEY,
    notice_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due_at INTEGER,
    error TEXT,
    version INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_messages_due ON notice_messages (due_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX notice_messages_notice ON notice_messages (notice_id, id);
CREATE INDEX notice_messages_tried ON notice_messages (id) WHERE attempts > 0 OR due_at IS NULL;

-- Which runs wait for the operator, and which for longer than usual. Runs from before get theirs when they are looked at
-- again, within minutes.
ALTER TABLE runs ADD COLUMN parked INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN overdue_at INTEGER;
CREATE INDEX runs_parked ON runs (id) WHERE parked = 1;
CREATE INDEX runs_overdue ON runs (overdue_at, id) WHERE overdue_at IS NOT NULL;

CREATE INDEX endpoints_off ON endpoints (id) WHERE active = 0;
