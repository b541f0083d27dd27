"""The platform with the probe app, on the embedded servers below MIDSTREAM_VAR; for fault tests and benchmarks."""

from b2b.settings.dev import *  # noqa: F403
from b2b.settings.dev import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.support.probe.apps.Probe"]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"terminal": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["terminal"], "level": "INFO"},
}
