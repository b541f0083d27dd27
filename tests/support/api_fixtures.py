"""Call the API as an organisation."""

from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def api_as() -> Callable[..., Any]:
    """Return a function that gives a test client signed in as a person of an organisation.

    `api_as(dealer).post("/api/v1/orders/", {...}, headers={"Idempotency-Key": "1"})`; bodies are JSON.
    """
    from rest_framework.test import APIClient

    from tests.factories import directory

    def sign_in(organization: Any = None, **values: Any) -> APIClient:
        client = APIClient()
        client.default_format = "json"
        client.raise_request_exception = False
        if organization is not None:
            client.force_login(directory.person(organization, **values))
        return client

    return sign_in
