-- Whether lines move an account more than a pending entry would have, or the other way.
CREATE FUNCTION finance_exceeds(pending uuid, accounts bigint[], amounts bigint[]) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN EXISTS (
        SELECT FROM (SELECT account, sum(amount) AS amount FROM unnest(accounts, amounts) AS line(account, amount)
            GROUP BY account) moved
        LEFT JOIN (SELECT old.account_id, sum(old.amount) AS amount FROM finance_journalline old
            WHERE old.entry_id = pending GROUP BY old.account_id) held ON held.account_id = moved.account
        WHERE moved.amount NOT BETWEEN least(coalesce(held.amount, 0), 0) AND greatest(coalesce(held.amount, 0), 0));
END $$;

-- Post entries with their lines, all or none; see finance.services.ledger. The application's role has no other way to
-- write the journal (ADR 10), so everything is checked here, once for all entries, and by triggers only for others.
-- Returns those that were not posted anew: replayed (same id, same body), conflict (same id, other body), taken (what it
-- resolves or reverses was resolved or reversed by another), unresolvable (not pending, of another book, or expired),
-- exceeding (it would post more than was pending).
CREATE FUNCTION finance_post(
    ids uuid[], books bigint[], kinds text[], pendings boolean[], forced boolean[], effectives date[],
    bookeds timestamptz[], expiries timestamptz[], source_types text[], source_ids text[], reversed uuid[],
    resolved uuid[], line_counts int[], descriptions text[], hashes text[], actor text,
    line_places int[], line_numbers int[], line_accounts bigint[], line_amounts bigint[], line_dimensions text[]
) RETURNS TABLE (refused_id uuid, outcome text) LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    fresh uuid[];
    resolves_some CONSTANT boolean := array_remove(resolved, NULL) <> '{}';
    reverses_some CONSTANT boolean := array_remove(reversed, NULL) <> '{}';
    mark text := set_config('midstream.posting', 'on', true);
    checked record;
    broken record;
BEGIN
    -- Who closes a period or an account waits for postings on their way and lets none pass meanwhile.
    IF pg_advisory_xact_lock_shared(hashtextextended('finance.closing', 0)) IS NULL THEN
    END IF;

    -- Lines are those announced, to accounts of the entry's book that are open, and sum to zero in each unit.
    SELECT EXISTS (
            SELECT FROM finance_period period JOIN unnest(books, effectives) AS entry(book, effective)
                ON entry.book = period.book_id AND entry.effective BETWEEN period.first_date AND period.last_date
            WHERE NOT finance_is_open(period.id)) AS in_closed_period,
        (SELECT sum(announced) FROM unnest(line_counts) AS entry(announced)) AS announced,
        sum(unit.lines) AS lines, coalesce(bool_or(unit.faulty OR unit.total <> 0), false) AS faulty,
        bool_or(unit.limited) AS limited, max(unit.closed) AS closed_account INTO checked
    FROM (
        SELECT count(*) AS lines, sum(line.amount) AS total,
            bool_or(account.id IS NULL OR line.number NOT BETWEEN 1 AND line_counts[line.place]) AS faulty,
            bool_or(account.is_limited) AS limited, max(account.code) FILTER (WHERE account.closed_at IS NOT NULL) AS closed
        FROM unnest(line_places, line_numbers, line_accounts, line_amounts) AS line(place, number, account, amount)
        LEFT JOIN finance_account account ON account.id = line.account AND account.book_id = books[line.place]
        GROUP BY line.place, account.unit) unit;
    IF checked.faulty OR checked.announced <> coalesce(checked.lines, 0) THEN
        RAISE EXCEPTION 'an entry does not balance' USING ERRCODE = 'check_violation';
    ELSIF checked.in_closed_period OR checked.closed_account IS NOT NULL THEN
        -- What was posted before the closing is not posted again: it has the answer that it had then.
        SELECT EXISTS (
                SELECT FROM finance_period period JOIN unnest(ids, books, effectives) AS entry(id, book, effective)
                    ON entry.book = period.book_id AND entry.effective BETWEEN period.first_date AND period.last_date
                WHERE NOT finance_is_open(period.id)
                    AND NOT EXISTS (SELECT FROM finance_journalentry known WHERE known.id = entry.id)) AS in_closed_period,
            (SELECT max(account.code) FROM unnest(line_places, line_accounts) AS line(place, account)
                JOIN finance_account account ON account.id = line.account AND account.closed_at IS NOT NULL
                WHERE NOT EXISTS (SELECT FROM finance_journalentry known WHERE known.id = ids[line.place])) AS closed_account
            INTO broken;
        IF broken.in_closed_period THEN
            RAISE EXCEPTION 'an entry becomes effective in a period that is closed' USING ERRCODE = 'MS002';
        ELSIF broken.closed_account IS NOT NULL THEN
            RAISE EXCEPTION 'account % is closed', broken.closed_account USING ERRCODE = 'MS003';
        END IF;
    END IF;

    -- Everyone locks limited accounts in the same order, so that two postings never wait for each other in a ring.
    IF resolves_some THEN
        PERFORM FROM finance_accountbalance balance
            WHERE balance.account_id = ANY(line_accounts) OR balance.account_id IN (
                SELECT old.account_id FROM finance_journalentry target
                JOIN finance_journalline old ON old.entry_id = target.id AND old.booked_at = target.booked_at
                WHERE target.id = ANY(resolved))
            ORDER BY balance.account_id FOR NO KEY UPDATE;
    ELSIF checked.limited THEN
        PERFORM FROM finance_accountbalance balance WHERE balance.account_id = ANY(line_accounts)
            ORDER BY balance.account_id FOR NO KEY UPDATE;
    END IF;

    WITH inserted AS (
        INSERT INTO finance_journalentry AS entry (id, book_id, kind, is_pending, effective_date, booked_at, expires_at,
            source_type, source_id, reverses_id, resolves_id, line_count, description, actor_name, body_hash)
        SELECT given.id, book, kind, pending, effective, booked, expiry, source_type, source_id, reverse, resolve,
            lines, description, actor, hash
        FROM unnest(ids, books, kinds, pendings, effectives, bookeds, expiries, source_types, source_ids, reversed,
                resolved, line_counts, descriptions, hashes)
            AS given(id, book, kind, pending, effective, booked, expiry, source_type, source_id, reverse, resolve,
                lines, description, hash)
        ORDER BY given.id
        ON CONFLICT DO NOTHING RETURNING entry.id, entry.booked_at, entry.effective_date, entry.is_pending),
    lines AS (
        INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at,
            effective_date, is_pending)
        SELECT inserted.id, line.number, line.account, line.amount, line.dimension, inserted.booked_at,
            inserted.effective_date, inserted.is_pending
        FROM unnest(line_places, line_numbers, line_accounts, line_amounts, line_dimensions)
            AS line(place, number, account, amount, dimension)
        JOIN inserted ON inserted.id = ids[line.place]),
    queued AS (
        INSERT INTO finance_unsealedposting (entry_ids) SELECT array_agg(inserted.id) FROM inserted HAVING count(*) > 0)
    SELECT coalesce(array_agg(inserted.id), '{}') INTO fresh FROM inserted;

    IF resolves_some OR reverses_some OR cardinality(fresh) < cardinality(ids) THEN
        RETURN QUERY
            SELECT judged.id, judged.outcome FROM (
                SELECT given.id, CASE
                    WHEN given.id = ANY(fresh) THEN CASE
                        WHEN resolve IS NOT NULL AND NOT EXISTS (
                            SELECT FROM finance_journalentry target WHERE target.id = resolve AND target.is_pending
                            AND target.book_id = book AND (target.expires_at IS NULL
                                OR target.expires_at > midstream_now() OR lines = 0))
                        OR reverse IS NOT NULL AND NOT EXISTS (
                            SELECT FROM finance_journalentry target WHERE target.id = reverse AND NOT target.is_pending
                            AND target.book_id = book)
                        THEN 'unresolvable'
                        WHEN resolve IS NOT NULL AND NOT pending AND finance_exceeds(resolve,
                            (SELECT array_agg(line.account) FROM unnest(line_places, line_accounts) AS line(place, account)
                                WHERE ids[line.place] = given.id),
                            (SELECT array_agg(line.amount) FROM unnest(line_places, line_amounts) AS line(place, amount)
                                WHERE ids[line.place] = given.id))
                        THEN 'exceeding' ELSE 'posted' END
                    WHEN known.id IS NULL THEN 'taken'
                    WHEN known.body_hash = hash THEN 'replayed'
                    ELSE 'conflict' END AS outcome
                FROM unnest(ids, books, pendings, reversed, resolved, line_counts, hashes)
                    AS given(id, book, pending, reverse, resolve, lines, hash)
                LEFT JOIN finance_journalentry known ON known.id = given.id) judged
            WHERE judged.outcome <> 'posted';
    END IF;

    IF resolves_some OR checked.limited THEN
        WITH news AS (
            SELECT given.id, given.pending, given.force, given.resolve
            FROM unnest(ids, pendings, forced, resolved) AS given(id, pending, force, resolve)
            JOIN unnest(fresh) AS fresh(id) ON fresh.id = given.id),
        moves AS (
            SELECT line.account, news.force,
                CASE WHEN news.pending THEN 0 ELSE line.amount END AS posted,
                CASE WHEN news.pending THEN greatest(line.amount, 0) ELSE 0 END AS debit,
                CASE WHEN news.pending THEN greatest(-line.amount, 0) ELSE 0 END AS credit
            FROM news JOIN unnest(line_places, line_accounts, line_amounts) AS line(place, account, amount)
                ON ids[line.place] = news.id
            UNION ALL
            SELECT old.account_id, news.force, 0, -greatest(old.amount, 0), -greatest(-old.amount, 0)
            FROM news JOIN finance_journalentry target ON target.id = news.resolve
            JOIN finance_journalline old ON old.entry_id = target.id AND old.booked_at = target.booked_at
        ), sums AS (
            SELECT account, sum(posted) AS posted, sum(debit) AS debit, sum(credit) AS credit,
                sum(posted + debit) FILTER (WHERE NOT force) AS rise, sum(posted - credit) FILTER (WHERE NOT force) AS fall
            FROM moves GROUP BY account
        ), updated AS (
            UPDATE finance_accountbalance balance SET posted = balance.posted + sums.posted,
                pending_debit = balance.pending_debit + sums.debit, pending_credit = balance.pending_credit + sums.credit
            FROM sums WHERE balance.account_id = sums.account
            RETURNING balance.account_id, balance.posted + balance.pending_debit AS highest,
                balance.posted - balance.pending_credit AS lowest, sums.rise, sums.fall
        )
        SELECT account.id, account.code, account.floor, account.ceiling, highest, lowest INTO broken
        FROM updated JOIN finance_account account ON account.id = updated.account_id
        CROSS JOIN LATERAL (
            -- What has expired holds nothing any more, though nobody has freed it yet; only a refusal asks for it.
            SELECT coalesce(sum(greatest(line.amount, 0)), 0) AS debit, coalesce(sum(greatest(-line.amount, 0)), 0) AS credit
            FROM finance_journalentry entry
            JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
                AND line.account_id = account.id
            WHERE (highest > account.ceiling AND rise > 0 OR lowest < account.floor AND fall < 0)
                AND entry.is_pending AND entry.expires_at <= midstream_now()
                AND NOT EXISTS (SELECT FROM finance_journalentry resolver WHERE resolver.resolves_id = entry.id)
        ) expired
        WHERE highest - expired.debit > account.ceiling AND rise > 0
            OR lowest + expired.credit < account.floor AND fall < 0 LIMIT 1;
        IF FOUND THEN
            RAISE EXCEPTION 'account % would leave its limits: % .. % against % .. %',
                broken.code, broken.lowest, broken.highest, broken.floor, broken.ceiling
                USING ERRCODE = 'MS001', DETAIL = broken.id::text;
        END IF;
    END IF;
    mark := set_config('midstream.posting', '', true);
END $$;

-- Post one entry that neither resolves nor reverses another and return its outcome: posted, or what finance_post says. It
-- asks what that one asks, in statements that are cheap to start, and leaves to it whatever is not plainly in order:
-- limited accounts, several units, an account named twice, and all that may have to be refused.
CREATE FUNCTION finance_post_one(
    key uuid, book bigint, kind text, pending boolean, forced boolean, effective date, booked timestamptz, expiry timestamptz,
    source_type text, source_id text, description text, hash text, actor text,
    accounts bigint[], amounts bigint[], dimensions text[]
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_generic_plan AS $$
#variable_conflict use_variable
DECLARE
    total numeric := 0;
    amount bigint;
    checked record;
    mark text;
BEGIN
    IF pg_advisory_xact_lock_shared(hashtextextended('finance.closing', 0)) IS NULL THEN
    END IF;
    FOREACH amount IN ARRAY amounts LOOP
        total := total + amount;
    END LOOP;
    SELECT count(*) AS plain, min(account.unit) AS lowest, max(account.unit) AS highest INTO checked
    FROM finance_account account
    WHERE account.id = ANY(accounts) AND account.book_id = book AND account.closed_at IS NULL AND NOT account.is_limited
        AND NOT EXISTS (SELECT FROM finance_period period WHERE period.book_id = book
            AND effective BETWEEN period.first_date AND period.last_date AND NOT finance_is_open(period.id));
    IF total <> 0 OR checked.plain <> cardinality(accounts) OR checked.lowest <> checked.highest THEN
        RETURN coalesce((SELECT posted.outcome FROM finance_post(ARRAY[key], ARRAY[book], ARRAY[kind], ARRAY[pending],
            ARRAY[forced], ARRAY[effective], ARRAY[booked], ARRAY[expiry], ARRAY[source_type], ARRAY[source_id],
            ARRAY[NULL::uuid], ARRAY[NULL::uuid], ARRAY[cardinality(accounts)], ARRAY[description], ARRAY[hash], actor,
            array_fill(1, ARRAY[cardinality(accounts)]),
            ARRAY(SELECT generate_series(1, cardinality(accounts))), accounts, amounts, dimensions) posted), 'posted');
    END IF;

    mark := set_config('midstream.posting', 'on', true);
    INSERT INTO finance_journalentry (id, book_id, kind, is_pending, effective_date, booked_at, expires_at, source_type,
        source_id, line_count, description, actor_name, body_hash)
    VALUES (key, book, kind, pending, effective, booked, expiry, source_type, source_id, cardinality(accounts), description,
        actor, hash)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at, effective_date,
            is_pending)
        SELECT key, line.number, line.account, line.amount, line.dimension, booked, effective, pending
        FROM unnest(accounts, amounts, dimensions) WITH ORDINALITY AS line(account, amount, dimension, number);
        INSERT INTO finance_unsealedposting (entry_ids) VALUES (ARRAY[key]);
    END IF;
    mark := set_config('midstream.posting', '', true);
    RETURN CASE WHEN FOUND THEN 'posted' WHEN (SELECT known.body_hash = hash FROM finance_journalentry known
        WHERE known.id = key) THEN 'replayed' ELSE 'conflict' END;
END $$;
