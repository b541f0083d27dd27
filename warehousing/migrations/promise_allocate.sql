-- Choose bins and lots for what is promised and reserve them; say how much of each promise. Demands are locked first,
-- then the chosen goods, both in key order; what somebody else took meanwhile is chosen anew, so that a set waits for
-- few rows and is never refused for goods it did not need. Each promise gets the first goods in rotation that last
-- long enough: as long as all that is promised can be kept, it can be kept after this, whatever the order of the waves.
-- The rule itself is told, and tested against this, in policies/rotation.py.
CREATE FUNCTION warehousing_allocate(
    promise_ids bigint[], mosts bigint[], moment timestamptz, lapses_at timestamptz
) RETURNS TABLE (promise_id bigint, quantity bigint) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (moment AT TIME ZONE 'UTC')::date;
    shelf record;
    free bigint[];
    head int; at_lot int; rest bigint; take bigint; taken int; refused int;
    o_promise bigint[]; o_quant bigint[]; o_quantity bigint[];
BEGIN
    PERFORM set_config('lock_timeout', '5000ms', true),
        set_config('plan_cache_mode', CASE WHEN array_length(promise_ids, 1) > 200 THEN 'force_custom_plan' ELSE 'auto' END, true);
    PERFORM FROM warehousing_demand demand
        WHERE demand.id IN (SELECT promise.demand_id FROM warehousing_promise promise WHERE promise.id = ANY(promise_ids))
        ORDER BY demand.id FOR NO KEY UPDATE;
    FOR round IN 1 .. 5 LOOP
        taken := 0;
        o_promise := '{}'; o_quant := '{}'; o_quantity := '{}';
        FOR shelf IN
            WITH wants AS MATERIALIZED (
                SELECT promise.id, promise.book_id, promise.priority, demand.need_by_date,
                    least(promise.quantity - promise.picked - had.reserved, given.most - had.reserved) AS wanted,
                    greatest(coalesce(promise.min_expiry_date, '-infinity'), today + greatest(promise.min_remaining_days, 1)) AS day
                FROM unnest(promise_ids, mosts) AS given(id, most)
                JOIN warehousing_promise promise ON promise.id = given.id AND promise.status = 'ON_HAND'
                JOIN warehousing_demand demand ON demand.id = promise.demand_id AND NOT demand.is_cancelled
                CROSS JOIN LATERAL (
                    SELECT coalesce(sum(kept.quantity), 0)::bigint AS reserved FROM warehousing_reservation kept
                    WHERE kept.promise_id = promise.id AND kept.status = 'ACTIVE') had),
            books AS MATERIALIZED (
                SELECT book.id, book.product_id, book.warehouse_id, coalesce(book.owner_id, 0) AS owner_id,
                    coalesce((SELECT rule.method FROM warehousing_rotationrule rule
                        WHERE (rule.product_id = book.product_id OR rule.product_id IS NULL)
                            AND (rule.owner_id = book.owner_id OR rule.owner_id IS NULL)
                        ORDER BY rule.product_id NULLS LAST, rule.owner_id NULLS LAST LIMIT 1), 'FEFO') AS method
                FROM warehousing_promisebook book WHERE book.id IN (SELECT book_id FROM wants WHERE wanted > 0)),
            lots AS (
                SELECT books.id AS book_id, there.id, there.free, coalesce(there.expiry_date, 'infinity') AS expiry_date,
                    CASE WHEN books.method = 'FEFO' THEN coalesce(there.expiry_date, 'infinity') END AS first_key,
                    CASE WHEN books.method = 'LIFO' THEN -extract(epoch FROM there.since_at)
                        ELSE extract(epoch FROM there.since_at) END AS second_key
                FROM warehousing_usable there JOIN books ON books.product_id = there.product_id
                    AND books.warehouse_id = there.warehouse_id AND books.owner_id = coalesce(there.owner_id, 0)
                WHERE there.free > 0 AND (there.expiry_date IS NULL OR there.expiry_date > today)
                    AND there.product_id IN (SELECT product_id FROM books)),
            asked AS (
                SELECT book_id, array_agg(id) AS promises, array_agg(wanted) AS wants, array_agg(day) AS days
                FROM (SELECT * FROM wants WHERE wanted > 0 ORDER BY book_id, priority, need_by_date, id) sorted GROUP BY book_id),
            there AS (
                SELECT book_id, array_agg(id) AS quants, array_agg(free) AS free, array_agg(expiry_date) AS expiries
                FROM (SELECT * FROM lots ORDER BY book_id, first_key, second_key, id) sorted GROUP BY book_id)
            SELECT * FROM asked JOIN there USING (book_id)
        LOOP
            free := shelf.free;
            head := 1;
            FOR i IN 1 .. array_length(shelf.promises, 1) LOOP
                rest := shelf.wants[i];
                WHILE head <= array_length(free, 1) AND free[head] = 0 LOOP
                    head := head + 1;
                END LOOP;
                at_lot := head;
                WHILE rest > 0 AND at_lot <= array_length(free, 1) LOOP
                    IF free[at_lot] > 0 AND shelf.expiries[at_lot] >= shelf.days[i] THEN
                        take := least(rest, free[at_lot]);
                        taken := taken + 1;
                        o_promise[taken] := shelf.promises[i];
                        o_quant[taken] := shelf.quants[at_lot];
                        o_quantity[taken] := take;
                        free[at_lot] := free[at_lot] - take;
                        rest := rest - take;
                    END IF;
                    at_lot := at_lot + 1;
                END LOOP;
            END LOOP;
        END LOOP;
        EXIT WHEN taken = 0;

        PERFORM FROM warehousing_quant quant WHERE quant.id = ANY(o_quant) ORDER BY quant.id FOR NO KEY UPDATE;
        RETURN QUERY
        WITH takes AS (
            SELECT * FROM unnest(o_promise, o_quant, o_quantity) WITH ORDINALITY AS given(promise_id, quant_id, quantity, place)),
        held AS (
            UPDATE warehousing_quant quant SET reserved = quant.reserved + wanted.quantity
            FROM (SELECT takes.quant_id, sum(takes.quantity)::bigint AS quantity FROM takes GROUP BY 1) wanted
            WHERE quant.id = wanted.quant_id AND quant.on_hand - quant.reserved >= wanted.quantity
                AND EXISTS (SELECT FROM warehousing_usable usable WHERE usable.id = quant.id)
            RETURNING quant.id)
        INSERT INTO warehousing_reservation (demand_id, promise_id, quant_id, quantity, status, purchase_order_id, priority,
            expires_at, reserved_at)
        SELECT promise.demand_id, promise.id, takes.quant_id, takes.quantity, 'ACTIVE', promise.purchase_order_id,
            promise.priority, lapses_at, moment
        FROM takes JOIN held ON held.id = takes.quant_id JOIN warehousing_promise promise ON promise.id = takes.promise_id
        ORDER BY takes.place
        RETURNING promise_id, quantity;
        GET DIAGNOSTICS refused = ROW_COUNT;
        EXIT WHEN refused = taken;
    END LOOP;
END $$;
