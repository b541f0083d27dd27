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


def as_parent(parent: str, key: str) -> str:
    """A line is seen by whoever sees its document."""
    return f"EXISTS (SELECT FROM {parent} parent WHERE parent.id = {key})"


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("warehousing_stockledgerentry", "effective_at"),
        operations.append_only("warehousing_stockledgerentry"),
        operations.sql(BALANCE, UNBALANCE),
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
    ]
