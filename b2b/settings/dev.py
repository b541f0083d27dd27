"""One machine, out of the box: `make run`."""

import os

from b2b.embedded.secret import kept_key
from b2b.settings.base import *  # noqa: F403
from b2b.settings.base import SECRET_KEY, VAR_DIR, WEBHOOK_PRIVATE_NETWORKS

SECRET_KEY = SECRET_KEY or kept_key(VAR_DIR)
DEBUG = os.environ.get("DEBUG", "") == "1"
# A factory's developer tries webhooks on this very machine.
WEBHOOK_PRIVATE_NETWORKS = WEBHOOK_PRIVATE_NETWORKS or ["127.0.0.0/8", "::1/128"]
