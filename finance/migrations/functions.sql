CREATE FUNCTION finance_is_open(period bigint) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN coalesce((SELECT status = 'OPEN' FROM finance_periodevent WHERE period_id = period
        ORDER BY number DESC LIMIT 1), true);
END $$;

-- The first day from `day` on that no closed period of the book covers.
CREATE FUNCTION finance_first_open(book bigint, day date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    last_closed date;
BEGIN
    LOOP
        SELECT period.last_date INTO last_closed FROM finance_period period
            WHERE period.book_id = book AND day BETWEEN period.first_date AND period.last_date AND NOT finance_is_open(period.id);
        IF NOT FOUND THEN
            RETURN day;
        END IF;
        day := last_closed + 1;
    END LOOP;
END $$;

-- What follows holds the journal true whoever writes to it: the owner of the schema, who is not bound to finance_post.
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
    FOR EACH STATEMENT WHEN (current_setting('midstream.posting', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION finance_check_entries();

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
    FOR EACH STATEMENT WHEN (current_setting('midstream.posting', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION finance_check_lines();

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
