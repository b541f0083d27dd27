"""Post by django-hordak itself, in an environment of its own (`make bench-peers`); prints its figures as JSON.

Nothing of Midstream is imported: this runs under the peer's interpreter, on a database of its own on the same server.
"""

from __future__ import annotations

import json
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

HOST, PORT, USER, NAME = sys.argv[1:5]
CLIENTS, ACCOUNTS, WARM = 8, 1_000, 5
# name, accounts, entries a commit, entries
SHAPES = json.loads(sys.argv[5])


def main() -> None:
    import django
    from django.conf import settings

    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": NAME, "USER": USER, "HOST": HOST,
                               "PORT": PORT, "CONN_MAX_AGE": None}},
        DEFAULT_CURRENCY="CNY", CURRENCIES=["CNY"], HORDAK_CURRENCIES=["CNY"], HORDAK_DECIMAL_PLACES=2,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField", USE_TZ=True, SECRET_KEY="benchmark",
    )  # fmt: skip
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)
    from hordak.models import Account, AccountType

    accounts = [
        Account.objects.create(
            name=f"Account {number}", code=f"{number:04}", type=AccountType.asset, currencies=["CNY"]
        )
        for number in range(ACCOUNTS)
    ]
    print(json.dumps({name: rate(accounts[:some], batch, size) for name, some, batch, size in SHAPES}))


def rate(accounts: list, batch: int, size: int) -> float:
    """Return the entries a second of clients that each post `batch` transfers a commit."""
    from django.db import connection, transaction
    from moneyed import Money

    def post(dice: random.Random) -> None:
        with transaction.atomic():
            for _ in range(batch):
                one, other = dice.sample(accounts, 2)
                one.transfer_to(other, Money(dice.randint(1, 10_000), "CNY"))

    def client(number: int) -> None:
        dice = random.Random(number)
        for _ in range(WARM if batch == 1 else 1):
            post(dice)
        ready.wait()
        for _ in range(size // batch // CLIENTS):
            post(dice)
        finished.wait()
        connection.close()

    ready, finished = Barrier(CLIENTS + 1, timeout=300), Barrier(CLIENTS + 1, timeout=300)
    with ThreadPoolExecutor(CLIENTS) as pool:
        running = [pool.submit(client, number) for number in range(CLIENTS)]
        ready.wait()
        began = time.perf_counter()
        finished.wait()
        seconds = time.perf_counter() - began
        for one in running:
            one.result()
    return size // batch // CLIENTS * CLIENTS * batch / seconds


if __name__ == "__main__":
    main()
