"""Books that follow the promises, the functions that promise and allocate, and who may see what."""

from pathlib import Path

from django.db import migrations

from b2b.db import operations

HERE = Path(__file__).parent
FUNCTIONS = [(HERE / f"{name}.sql").read_text() for name in ("promise", "promise_make", "promise_allocate")]

UNDO = """
DROP FUNCTION warehousing_allocate;
DROP FUNCTION warehousing_make_promises;
DROP TRIGGER fulfils ON warehousing_reservation;
DROP FUNCTION warehousing_follow_picks;
DROP TRIGGER promised_otherwise ON warehousing_promise;
DROP TRIGGER promised ON warehousing_promise;
DROP FUNCTION warehousing_keep_books;
DROP TRIGGER opens_books ON warehousing_quant;
DROP FUNCTION warehousing_open_books;
DROP VIEW warehousing_usable
"""


class Migration(migrations.Migration):
    dependencies = [("warehousing", "0007_promise")]

    operations = [
        operations.sql("".join(FUNCTIONS), UNDO),
        operations.row_security("warehousing_promisebook", columns=["owner_id"]),
        operations.row_security("warehousing_promise"),
        operations.row_security("warehousing_shelflifeterm", columns=["dealer_id"]),
    ]
