from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("tower", "0001_initial")]

    operations = [
        operations.row_security(table, columns=["dealer_id"])
        for table in (
            "tower_timelineentry",
            "tower_orderlinefact",
            "tower_deliveryfact",
            "tower_savingfact",
        )
    ]
