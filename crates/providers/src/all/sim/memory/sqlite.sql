-- What the vendors of a world remember about one name, as JSON.
CREATE TABLE IF NOT EXISTS estate (
    world TEXT NOT NULL,
    name TEXT NOT NULL,
    memory TEXT NOT NULL,
    PRIMARY KEY (world, name)
) STRICT;

-- What was sold, made and linked. Only ever added to.
CREATE TABLE IF NOT EXISTS effect (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    world TEXT NOT NULL,
    role TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL
) STRICT;
