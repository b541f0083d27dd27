-- Choose bins and lots for what is promised and reserve them; say how much of each promise. Demands are locked first,
-- then the chosen goods, both in key order; what somebody else took meanwhile is chosen anew, so that a set waits for
-- few rows and is never refused for goods it did not need. Each promise gets the first goods in rotation that last
-- long enough: as long as all that is promised can be kept, it can be kept after this, whatever the order of the waves.
-- The rule itself is told, and tested against this, in policies/rotation.py.
-- Where a book promises more than there is and the caller has not shared it out yet (`is_shared`), nothing is reserved
-- and the scarce books are named instead.
CREATE FUNCTION warehousing_allocate(
    promise_ids bigint[], mosts bigint[], moment timestamptz, lapses_at timestamptz, is_shared boolean
) RETURNS TABLE (promise_id bigint, quantity bigint, scarce_book_id bigint) LANGUAGE plpgsql
SET lock_timeout = '5s' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off SET enable_nestloop = on AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (moment AT TIME ZONE 'UTC')::date;
    is_large CONSTANT boolean := cardinality(promise_ids) > 200;
    w_promise bigint[]; w_book bigint[]; w_want bigint[]; w_day date[];
    b_book bigint[]; b_want bigint[]; b_day date[]; b_method text[]; scarce bigint[];
    l_book bigint[]; l_quant bigint[]; l_free bigint[]; l_expiry date[];
    head int; at_lot int; rest bigint; take bigint; taken int; granted int;
    g_promise bigint[]; g_quantity bigint[];
    o_promise bigint[]; o_quant bigint[]; o_quantity bigint[];
BEGIN
    -- Small sets share a plan; large ones are worth their own. Both go by keys, for tables may have grown since they were
    -- last counted; only the goods of a large set may be read from end to end.
    IF is_large THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
    PERFORM FROM warehousing_demand demand
        WHERE demand.id = ANY(ARRAY(
            SELECT promise.demand_id FROM warehousing_promise promise WHERE promise.id = ANY(promise_ids)))
        ORDER BY demand.id FOR NO KEY UPDATE;
    FOR round IN 1 .. 5 LOOP
        SELECT array_agg(wants.id), array_agg(wants.book_id), array_agg(wants.wanted), array_agg(wants.day)
        INTO w_promise, w_book, w_want, w_day
        FROM (
            SELECT promise.id, promise.book_id,
                least(promise.quantity - promise.picked - had.reserved, given.most - had.reserved) AS wanted,
                greatest(coalesce(promise.min_expiry_date, '-infinity'), today + greatest(promise.min_remaining_days, 1)) AS day
            FROM unnest(promise_ids, mosts) AS given(id, most)
            JOIN warehousing_promise promise ON promise.id = given.id AND promise.status = 'ON_HAND'
            JOIN warehousing_demand demand ON demand.id = promise.demand_id AND NOT demand.is_cancelled
            CROSS JOIN LATERAL (
                -- By promise alone: of a table not counted lately the planner would read the index of what is active whole.
                SELECT coalesce(sum(kept.quantity) FILTER (WHERE kept.status = 'ACTIVE'), 0)::bigint AS reserved
                FROM warehousing_reservation kept WHERE kept.promise_id = promise.id) had
            ORDER BY promise.book_id, promise.priority, demand.need_by_date, promise.id) wants
        WHERE wants.wanted > 0;
        EXIT WHEN w_promise IS NULL;
        SELECT array_agg(asked.book_id), array_agg(asked.wanted), array_agg(asked.day), array_agg(coalesce((
            SELECT rule.method FROM warehousing_rotationrule rule
            WHERE (rule.product_id = book.product_id OR rule.product_id IS NULL)
                AND (rule.owner_id = book.owner_id OR rule.owner_id IS NULL)
            ORDER BY rule.product_id NULLS LAST, rule.owner_id NULLS LAST LIMIT 1), 'FEFO'))
        INTO b_book, b_want, b_day, b_method
        FROM (SELECT book_id, sum(wanted)::bigint AS wanted, max(day) AS day
            FROM unnest(w_book, w_want, w_day) AS want(book_id, wanted, day) GROUP BY book_id) asked
        JOIN warehousing_promisebook book ON book.id = asked.book_id;

        IF is_large THEN
            PERFORM set_config('enable_seqscan', 'on', true);
            -- As in warehousing_make_promises: the goods of many books are joined whole.
            IF NOT EXISTS (SELECT FROM warehousing_promisebook OFFSET 4 * cardinality(b_book)) THEN
                PERFORM set_config('enable_nestloop', 'off', true);
            END IF;
        END IF;
        -- Of each book the goods in rotation, up to where what lasts long enough for everybody is enough for all. (The
        -- planner takes CASE for true half the time, and a comparison of owners that are mostly null for almost never.)
        SELECT array_agg(lots.book_id), array_agg(lots.id), array_agg(lots.free), array_agg(lots.expiry_date),
            array_agg(lots.book_id) FILTER (WHERE lots.place = 1 AND lots.promised > lots.on_hand)
        INTO l_book, l_quant, l_free, l_expiry, scarce
        FROM (
            SELECT ranked.* FROM (
                SELECT book.id AS book_id, book.promised, asked.wanted, there.id, there.free, row_number() OVER rotation AS place,
                    coalesce(there.expiry_date, 'infinity') AS expiry_date, sum(there.on_hand) OVER (PARTITION BY book.id) AS on_hand,
                    sum(there.free) FILTER (WHERE coalesce(there.expiry_date, 'infinity') >= asked.day) OVER rotation AS upto
                FROM unnest(b_book, b_want, b_day, b_method) AS asked(book_id, wanted, day, method)
                JOIN warehousing_promisebook book ON book.id = asked.book_id
                JOIN warehousing_usable there ON there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
                    AND CASE WHEN book.owner_id IS NULL THEN there.owner_id IS NULL ELSE there.owner_id = book.owner_id END
                    AND (there.expiry_date IS NULL OR there.expiry_date > today)
                WINDOW rotation AS (PARTITION BY book.id ORDER BY CASE WHEN asked.method = 'FEFO' THEN there.expiry_date END,
                    CASE WHEN asked.method <> 'LIFO' THEN there.since_at END,
                    CASE WHEN asked.method = 'LIFO' THEN there.since_at END DESC,
                    there.id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)) ranked
            WHERE coalesce(ranked.upto, 0) < ranked.wanted
            ORDER BY ranked.book_id, ranked.place) lots;
        IF is_large THEN
            PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'on', true);
        END IF;
        EXIT WHEN l_book IS NULL;

        IF round = 1 AND NOT is_shared THEN
            scarce := coalesce(scarce, '{}') || ARRAY(
                SELECT level.book_id FROM (
                    SELECT band.book_id, band.min_expiry_date AS day,
                        sum(band.promised) OVER (PARTITION BY band.book_id ORDER BY band.min_expiry_date DESC) AS promised
                    FROM warehousing_promiseband band
                    WHERE band.book_id = ANY(b_book) AND band.promised > 0 AND band.min_expiry_date > today) level
                JOIN warehousing_promisebook book ON book.id = level.book_id
                WHERE level.promised > (
                    SELECT coalesce(sum(there.on_hand), 0) FROM warehousing_usable there
                    WHERE there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
                        AND coalesce(there.owner_id, 0) = coalesce(book.owner_id, 0)
                        AND (there.expiry_date IS NULL OR there.expiry_date >= level.day)));
            IF scarce <> '{}' THEN
                RETURN QUERY SELECT DISTINCT NULL::bigint, NULL::bigint, given.id FROM unnest(scarce) AS given(id);
                RETURN;
            END IF;
        END IF;

        head := 1;
        taken := 0;
        o_promise := '{}'; o_quant := '{}'; o_quantity := '{}';
        FOR i IN 1 .. cardinality(w_promise) LOOP
            WHILE l_book[head] < w_book[i] OR l_book[head] = w_book[i] AND l_free[head] = 0 LOOP
                head := head + 1;
            END LOOP;
            rest := w_want[i];
            at_lot := head;
            WHILE rest > 0 AND l_book[at_lot] = w_book[i] LOOP
                IF l_free[at_lot] > 0 AND l_expiry[at_lot] >= w_day[i] THEN
                    take := least(rest, l_free[at_lot]);
                    taken := taken + 1;
                    o_promise[taken] := w_promise[i];
                    o_quant[taken] := l_quant[at_lot];
                    o_quantity[taken] := take;
                    l_free[at_lot] := l_free[at_lot] - take;
                    rest := rest - take;
                END IF;
                at_lot := at_lot + 1;
            END LOOP;
        END LOOP;
        EXIT WHEN taken = 0;

        -- Where somebody else took some of them meanwhile all is given back, its locks too, and chosen anew: goods that
        -- are locked one after the other in two rounds would be locked in no order. The last round keeps what it got.
        BEGIN
        PERFORM FROM warehousing_quant quant WHERE quant.id = ANY(o_quant) ORDER BY quant.id FOR NO KEY UPDATE;
        WITH takes AS (
            SELECT * FROM unnest(o_promise, o_quant, o_quantity) WITH ORDINALITY AS given(promise_id, quant_id, quantity, place)),
        held AS (
            UPDATE warehousing_quant quant SET reserved = quant.reserved + wanted.quantity
            FROM (SELECT takes.quant_id, sum(takes.quantity)::bigint AS quantity FROM takes GROUP BY 1) wanted
            JOIN warehousing_usable usable ON usable.id = wanted.quant_id AND usable.id = ANY(o_quant)
            WHERE quant.id = wanted.quant_id AND quant.on_hand - quant.reserved >= wanted.quantity
            RETURNING quant.id),
        made AS (INSERT INTO warehousing_reservation (demand_id, promise_id, quant_id, quantity, status, purchase_order_id, priority,
            expires_at, reserved_at)
        SELECT promise.demand_id, promise.id, takes.quant_id, takes.quantity, 'ACTIVE', promise.purchase_order_id,
            promise.priority, lapses_at, moment
        FROM takes JOIN held ON held.id = takes.quant_id JOIN warehousing_promise promise ON promise.id = takes.promise_id
        ORDER BY takes.place
        RETURNING promise_id, quantity)
        SELECT array_agg(made.promise_id), array_agg(made.quantity), count(*) INTO g_promise, g_quantity, granted FROM made;
        IF granted < taken AND round < 5 THEN
            RAISE EXCEPTION USING ERRCODE = 'MS409', MESSAGE = 'goods were taken meanwhile';
        END IF;
        EXCEPTION WHEN SQLSTATE 'MS409' THEN
            CONTINUE;
        END;
        RETURN QUERY SELECT given.promise_id, given.quantity, NULL::bigint
            FROM unnest(g_promise, g_quantity) AS given(promise_id, quantity);
        EXIT;
    END LOOP;
END $$;
