-- What mail tenants have is read in the index alone: domains, users and customers.
DROP INDEX domains_mail_account;
CREATE INDEX domains_mail_account ON domains (mail_account, user_id, inboxes_planned, status)
    WHERE mail_account IS NOT NULL AND status <> 'failed' AND status <> 'released';
