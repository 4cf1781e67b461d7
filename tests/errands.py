"""Actions that a worker carries out, from the click to the outcome."""

from typing import Any

from django.test import Client

from stores import turns
from stores.models import Errand


def work() -> None:
    """What the worker would have done by now."""
    for errand_id in Errand.objects.filter(finished_at=None).values_list("pk", flat=True):
        turns.go_on(errand_id, seconds=60)


def ask_and_work(client: Client, url: str, data: dict[str, Any]) -> Any:
    """Ask for it, let the worker work, and follow where the answer leads."""
    answer: Any = client.post(url, data)
    work()
    return client.get(answer["Location"], follow=True) if answer.status_code == 302 else answer
