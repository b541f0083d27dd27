from pathlib import Path

from django.db import migrations

from b2b.db import operations

FUNCTIONS = (Path(__file__).parent / "distance.sql").read_text()
OF_TARIFF = (
    "EXISTS (SELECT FROM logistics_tariff tariff WHERE tariff.id = tariff_id"
    " AND tariff.carrier_id = (SELECT midstream_organization()))"
)


class Migration(migrations.Migration):
    dependencies = [("logistics", "0010_roads_and_freight")]

    operations = [
        operations.sql(
            FUNCTIONS,
            """
            DROP FUNCTION logistics_distance_m(float8, float8, float8, float8);
            DROP FUNCTION logistics_refuse_young() CASCADE
            """,
        ),
        operations.row_security("logistics_tripalert", columns=["carrier_id"]),
        operations.row_security("logistics_driverpass", columns=["carrier_id"]),
        operations.row_security("logistics_driveraction", columns=["carrier_id"]),
        operations.row_security("logistics_evidence", columns=["dealer_id", "carrier_id"]),
        operations.row_security("logistics_quarantinedecision", columns=["carrier_id"]),
        operations.row_security("logistics_freighttolerance", columns=["carrier_id"]),
        operations.row_security("logistics_freightinvoice", columns=["carrier_id"]),
        operations.row_security("logistics_freightinvoiceline", columns=["carrier_id"]),
        operations.row_security("logistics_tariffbreak", using=OF_TARIFF),
        operations.append_only("logistics_driveraction"),
        operations.append_only("logistics_evidence"),
        operations.append_only("logistics_freightinvoiceline"),
        operations.sql(
            """
            DROP TRIGGER append_only ON logistics_quarantinedfix;
            CREATE TRIGGER append_only BEFORE UPDATE ON logistics_quarantinedfix
                FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change();
            CREATE TRIGGER kept_for_a_time BEFORE DELETE ON logistics_quarantinedfix
                FOR EACH ROW EXECUTE FUNCTION logistics_refuse_young()
            """,
            """
            DROP TRIGGER kept_for_a_time ON logistics_quarantinedfix;
            DROP TRIGGER append_only ON logistics_quarantinedfix;
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON logistics_quarantinedfix
                FOR EACH ROW EXECUTE FUNCTION midstream_refuse_change()
            """,
        ),
    ]
