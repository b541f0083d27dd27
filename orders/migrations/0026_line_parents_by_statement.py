"""What a line names (product, site, factory, cycle) is looked up once a statement, not once a line (ADR 6)."""

import django.db.models.deletion
from django.db import migrations, models

from b2b.db import operations

# One pass over the added rows: a hundred thousand lines name two thousand products. Scalar subqueries, so that no plan
# looks for anything but a key; the plan is kept by the session, and must not read the whole of a full table.
LINES = """
    CREATE OR REPLACE FUNCTION orders_lines_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
    DECLARE
        lacking text;
    BEGIN
        SELECT found.lacking INTO lacking FROM (
            SELECT CASE
                WHEN (SELECT parent.dealer_id FROM orders_order parent WHERE parent.id = child.order_id)
                    IS DISTINCT FROM child.dealer_id THEN 'an order of its dealer'
                WHEN (SELECT parent.id FROM catalog_product parent WHERE parent.id = child.product_id) IS NULL
                    THEN 'a product'
                WHEN (SELECT parent.id FROM directory_site parent WHERE parent.id = child.ship_to_site_id) IS NULL
                    THEN 'a site'
                WHEN child.factory_id IS NOT NULL AND (
                    SELECT parent.id FROM directory_organization parent WHERE parent.id = child.factory_id) IS NULL
                    THEN 'a factory'
                WHEN child.cycle_id IS NOT NULL AND (
                    SELECT parent.id FROM orders_ordercycle parent WHERE parent.id = child.cycle_id) IS NULL
                    THEN 'a cycle'
                END AS lacking
            FROM (SELECT DISTINCT order_id, dealer_id, product_id, ship_to_site_id, factory_id, cycle_id
                FROM added) child) found
        WHERE found.lacking IS NOT NULL LIMIT 1;
        IF lacking IS NOT NULL THEN
            RAISE EXCEPTION 'an order line needs %', lacking USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$
"""
# Events of lines written together have keys in a row: they are compared as two sets, which costs a third of as many
# look-ups.
EVENTS = """
    CREATE OR REPLACE FUNCTION orders_events_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_seqscan = off AS $$
    DECLARE
        lowest bigint;
        highest bigint;
        many bigint;
        lacks boolean;
    BEGIN
        SELECT min(line_id), max(line_id), count(*) INTO lowest, highest, many FROM added;
        IF many > 100 AND highest - lowest < 2 * many THEN
            lacks := EXISTS (
                SELECT line_id, dealer_id FROM added
                EXCEPT
                SELECT parent.id, parent.dealer_id FROM orders_orderline parent
                WHERE parent.id BETWEEN lowest AND highest);
        ELSE
            lacks := EXISTS (
                SELECT FROM added child
                WHERE (SELECT parent.dealer_id FROM orders_orderline parent WHERE parent.id = child.line_id)
                    IS DISTINCT FROM child.dealer_id);
        END IF;
        IF lacks THEN
            RAISE EXCEPTION 'a quantity event needs an order line of its dealer'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$
"""
# A statement's transition table cannot be had for some columns alone, and most updates of lines move quantities:
# a line that names something else is looked at when it does.
MOVED = """
    CREATE FUNCTION orders_moved_line_has_parents() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM catalog_product WHERE id = NEW.product_id)
            OR NOT EXISTS (SELECT FROM directory_site WHERE id = NEW.ship_to_site_id)
            OR (NEW.factory_id IS NOT NULL
                AND NOT EXISTS (SELECT FROM directory_organization WHERE id = NEW.factory_id))
            OR (NEW.cycle_id IS NOT NULL AND NOT EXISTS (SELECT FROM orders_ordercycle WHERE id = NEW.cycle_id))
        THEN
            RAISE EXCEPTION 'an order line needs the product, site, factory and cycle it names'
                USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER moved_line_has_parents
        AFTER UPDATE OF product_id, ship_to_site_id, factory_id, cycle_id ON orders_orderline
        FOR EACH ROW WHEN (OLD.product_id <> NEW.product_id OR OLD.ship_to_site_id <> NEW.ship_to_site_id
            OR (NEW.factory_id IS NOT NULL AND OLD.factory_id IS DISTINCT FROM NEW.factory_id)
            OR (NEW.cycle_id IS NOT NULL AND OLD.cycle_id IS DISTINCT FROM NEW.cycle_id))
        EXECUTE FUNCTION orders_moved_line_has_parents()
"""
# A branch for each table: a statement is only looked at when it is reached, and keys are of two types. Who cannot see
# all lines cannot know that there are none.
PARENTS = ("catalog_product", "directory_site", "directory_organization", "orders_ordercycle")
STAY = """
    CREATE FUNCTION orders_refuse_parentless_lines() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        is_named boolean;
    BEGIN
        IF NOT midstream_sees_all() THEN
            is_named := true;
        ELSIF TG_TABLE_NAME = 'catalog_product' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE product_id = OLD.id);
        ELSIF TG_TABLE_NAME = 'directory_site' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE ship_to_site_id = OLD.id);
        ELSIF TG_TABLE_NAME = 'directory_organization' THEN
            is_named := EXISTS (SELECT FROM orders_orderline WHERE factory_id = OLD.id);
        ELSE
            is_named := EXISTS (SELECT FROM orders_orderline WHERE cycle_id = OLD.id);
        END IF;
        IF is_named THEN
            RAISE EXCEPTION 'order lines name a row of %', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
""" + "; ".join(
    f"""
    CREATE TRIGGER order_lines_name_it AFTER DELETE ON {table}
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_parentless_lines();
    CREATE TRIGGER order_lines_name_its_key AFTER UPDATE OF id ON {table}
        FOR EACH ROW WHEN (OLD.id <> NEW.id) EXECUTE FUNCTION orders_refuse_parentless_lines()"""
    for table in PARENTS
)
NO_GUARDS = (
    "; ".join(
        f"DROP TRIGGER order_lines_name_it ON {table}; DROP TRIGGER order_lines_name_its_key ON {table}"
        for table in PARENTS
    )
    + """;
    DROP FUNCTION orders_refuse_parentless_lines();
    DROP TRIGGER moved_line_has_parents ON orders_orderline;
    DROP FUNCTION orders_moved_line_has_parents()
"""
)


def _named(field, to, **more):
    return migrations.AlterField(
        model_name="orderline",
        name=field,
        field=models.ForeignKey(
            db_constraint=False,
            on_delete=django.db.models.deletion.PROTECT,
            related_name="+",
            to=to,
            **more,
        ),
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("directory", "0006_buyer_group_guards"),
        ("orders", "0025_cost_share_keys"),
    ]

    operations = [
        _named("product", "catalog.product", verbose_name="product"),
        _named("factory", "directory.organization", db_index=False, null=True),
        _named("cycle", "orders.ordercycle", db_index=False, null=True),
        _named("ship_to_site", "directory.site", db_index=False, verbose_name="ship to"),
        operations.sql(f"{LINES}; {EVENTS}; {MOVED}; {STAY}", NO_GUARDS),
    ]
