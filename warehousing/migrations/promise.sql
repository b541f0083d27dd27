-- Goods that may be promised and reserved. Whose they are decides for whom: the platform's own and those a factory
-- consigned are anybody's (owner null), a dealer's are its own. Expiry depends on the day and is asked by the reader.
CREATE VIEW warehousing_usable WITH (security_invoker = true) AS
SELECT quant.id, quant.product_id, place.warehouse_id,
    CASE WHEN owner.kind = 'dealer' THEN quant.owner_id END AS owner_id,
    quant.owner_id AS holder_id, quant.lot_id, lot.expiry_date, quant.since_at, quant.on_hand,
    quant.on_hand - quant.reserved AS free
FROM warehousing_quant quant
JOIN warehousing_location place ON place.id = quant.location_id
LEFT JOIN warehousing_lot lot ON lot.id = quant.lot_id
LEFT JOIN directory_organization owner ON owner.id = quant.owner_id
WHERE quant.on_hand > 0 AND quant.status = 'AVAILABLE' AND place.is_active AND place.kind IN ('RECEIVING', 'STORAGE', 'PICKING')
    AND (quant.lot_id IS NULL OR lot.status = 'RELEASED')
    AND (quant.owner_id IS NULL OR owner.kind IN ('dealer', 'factory'));

-- A product that first comes to a warehouse gets its book: whoever promises finds it there and locks it.
CREATE FUNCTION warehousing_open_books() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO warehousing_promisebook (warehouse_id, product_id, owner_id, promised)
    SELECT DISTINCT place.warehouse_id, added.product_id, CASE WHEN owner.kind = 'dealer' THEN added.owner_id END, 0
    FROM added JOIN warehousing_location place ON place.id = added.location_id
    LEFT JOIN directory_organization owner ON owner.id = added.owner_id
    ORDER BY 2, 1, 3
    ON CONFLICT (product_id, warehouse_id, owner_id) DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER opens_books AFTER INSERT ON warehousing_quant
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION warehousing_open_books();

-- Books and bands follow the promises, whoever writes them. Rows of books are locked in key order.
CREATE FUNCTION warehousing_keep_books() RETURNS trigger LANGUAGE plpgsql
SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off AS $$
DECLARE
    book_ids bigint[];
    days date[];
    deltas bigint[];
BEGIN
    IF TG_OP = 'INSERT' THEN
        SELECT array_agg(book_id), array_agg(min_expiry_date), array_agg(delta) INTO book_ids, days, deltas
        FROM (SELECT book_id, min_expiry_date, sum(quantity - picked)::bigint AS delta FROM after
            WHERE status = 'ON_HAND' GROUP BY book_id, min_expiry_date ORDER BY book_id) changed;
    ELSE
        SELECT array_agg(book_id), array_agg(min_expiry_date), array_agg(delta) INTO book_ids, days, deltas
        FROM (SELECT book_id, min_expiry_date, sum(open)::bigint AS delta
            FROM (SELECT book_id, min_expiry_date, quantity - picked AS open FROM after WHERE status = 'ON_HAND'
                UNION ALL
                SELECT book_id, min_expiry_date, picked - quantity FROM before WHERE status = 'ON_HAND') rows
            GROUP BY book_id, min_expiry_date HAVING sum(open) <> 0 ORDER BY book_id) changed;
    END IF;
    IF book_ids IS NULL THEN
        RETURN NULL;
    END IF;
    IF cardinality(book_ids) > 1 THEN
        PERFORM FROM warehousing_promisebook WHERE id = ANY(book_ids) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    UPDATE warehousing_promisebook book SET promised = book.promised + changed.delta
    FROM (SELECT id, sum(delta)::bigint AS delta FROM unnest(book_ids, deltas) AS given(id, delta) GROUP BY id) changed
    WHERE book.id = changed.id;
    IF array_remove(days, NULL) <> '{}' THEN
        WITH changed AS (
            SELECT * FROM unnest(book_ids, days, deltas) AS given(book_id, day, delta) WHERE day IS NOT NULL),
        known AS (
            UPDATE warehousing_promiseband band SET promised = band.promised + changed.delta FROM changed
            WHERE band.book_id = changed.book_id AND band.min_expiry_date = changed.day RETURNING band.book_id, changed.day)
        INSERT INTO warehousing_promiseband (book_id, min_expiry_date, promised)
        SELECT book_id, day, delta FROM changed WHERE (book_id, day) NOT IN (SELECT book_id, day FROM known);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER promised AFTER INSERT ON warehousing_promise
    REFERENCING NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION warehousing_keep_books();
CREATE TRIGGER promised_otherwise AFTER UPDATE ON warehousing_promise
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION warehousing_keep_books();

-- A pick fulfils its promise, and goods put back are promised again, unless nobody wants them any more.
CREATE FUNCTION warehousing_follow_picks() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM before WHERE status = 'PICKED' UNION ALL SELECT FROM after WHERE status = 'PICKED') THEN
        RETURN NULL;
    END IF;
    UPDATE warehousing_promise promise SET picked = promise.picked + changed.delta,
        status = CASE WHEN promise.picked + changed.delta = promise.quantity THEN 'FULFILLED'
            WHEN demand.is_cancelled THEN 'RELEASED' ELSE 'ON_HAND' END
    FROM (SELECT promise_id, sum(quantity)::bigint AS delta
        FROM (SELECT promise_id, quantity FROM after WHERE status = 'PICKED'
            UNION ALL SELECT promise_id, -quantity FROM before WHERE status = 'PICKED') rows
        GROUP BY promise_id HAVING sum(quantity) <> 0) changed, warehousing_demand demand
    WHERE promise.id = changed.promise_id AND demand.id = promise.demand_id
        AND promise.status IN ('ON_HAND', 'FULFILLED');
    RETURN NULL;
END $$;
CREATE TRIGGER fulfils AFTER UPDATE ON warehousing_reservation
    REFERENCING OLD TABLE AS before NEW TABLE AS after FOR EACH STATEMENT EXECUTE FUNCTION warehousing_follow_picks();
