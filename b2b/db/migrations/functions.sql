CREATE FUNCTION midstream_organization() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT nullif(current_setting('midstream.organization', true), '')::bigint $$;

CREATE FUNCTION midstream_sees_all() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT coalesce(current_setting('midstream.scope', true), '') IN ('operator', 'system') $$;

-- The database's clock, which a simulated market may move for its own transactions only.
CREATE FUNCTION midstream_now() RETURNS timestamptz LANGUAGE sql VOLATILE PARALLEL SAFE AS
$$ SELECT coalesce(nullif(current_setting('midstream.clock', true), '')::timestamptz, clock_timestamp()) $$;

-- UUID version 7 (RFC 9562, 5.7) for set-based inserts; the first six bytes are the Unix time in milliseconds.
CREATE FUNCTION midstream_uuid7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
    SELECT encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid()) PLACING
                substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
            52, 1), 53, 1), 'hex')::uuid
$$;

CREATE FUNCTION midstream_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% of % is refused: its rows are history; write a reversing row instead', TG_OP, TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;

CREATE FUNCTION midstream_add_partition(parent text, month date) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    child text := format('%s_%s', parent, to_char(month, 'YYYYMM'));
BEGIN
    IF to_regclass(child) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
        child, parent, month::timestamp AT TIME ZONE 'UTC', (month + interval '1 month')::timestamp AT TIME ZONE 'UTC');
    PERFORM midstream_close_partition(child);
    RETURN true;
END $$;

-- Rows are reached through the parent only, where row security and its policies are.
CREATE FUNCTION midstream_close_partition(child text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'midstream_app') THEN
        EXECUTE format('REVOKE ALL ON %I FROM midstream_app', child);
    END IF;
END $$;

CREATE FUNCTION midstream_partition_by_month(source text, partition_column text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    definitions text[];
    definition text;
BEGIN
    SELECT coalesce(array_agg(format('ALTER TABLE %I ADD CONSTRAINT %I %s', source, conname, pg_get_constraintdef(oid))), '{}')
        INTO definitions FROM pg_constraint WHERE conrelid = source::regclass AND contype IN ('u', 'f');
    SELECT definitions || coalesce(array_agg(indexdef), '{}') INTO definitions
        FROM pg_indexes WHERE tablename = source AND schemaname = current_schema()
        AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = source::regclass);
    EXECUTE format('ALTER TABLE %I RENAME TO %I', source, source || '_plain');
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING IDENTITY) PARTITION BY RANGE (%I)',
        source, source || '_plain', partition_column);
    EXECUTE format('DROP TABLE %I', source || '_plain');
    EXECUTE format('ALTER TABLE %I ADD PRIMARY KEY (id, %I)', source, partition_column);
    FOREACH definition IN ARRAY definitions LOOP
        EXECUTE definition;
    END LOOP;
    EXECUTE format('CREATE TABLE %I PARTITION OF %I DEFAULT', source || '_default', source);
    PERFORM midstream_close_partition(source || '_default');
    FOR ahead IN 0..2 LOOP
        PERFORM midstream_add_partition(source, (date_trunc('month', now()) + ahead * interval '1 month')::date);
    END LOOP;
END $$;

CREATE FUNCTION midstream_xid() RETURNS bigint LANGUAGE sql VOLATILE AS
$$ SELECT pg_current_xact_id()::text::bigint $$;
