"""Look for the parent of a line or an event by its key and nothing else."""

from django.db import migrations

from b2b.db import operations

# A scalar subquery, so that no plan can look for the dealer first: a dealer may have a million lines. DISTINCT first,
# because a hundred thousand lines have one order. The plan is kept by the session; made for an empty table, it must
# not read the whole of a full one.
LOOK = """
    CREATE OR REPLACE FUNCTION orders_lines_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT order_id, dealer_id FROM added) child
            WHERE (SELECT parent.dealer_id FROM orders_order parent WHERE parent.id = child.order_id)
                IS DISTINCT FROM child.dealer_id)
        THEN
            RAISE EXCEPTION 'an order line needs an order of its dealer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE OR REPLACE FUNCTION orders_events_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM added child
            WHERE (SELECT parent.dealer_id FROM orders_orderline parent WHERE parent.id = child.line_id)
                IS DISTINCT FROM child.dealer_id)
        THEN
            RAISE EXCEPTION 'a quantity event needs an order line of its dealer'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0019_order_list")]

    operations = [operations.sql(LOOK)]
