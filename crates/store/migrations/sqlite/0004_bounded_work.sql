-- An order's costs are added up without reading its lines, and its next period is looked up by its date.
CREATE INDEX ledger_sums ON ledger (order_id, period, kind, unit_cents, quantity, amount_cents);
-- Where an order or an import stands is found without looking at all its names.
CREATE INDEX domains_standing ON domains (order_id, status) WHERE order_id IS NOT NULL;
CREATE INDEX import_rows_asking ON import_rows (import_id) WHERE asking = 1;
-- How far the world's clock was ahead when the task's due time was computed.
ALTER TABLE tasks ADD COLUMN clock INTEGER NOT NULL DEFAULT 0;
UPDATE tasks SET clock = (SELECT test_offset FROM partners WHERE partners.id = tasks.partner)
    WHERE world = (SELECT 'test:' || id || ':' || test_epoch FROM partners WHERE partners.id = tasks.partner);
DROP INDEX tasks_world;
CREATE INDEX tasks_clock ON tasks (world, clock);
-- The purge finds the jobs of a world that was left behind.
CREATE INDEX imports_all ON imports (partner, world, id);
