-- Promise goods for demands and say what of which warehouse: one call, one look at what is free, under locks in key
-- order (demands, then books). Rows are served in order, by urgency if so asked; several rows of one demand name its
-- warehouses in turn, a row without one all of them by priority. A want is met as far as goods that last long enough
-- are left: for every day, no more may be promised to expire on or after it than there is that does.
-- The rule itself is told, and tested against this, in policies/promising.py.
CREATE FUNCTION warehousing_make_promises(
    demand_ids bigint[], warehouse_ids bigint[], quantities bigint[], mosts bigint[], beside_supply boolean,
    by_urgency boolean, supply uuid, moment timestamptz, reasons text[], urgency smallint, lapses_at timestamptz
) RETURNS TABLE (promise_id bigint, demand_id bigint, warehouse_id bigint, quantity bigint) LANGUAGE plpgsql
SET lock_timeout = '5s' SET plan_cache_mode = 'force_generic_plan' SET enable_seqscan = off SET enable_nestloop = on AS $$
#variable_conflict use_column
DECLARE
    today CONSTANT date := (moment AT TIME ZONE 'UTC')::date;
    is_large CONSTANT boolean := cardinality(demand_ids) > 200;
    products bigint[];
    book_ids bigint[]; free bigint[];
    w_demand bigint[]; w_book int[]; w_want bigint[]; w_most bigint[]; w_day date[]; w_days int[];
    day_book int[]; days date[]; day_free bigint[]; day_from int[]; day_to int[];
    o_demand bigint[] := '{}'; o_book int[] := '{}'; o_quantity bigint[] := '{}'; o_day date[] := '{}'; o_days int[] := '{}'; w_place int[]; o_reason text[] := '{}';
    now_serving bigint := 0; rest bigint; take bigint; at_book int; taken int := 0;
BEGIN
    -- Small sets share a plan; large ones are worth their own. Both go by keys, for tables may have grown since they were
    -- last counted; only the goods of a large set may be read from end to end.
    IF is_large THEN
        PERFORM set_config('plan_cache_mode', 'force_custom_plan', true);
    END IF;
    products := ARRAY(SELECT DISTINCT locked.product_id FROM (
        SELECT demand.product_id FROM warehousing_demand demand WHERE demand.id = ANY(demand_ids)
        ORDER BY demand.id FOR NO KEY UPDATE) locked);
    PERFORM FROM warehousing_promisebook book WHERE book.product_id = ANY(products) ORDER BY book.id FOR NO KEY UPDATE;

    IF is_large THEN
        PERFORM set_config('enable_seqscan', 'on', true);
        -- The planner takes usable goods for a handful and would look up the lot of each: of many books they are joined whole.
        -- Books are counted, as far as need be: statistics are old after an import, and there are none in a new database.
        IF NOT EXISTS (SELECT FROM warehousing_promisebook OFFSET 4 * cardinality(products)) THEN
            PERFORM set_config('enable_nestloop', 'off', true);
        END IF;
    END IF;
    SELECT array_agg(book.id), array_agg(coalesce(there.on_hand, 0) - book.promised) INTO book_ids, free
    FROM (SELECT book.id, book.product_id, book.warehouse_id, book.owner_id, book.promised
        FROM warehousing_promisebook book JOIN warehousing_warehouse house ON house.id = book.warehouse_id
        WHERE book.product_id = ANY(products) AND house.is_active ORDER BY book.id) book
    LEFT JOIN (SELECT product_id, warehouse_id, owner_id, sum(on_hand)::bigint AS on_hand FROM warehousing_usable
        WHERE product_id = ANY(products) AND (expiry_date IS NULL OR expiry_date > today)
        GROUP BY product_id, warehouse_id, owner_id) there
        ON there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
        AND coalesce(there.owner_id, 0) = coalesce(book.owner_id, 0);
    IF is_large THEN
        PERFORM set_config('enable_seqscan', 'off', true), set_config('enable_nestloop', 'on', true);
    END IF;
    IF book_ids IS NULL THEN
        RETURN;
    END IF;

    SELECT array_agg(wants.id), array_agg(wants.at_book), array_agg(wants.wanted), array_agg(wants.most),
        array_agg(wants.day), array_agg(wants.min_days), array_agg(wants.place)
    INTO w_demand, w_book, w_want, w_most, w_day, w_days, w_place
    FROM (
        SELECT demand.id, book.at_book, given.place::int AS place, coalesce(term.days, 0) AS min_days,
            coalesce(given.quantity, 9223372036854775807) AS most,
            least(demand.quantity - had.kept - CASE WHEN beside_supply THEN coming.quantity ELSE 0 END,
                given.most - had.from_stock)::bigint AS wanted,
            CASE WHEN term.days > 0 OR (demand.need_by_date > today AND (product.shelf_life_days IS NOT NULL OR EXISTS (
                    SELECT FROM warehousing_lot lot WHERE lot.product_id = demand.product_id AND lot.expiry_date > today)))
                THEN greatest(demand.need_by_date, today) + greatest(coalesce(term.days, 0), 1)
                ELSE '-infinity' END AS day
        FROM unnest(demand_ids, warehouse_ids, quantities, mosts) WITH ORDINALITY
            AS given(demand_id, warehouse_id, quantity, most, place)
        JOIN warehousing_demand demand ON demand.id = given.demand_id AND NOT demand.is_cancelled
        JOIN catalog_product product ON product.id = demand.product_id
        JOIN (SELECT book.id, book.product_id, book.warehouse_id, book.owner_id, given.at_book::int, house.priority
            FROM unnest(book_ids) WITH ORDINALITY AS given(id, at_book)
            JOIN warehousing_promisebook book ON book.id = given.id
            JOIN warehousing_warehouse house ON house.id = book.warehouse_id) book
            ON book.product_id = demand.product_id AND coalesce(book.owner_id, 0) = coalesce(demand.owner_id, 0)
            AND (given.warehouse_id IS NULL OR book.warehouse_id = given.warehouse_id)
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(promise.quantity), 0) AS kept,
                coalesce(sum(promise.quantity) FILTER (WHERE promise.purchase_order_id IS NULL), 0) AS from_stock
            FROM warehousing_promise promise
            WHERE promise.demand_id = demand.id AND promise.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')) had
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(greatest(share.quantity - coalesce((
                SELECT sum(promise.quantity) FROM warehousing_promise promise WHERE promise.demand_id = demand.id
                AND promise.purchase_order_id = share.purchase_order_id
                AND promise.status IN ('ON_HAND', 'EXPECTED', 'FULFILLED')), 0), 0)), 0) AS quantity
            FROM (SELECT share.purchase_order_id, sum(share.quantity) AS quantity FROM warehousing_supplyshare share
                WHERE beside_supply AND share.order_line_id = demand.order_line_id GROUP BY 1) share) coming
        LEFT JOIN LATERAL (
            SELECT term.min_remaining_days AS days FROM warehousing_shelflifeterm term
            WHERE term.dealer_id = demand.dealer_id AND term.valid_from <= today
                AND (term.product_id = demand.product_id OR term.product_id IS NULL)
            ORDER BY term.product_id NULLS LAST, term.valid_from DESC, term.id DESC LIMIT 1) term ON true
        ORDER BY CASE WHEN by_urgency THEN demand.need_by_date END, CASE WHEN by_urgency THEN demand.id END, given.place,
            book.priority, book.id) wants;
    IF w_demand IS NULL THEN
        RETURN;
    END IF;

    -- Days that count: those somebody asks for now, and those of what is promised.
    IF '-infinity' <> ANY(w_day) OR EXISTS (
        SELECT FROM warehousing_promiseband band WHERE band.book_id = ANY(book_ids) AND band.promised > 0) THEN
        SELECT array_agg(levels.at_book), array_agg(levels.day), array_agg(levels.free)
        INTO day_book, days, day_free
        FROM (
            SELECT level.at_book, level.day, coalesce((
                    SELECT sum(there.on_hand) FROM warehousing_usable there
                    WHERE there.product_id = book.product_id AND there.warehouse_id = book.warehouse_id
                        AND there.owner_id IS NOT DISTINCT FROM book.owner_id
                        AND (there.expiry_date IS NULL OR there.expiry_date >= level.day)), 0)::bigint - coalesce((
                    SELECT sum(band.promised) FROM warehousing_promiseband band
                    WHERE band.book_id = book.id AND band.min_expiry_date >= level.day), 0)::bigint AS free
            FROM (SELECT at_book, day FROM unnest(w_book, w_day) AS asked(at_book, day) WHERE day > today
                UNION SELECT given.at_book::int, band.min_expiry_date
                FROM unnest(book_ids) WITH ORDINALITY AS given(id, at_book)
                JOIN warehousing_promiseband band ON band.book_id = given.id
                    AND band.promised > 0 AND band.min_expiry_date > today) level
            JOIN warehousing_promisebook book ON book.id = book_ids[level.at_book]
            ORDER BY level.at_book, level.day) levels;
    END IF;
    IF days IS NOT NULL THEN
        SELECT array_agg(coalesce(least_at, 1) ORDER BY n), array_agg(coalesce(most_at, 0) ORDER BY n) INTO day_from, day_to
        FROM generate_subscripts(book_ids, 1) n LEFT JOIN (
            SELECT at_book, min(place)::int AS least_at, max(place)::int AS most_at
            FROM unnest(day_book) WITH ORDINALITY AS given(at_book, place) GROUP BY at_book) spans ON spans.at_book = n;
    END IF;

    FOR i IN 1 .. array_length(w_demand, 1) LOOP
        IF w_demand[i] <> now_serving THEN
            now_serving := w_demand[i];
            rest := w_want[i];
        END IF;
        at_book := w_book[i];
        take := least(rest, w_most[i], free[at_book]);
        CONTINUE WHEN take <= 0;
        IF days IS NOT NULL THEN
            FOR level IN day_from[at_book] .. day_to[at_book] LOOP
                EXIT WHEN days[level] > w_day[i];
                take := least(take, day_free[level]);
            END LOOP;
            CONTINUE WHEN take <= 0;
            FOR level IN day_from[at_book] .. day_to[at_book] LOOP
                EXIT WHEN days[level] > w_day[i];
                day_free[level] := day_free[level] - take;
            END LOOP;
        END IF;
        free[at_book] := free[at_book] - take;
        rest := rest - take;
        taken := taken + 1;
        o_demand[taken] := w_demand[i];
        o_book[taken] := at_book;
        o_quantity[taken] := take;
        o_day[taken] := w_day[i];
        o_days[taken] := w_days[i];
        o_reason[taken] := coalesce(reasons[w_place[i]], '');
    END LOOP;
    IF taken = 0 THEN
        RETURN;
    END IF;
    RETURN QUERY
    WITH made AS (
        INSERT INTO warehousing_promise (demand_id, book_id, purchase_order_id, quantity, picked, status, available_date,
            min_expiry_date, min_remaining_days, priority, expires_at, reason, promised_at)
        SELECT made.demand_id, book_ids[made.at_book], supply, made.quantity, 0, 'ON_HAND', today,
            nullif(made.day, '-infinity'), made.min_days, urgency, lapses_at, made.reason, moment
        FROM unnest(o_demand, o_book, o_quantity, o_day, o_days, o_reason) AS made(demand_id, at_book, quantity, day, min_days, reason)
        RETURNING id, demand_id, book_id, quantity)
    SELECT made.id, made.demand_id, book.warehouse_id, made.quantity
    FROM made JOIN warehousing_promisebook book ON book.id = made.book_id;
END $$;
