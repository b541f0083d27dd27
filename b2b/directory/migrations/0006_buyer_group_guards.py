from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("directory", "0005_buyer_groups"), ("db", "0001_initial")]

    operations = [
        operations.row_security("directory_buyergroupmembership", columns=["organization_id"]),
    ]
