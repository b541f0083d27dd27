"""The platform as it ships, with the probe app for the outbox, on embedded servers below var/bench."""

from tests.support.probe.settings import *  # noqa: F403

LOGGING = {"version": 1, "disable_existing_loggers": False}
