-- What is due in a lane is found among a million tasks that are not, and among ten thousand shares with nothing due.
CREATE INDEX tasks_next ON tasks (lane, due_at, bucket);
-- Every claim and every end of one wrote to it, and it was read at starts only: what is held is due within the time of a lease.
DROP INDEX tasks_leased;
