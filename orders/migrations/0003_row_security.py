"""Who sees which rows; quotations stay sealed in the database too."""

from django.db import migrations

from b2b.db import operations
from b2b.db.operations import OWN

# The column that names the party a row belongs to -> its tables.
OF_ONE_PARTY = {
    "dealer_id": (
        "orders_order",
        "orders_orderline",
        "orders_orderchange",
        "orders_orderchangeline",
        "orders_cancellationrequest",
        "orders_substitution",
        "orders_buyersitem",
        "orders_quantityevent",
        "orders_peg",
        "orders_poolprogress",
        "orders_allocationresult",
        "orders_fairnessbalance",
        "orders_fairnessentry",
        "orders_prioritytier",
        "orders_savingsstatement",
        "orders_savingsstatementline",
        "orders_returnauthorisation",
        "orders_returnline",
        "orders_claimshare",
        "orders_costshare",
    ),
    "factory_id": (
        "orders_purchaseorder",
        "orders_purchaseorderline",
        "orders_purchaseorderchange",
        "orders_purchaseorderchangeline",
        "orders_scheduleline",
        "orders_supplyevent",
        "orders_orderresponse",
        "orders_orderresponseline",
        "orders_priceanswer",
        "orders_despatchadvice",
        "orders_despatchadviceline",
        "orders_productionsignal",
        "orders_productionsignalline",
        "orders_claim",
        "orders_claimline",
        "orders_quotationinvitation",
    ),
    "seller_id": ("orders_priceproposal", "orders_termschange"),
    "organization_id": ("orders_approvalrule", "orders_approvalsubstitute", "orders_approvalstep"),
}
OF_DEALER_AND_FACTORY = (
    "orders_blanketorder",
    "orders_blanketorderline",
    "orders_blanketrelease",
    "orders_blanketreleaseline",
    "orders_quotation",
)
OF_THE_OPERATOR = ("orders_allocationrun", "orders_costvoucher")

DEALER = "(SELECT current_setting('midstream.scope', true)) = 'dealer'"
# A dealer may read terms for everyone, for itself and for its groups; the inner table shows it its own memberships
# only.
OPEN_TO_DEALERS = f"""{DEALER} AND (audience = 0
            OR audience < 0 AND -audience IN (SELECT group_id FROM directory_buyergroupmembership))"""
OF_OWN_SOURCE = (
    f"EXISTS (SELECT FROM orders_supplysource source WHERE source.id = source_id AND factory_id = {OWN})"
)
INVITED = "EXISTS (SELECT FROM orders_quotationinvitation asked WHERE asked.request_id = orders_quotationrequest.id)"
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
    dependencies = [
        ("orders", "0002_history"),
        ("directory", "0003_guards"),
        ("db", "0001_initial"),
    ]

    operations = [
        *(
            operations.row_security(table, columns=[column])
            for column, tables in OF_ONE_PARTY.items()
            for table in tables
        ),
        *(
            operations.row_security(table, columns=["dealer_id", "factory_id"])
            for table in OF_DEALER_AND_FACTORY
        ),
        *(operations.row_security(table) for table in OF_THE_OPERATOR),
        *(
            operations.row_security(table, columns=["seller_id", "buyer_id"], using=OPEN_TO_DEALERS)
            for table in ("orders_priceagreement", "orders_orderrule")
        ),
        operations.row_security(
            "orders_pricebreak",
            using="EXISTS (SELECT FROM orders_priceagreement agreement WHERE agreement.id = agreement_id)",
        ),
        # Sources and cycles are open to all dealers.
        operations.row_security("orders_supplysource", columns=["factory_id"], using=DEALER),
        operations.row_security("orders_sourcebreak", using=OF_OWN_SOURCE),
        operations.row_security("orders_ordercycle", columns=["factory_id"], using=DEALER),
        operations.row_security("orders_quotationrequest", columns=["dealer_id"], using=INVITED),
        *part_of("orders_quotationrequestline", "orders_quotationrequest", "request_id"),
        operations.sql(SEALED, "DROP POLICY sealed ON orders_quotation"),
        *part_of("orders_quotationline", "orders_quotation", "quotation_id"),
        *part_of("orders_quotationbreak", "orders_quotationline", "line_id"),
    ]
