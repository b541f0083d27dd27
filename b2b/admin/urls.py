"""The addresses of the sites; loads the admin package of every app of ours first."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.conf import settings
from django.urls import include, path

from b2b.admin import catalog, credentials, directory, outbox, second_factor  # noqa: F401 - register themselves
from b2b.admin.sites import SITES


def load() -> None:
    """Import `<app>.admin` of every installed app that lies in the project."""
    for config in apps.get_app_configs():
        ours = config.path.startswith(str(settings.BASE_DIR)) and config.name != "b2b.admin"
        if ours and config.name != "b2b" and find_spec(f"{config.name}.admin"):
            import_module(f"{config.name}.admin")


load()

urlpatterns = [
    *(path(f"{site.name}/", site.urls) for site in SITES),
    path("i18n/", include("django.conf.urls.i18n")),
]
