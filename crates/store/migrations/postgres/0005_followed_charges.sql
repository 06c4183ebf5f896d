-- What the registrar asks for a further year; null in rows from before, where it is derived when they are read.
ALTER TABLE domains ADD COLUMN renewal_cost_cents BIGINT;
-- A name that came back into the inventory has no price of its own: the margin is that of the row which bought it.
UPDATE domains SET renewal_cost_cents = (
        SELECT domains.renewal_price_cents - (bought.price_cents - bought.cost_cents) FROM domains AS bought
        WHERE bought.world = domains.world AND bought.name = domains.name AND bought.partner = domains.partner
        AND (bought.status = 'failed' OR bought.status = 'released') AND bought.id < domains.id
        AND bought.price_cents > 0 AND bought.price_cents >= bought.cost_cents
        AND bought.price_cents - bought.cost_cents <= domains.renewal_price_cents
        ORDER BY bought.id DESC LIMIT 1)
    WHERE source = 'registrar' AND price_cents = 0 AND renewal_price_cents > 0;

ALTER TABLE ledger ADD COLUMN user_id TEXT COLLATE "C";
ALTER TABLE ledger ADD COLUMN period_start BIGINT;
ALTER TABLE ledger ADD COLUMN period_end BIGINT;
ALTER TABLE ledger ADD COLUMN reverses TEXT COLLATE "C";
UPDATE ledger SET user_id = (SELECT orders.user_id FROM orders WHERE orders.id = ledger.order_id);

-- Licences pay from the day of their period until the order's day comes again, at the order's time of day.
UPDATE ledger SET
    period_start = CAST(EXTRACT(EPOCH FROM CAST(ledger.period AS DATE)) AS BIGINT) * 1000000
        + orders.created_at % 86400000000,
    period_end = CAST(EXTRACT(EPOCH FROM CASE
        WHEN EXTRACT(DAY FROM CAST(ledger.period AS DATE)) < LEAST(orders.anchor_day,
            EXTRACT(DAY FROM DATE_TRUNC('month', CAST(ledger.period AS TIMESTAMP)) + INTERVAL '1 month - 1 day'))
        THEN DATE_TRUNC('month', CAST(ledger.period AS TIMESTAMP)) + INTERVAL '1 day' * (LEAST(orders.anchor_day,
            EXTRACT(DAY FROM DATE_TRUNC('month', CAST(ledger.period AS TIMESTAMP)) + INTERVAL '1 month - 1 day')) - 1)
        ELSE DATE_TRUNC('month', CAST(ledger.period AS TIMESTAMP)) + INTERVAL '1 month'
            + INTERVAL '1 day' * (LEAST(orders.anchor_day,
            EXTRACT(DAY FROM DATE_TRUNC('month', CAST(ledger.period AS TIMESTAMP)) + INTERVAL '2 months - 1 day')) - 1)
        END) AS BIGINT) * 1000000 + orders.created_at % 86400000000
    FROM orders
    WHERE orders.id = ledger.order_id AND ledger.kind IN ('google_license', 'microsoft_license')
    AND LENGTH(ledger.period) = 10;
-- Renewals pay for a year from the day of their period.
UPDATE ledger SET
    period_start = CAST(EXTRACT(EPOCH FROM CAST(ledger.period AS DATE)) AS BIGINT) * 1000000
        + domains.expires_at % 86400000000,
    period_end = CAST(EXTRACT(EPOCH FROM CAST(ledger.period AS DATE) + INTERVAL '1 year') AS BIGINT) * 1000000
        + domains.expires_at % 86400000000
    FROM domains
    WHERE domains.id = ledger.domain_id AND domains.expires_at IS NOT NULL AND ledger.kind = 'domain_renewal'
    AND LENGTH(ledger.period) = 10;

-- What a credit takes back, where that is certain: the swap it names, or the one charge of the domain that is as high.
UPDATE ledger SET reverses = (
        SELECT charge.id FROM ledger AS charge
        WHERE charge.order_id = ledger.order_id AND charge.domain_id = ledger.domain_id AND charge.kind = 'swap'
        AND charge.period = ledger.period)
    WHERE kind = 'credit' AND period <> 'once';
UPDATE ledger SET reverses = (
        SELECT MIN(charge.id) FROM ledger AS charge
        WHERE charge.order_id = ledger.order_id AND charge.domain_id = ledger.domain_id
        AND charge.kind <> 'swap' AND charge.kind <> 'credit' AND charge.amount_cents = -ledger.amount_cents
        HAVING COUNT(*) = 1)
    WHERE kind = 'credit' AND period = 'once';
UPDATE ledger SET
    period_start = (SELECT charge.period_start FROM ledger AS charge WHERE charge.order_id = ledger.order_id
        AND charge.domain_id = ledger.domain_id AND charge.id = ledger.reverses),
    period_end = (SELECT charge.period_end FROM ledger AS charge WHERE charge.order_id = ledger.order_id
        AND charge.domain_id = ledger.domain_id AND charge.id = ledger.reverses)
    WHERE reverses IS NOT NULL;

CREATE INDEX ledger_all ON ledger (partner, world, id);
CREATE INDEX ledger_domain ON ledger (partner, world, domain_id, id);
CREATE INDEX ledger_order ON ledger (partner, world, order_id, id);
CREATE INDEX ledger_user ON ledger (partner, world, user_id, id);
CREATE INDEX ledger_kind ON ledger (partner, world, kind, id);
-- The sum of a month needs nothing but the index, and a list between two times finds its ends by it.
CREATE INDEX ledger_booked ON ledger (partner, world, created_at, id, amount_cents);
DROP INDEX ledger_month;

-- How many quotes a key has; and what was kept of their answers is read by nobody.
ALTER TABLE quotes ADD COLUMN api_key TEXT COLLATE "C";
UPDATE quotes SET data = '';
CREATE INDEX quotes_made_with ON quotes (partner, world, api_key, id);
