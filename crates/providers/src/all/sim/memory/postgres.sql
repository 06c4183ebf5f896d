-- What the vendors of a world remember about one name, as JSON.
CREATE TABLE IF NOT EXISTS mailwright_sandbox.estate (
    world TEXT NOT NULL,
    name TEXT NOT NULL,
    memory TEXT NOT NULL,
    PRIMARY KEY (world, name)
);

-- What was done. Only ever added to, until its world is forgotten.
CREATE TABLE IF NOT EXISTS mailwright_sandbox.effect (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    world TEXT NOT NULL,
    role TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL
);

-- One world's ledger is read, and forgotten, without a look at the others.
CREATE INDEX IF NOT EXISTS effect_world ON mailwright_sandbox.effect (world, seq);

-- The epoch below which nothing is left of a partner's sandboxes.
CREATE TABLE IF NOT EXISTS mailwright_sandbox.forgotten (
    partner TEXT NOT NULL PRIMARY KEY,
    below BIGINT NOT NULL
);
