-- Which run asked, and what was answered last: the field, and a keyed hash of the whole answer.
ALTER TABLE actions ADD COLUMN run_id TEXT COLLATE "C";
ALTER TABLE actions ADD COLUMN answered_with TEXT COLLATE "C";
ALTER TABLE actions ADD COLUMN answer_hash TEXT COLLATE "C";
