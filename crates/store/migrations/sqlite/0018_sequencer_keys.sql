-- API keys at the sequencer, sealed: a customer's, and a partner's for whoever brings none.
ALTER TABLE users ADD COLUMN sequencer_key TEXT;
ALTER TABLE partners ADD COLUMN sequencer_key TEXT;
