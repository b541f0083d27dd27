from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("logistics", "0008_plans_and_arrivals")]

    operations = [
        operations.row_security("logistics_routeplan"),
        operations.row_security("logistics_pace"),
        operations.row_security("logistics_arrivalestimate", columns=["dealer_id", "carrier_id"]),
        operations.append_only("logistics_arrivalestimate"),
    ]
