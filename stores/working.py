"""Errands: what takes longer than a second is asked for here, and done by a worker (`stores.turns`)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import import_module
from time import monotonic, sleep
from typing import Any, cast

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext_noop as _
from django_stubs_ext import StrOrPromise

from stores.models import Errand, ErrandStep

MOST = 5000  # objects of one errand
_KEPT = timedelta(days=30)
FILES_KEPT = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one object: the sentence before its translation, its values, and the address of what was made."""

    text: str
    values: dict[str, Any] = field(default_factory=dict)
    is_good: bool = True
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What a worker does to each object of an errand.

    A worker can be killed in the middle of an object, which is then done once more: that must do no harm. Where
    nothing but our own database is touched (`is_local`), what is done and its outcome are one transaction.
    """

    name: str  # `app.name`, where `app/errands.py` has it as NAME
    label: StrOrPromise
    rows: Callable[[], QuerySet[Any]]
    do: Callable[[Any, Errand], Outcome]
    is_local: bool = False
    refusals: tuple[type[Exception], ...] = ()  # what `do` raises for people to read
    gone: Outcome = Outcome(_("It is not there any more."), is_good=False)
    finish: Callable[[Errand, QuerySet[Any]], tuple[str, bytes]] | None = None  # a file of all that went well
    then: tuple[str, StrOrPromise] | None = None  # an action of the same list that may follow, and its label
    called: Callable[[Any], str] = str  # an object, beside what came of it


def work_of(name: str) -> Work | None:
    """None for what an older version did and this one does not know."""
    app, _dot, what = name.partition(".")
    return cast("Work | None", getattr(import_module(f"{app}.errands"), what.upper(), None))


@transaction.atomic
def ask(
    *, work: Work, user_id: int | None, keys: Sequence[int], back: str, action: str, rows_url: str, **args: Any
) -> Errand:
    """Note what is to be done to whom. Wake a worker after the commit; a sweep finds it otherwise."""
    errand = Errand.objects.create(
        user_id=user_id,
        work=work.name,
        action=action,
        args=args,
        language=translation.get_language() or "en",
        back=back[:2000],
        rows_url=rows_url,
        total=len(keys),
        due_at=timezone.now(),
    )
    ErrandStep.objects.bulk_create([ErrandStep(errand=errand, object_id=key) for key in keys], batch_size=500)
    return errand


def wait_for(errand: Errand, *, seconds: float) -> Errand:
    """Give a quick one the time to end, so that who asked sees what came of it at once."""
    end = monotonic() + seconds
    while not errand.is_over and monotonic() < end:
        sleep(0.1)
        errand.refresh_from_db()
    return errand


def stop(errand: Errand) -> None:
    """What was not begun is not done any more."""
    now = timezone.now()
    if Errand.objects.filter(pk=errand.pk, finished_at=None).update(stopped_at=now, finished_at=now, due_at=None):
        errand.steps.filter(state=ErrandStep.State.WAITING).update(state=ErrandStep.State.SKIPPED)


def purge(*, batch: int) -> int:
    """Forget old files and old errands, a batch of each; how many."""
    now = timezone.now()
    files = Errand.objects.exclude(file="").filter(finished_at__lt=now - FILES_KEPT)[:batch]
    for errand in files:
        errand.file.delete(save=True)
    old = Errand.objects.filter(finished_at__lt=now - _KEPT, file="").order_by("pk")
    keys = list(old.values_list("pk", flat=True)[:batch])
    Errand.objects.filter(pk__in=keys).delete()
    return max(len(files), len(keys))
