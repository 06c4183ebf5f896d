-- What is remembered of an accepted call, of any kind: its status, and whether its answer is sealed.
ALTER TABLE remembered ADD COLUMN status BIGINT NOT NULL DEFAULT 200;
ALTER TABLE remembered ADD COLUMN sealed BIGINT NOT NULL DEFAULT 0;
