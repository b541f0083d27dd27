"""A recall is seen by the dealers who have a notice of it, a notice by its dealer; what was found stays as it was."""

from django.db import migrations

from b2b.db import operations

TOLD = """
    EXISTS (SELECT FROM warehousing_recallnotice notice WHERE notice.recall_id = warehousing_recall.id
        AND notice.dealer_id = (SELECT midstream_organization()))
"""
NAMED = """
    EXISTS (SELECT FROM warehousing_recallnotice notice WHERE notice.recall_id = warehousing_recall_lots.recall_id
        AND notice.dealer_id = (SELECT midstream_organization()))
"""
KEPT = """
CREATE TRIGGER a_recall_keeps_why BEFORE UPDATE OF reason, number ON warehousing_recall
    FOR EACH ROW WHEN (OLD.reason IS DISTINCT FROM NEW.reason OR OLD.number IS DISTINCT FROM NEW.number)
    EXECUTE FUNCTION midstream_refuse_change();
CREATE TRIGGER a_notice_keeps_what_it_told
    BEFORE UPDATE OF goods, delivered_quantity, under_way_quantity, dealer_id, recall_id ON warehousing_recallnotice
    FOR EACH ROW WHEN (OLD.goods IS DISTINCT FROM NEW.goods OR OLD.dealer_id <> NEW.dealer_id
        OR OLD.recall_id <> NEW.recall_id OR OLD.delivered_quantity <> NEW.delivered_quantity
        OR OLD.under_way_quantity <> NEW.under_way_quantity)
    EXECUTE FUNCTION midstream_refuse_change()
"""
LOOSE = """
DROP TRIGGER a_recall_keeps_why ON warehousing_recall;
DROP TRIGGER a_notice_keeps_what_it_told ON warehousing_recallnotice
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0015_recall")]

    operations = [
        operations.row_security("warehousing_recallnotice", columns=["dealer_id"]),
        operations.row_security("warehousing_recall", using=TOLD),
        operations.append_only("warehousing_recallfinding"),
        operations.row_security("warehousing_recallfinding"),
        operations.row_security("warehousing_recall_lots", using=NAMED),
        operations.sql(KEPT, LOOSE),
    ]
