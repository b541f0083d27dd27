"""Row security, history that cannot be changed, and agreements that cannot overlap."""

from django.db import migrations

from b2b.db import operations

DEALER = "(SELECT current_setting('midstream.scope', true)) = 'dealer'"

DEALER_TABLES = (
    "orders_order",
    "orders_orderline",
    "orders_quantityevent",
    "orders_peg",
    "orders_allocationresult",
    "orders_fairnessbalance",
    "orders_savingsstatement",
    "orders_savingsstatementline",
)
FACTORY_TABLES = (
    "orders_purchaseorder",
    "orders_purchaseorderline",
    "orders_scheduleline",
    "orders_supplyevent",
    "orders_orderresponse",
    "orders_orderresponseline",
    "orders_despatchadvice",
    "orders_despatchadviceline",
    "orders_productionsignal",
    "orders_productionsignalline",
)

# Ranges of one value make a GiST index over plain columns possible without an extension.
NO_OVERLAP = """
    ALTER TABLE orders_priceagreement ADD CONSTRAINT no_two_agreements_on_one_day EXCLUDE USING gist (
        int8range(seller_id, seller_id, '[]') WITH &&,
        int8range(coalesce(buyer_id, 0), coalesce(buyer_id, 0), '[]') WITH &&,
        int8range(product_id, product_id, '[]') WITH &&,
        int8range(hashtext(currency), hashtext(currency), '[]') WITH &&,
        daterange(valid_from, valid_to, '[]') WITH &&)
"""


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial"), ("db", "0001_initial")]

    operations = [
        operations.partition_by_month("orders_quantityevent", "at"),
        *(
            operations.append_only(table)
            for table in (
                "orders_quantityevent",
                "orders_supplyevent",
                "orders_orderresponse",
                "orders_orderresponseline",
                "orders_allocationrun",
                "orders_allocationresult",
                "orders_savingsstatement",
                "orders_savingsstatementline",
            )
        ),
        *(operations.row_security(table, columns=["dealer_id"]) for table in DEALER_TABLES),
        *(operations.row_security(table, columns=["factory_id"]) for table in FACTORY_TABLES),
        # Terms of trade and cycles are open to all dealers unless they name another one.
        *(
            operations.row_security(
                table, columns=["seller_id", "buyer_id"], using=f"buyer_id IS NULL AND {DEALER}"
            )
            for table in ("orders_priceagreement", "orders_orderrule")
        ),
        operations.row_security(
            "orders_pricebreak",
            using="EXISTS (SELECT FROM orders_priceagreement agreement WHERE agreement.id = agreement_id)",
        ),
        operations.row_security("orders_supplysource", columns=["factory_id"], using=DEALER),
        operations.row_security("orders_ordercycle", columns=["factory_id"], using=DEALER),
        operations.row_security("orders_allocationrun"),
        operations.sql(
            NO_OVERLAP, "ALTER TABLE orders_priceagreement DROP CONSTRAINT no_two_agreements_on_one_day"
        ),
    ]
