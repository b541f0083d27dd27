"""Other ways to keep a ledger in PostgreSQL, written here after what their projects publish, to measure beside ours.

`pgledger`: its published way, with its ids and types (see there). `transfers`: the same idea as lean as this schema
allows (native ids, whole numbers, all locks in one statement, an index less, nothing read back). `checked`: entries and
legs by plain INSERTs, and a deferred constraint trigger for each leg that adds its entry up (the way of django-hordak).
`bare`: the same rows and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import psycopg

from benchmarks import ledger_pgledger

Move = tuple[int, int, int]  # debit account, credit account, amount; accounts count from 1

SCHEMA: Final = (
    """
    DROP SCHEMA IF EXISTS peer CASCADE;
    CREATE SCHEMA peer;
    GRANT USAGE ON SCHEMA peer TO midstream_app;
    ALTER DEFAULT PRIVILEGES IN SCHEMA peer GRANT SELECT, INSERT, UPDATE ON TABLES TO midstream_app;
    CREATE TABLE peer.account (
        id bigint PRIMARY KEY, currency text NOT NULL, balance bigint NOT NULL DEFAULT 0,
        version bigint NOT NULL DEFAULT 0,
        allows_negative boolean NOT NULL DEFAULT true, allows_positive boolean NOT NULL DEFAULT true,
        updated_at timestamptz NOT NULL DEFAULT now());
    INSERT INTO peer.account (id, currency) SELECT number, 'CNY' FROM generate_series(1, 1000) number;

    CREATE TABLE peer.transfer (
        id uuid PRIMARY KEY DEFAULT midstream_uuid7(), from_id bigint NOT NULL REFERENCES peer.account,
        to_id bigint NOT NULL REFERENCES peer.account, amount bigint NOT NULL CHECK (amount > 0),
        created_at timestamptz NOT NULL DEFAULT now(), event_at timestamptz NOT NULL, metadata jsonb);
    CREATE INDEX ON peer.transfer (from_id); CREATE INDEX ON peer.transfer (to_id);
    CREATE TABLE peer.running (
        id uuid PRIMARY KEY DEFAULT midstream_uuid7(), account_id bigint NOT NULL REFERENCES peer.account,
        transfer_id uuid NOT NULL REFERENCES peer.transfer, amount bigint NOT NULL, balance_before bigint NOT NULL,
        balance_after bigint NOT NULL, account_version bigint NOT NULL, created_at timestamptz NOT NULL DEFAULT now());
    CREATE INDEX ON peer.running (account_id); CREATE INDEX ON peer.running (transfer_id);
    CREATE FUNCTION peer.transfer_between(from_ids bigint[], to_ids bigint[], amounts bigint[], event_at timestamptz)
    RETURNS void LANGUAGE plpgsql AS $$
    DECLARE
        giver peer.account; taker peer.account; made uuid; at timestamptz := event_at;
    BEGIN
        FOR turn IN 1 .. cardinality(from_ids) LOOP
            IF turn = 1 THEN
                -- All accounts of a batch in one order: transfer by transfer, batches would deadlock.
                PERFORM FROM peer.account WHERE id = ANY(from_ids || to_ids) ORDER BY id FOR UPDATE;
            END IF;
            UPDATE peer.account SET balance = balance - amounts[turn], version = version + 1, updated_at = now()
                WHERE id = from_ids[turn] RETURNING * INTO giver;
            UPDATE peer.account SET balance = balance + amounts[turn], version = version + 1, updated_at = now()
                WHERE id = to_ids[turn] RETURNING * INTO taker;
            IF giver.currency <> taker.currency OR giver.balance < 0 AND NOT giver.allows_negative
                OR taker.balance > 0 AND NOT taker.allows_positive THEN
                RAISE EXCEPTION 'this transfer is not allowed';
            END IF;
            INSERT INTO peer.transfer (from_id, to_id, amount, event_at)
                VALUES (from_ids[turn], to_ids[turn], amounts[turn], at) RETURNING id INTO made;
            INSERT INTO peer.running (account_id, transfer_id, amount, balance_before, balance_after, account_version)
                VALUES (giver.id, made, -amounts[turn], giver.balance + amounts[turn], giver.balance, giver.version);
            INSERT INTO peer.running (account_id, transfer_id, amount, balance_before, balance_after, account_version)
                VALUES (taker.id, made, amounts[turn], taker.balance - amounts[turn], taker.balance, taker.version);
        END LOOP;
    END $$;

    CREATE TABLE peer.entry (
        id uuid PRIMARY KEY, booked_at timestamptz NOT NULL, effective_date date NOT NULL, description text NOT NULL);
    CREATE TABLE peer.leg (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, entry_id uuid NOT NULL REFERENCES peer.entry,
        account_id bigint NOT NULL REFERENCES peer.account, amount bigint NOT NULL CHECK (amount <> 0),
        currency text NOT NULL);
    CREATE INDEX ON peer.leg (entry_id); CREATE INDEX ON peer.leg (account_id);
    CREATE FUNCTION peer.check_leg() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT FROM peer.leg WHERE entry_id = NEW.entry_id GROUP BY currency HAVING sum(amount) <> 0) THEN
            RAISE EXCEPTION 'the legs of % do not sum to zero', NEW.entry_id;
        END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER sums_to_zero AFTER INSERT OR UPDATE ON peer.leg
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION peer.check_leg();

    CREATE TABLE peer.bare_entry (LIKE peer.entry); ALTER TABLE peer.bare_entry ADD PRIMARY KEY (id);
    CREATE TABLE peer.bare_leg (entry_id uuid NOT NULL, account_id bigint NOT NULL, amount bigint NOT NULL);
"""
    + ledger_pgledger.SCHEMA
)
_LEGS: Final = """
    WITH given AS (
        SELECT midstream_uuid7() AS id, *
        FROM unnest(%(debits)s::bigint[], %(credits)s::bigint[], %(amounts)s::bigint[])
            AS given(debit, credit, amount)),
    entries AS (INSERT INTO peer.{entry} (id, booked_at, effective_date, description)
        SELECT id, now(), current_date, 'benchmark' FROM given)
    INSERT INTO peer.{leg} (entry_id, account_id, amount{more})
    SELECT id, account, sign * amount{value}
    FROM given CROSS JOIN LATERAL (VALUES (debit, 1), (credit, -1)) leg(account, sign)
"""
CHECKED: Final = _LEGS.format(entry="entry", leg="leg", more=", currency", value=", 'CNY'")
BARE: Final = _LEGS.format(entry="bare_entry", leg="bare_leg", more="", value="")
TRANSFERS: Final = (
    "SELECT peer.transfer_between(%(debits)s::bigint[], %(credits)s::bigint[], %(amounts)s::bigint[], now())"
)


@dataclass(frozen=True)
class Peer:
    """A way to post, by its statement over arrays of debits, credits and amounts."""

    name: str
    statement: str

    def post(self, connection: psycopg.Connection, moves: Sequence[Move]) -> None:
        """Post the moves in one commit."""
        columns = (list(column) for column in zip(*moves, strict=True))
        connection.execute(self.statement, dict(zip(("debits", "credits", "amounts"), columns, strict=True)))


PEERS: Final = (
    Peer("pgledger", ledger_pgledger.TRANSFER),
    Peer("transfers", TRANSFERS),
    Peer("legs checked one by one", CHECKED),
    Peer("bare", BARE),
)
