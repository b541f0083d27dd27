-- Post entries with their lines, all or none; see finance.services.ledger.
-- Outcomes: posted, replayed (same id, same body), conflict (same id, other body), taken (what it resolves or reverses
-- was resolved or reversed by another), unresolvable (not pending, of another book, or expired).
CREATE FUNCTION finance_post(
    ids uuid[], books bigint[], kinds text[], pendings boolean[], forced boolean[], effectives date[],
    bookeds timestamptz[], expiries timestamptz[], source_types text[], source_ids text[], reversed uuid[],
    resolved uuid[], descriptions text[], hashes text[], actor text,
    line_entries uuid[], line_numbers int[], line_accounts bigint[], line_amounts bigint[], line_dimensions text[]
) RETURNS TABLE (posted_id uuid, outcome text) LANGUAGE plpgsql AS $$
DECLARE
    fresh uuid[];
    broken record;
BEGIN
    WITH inserted AS (
        INSERT INTO finance_journalentry AS entry (id, book_id, kind, is_pending, effective_date, booked_at, expires_at,
            source_type, source_id, reverses_id, resolves_id, line_count, description, actor_name, body_hash)
        SELECT given.id, book, kind, pending, effective, booked, expiry, source_type, source_id, reverse, resolve,
            coalesce(counted.lines, 0), description, actor, hash
        FROM unnest(ids, books, kinds, pendings, effectives, bookeds, expiries, source_types, source_ids, reversed,
                resolved, descriptions, hashes)
            AS given(id, book, kind, pending, effective, booked, expiry, source_type, source_id, reverse, resolve,
                description, hash)
        LEFT JOIN (SELECT line.id, count(*) AS lines FROM unnest(line_entries) AS line(id) GROUP BY line.id) counted
            ON counted.id = given.id
        ORDER BY given.id
        ON CONFLICT DO NOTHING RETURNING entry.id)
    SELECT coalesce(array_agg(inserted.id), '{}') INTO fresh FROM inserted;

    RETURN QUERY
        SELECT given.id, CASE
            WHEN given.id = ANY(fresh) THEN CASE
                WHEN resolve IS NULL OR EXISTS (
                    SELECT FROM finance_journalentry target WHERE target.id = resolve AND target.is_pending
                    AND target.book_id = book AND (target.expires_at IS NULL OR target.expires_at > midstream_now()
                        OR given.id <> ALL(line_entries)))
                THEN 'posted' ELSE 'unresolvable' END
            WHEN known.id IS NULL THEN 'taken'
            WHEN known.body_hash = hash THEN 'replayed'
            ELSE 'conflict' END
        FROM unnest(ids, books, resolved, hashes) AS given(id, book, resolve, hash)
        LEFT JOIN finance_journalentry known ON known.id = given.id;

    -- Everyone locks limited accounts in the same order, so that two postings never wait for each other in a ring.
    PERFORM FROM finance_accountbalance balance
        WHERE balance.account_id = ANY(line_accounts) OR balance.account_id IN (
            SELECT old.account_id FROM finance_journalentry target
            JOIN finance_journalline old ON old.entry_id = target.id AND old.booked_at = target.booked_at
            WHERE target.id = ANY(resolved))
        ORDER BY balance.account_id FOR NO KEY UPDATE;

    INSERT INTO finance_journalline (entry_id, line_number, account_id, amount, dimension, booked_at)
    SELECT line.entry, line.number, line.account, line.amount, line.dimension, entry.booked_at
    FROM unnest(line_entries, line_numbers, line_accounts, line_amounts, line_dimensions)
        AS line(entry, number, account, amount, dimension)
    JOIN finance_journalentry entry ON entry.id = line.entry
    WHERE line.entry = ANY(fresh);

    WITH moves AS (
        SELECT line.account_id, entry.id AS entry_id,
            CASE WHEN entry.is_pending THEN 0 ELSE line.amount END AS posted,
            CASE WHEN entry.is_pending THEN greatest(line.amount, 0) ELSE 0 END AS debit,
            CASE WHEN entry.is_pending THEN greatest(-line.amount, 0) ELSE 0 END AS credit
        FROM finance_journalentry entry
        JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
        WHERE entry.id = ANY(fresh)
        UNION ALL
        SELECT old.account_id, entry.id, 0, -greatest(old.amount, 0), -greatest(-old.amount, 0)
        FROM finance_journalentry entry
        JOIN finance_journalentry target ON target.id = entry.resolves_id
        JOIN finance_journalline old ON old.entry_id = target.id AND old.booked_at = target.booked_at
        WHERE entry.id = ANY(fresh)
    ), sums AS (
        SELECT moves.account_id, sum(posted) AS posted, sum(debit) AS debit, sum(credit) AS credit,
            sum(posted + debit) FILTER (WHERE NOT force) AS rise, sum(posted - credit) FILTER (WHERE NOT force) AS fall
        FROM moves JOIN unnest(ids, forced) AS given(id, force) ON given.id = moves.entry_id
        GROUP BY moves.account_id
    ), updated AS (
        UPDATE finance_accountbalance balance SET posted = balance.posted + sums.posted,
            pending_debit = balance.pending_debit + sums.debit, pending_credit = balance.pending_credit + sums.credit
        FROM sums WHERE balance.account_id = sums.account_id
        RETURNING balance.account_id, balance.posted + balance.pending_debit AS highest,
            balance.posted - balance.pending_credit AS lowest, sums.rise, sums.fall
    )
    SELECT account.id, account.code, account.floor, account.ceiling, highest, lowest INTO broken
    FROM updated JOIN finance_account account ON account.id = updated.account_id
    WHERE highest > account.ceiling AND rise > 0 OR lowest < account.floor AND fall < 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'account % would leave its limits: % .. % against % .. %',
            broken.code, broken.lowest, broken.highest, broken.floor, broken.ceiling
            USING ERRCODE = 'MS001', DETAIL = broken.id::text;
    END IF;
END $$;

-- The check sees all rows: at commit the actor who posted may no longer be the one who acts.
CREATE FUNCTION finance_check_entry() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    lines bigint;
    unbalanced bigint;
    foreign_lines bigint;
    scope text := current_setting('midstream.scope', true);
BEGIN
    PERFORM set_config('midstream.scope', 'system', true);
    SELECT coalesce(sum(unit.lines), 0), count(*) FILTER (WHERE unit.total <> 0), coalesce(sum(unit.strangers), 0)
        INTO lines, unbalanced, foreign_lines
    FROM (
        SELECT count(*) AS lines, sum(line.amount) AS total,
            count(*) FILTER (WHERE account.book_id <> NEW.book_id) AS strangers
        FROM finance_journalline line JOIN finance_account account ON account.id = line.account_id
        WHERE line.entry_id = NEW.id AND line.booked_at = NEW.booked_at GROUP BY account.unit
    ) unit;
    PERFORM set_config('midstream.scope', coalesce(scope, ''), true);
    IF lines <> NEW.line_count OR unbalanced > 0 OR foreign_lines > 0 THEN
        RAISE EXCEPTION 'entry % does not balance: % of % lines, % units off zero, % lines of another book',
            NEW.id, lines, NEW.line_count, unbalanced, foreign_lines USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE CONSTRAINT TRIGGER entry_balances AFTER INSERT ON finance_journalentry
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION finance_check_entry();

-- No line joins an entry that is complete, so that a balanced entry stays as it was checked.
CREATE FUNCTION finance_check_lines() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    overfull boolean;
    scope text := current_setting('midstream.scope', true);
BEGIN
    PERFORM set_config('midstream.scope', 'system', true);
    SELECT EXISTS (
        SELECT FROM (SELECT entry_id, booked_at FROM added GROUP BY entry_id, booked_at) fresh
        JOIN finance_journalentry entry ON entry.id = fresh.entry_id
        WHERE fresh.booked_at <> entry.booked_at OR entry.line_count < (
            SELECT count(*) FROM finance_journalline line
            WHERE line.entry_id = entry.id AND line.booked_at = entry.booked_at)
    ) INTO overfull;
    PERFORM set_config('midstream.scope', coalesce(scope, ''), true);
    IF overfull THEN
        RAISE EXCEPTION 'an entry that is complete takes no more lines' USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;

CREATE TRIGGER entry_stays_closed AFTER INSERT ON finance_journalline REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION finance_check_lines();

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
    EXECUTE FUNCTION finance_refuse_rewrite('status');
