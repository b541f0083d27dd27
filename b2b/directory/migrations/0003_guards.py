"""Who sees which rows; sites that are warehouses are known to every party."""

from django.db import migrations

from b2b.db import operations

OF_AN_ORGANIZATION = (
    "directory_membership",
    "directory_apikey",
    "directory_oauthclient",
    "directory_buyergroupmembership",
)


class Migration(migrations.Migration):
    dependencies = [("directory", "0002_oauth_clients"), ("db", "0001_initial")]

    operations = [
        *(operations.row_security(table, columns=["organization_id"]) for table in OF_AN_ORGANIZATION),
        operations.row_security(
            "directory_site",
            columns=["organization_id"],
            using="kind = 'WAREHOUSE' AND (SELECT midstream_organization()) IS NOT NULL",
        ),
    ]
