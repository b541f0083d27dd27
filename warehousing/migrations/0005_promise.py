"""Books that follow the promises, and the functions that promise and allocate."""

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
    dependencies = [("warehousing", "0004_guards")]

    operations = [operations.sql("".join(FUNCTIONS), UNDO)]
