"""Property tests ask what is true, never how fast: a busy machine must not fail them."""

from hypothesis import HealthCheck, settings

from tests.support.examples import examples

settings.register_profile(
    "patient", deadline=None, max_examples=examples(50), suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("patient")
