-- Names that are gone are looked for too, by who asks where an order is; those in use have an index of their own.
CREATE INDEX domains_gone ON domains (world, name) WHERE status = 'failed' OR status = 'released';
