-- What mail tenants have is read in the index alone: domains, users and customers.
DROP INDEX domains_mail_account;
CREATE INDEX domains_mail_account ON domains (mail_account, user_id, inboxes_planned, status)
    WHERE mail_account IS NOT NULL AND status <> 'failed' AND status <> 'released';

-- Seats are bought by the month, so many at once, and given back.
ALTER TABLE intents ADD COLUMN seats BIGINT;
ALTER TABLE intents ADD COLUMN ended_at BIGINT;
-- What seats cost that were bought before a month began is read in the index alone.
CREATE INDEX intents_seats ON intents (opened_at, ended_at, account, paid_cents, most_cents)
    WHERE kind = 'seat' AND world = 'live' AND state = 'bought';
