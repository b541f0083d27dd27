"""Row security of what happens at the gate: a factory sees the inspections of its goods, the rest is the operator's."""

from django.db import migrations

from b2b.db import operations

OPERATORS = (
    "receiptscan",
    "foundgoods",
    "evidence",
    "receivingrule",
    "putawayrule",
    "putawaytask",
    "pickface",
)


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0019_receiving")]

    operations = [
        operations.row_security("warehousing_inspection", columns=["factory_id"]),
        *(operations.row_security(f"warehousing_{table}") for table in OPERATORS),
    ]
