"""Check parents by statement, not by row, and leave room on a page for the next state of what moves (ADR 7)."""

from django.db import migrations

from b2b.db import operations

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
NULLABLE = ("peg_id", "order_line_id", "split_of_id")
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
NO_GUARD = "DROP TRIGGER has_parents ON {table}; DROP FUNCTION {table}_has_parents()"


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


# As it was: one look-up for each peg.
PEGS_BEFORE = """
    CREATE TRIGGER pegs_have_parents AFTER INSERT ON orders_peg
        REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION orders_pegs_have_parents()
"""
NO_PEGS_BEFORE = "DROP TRIGGER pegs_have_parents ON orders_peg"
# A trigger BEFORE UPDATE makes PostgreSQL lock, and log, each row before it is looked at whether the trigger is meant;
# one AFTER costs nothing where its columns are not named.
KEYS = {
    "orders_order": ("stays_with_its_dealer", ("id", "dealer_id")),
    "orders_orderline": ("stays_with_its_order", ("id", "order_id", "dealer_id")),
    "orders_peg": ("stays_with_its_order_line", ("id", "order_line_id", "dealer_id")),
    "orders_purchaseorderline": ("stays_with_its_factory", ("id", "factory_id")),
    "orders_scheduleline": (
        "stays_with_its_line",
        ("id", "purchase_order_line_id", "factory_id", "split_of_id"),
    ),
    "orders_costvoucher": ("keeps_its_key", ("id",)),
    "orders_costshare": ("stays_with_its_origin", ("voucher_id", "peg_id", "order_line_id", "dealer_id")),
}
KNOWN = {
    "orders_order": ("id", "dealer_id"),
    "orders_orderline": ("id", "order_id", "dealer_id"),
    "orders_peg": ("order_line_id", "dealer_id"),
    "orders_scheduleline": ("id", "purchase_order_line_id"),
}


def keeps(table, name, columns, when):
    """Return the trigger that refuses to change what a row is found by or belongs to."""
    old, new = (", ".join(f"{row}.{column}" for column in columns) for row in ("OLD", "NEW"))
    return f"""
        CREATE TRIGGER {name} {when} UPDATE OF {", ".join(columns)} ON {table}
        FOR EACH ROW WHEN (ROW({old}) IS DISTINCT FROM ROW({new})) EXECUTE FUNCTION midstream_refuse_change()"""


def keep_keys(table):
    """Refuse to change keys, after the fact."""
    name, columns = KEYS[table]
    drop = f"DROP TRIGGER {name} ON {table}"
    if table not in KNOWN:
        return operations.sql(keeps(table, name, columns, "AFTER"), drop)
    return operations.sql(
        f"{drop}; {keeps(table, name, columns, 'AFTER')}",
        f"{drop}; {keeps(table, name, KNOWN[table], 'BEFORE')}",
    )


# What the foreign keys saw to besides: no parent goes while it has children. Answers and
# runs are append-only already, and an order line goes nowhere while it has events. Whoever does not see all rows
# cannot tell whether there are children.
STAY = """
    CREATE FUNCTION orders_refuse_orphaning() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        found boolean;
    BEGIN
        IF TG_TABLE_NAME = 'orders_purchaseorderline' THEN
            SELECT EXISTS (SELECT FROM orders_scheduleline WHERE purchase_order_line_id = OLD.id)
                OR EXISTS (SELECT FROM orders_supplyevent WHERE purchase_order_line_id = OLD.id)
                OR EXISTS (SELECT FROM orders_orderresponseline WHERE purchase_order_line_id = OLD.id) INTO found;
        ELSIF TG_TABLE_NAME = 'orders_scheduleline' THEN
            SELECT EXISTS (SELECT FROM orders_scheduleline
                WHERE purchase_order_line_id = OLD.purchase_order_line_id AND split_of_id = OLD.id) INTO found;
        ELSIF TG_TABLE_NAME = 'orders_peg' THEN
            SELECT EXISTS (SELECT FROM orders_allocationresult WHERE peg_id = OLD.id)
                OR EXISTS (SELECT FROM orders_costshare WHERE peg_id = OLD.id) INTO found;
        ELSE
            SELECT EXISTS (SELECT FROM orders_costshare WHERE voucher_id = OLD.id) INTO found;
        END IF;
        IF found OR NOT midstream_sees_all() THEN
            RAISE EXCEPTION 'a row of % has rows of its own', TG_TABLE_NAME USING ERRCODE = 'foreign_key_violation';
        END IF;
        RETURN NULL;
    END $$;
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_purchaseorderline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphaned_parts AFTER DELETE ON orders_scheduleline
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_peg
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning();
    CREATE TRIGGER no_orphans AFTER DELETE ON orders_costvoucher
        FOR EACH ROW EXECUTE FUNCTION orders_refuse_orphaning()
"""
NO_STAY = """
    DROP TRIGGER no_orphans ON orders_costvoucher;
    DROP TRIGGER no_orphans ON orders_peg;
    DROP TRIGGER no_orphaned_parts ON orders_scheduleline;
    DROP TRIGGER no_orphans ON orders_purchaseorderline;
    DROP FUNCTION orders_refuse_orphaning()
"""
# All rows of a cycle move at once: half a page takes the next state of the other half, and no index is written.
MOVING = ("orders_orderline", "orders_peg", "orders_purchaseorderline", "orders_scheduleline")
# A session takes so many keys at once of tables that are filled by the hundred thousand and never read in key order.
KEYED = ("orders_quantityevent", "orders_allocationresult", "orders_costshare")
CACHE = """
    DO $$ BEGIN
        EXECUTE format('ALTER SEQUENCE %s CACHE {many}', pg_get_serial_sequence('{table}', 'id'));
    END $$
"""
# Lines left over by a cycle that closed are found as those of no cycle.
LEFT_OVER = """
    SELECT set_config('midstream.scope', 'system', true);
    UPDATE orders_orderline line SET cycle_id = NULL FROM orders_ordercycle cycle
    WHERE cycle.id = line.cycle_id AND cycle.status NOT IN ('DRAFT', 'OPEN', 'BOXFILL')
        AND line.requested > line.cancelled + line.covered + line.pooled;
    SELECT set_config('midstream.scope', '', true)
"""


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial"), ("orders", "0032_bulk_updates")]

    operations = [
        operations.sql(NO_PEGS_BEFORE, PEGS_BEFORE),
        *(guard(table) for table in PARENTS),
        *(keep_keys(table) for table in KEYS),
        operations.sql(STAY, NO_STAY),
        *(
            operations.sql(
                f"ALTER TABLE {table} SET (fillfactor = 50)", f"ALTER TABLE {table} RESET (fillfactor)"
            )
            for table in MOVING
        ),
        *(
            operations.sql(CACHE.format(table=table, many=1000), CACHE.format(table=table, many=1))
            for table in KEYED
        ),
        operations.sql(LEFT_OVER),
    ]
