-- What the vendors of a world remember about one name, as JSON.
CREATE TABLE IF NOT EXISTS mailwright_sandbox.estate (
    world TEXT NOT NULL,
    name TEXT NOT NULL,
    memory TEXT NOT NULL,
    PRIMARY KEY (world, name)
);

-- What was sold, made and linked. Only ever added to.
CREATE TABLE IF NOT EXISTS mailwright_sandbox.effect (
    seq BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at BIGINT NOT NULL,
    world TEXT NOT NULL,
    role TEXT NOT NULL,
    effect TEXT NOT NULL,
    subject TEXT NOT NULL,
    reference TEXT NOT NULL
);
