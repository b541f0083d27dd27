from django.db import migrations

from b2b.db import operations

# Every statement adds legs that sum to zero per movement and product, so every movement does at every moment:
# the check needs the statement's own rows only, and costs one pass over them.
BALANCE = """
CREATE FUNCTION warehousing_check_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    broken record;
BEGIN
    SELECT movement, product_id, sum(quantity) AS excess INTO broken FROM appended
        GROUP BY movement, product_id HAVING sum(quantity) <> 0 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'movement % does not balance: product % is off by %',
            broken.movement, broken.product_id, broken.excess
            USING ERRCODE = 'check_violation', CONSTRAINT = 'movement_sums_to_zero';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER movement_sums_to_zero AFTER INSERT ON warehousing_stockledgerentry
    REFERENCING NEW TABLE AS appended FOR EACH STATEMENT EXECUTE FUNCTION warehousing_check_balance()
"""
UNBALANCE = """
DROP TRIGGER movement_sums_to_zero ON warehousing_stockledgerentry;
DROP FUNCTION warehousing_check_balance()
"""


# A unit or a place is within another: never, by however many steps, within itself.
CIRCLES = """
CREATE FUNCTION warehousing_refuse_circle() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    above bigint := NEW.parent_id;
    steps integer := 0;
BEGIN
    WHILE above IS NOT NULL LOOP
        steps := steps + 1;
        IF above = NEW.id OR steps > 50 THEN
            RAISE EXCEPTION '% % would be within itself', TG_TABLE_NAME, NEW.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'nothing_is_within_itself';
        END IF;
        EXECUTE format('SELECT parent_id FROM %I WHERE id = $1', TG_TABLE_NAME) INTO above USING above;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER nothing_is_within_itself AFTER INSERT OR UPDATE OF parent_id ON warehousing_handlingunit
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_refuse_circle();
CREATE TRIGGER nothing_is_within_itself AFTER INSERT OR UPDATE OF parent_id ON warehousing_location
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_refuse_circle()
"""
NO_CIRCLES = """
DROP TRIGGER nothing_is_within_itself ON warehousing_handlingunit;
DROP TRIGGER nothing_is_within_itself ON warehousing_location;
DROP FUNCTION warehousing_refuse_circle()
"""

# A place is within one of its own warehouse.
SAME_HOUSE = """
CREATE FUNCTION warehousing_check_parent_place() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM warehousing_location above
                   WHERE above.id = NEW.parent_id AND above.warehouse_id = NEW.warehouse_id) THEN
        RAISE EXCEPTION 'place % is of another warehouse than the one it is within', NEW.code
            USING ERRCODE = 'check_violation', CONSTRAINT = 'places_nest_in_one_warehouse';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER places_nest_in_one_warehouse AFTER INSERT OR UPDATE OF parent_id, warehouse_id ON warehousing_location
    FOR EACH ROW WHEN (NEW.parent_id IS NOT NULL) EXECUTE FUNCTION warehousing_check_parent_place()
"""
ANY_HOUSE = """
DROP TRIGGER places_nest_in_one_warehouse ON warehousing_location;
DROP FUNCTION warehousing_check_parent_place()
"""

# An SSCC names one unit for good: neither deleted nor renamed, so that the unique index remembers every code.
CODES = """
CREATE TRIGGER sscc_is_never_reused BEFORE UPDATE OF sscc OR DELETE ON warehousing_handlingunit
    FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();
CREATE TRIGGER sscc_is_never_reused_truncate BEFORE TRUNCATE ON warehousing_handlingunit
    FOR EACH STATEMENT EXECUTE FUNCTION midstream_refuse_change()
"""
FREE_CODES = """
DROP TRIGGER sscc_is_never_reused ON warehousing_handlingunit;
DROP TRIGGER sscc_is_never_reused_truncate ON warehousing_handlingunit
"""


def as_parent(parent: str, key: str) -> str:
    """A line is seen by whoever sees its document."""
    return f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {key})"


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("warehousing_stockledgerentry", "effective_at"),
        operations.append_only("warehousing_stockledgerentry"),
        operations.sql(BALANCE, UNBALANCE),
        operations.sql(CIRCLES, NO_CIRCLES),
        operations.sql(SAME_HOUSE, ANY_HOUSE),
        operations.sql(CODES, FREE_CODES),
        operations.row_security("warehousing_stockledgerentry", columns=["owner_id"]),
        operations.row_security("warehousing_quant", columns=["owner_id"]),
        operations.row_security("warehousing_demandorder", columns=["dealer_id"]),
        operations.row_security("warehousing_demand", columns=["dealer_id"]),
        operations.row_security("warehousing_supplyshare"),
        operations.row_security("warehousing_reservation"),
        operations.row_security("warehousing_receipt", columns=["factory_id"]),
        operations.row_security("warehousing_receiptline", using=as_parent("warehousing_receipt", "receipt_id")),
        operations.row_security("warehousing_wave"),
        operations.row_security("warehousing_picktask"),
        operations.row_security("warehousing_package", columns=["dealer_id"]),
        operations.row_security("warehousing_packageline", using=as_parent("warehousing_package", "package_id")),
        operations.row_security("warehousing_handlingunit"),
        operations.row_security("warehousing_serial"),
        operations.row_security("warehousing_returnreceipt", columns=["dealer_id"]),
        operations.row_security(
            "warehousing_returnreceiptline", using=as_parent("warehousing_returnreceipt", "receipt_id")
        ),
    ]
