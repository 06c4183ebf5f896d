-- API keys at the sequencer, sealed: a customer's, and a partner's for whoever brings none.
ALTER TABLE users ADD COLUMN sequencer_key TEXT;
ALTER TABLE partners ADD COLUMN sequencer_key TEXT;
-- Which sequencer an order's inboxes are linked to.
ALTER TABLE orders ADD COLUMN sequencer_provider TEXT NOT NULL DEFAULT 'smartlead';
