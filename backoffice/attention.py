"""What waits for a person, counted: the first thing that is seen after the log-in."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.db.models import Count
from django.urls import reverse
from django_stubs_ext import StrOrPromise

from backoffice.cases import queue
from backoffice.cases.sources import KINDS, SOURCES


@dataclass(frozen=True, slots=True)
class Waiting:
    """One kind of case, how many there are, and where."""

    label: StrOrPromise
    count: int
    url: str


def may_see(user: AbstractUser | AnonymousUser) -> bool:
    """Whether anything that can wait may be seen by this person."""
    return any(user.has_perm(source.permission) for source in SOURCES.values())


def waiting(user: AbstractUser | AnonymousUser) -> list[Waiting]:
    """What of this person's waits, the most urgent first; nothing of what nothing waits of."""
    queue.look()
    counts = queue.visible_to(user).values("kind", "rank").annotate(count=Count("pk")).order_by("rank", "kind")
    page = reverse("admin:attention")
    return [
        Waiting(KINDS[one["kind"]][0], one["count"], f"{page}?{urlencode({'kind': one['kind']})}") for one in counts
    ]
