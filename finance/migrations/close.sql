-- A period takes the next step only that its state allows, and a reopening only from somebody else than who asked.
ALTER TABLE finance_period ADD CONSTRAINT periods_do_not_overlap
    EXCLUDE USING gist (int8range(book_id, book_id, '[]') WITH &&, daterange(first_date, last_date, '[]') WITH &&);

CREATE FUNCTION finance_check_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    SELECT number, status, verb, user_id, actor_name INTO last FROM finance_periodevent
        WHERE period_id = NEW.period_id ORDER BY number DESC LIMIT 1;
    IF NEW.number <> coalesce(last.number, 0) + 1 OR NOT EXISTS (
        SELECT FROM (VALUES ('OPEN', 'close', 'CLOSED'), ('CLOSED', 'ask_reopen', 'REOPEN_ASKED'),
            ('REOPEN_ASKED', 'grant_reopen', 'OPEN'), ('REOPEN_ASKED', 'refuse_reopen', 'CLOSED')) AS step(before, verb, after)
        WHERE (step.before, step.verb, step.after) = (coalesce(last.status, 'OPEN'), NEW.verb, NEW.status)) THEN
        RAISE EXCEPTION 'step % of a period cannot be % to %', NEW.number, NEW.verb, NEW.status USING ERRCODE = 'check_violation';
    END IF;
    IF NEW.verb = 'grant_reopen' AND (NEW.actor_name = last.actor_name OR NEW.user_id = last.user_id) THEN
        RAISE EXCEPTION '% asked for the reopening and cannot grant it', NEW.actor_name USING ERRCODE = 'MS004';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER takes_the_next_step BEFORE INSERT ON finance_periodevent FOR EACH ROW EXECUTE FUNCTION finance_check_step();
CREATE TRIGGER stays_as_opened BEFORE UPDATE OR DELETE ON finance_period FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();

-- The hash of a block: of the hash before and of all that its entries and their lines say, whatever the session's
-- formats of dates and times are. An entry or a line that is gone leaves another text.
CREATE FUNCTION finance_block_hash(previous text, ids uuid[]) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(convert_to(previous || coalesce(string_agg(said.text, E'\n' ORDER BY said.place), ''), 'UTF8')), 'hex')
    FROM (
        SELECT given.place, json_build_array(entry.id, entry.book_id, entry.kind, entry.is_pending,
            entry.effective_date - date '2000-01-01', (extract(epoch FROM entry.booked_at) * 1000000)::bigint,
            (extract(epoch FROM entry.expires_at) * 1000000)::bigint, entry.source_type, entry.source_id,
            entry.reverses_id, entry.resolves_id, entry.line_count, entry.description, entry.actor_name, entry.body_hash,
            (SELECT json_agg(json_build_array(line.line_number, line.account_id, line.amount, line.dimension,
                    line.effective_date - date '2000-01-01', line.is_pending) ORDER BY line.line_number)
                FROM finance_journalline line WHERE line.entry_id = entry.id AND line.booked_at = entry.booked_at))::text AS text
        FROM unnest(ids) WITH ORDINALITY AS given(id, place)
        LEFT JOIN finance_journalentry entry ON entry.id = given.id) said
$$;

-- Posted lines by account, span and effective day, as checkpoints keep them.
CREATE FUNCTION finance_fold(ids uuid[])
RETURNS TABLE (account_id bigint, span text, booked_from timestamptz, effective_date date, debit bigint, credit bigint)
LANGUAGE sql STABLE AS $$
    SELECT line.account_id, spans.span, date_trunc(spans.field, line.booked_at, 'UTC'), line.effective_date,
        sum(greatest(line.amount, 0))::bigint, sum(greatest(-line.amount, 0))::bigint
    FROM unnest(ids) AS given(id)
    JOIN finance_journalentry entry ON entry.id = given.id AND NOT entry.is_pending
    JOIN finance_journalline line ON line.entry_id = entry.id AND line.booked_at = entry.booked_at
    JOIN finance_account account ON account.id = line.account_id
    JOIN (VALUES ('D', 'day'), ('M', 'minute')) AS spans(span, field) ON spans.span = 'D' OR account.party_id IS NULL
    GROUP BY line.account_id, spans.span, 3, line.effective_date
    ORDER BY 1, 2, 3, 4
$$;

-- Put the oldest unsealed postings, up to `most`, into the next block and fold their lines; return how many entries. A
-- posting that commits late is sealed late: nobody who posts waits for this, nor this for them.
CREATE FUNCTION finance_seal(most int, moment timestamptz) RETURNS int LANGUAGE plpgsql SECURITY DEFINER
SET search_path = public, pg_temp AS $$
DECLARE
    entries uuid[];
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('finance.seal', 0));
    -- Large postings fill a block of their own: what is hashed is one text.
    WITH oldest AS (
        SELECT id FROM (
            SELECT id, sum(cardinality(entry_ids)) OVER (ORDER BY id) - cardinality(entry_ids) AS before
            FROM (SELECT id, entry_ids FROM finance_unsealedposting ORDER BY id LIMIT most) queue) counted
        WHERE before < 10000),
    taken AS (DELETE FROM finance_unsealedposting posting USING oldest WHERE posting.id = oldest.id
        RETURNING posting.id, posting.entry_ids)
    SELECT array_agg(entry.id ORDER BY taken.id, entry.place) INTO entries
    FROM taken CROSS JOIN unnest(taken.entry_ids) WITH ORDINALITY AS entry(id, place);
    IF entries IS NULL THEN
        RETURN 0;
    END IF;

    SELECT number, hash INTO last FROM finance_chainblock ORDER BY number DESC LIMIT 1;
    INSERT INTO finance_chainblock (number, previous_hash, hash, entry_ids, sealed_at)
    VALUES (coalesce(last.number, 0) + 1, coalesce(last.hash, ''),
        finance_block_hash(coalesce(last.hash, ''), entries), entries, moment);

    INSERT INTO finance_balancecheckpoint AS known (account_id, span, booked_from, effective_date, debit, credit)
    SELECT * FROM finance_fold(entries)
    ON CONFLICT (account_id, span, booked_from, effective_date)
        DO UPDATE SET debit = known.debit + excluded.debit, credit = known.credit + excluded.credit;
    RETURN cardinality(entries);
END $$;
