-- What is due in a lane is found among a million tasks that are not, and among ten thousand shares with nothing due.
CREATE INDEX tasks_next ON tasks (lane, due_at, bucket);
