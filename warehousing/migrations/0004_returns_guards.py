"""Row security of return receipts: a dealer sees its own."""

from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0003_returns")]

    operations = [
        operations.row_security("warehousing_returnreceipt", columns=["dealer_id"]),
        operations.row_security(
            "warehousing_returnreceiptline",
            using="EXISTS (SELECT FROM warehousing_returnreceipt parent WHERE parent.id = receipt_id)",
        ),
    ]
