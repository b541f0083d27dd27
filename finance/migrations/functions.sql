CREATE FUNCTION finance_is_open(period bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT status = 'OPEN' FROM finance_periodevent WHERE period_id = period
        ORDER BY number DESC LIMIT 1), true);
END $$;

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
    ELSIF checked.in_closed_period THEN
        RAISE EXCEPTION 'an entry becomes effective in a period that is closed' USING ERRCODE = 'MS002';
    ELSIF checked.closed_account IS NOT NULL THEN
        RAISE EXCEPTION 'account % is closed', checked.closed_account USING ERRCODE = 'MS003';
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

-- What follows holds the journal true whoever writes to it: the owner of the schema, who is not bound to finance_post.
CREATE FUNCTION finance_is_direct() RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce(current_setting('midstream.posting', true), '') <> 'on';
END $$;

-- Entries come with their lines in one statement: with all that they announce, or with none and freeing what they
-- resolve. They are left to be sealed.
CREATE FUNCTION finance_check_entries() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('finance.closing', 0));
    SELECT entry.id, entry.line_count INTO wrong FROM added entry
    WHERE CASE WHEN entry.line_count > 0 THEN NOT EXISTS (
            SELECT FROM finance_journalline line
            WHERE line.entry_id = entry.id AND line.line_number = 1 AND line.booked_at = entry.booked_at)
        ELSE NOT EXISTS (
            SELECT FROM finance_journalentry target
            WHERE target.id = entry.resolves_id AND target.book_id = entry.book_id) END
        OR entry.resolves_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM finance_journalentry target WHERE target.id = entry.resolves_id AND target.is_pending)
        OR entry.reverses_id IS NOT NULL AND NOT EXISTS (
            SELECT FROM finance_journalentry target WHERE target.id = entry.reverses_id AND NOT target.is_pending)
    LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: it came without its % lines, or what it undoes is not there', wrong.id, wrong.line_count
            USING ERRCODE = 'check_violation';
    END IF;

    SELECT period.first_date, period.last_date, fresh.effective_date INTO wrong
    FROM (SELECT DISTINCT book_id, effective_date FROM added) fresh
    JOIN finance_period period ON period.book_id = fresh.book_id
        AND fresh.effective_date BETWEEN period.first_date AND period.last_date
    WHERE NOT finance_is_open(period.id) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% is in the period % to %, which is closed', wrong.effective_date, wrong.first_date, wrong.last_date
            USING ERRCODE = 'MS002';
    END IF;

    INSERT INTO finance_unsealedposting (entry_ids)
    SELECT array_agg(id) FROM added HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_is_whole AFTER INSERT ON finance_journalentry REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT WHEN (finance_is_direct()) EXECUTE FUNCTION finance_check_entries();

-- All lines of an entry come at once, number 1 to the last, to accounts of its book, and sum to zero in each unit. As
-- their numbers are unique none can join later.
CREATE FUNCTION finance_check_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    wrong record;
BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('finance.closing', 0));
    SELECT unit.entry_id, sum(unit.lines) AS lines, max(unit.line_count) AS line_count, sum(unit.known) AS known,
        count(*) FILTER (WHERE unit.total <> 0) AS unbalanced, max(unit.closed) AS closed INTO wrong
    FROM (
        SELECT line.entry_id, account.unit, count(*) AS lines, count(account.id) AS known, sum(line.amount) AS total,
            max(entry.line_count) AS line_count, min(line.line_number) AS first, max(line.line_number) AS last,
            max(account.code) FILTER (WHERE account.closed_at IS NOT NULL) AS closed
        FROM added line
        LEFT JOIN finance_journalentry entry ON entry.id = line.entry_id AND entry.booked_at = line.booked_at
            AND entry.effective_date = line.effective_date AND entry.is_pending = line.is_pending
        LEFT JOIN finance_account account ON account.id = line.account_id AND account.book_id = entry.book_id
        GROUP BY line.entry_id, account.unit) unit
    GROUP BY unit.entry_id
    HAVING bool_or(unit.total <> 0) OR sum(unit.known) IS DISTINCT FROM max(unit.line_count)
        OR sum(unit.lines) <> max(unit.line_count) OR min(unit.first) <> 1 OR max(unit.last) <> max(unit.line_count)
        OR max(unit.closed) IS NOT NULL
    LIMIT 1;
    IF wrong.closed IS NOT NULL THEN
        RAISE EXCEPTION 'account % is closed', wrong.closed USING ERRCODE = 'MS003';
    ELSIF FOUND THEN
        RAISE EXCEPTION 'entry % does not balance: % of % lines, % of them of its book, % units off zero',
            wrong.entry_id, wrong.lines, coalesce(wrong.line_count::text, 'no'), wrong.known, wrong.unbalanced
            USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_balances AFTER INSERT ON finance_journalline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT WHEN (finance_is_direct()) EXECUTE FUNCTION finance_check_lines();

-- Arguments name the columns that may still change.
CREATE FUNCTION finance_refuse_rewrite() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - TG_ARGV = to_jsonb(OLD) - TG_ARGV THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% of % is refused: once written only % may change', TG_OP, TG_TABLE_NAME,
        array_to_string(TG_ARGV, ', ') USING ERRCODE = 'restrict_violation';
END $$;

CREATE TRIGGER stays_as_issued BEFORE UPDATE OR DELETE ON finance_invoice FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_rewrite('open_amount', 'status', 'version', 'updated_at');
CREATE TRIGGER stays_as_issued BEFORE UPDATE OR DELETE ON finance_payment FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_rewrite('open_amount', 'status', 'version', 'updated_at');
CREATE TRIGGER stays_as_imported BEFORE UPDATE OR DELETE ON finance_statementline FOR EACH ROW
    WHEN (OLD.status <> 'HELD') EXECUTE FUNCTION finance_refuse_rewrite('status');
CREATE TRIGGER stays_as_announced BEFORE UPDATE OR DELETE ON finance_statementline FOR EACH ROW
    WHEN (OLD.status = 'HELD') EXECUTE FUNCTION finance_refuse_rewrite('status', 'statement_id', 'line_number');

-- Entries and lines have no foreign keys to them (ADR 10): what they name stays.
CREATE TRIGGER stays_as_opened BEFORE UPDATE OR DELETE ON finance_book FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_rewrite('name', 'organization_id');
CREATE TRIGGER stays_as_opened BEFORE UPDATE OR DELETE ON finance_account FOR EACH ROW
    EXECUTE FUNCTION finance_refuse_rewrite('name', 'floor', 'ceiling', 'closed_at');
