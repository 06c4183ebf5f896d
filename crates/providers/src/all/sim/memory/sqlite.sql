-- What the vendors of a world remember about one name, as JSON.
CREATE TABLE IF NOT EXISTS estate (
    world TEXT NOT NULL,
    name TEXT NOT NULL,
    memory TEXT NOT NULL,
    PRIMARY KEY (world, name)
) STRICT;

-- What was done. Only ever added to, until its world is forgotten.
CREATE TABLE IF NOT EXISTS effect (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    world TEXT NOT NULL,
    role TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL
) STRICT;

-- One world's ledger is read, and forgotten, without a look at the others.
CREATE INDEX IF NOT EXISTS effect_world ON effect (world, seq);

-- The epoch below which nothing is left of a partner's sandboxes.
CREATE TABLE IF NOT EXISTS forgotten (
    partner TEXT NOT NULL PRIMARY KEY,
    below INTEGER NOT NULL
) STRICT;
