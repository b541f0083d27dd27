"""Row security of answers and changes; answers given before lines had a version keep theirs."""

from django.db import migrations

from b2b.db import operations

DEALER_TABLES = (
    "orders_substitution",
    "orders_orderchange",
    "orders_orderchangeline",
    "orders_cancellationrequest",
)
FACTORY_TABLES = ("orders_priceanswer", "orders_purchaseorderchange", "orders_purchaseorderchangeline")

ANSWERED = """
    UPDATE orders_purchaseorderline line SET response_version = parent.response_version
    FROM orders_purchaseorder parent WHERE parent.id = line.purchase_order_id AND parent.response_version > 0;
    UPDATE orders_purchaseorder SET answered_at = updated_at WHERE response_version > 0
"""
WORDS = """
    ALTER TABLE orders_orderresponseline DISABLE TRIGGER append_only;
    UPDATE orders_orderresponseline SET code = 'QUANTITY_CHANGED' WHERE code = 'CHANGED';
    ALTER TABLE orders_orderresponseline ENABLE TRIGGER append_only
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0011_answers_and_changes")]

    operations = [
        *(operations.append_only(table) for table in ("orders_orderchange", "orders_orderchangeline")),
        *(operations.row_security(table, columns=["dealer_id"]) for table in DEALER_TABLES),
        *(operations.row_security(table, columns=["factory_id"]) for table in FACTORY_TABLES),
        operations.sql(ANSWERED),
        operations.sql(WORDS),
    ]
