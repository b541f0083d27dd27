"""Every address of the platform."""

from __future__ import annotations

urlpatterns: list[object] = []
