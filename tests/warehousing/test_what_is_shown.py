"""The table of what is shown names tests that exist, and leaves no point, figure or bad input out."""

import re
from pathlib import Path

HERE = Path(__file__).parent
TABLE = (HERE / "README.md").read_text()
MARKS = [
    f"{kind}{number}" for kind, most in (("P", 10), ("S", 10), ("B", 8)) for number in range(1, most + 1)
]


def test_every_mark_has_a_row_and_every_row_a_test():
    rows = {line.split("|")[1].strip(): line for line in TABLE.splitlines() if line.startswith("| ")}
    assert [mark for mark in MARKS if "::test_" not in rows.get(mark, "")] == []


def test_every_test_that_is_named_exists():
    named = re.findall(r"`([\w/]+\.py)::(test_\w+)`", TABLE)
    missing = [
        f"{path}::{name}" for path, name in named if f"def {name}(" not in (HERE.parent / path).read_text()
    ]
    assert len(named) > 60
    assert missing == []
