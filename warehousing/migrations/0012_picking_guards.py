from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0011_picking"), ("db", "0001_initial")]

    operations = [
        operations.append_only("warehousing_pick"),
        operations.row_security("warehousing_picklist"),
        operations.row_security("warehousing_pick"),
    ]
