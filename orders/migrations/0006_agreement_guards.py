"""Row security of blanket orders, quotations and approvals; quotations stay sealed in the database too."""

from django.db import migrations

from b2b.db import operations

PARTY_TABLES = (
    "orders_blanketorder",
    "orders_blanketorderline",
    "orders_blanketrelease",
    "orders_blanketreleaseline",
)
OWN_TABLES = ("orders_approvalrule", "orders_approvalsubstitute", "orders_approvalstep")

# An operator reads a factory's quotation only once its request is unsealed; the platform's own work goes on.
SEALED = """
    CREATE POLICY sealed ON orders_quotation AS RESTRICTIVE FOR SELECT USING (
        factory_id IS NULL
        OR (SELECT coalesce(current_setting('midstream.scope', true), '')) <> 'operator'
        OR EXISTS (SELECT FROM orders_quotationrequest asked WHERE asked.id = request_id AND asked.status <> 'ASKED'))
"""


def part_of(table, parent, column):
    """Let a row be read by whoever may read the row it is a part of."""
    seen = f"EXISTS (SELECT FROM {parent} whole WHERE whole.id = {column})"
    return [
        operations.row_security(table, using=seen),
        operations.sql(
            f"CREATE POLICY sealed ON {table} AS RESTRICTIVE FOR SELECT USING ({seen})",
            f"DROP POLICY sealed ON {table}",
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("orders", "0005_agreements")]

    operations = [
        *(operations.row_security(table, columns=["dealer_id", "factory_id"]) for table in PARTY_TABLES),
        *(operations.row_security(table, columns=["organization_id"]) for table in OWN_TABLES),
        operations.append_only("orders_blanketrelease"),
        operations.append_only("orders_blanketreleaseline"),
        operations.row_security("orders_quotationinvitation", columns=["factory_id"]),
        operations.row_security(
            "orders_quotationrequest",
            columns=["dealer_id"],
            using="EXISTS (SELECT FROM orders_quotationinvitation asked WHERE asked.request_id = orders_quotationrequest.id)",
        ),
        *part_of("orders_quotationrequestline", "orders_quotationrequest", "request_id"),
        operations.row_security("orders_quotation", columns=["dealer_id", "factory_id"]),
        operations.sql(SEALED, "DROP POLICY sealed ON orders_quotation"),
        *part_of("orders_quotationline", "orders_quotation", "quotation_id"),
        *part_of("orders_quotationbreak", "orders_quotationline", "line_id"),
    ]
