"""The client that docs/ hands to factories, loaded as they would load it: what we play with is what we give away."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

from django.conf import settings


def _load() -> ModuleType:
    path = Path(settings.BASE_DIR) / "docs" / "factory_client.py"
    spec = spec_from_file_location("factory_client", path)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


factory_client = _load()
