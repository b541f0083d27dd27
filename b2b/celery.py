"""The Celery application; its settings are those of Django with the prefix CELERY_."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "b2b.settings.dev")

app = Celery("midstream")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
