-- Which account plays which role for a domain. In a sandbox of ours nothing is written: there is one of each.
ALTER TABLE domains ADD COLUMN registrar_account TEXT COLLATE "C";
ALTER TABLE domains ADD COLUMN dns_account TEXT COLLATE "C";
ALTER TABLE domains ADD COLUMN redirect_account TEXT COLLATE "C";
ALTER TABLE domains ADD COLUMN mail_account TEXT COLLATE "C";
ALTER TABLE domains ADD COLUMN sequencer_account TEXT COLLATE "C";
-- How many domains an account has.
CREATE INDEX domains_registrar_account ON domains (registrar_account)
    WHERE registrar_account IS NOT NULL AND status <> 'failed' AND status <> 'released';
CREATE INDEX domains_dns_account ON domains (dns_account)
    WHERE dns_account IS NOT NULL AND status <> 'failed' AND status <> 'released';
CREATE INDEX domains_redirect_account ON domains (redirect_account)
    WHERE redirect_account IS NOT NULL AND status <> 'failed' AND status <> 'released';
CREATE INDEX domains_mail_account ON domains (mail_account)
    WHERE mail_account IS NOT NULL AND status <> 'failed' AND status <> 'released';
CREATE INDEX domains_sequencer_account ON domains (sequencer_account)
    WHERE sequencer_account IS NOT NULL AND status <> 'failed' AND status <> 'released';

-- What the vendor calls a purchase, and what was paid for it.
ALTER TABLE intents ADD COLUMN vendor_id TEXT COLLATE "C";
ALTER TABLE intents ADD COLUMN paid_cents BIGINT;
-- What was or may have been spent of real money since a time: the sums are read in the index alone.
CREATE INDEX intents_spent ON intents (opened_at, account, state, paid_cents, most_cents) WHERE world = 'live';
