"""What a row names is looked up once a statement, not once a row (ADR 6, ADR 7)."""

from django.db import migrations

from b2b.db import operations

# One pass over the added rows: a hundred thousand lines have one order and name two thousand products. Scalar
# subqueries, so that no plan looks for anything but a key (a dealer may have a million lines); the plan is kept by the
# session, and must not read the whole of a full table.
LINES = """
    CREATE FUNCTION orders_lines_have_parents() RETURNS trigger LANGUAGE plpgsql
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
    END $$;
    CREATE TRIGGER lines_have_parents AFTER INSERT ON orders_orderline
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_lines_have_parents()
"""
# Events of lines written together have keys in a row: they are compared as two sets, which costs a third of as many
# look-ups.
EVENTS = """
    CREATE FUNCTION orders_events_have_parents() RETURNS trigger LANGUAGE plpgsql
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
    END $$;
    CREATE TRIGGER events_have_parents AFTER INSERT ON orders_quantityevent
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_events_have_parents()
"""
SAVINGS = """
    CREATE FUNCTION orders_savings_have_parents() RETURNS trigger LANGUAGE plpgsql
    SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off AS $$
    BEGIN
        IF EXISTS (
            SELECT FROM (SELECT DISTINCT statement_id, dealer_id FROM added) child
            WHERE NOT EXISTS (SELECT FROM orders_savingsstatement parent
                WHERE parent.id = child.statement_id AND parent.dealer_id = child.dealer_id))
        THEN
            RAISE EXCEPTION 'a line of savings needs a statement of its dealer' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER savings_have_parents AFTER INSERT ON orders_savingsstatementline
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_savings_have_parents()
"""
# A statement's transition table cannot be had for some columns alone, and most updates of lines move quantities:
# a line that names something else is looked at when it does.
MOVED_LINE = """
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
# A peg stays with its order line; it may move to another delivery, which is looked at when it does.
MOVED_PEG = """
    CREATE FUNCTION orders_moved_peg_has_parent() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF NOT EXISTS (SELECT FROM orders_scheduleline parent
            WHERE parent.id = NEW.schedule_line_id AND parent.purchase_order_line_id = NEW.purchase_order_line_id)
        THEN
            RAISE EXCEPTION 'a peg needs a schedule line of its purchase line' USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER moved_peg_has_parent AFTER UPDATE OF schedule_line_id, purchase_order_line_id ON orders_peg
        FOR EACH ROW EXECUTE FUNCTION orders_moved_peg_has_parent()
"""
# Table -> what it names: (parent, the column that names it, the column both have, what the parent is called).
# `dealer` and `factory` are what row security rests on.
PURCHASE_LINE = (
    "orders_purchaseorderline",
    "purchase_order_line_id",
    "factory_id",
    "a purchase line of its factory",
)
PEG = ("orders_peg", "peg_id", "dealer_id", "a peg of its dealer")
ORDER_LINE = ("orders_orderline", "order_line_id", "dealer_id", "an order line of its dealer")
PARENTS = {
    "orders_peg": (
        (
            "orders_scheduleline",
            "schedule_line_id",
            "purchase_order_line_id",
            "a schedule line of its purchase line",
        ),
        ORDER_LINE,
    ),
    "orders_allocationresult": (("orders_allocationrun", "run_id", None, "its run"), PEG),
    "orders_costshare": (("orders_costvoucher", "voucher_id", None, "its voucher"), PEG, ORDER_LINE),
    "orders_savingsstatementline": (("catalog_product", "product_id", None, "its product"),),
    "orders_scheduleline": (
        PURCHASE_LINE,
        ("orders_scheduleline", "split_of_id", "purchase_order_line_id", "what it is split of"),
    ),
    "orders_supplyevent": (PURCHASE_LINE,),
    "orders_orderresponseline": (
        ("orders_orderresponse", "response_id", "factory_id", "an answer of its factory"),
        PURCHASE_LINE,
    ),
}
# A scalar subquery, so that no plan can look for the dealer or the factory first. The plan is kept by the session.
LOOK_UP = """EXISTS (
                SELECT FROM (SELECT DISTINCT {columns} FROM added WHERE {key} IS NOT NULL) child
                WHERE (SELECT {holds} FROM {parent} parent WHERE parent.id = child.{key}) IS NOT TRUE)"""
# Rows written together have keys in a row: they are compared as two sets, at a third of the cost of the look-ups.
COMPARE = """EXISTS (
                SELECT {columns} FROM added WHERE {key} IS NOT NULL
                EXCEPT
                SELECT parent.id, parent.{shared} FROM {parent} parent WHERE parent.id BETWEEN lowest AND highest)"""
CHECK = """
        lacks := {look_up};"""
CHECK_MANY = """
        SELECT min({key}), max({key}), count(*) INTO lowest, highest, many FROM added;
        IF many > 100 AND highest - lowest < 2 * many THEN
            lacks := {compare};
        ELSE
            lacks := {look_up};
        END IF;"""
REFUSE = """
        IF lacks THEN
            RAISE EXCEPTION 'a row of {table} needs {name}' USING ERRCODE = 'foreign_key_violation';
        END IF;"""
GUARD = """
    CREATE FUNCTION {table}_has_parents() RETURNS trigger LANGUAGE plpgsql SET enable_seqscan = off AS $$
    DECLARE
        lowest bigint;
        highest bigint;
        many bigint;
        lacks boolean;
    BEGIN{checks}
        RETURN NULL;
    END $$;
    CREATE TRIGGER has_parents AFTER INSERT ON {table}
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION {table}_has_parents()
"""
NO_GUARD = "DROP FUNCTION {table}_has_parents() CASCADE"


def check(table, parent, key, shared, name):
    """Return the PL/pgSQL that refuses a statement one of whose rows names no parent, or another party's."""
    parts = {
        "table": table, "parent": parent, "key": key, "shared": shared, "name": name,
        "columns": f"{key}, {shared}" if shared else key,
        "holds": f"parent.{shared} IS NOT DISTINCT FROM child.{shared}" if shared else "true",
    }  # fmt: skip
    parts |= {"look_up": LOOK_UP.format(**parts), "compare": COMPARE.format(**parts)}
    is_one_each = key in ("peg_id", "order_line_id")
    return (CHECK_MANY if is_one_each else CHECK).format(**parts) + REFUSE.format(**parts)


def guard(table):
    """Refuse rows whose parents are not there, or are another party's."""
    checks = "".join(check(table, *parent) for parent in PARENTS[table])
    return operations.sql(GUARD.format(table=table, checks=checks), NO_GUARD.format(table=table))


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0003_row_security"),
        ("catalog", "0001_initial"),
        ("directory", "0003_guards"),
    ]

    operations = [
        operations.sql(LINES, "DROP FUNCTION orders_lines_have_parents() CASCADE"),
        operations.sql(EVENTS, "DROP FUNCTION orders_events_have_parents() CASCADE"),
        operations.sql(SAVINGS, "DROP FUNCTION orders_savings_have_parents() CASCADE"),
        operations.sql(MOVED_LINE, "DROP FUNCTION orders_moved_line_has_parents() CASCADE"),
        operations.sql(MOVED_PEG, "DROP FUNCTION orders_moved_peg_has_parent() CASCADE"),
        *(guard(table) for table in PARENTS),
    ]
