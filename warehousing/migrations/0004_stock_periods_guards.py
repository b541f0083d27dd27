"""Corrections are history; sums of periods are seen like the stock they sum up."""

from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0003_stock_periods")]

    operations = [
        operations.row_security("warehousing_stockperiodchange", columns=["owner_id"]),
        operations.row_security("warehousing_stockcorrection"),
        operations.append_only("warehousing_stockcorrection"),
    ]
