"""What happened stays as it was written, in the database too; quantity events lie in a partition for each month."""

from django.db import migrations

from b2b.db import operations

HISTORY = (
    "orders_quantityevent",
    "orders_supplyevent",
    "orders_orderresponse",
    "orders_orderresponseline",
    "orders_orderchange",
    "orders_orderchangeline",
    "orders_allocationrun",
    "orders_allocationresult",
    "orders_fairnessentry",
    "orders_prioritytier",
    "orders_savingsstatement",
    "orders_savingsstatementline",
    "orders_blanketrelease",
    "orders_blanketreleaseline",
    "orders_termschange",
)


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("orders_quantityevent", "at"),
        *(operations.append_only(table) for table in HISTORY),
    ]
