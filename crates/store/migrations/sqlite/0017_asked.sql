-- When an account was last asked for a purchase; one that is open may have been asked for when it was opened.
ALTER TABLE intents ADD COLUMN asked_at INTEGER;
UPDATE intents SET asked_at = opened_at WHERE state = 'open';
-- What was bought for a domain is looked for when somebody was late.
CREATE INDEX intents_domain ON intents (domain_id, kind, id);
