"""The OpenAPI file: who may call what, and pages to read it (tests/house/test_schema.py: it is what the code says)."""

from pathlib import Path

import pytest

COMMITTED = Path(__file__).resolve().parents[2] / "docs" / "openapi.yaml"


@pytest.mark.parametrize("path", ["/", "/api/v1/schema/", "/api/v1/docs/"])
@pytest.mark.django_db
def test_the_readable_pages_need_nothing_from_outside(client, path):
    answer = client.get(path)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert not [part for part in ("cdn.", "unpkg", "jsdelivr", "googleapis", "//fonts") if part in text]


def test_every_operation_says_who_may_call_it():
    import yaml

    document = yaml.load(
        COMMITTED.read_text(), Loader=yaml.CSafeLoader
    )  # ten times as fast as the one in Python
    assert document["openapi"].startswith("3.1")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            assert "For: " in operation["description"], f"{method} {path}"
            assert operation["responses"]["default"]["$ref"].endswith("/Problem"), f"{method} {path}"
