"""Everything in the stack's database that opens something, and where it stands in the logs: nowhere.

`manage.py shell -c "from tests.end_to_end.leaks import tell; tell()"`
"""

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.contrib.sessions.models import Session

from pos.models import ControllerKey, PointOfSale
from receipts.models import PrinterKey, Receipt
from stores.models import Account
from stores.rotation import encrypted_fields
from tests.end_to_end.station import Station

_LEAST = 8  # characters: a shorter one is no secret, and stands everywhere


def leaks(logs: Path, secrets: list[str], prefixes: list[str]) -> list[str]:
    """Each line of the logs with a secret in it. Of keys only the prefix is known: a key is what follows it."""
    keys = "|".join(rf"{re.escape(prefix)}\.\w{{16,}}" for prefix in prefixes)
    wanted = re.compile("|".join([*map(re.escape, secrets), *([keys] if keys else [])]))
    return [
        f"{log.name}: {line}"
        for log in sorted(logs.glob("*.log"))
        for line in log.read_text(errors="replace").splitlines()
        if wanted.search(line)
    ]


def refuse(station: Station) -> None:
    """At the end of a run: it fails when a secret stands in a log."""
    found = of_all_processes(station)
    assert not found, "secrets in the logs:\n" + "\n".join(found)


def of_all_processes(station: Station) -> list[str]:
    """What must not be there, of the whole run so far."""
    told = station.stack.manage("shell", "--no-imports", "-c", "from tests.end_to_end.leaks import tell; tell()")
    known = json.loads(told)
    return leaks(station.stack.logs, [station.key, *known["secrets"]], known["prefixes"])


def tell() -> None:
    """Runs in the stack; prints what `of_all_processes` reads."""
    secrets = sorted({secret for secret in _secrets() if len(secret) >= _LEAST})
    prefixes = [key.prefix for model in (ControllerKey, PrinterKey) for key in model.objects.all()]
    print(json.dumps({"secrets": secrets, "prefixes": prefixes}))  # noqa: T201 - that is the answer


def _secrets() -> Iterator[str]:
    for model, name in encrypted_fields():
        for row in model._base_manager.all():
            secret = getattr(row, name) or ""
            yield from (secret, base64.b64encode(secret.encode()).decode())  # receivers are given it like that
    yield from PointOfSale.objects.values_list("poll_token", flat=True)
    yield from Account.objects.values_list("notification_token", flat=True)
    yield from (receipt.public_url.rpartition("/")[2] for receipt in Receipt.objects.all())
    yield from Session.objects.values_list("session_key", flat=True)
    yield from (settings.SECRET_KEY, *settings.FIELD_ENCRYPTION_KEYS)
