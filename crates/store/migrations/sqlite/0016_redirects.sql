-- Where the web address of a zone's name leads, and who leads it there; and what our own redirect server needs for certificates: an
-- account at each authority (by its directory), a certificate of each site, and the answers to what authorities ask. `mark` says when
-- a certificate was made, so that whoever shows them finds what is new.
ALTER TABLE zones ADD COLUMN redirects_to TEXT;
ALTER TABLE zones ADD COLUMN redirect_account TEXT;

CREATE TABLE acme_accounts (
    directory TEXT NOT NULL PRIMARY KEY,
    credentials TEXT,
    spent_until INTEGER NOT NULL,
    paused_until INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE acme_certificates (
    host TEXT NOT NULL,
    directory TEXT NOT NULL,
    environment TEXT NOT NULL,
    names TEXT NOT NULL,
    begins_at INTEGER,
    ends_at INTEGER,
    due_at INTEGER,
    failures INTEGER NOT NULL,
    without_www INTEGER NOT NULL,
    trouble TEXT,
    held_until INTEGER,
    held_token TEXT,
    chain TEXT,
    private_key TEXT,
    mark INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (host, directory)
) STRICT, WITHOUT ROWID;
CREATE INDEX acme_certificates_due ON acme_certificates (directory, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX acme_certificates_held ON acme_certificates (directory, held_until) WHERE held_until IS NOT NULL;
CREATE INDEX acme_certificates_failing ON acme_certificates (host) WHERE failures > 0;
CREATE INDEX acme_certificates_kept ON acme_certificates (directory, host) WHERE chain IS NOT NULL;
CREATE INDEX acme_certificates_mark ON acme_certificates (mark);

CREATE TABLE acme_answers (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    directory TEXT NOT NULL,
    token TEXT NOT NULL,
    answer TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (name, kind, directory)
) STRICT, WITHOUT ROWID;
CREATE INDEX acme_answers_until ON acme_answers (until);
