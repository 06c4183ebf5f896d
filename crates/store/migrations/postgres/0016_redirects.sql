-- Where the web address of a zone's name leads, and who leads it there; and what our own redirect server needs for certificates: an
-- account at each authority (by its directory), a certificate of each site, and the answers to what authorities ask. `mark` says when
-- a certificate was made, so that whoever shows them finds what is new.
ALTER TABLE zones ADD COLUMN redirects_to TEXT COLLATE "C";
ALTER TABLE zones ADD COLUMN redirect_account TEXT COLLATE "C";

CREATE TABLE acme_accounts (
    directory TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    credentials TEXT COLLATE "C",
    spent_until BIGINT NOT NULL,
    paused_until BIGINT
);

CREATE TABLE acme_certificates (
    host TEXT COLLATE "C" NOT NULL,
    directory TEXT COLLATE "C" NOT NULL,
    environment TEXT COLLATE "C" NOT NULL,
    names TEXT COLLATE "C" NOT NULL,
    begins_at BIGINT,
    ends_at BIGINT,
    due_at BIGINT,
    failures BIGINT NOT NULL,
    without_www BIGINT NOT NULL,
    trouble TEXT COLLATE "C",
    held_until BIGINT,
    held_token TEXT COLLATE "C",
    chain TEXT COLLATE "C",
    private_key TEXT COLLATE "C",
    mark BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (host, directory)
);
CREATE INDEX acme_certificates_due ON acme_certificates (directory, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX acme_certificates_held ON acme_certificates (directory, held_until) WHERE held_until IS NOT NULL;
CREATE INDEX acme_certificates_failing ON acme_certificates (host) WHERE failures > 0;
CREATE INDEX acme_certificates_kept ON acme_certificates (directory, host) WHERE chain IS NOT NULL;
CREATE INDEX acme_certificates_mark ON acme_certificates (mark);

CREATE TABLE acme_answers (
    name TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    directory TEXT COLLATE "C" NOT NULL,
    token TEXT COLLATE "C" NOT NULL,
    answer TEXT COLLATE "C" NOT NULL,
    until BIGINT NOT NULL,
    PRIMARY KEY (name, kind, directory)
);
CREATE INDEX acme_answers_until ON acme_answers (until);
