from django.db import migrations

from b2b.db import operations

# A carrier reads a load when it was asked to carry it; which shipments it is made of, when it has won them.
ASKED = (
    "EXISTS (SELECT FROM logistics_offer offer WHERE offer.tender_id = logistics_tender.id"
    " AND offer.carrier_id = (SELECT midstream_organization()))"
)


class Migration(migrations.Migration):
    dependencies = [("logistics", "0006_tenders")]

    operations = [
        operations.row_security("logistics_offer", columns=["carrier_id"]),
        operations.row_security("logistics_tender", using=ASKED),
        operations.row_security("logistics_tenderedshipment"),
    ]
