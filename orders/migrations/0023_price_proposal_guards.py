from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("orders", "0022_price_proposals"), ("db", "0001_initial")]

    operations = [operations.row_security("orders_priceproposal", columns=["seller_id"])]
