from django.db import migrations

from b2b.db import operations


class Migration(migrations.Migration):
    dependencies = [("directory", "0003_credentials"), ("db", "0001_initial")]

    operations = [
        operations.row_security("directory_apikey", columns=["organization_id"]),
        operations.row_security("directory_oauthclient", columns=["organization_id"]),
    ]
