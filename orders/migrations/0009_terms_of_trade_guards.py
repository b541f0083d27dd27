"""Who may see terms for a group, the history of terms, and agreements of one audience that cannot overlap."""

from django.db import migrations

from b2b.db import operations
from b2b.db.operations import OWN, SEES_ALL

DEALER = "(SELECT current_setting('midstream.scope', true)) = 'dealer'"

# A dealer may read terms for everyone, for itself and for its groups; the inner table shows it its own memberships only.
OPEN_TO_DEALERS = f"""
    DROP POLICY tenant ON {{table}};
    CREATE POLICY tenant ON {{table}} USING (
        {SEES_ALL} OR seller_id = {OWN} OR buyer_id = {OWN} OR {DEALER} AND (audience = 0
            OR audience < 0 AND -audience IN (SELECT group_id FROM directory_buyergroupmembership)))
"""
AS_BEFORE = f"""
    DROP POLICY tenant ON {{table}};
    CREATE POLICY tenant ON {{table}} USING (
        {SEES_ALL} OR seller_id = {OWN} OR buyer_id = {OWN} OR buyer_id IS NULL AND {DEALER})
"""
OF_OWN_SOURCE = f"EXISTS (SELECT FROM orders_supplysource source WHERE source.id = source_id AND factory_id = {OWN})"

# Ranges of one value make a GiST index over plain columns possible without an extension; what tells agreements apart
# best comes first.
NO_OVERLAP = """
    ALTER TABLE orders_priceagreement DROP CONSTRAINT no_two_agreements_on_one_day;
    ALTER TABLE orders_priceagreement ADD CONSTRAINT no_two_agreements_on_one_day EXCLUDE USING gist (
        int8range(product_id, product_id, '[]') WITH &&,
        int8range(audience, audience, '[]') WITH &&,
        int8range(seller_id, seller_id, '[]') WITH &&,
        int8range(hashtext(currency), hashtext(currency), '[]') WITH &&,
        int8range(priority, priority, '[]') WITH &&,
        daterange(valid_from, valid_to, '[]') WITH &&)
"""
OVERLAP_BEFORE = """
    ALTER TABLE orders_priceagreement DROP CONSTRAINT no_two_agreements_on_one_day;
    ALTER TABLE orders_priceagreement ADD CONSTRAINT no_two_agreements_on_one_day EXCLUDE USING gist (
        int8range(seller_id, seller_id, '[]') WITH &&,
        int8range(coalesce(buyer_id, 0), coalesce(buyer_id, 0), '[]') WITH &&,
        int8range(product_id, product_id, '[]') WITH &&,
        int8range(hashtext(currency), hashtext(currency), '[]') WITH &&,
        daterange(valid_from, valid_to, '[]') WITH &&)
"""


class Migration(migrations.Migration):
    dependencies = [
        ("orders", "0008_terms_of_trade"),
        ("directory", "0006_buyer_group_guards"),
        ("db", "0001_initial"),
    ]

    operations = [
        *(
            operations.sql(OPEN_TO_DEALERS.format(table=table), AS_BEFORE.format(table=table))
            for table in ("orders_priceagreement", "orders_orderrule")
        ),
        operations.row_security("orders_sourcebreak", using=OF_OWN_SOURCE),
        operations.row_security("orders_termschange", columns=["seller_id"]),
        operations.append_only("orders_termschange"),
        operations.sql(NO_OVERLAP, OVERLAP_BEFORE),
    ]
