"""The queue as a person has it before them."""

import re
from typing import Any

from django.test import Client

from backoffice.models import Case

QUEUE = "/admin/attention/"
DECIDED = "/admin/attention/decided/"


def page(client: Client, **query: str) -> str:
    answer = client.get(QUEUE, query)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def case_of(client: Client, source: str) -> Any:
    """What the page tells of the one case about such a row, as the template has it."""
    told = [one for one in client.get(QUEUE).context["told"] if one.case.source == source]
    assert len(told) <= 1
    return told[0] if told else None


def press(client: Client, told: Any, action: str, reason: str = "the customer rang us", **changes: Any) -> Any:
    fields = {"action": action, "facts": told.story.facts, "reason": reason} | changes
    return client.post(f"{QUEUE}{told.case.pk}/", fields, follow=True)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in answer.context["messages"])


def buttons(html: str) -> set[str]:
    return set(re.findall(r'name="action" value="(\w+)"', html))


def count() -> int:
    return Case.objects.count()
