"""The table of what is shown names tests that exist, and leaves none of the numbers out."""

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE / "README.md").read_text()


def test_every_number_has_a_row_and_every_row_a_test():
    rows = {line.split("|")[1].strip(): line for line in TABLE.splitlines() if line.startswith("| ")}
    assert [number for number in range(1, 25) if "::test_" not in rows.get(str(number), "")] == []


def test_every_test_that_is_named_exists():
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE)
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (HERE.parent / path).read_text()
    ]
    assert len(named) > 50
    assert missing == []
