from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("orders", "0027_buyers_items"), ("db", "0001_initial")]

    operations = [operations.row_security("orders_buyersitem", columns=["dealer_id"])]
