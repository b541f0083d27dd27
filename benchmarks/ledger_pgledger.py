"""The way of pgledger (github.com/pgr0ss/pgledger), written here step by step after the SQL that it publishes.

A transfer locks its two accounts in order, moves their balances, checks what they allow and that their currencies
agree, and writes itself and two entries with running balances; ids are prefixed ULIDs in text, amounts NUMERIC, the
answer is read back through a view. Kinder than the original: uuidv7() is called directly and not by dynamic SQL.

It checks for each transfer: amount above zero, two accounts of one currency, what the accounts allow, foreign keys. It
does not know the caller's ids (a repeated transfer is a second one), bodies, several lines or books, pending entries,
limits other than zero, closed periods or accounts, who is asking (row security), nor a chain over what was posted; its
rows may be rewritten. `finance_post` checks all of these, and keeps no running balance of accounts without limits.
"""

from __future__ import annotations

from typing import Final

SCHEMA: Final = """
    CREATE TABLE peer.pgl_account (
        id text PRIMARY KEY, name text NOT NULL, currency text NOT NULL, balance numeric NOT NULL DEFAULT 0,
        version bigint NOT NULL DEFAULT 0, allow_negative_balance boolean NOT NULL,
        allow_positive_balance boolean NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL);
    INSERT INTO peer.pgl_account SELECT 'pgla_' || lpad(number::text, 26, '0'), 'Account ' || number, 'CNY', 0, 0, true,
        true, now(), now() FROM generate_series(1, 1000) number;

    -- Crockford's base 32 of 128 bits: the 26 characters of a ULID.
    CREATE FUNCTION peer.ulid(key uuid) RETURNS text LANGUAGE plpgsql AS $$
    DECLARE
        bits bit varying := '00'::bit varying || ('x' || replace(key::text, '-', ''))::bit(128);
        said text := '';
    BEGIN
        FOR place IN 0 .. 25 LOOP
            said := said || substr('0123456789ABCDEFGHJKMNPQRSTVWXYZ',
                substring(bits FROM place * 5 + 1 FOR 5)::bit(5)::int + 1, 1);
        END LOOP;
        RETURN said;
    END $$;
    CREATE FUNCTION peer.pgl_id(prefix text) RETURNS text LANGUAGE sql VOLATILE AS
        $$ SELECT prefix || '_' || peer.ulid(uuidv7()) $$;

    CREATE TABLE peer.pgl_transfer (
        id text PRIMARY KEY DEFAULT peer.pgl_id('pglt'), from_account_id text NOT NULL REFERENCES peer.pgl_account,
        to_account_id text NOT NULL REFERENCES peer.pgl_account, amount numeric NOT NULL,
        created_at timestamptz NOT NULL, event_at timestamptz NOT NULL, metadata jsonb,
        CHECK (amount > 0 AND from_account_id <> to_account_id));
    CREATE INDEX ON peer.pgl_transfer (from_account_id); CREATE INDEX ON peer.pgl_transfer (to_account_id);
    CREATE INDEX ON peer.pgl_transfer (event_at);
    CREATE TABLE peer.pgl_entry (
        id text PRIMARY KEY DEFAULT peer.pgl_id('pgle'), account_id text NOT NULL REFERENCES peer.pgl_account,
        transfer_id text NOT NULL REFERENCES peer.pgl_transfer, amount numeric NOT NULL,
        account_previous_balance numeric NOT NULL, account_current_balance numeric NOT NULL,
        account_version bigint NOT NULL, created_at timestamptz NOT NULL);
    CREATE INDEX ON peer.pgl_entry (account_id); CREATE INDEX ON peer.pgl_entry (transfer_id);
    CREATE VIEW peer.pgl_transfers AS SELECT * FROM peer.pgl_transfer;

    CREATE FUNCTION peer.pgl_check(account peer.pgl_account) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT account.allow_negative_balance AND account.balance < 0 THEN
            RAISE EXCEPTION 'account % does not allow negative balance', account.id;
        END IF;
        IF NOT account.allow_positive_balance AND account.balance > 0 THEN
            RAISE EXCEPTION 'account % does not allow positive balance', account.id;
        END IF;
    END $$;
    CREATE TYPE peer.pgl_request AS (from_account_id text, to_account_id text, amount numeric);
    CREATE FUNCTION peer.pgl_transfer_all(requests peer.pgl_request[], event_at timestamptz, metadata jsonb)
    RETURNS SETOF peer.pgl_transfers LANGUAGE plpgsql AS $$
    DECLARE
        request peer.pgl_request; made text[] := '{}'; one text; giver peer.pgl_account; taker peer.pgl_account;
        named text[] := '{}'; account text;
    BEGIN
        FOREACH request IN ARRAY requests LOOP
            named := named || request.from_account_id || request.to_account_id;
        END LOOP;
        named := ARRAY(SELECT DISTINCT unnest FROM unnest(named) ORDER BY unnest);
        FOREACH account IN ARRAY named LOOP
            PERFORM FROM peer.pgl_account WHERE id = account FOR UPDATE;
        END LOOP;
        FOREACH request IN ARRAY requests LOOP
            IF request.amount <= 0 THEN
                RAISE EXCEPTION 'amount % must be positive', request.amount;
            END IF;
            IF request.from_account_id = request.to_account_id THEN
                RAISE EXCEPTION 'cannot transfer to the same account %', request.from_account_id;
            END IF;
            UPDATE peer.pgl_account SET balance = balance - request.amount, version = version + 1, updated_at = now()
                WHERE id = request.from_account_id RETURNING * INTO giver;
            PERFORM peer.pgl_check(giver);
            UPDATE peer.pgl_account SET balance = balance + request.amount, version = version + 1, updated_at = now()
                WHERE id = request.to_account_id RETURNING * INTO taker;
            PERFORM peer.pgl_check(taker);
            IF giver.currency <> taker.currency THEN
                RAISE EXCEPTION 'cannot transfer between % and %', giver.currency, taker.currency;
            END IF;
            INSERT INTO peer.pgl_transfer (from_account_id, to_account_id, amount, created_at, event_at, metadata)
                VALUES (giver.id, taker.id, request.amount, now(), coalesce(pgl_transfer_all.event_at, now()),
                    pgl_transfer_all.metadata) RETURNING id INTO one;
            made := made || one;
            INSERT INTO peer.pgl_entry (account_id, transfer_id, amount, account_previous_balance,
                    account_current_balance, account_version, created_at)
                VALUES (giver.id, one, -request.amount, giver.balance + request.amount, giver.balance,
                    giver.version, now());
            INSERT INTO peer.pgl_entry (account_id, transfer_id, amount, account_previous_balance,
                    account_current_balance, account_version, created_at)
                VALUES (taker.id, one, request.amount, taker.balance - request.amount, taker.balance,
                    taker.version, now());
        END LOOP;
        RETURN QUERY SELECT * FROM peer.pgl_transfers WHERE id = ANY(made) ORDER BY id;
    END $$;
"""
TRANSFER: Final = """
    SELECT transfer.* FROM peer.pgl_transfer_all(ARRAY(
        SELECT ('pgla_' || lpad(debit::text, 26, '0'), 'pgla_' || lpad(credit::text, 26, '0'), amount)::peer.pgl_request
        FROM unnest(%(debits)s::bigint[], %(credits)s::bigint[], %(amounts)s::bigint[])
            AS given(debit, credit, amount)),
        now(), NULL) transfer
"""
