"""Errands are worked at in turns, object by object, and each outcome is noted once."""

import logging
from contextlib import nullcontext
from datetime import timedelta
from time import monotonic
from typing import Any

from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Coalesce
from django.utils import timezone, translation
from django.utils.translation import gettext_noop as _

from gateway.errors import GatewayError, NotAsked, TemporaryError, Unauthorized
from stores import breaker, leases
from stores.fields import Unreadable
from stores.leases import Lease
from stores.models import Errand, ErrandStep
from stores.working import Outcome, Work, work_of

logger = logging.getLogger(__name__)

_ATTEMPTS = 3  # what stops a worker every time must not do so for ever
_LONGEST_PAUSE = 60  # seconds
State = ErrandStep.State


def go_on(errand_id: int, *, seconds: float) -> None:
    """Work at it for so long, or to its end. Does nothing while another worker is at it."""
    mine = Errand.objects.filter(pk=errand_id)
    lease = leases.take(mine, started_at=Coalesce("started_at", timezone.now()))
    if lease is None:
        return
    errand, end = mine.select_related("user").get(), monotonic() + seconds
    work = work_of(errand.work)
    with translation.override(errand.language), lease.kept():
        while step := errand.steps.filter(state=State.WAITING).order_by("pk").first():
            if not lease.renew():
                return
            pause = timedelta() if monotonic() > end else _take(errand, work, step)
            if pause is not None:
                lease.give_back(pause)
                return
        _finish(errand, work, lease)


def _take(errand: Errand, work: Work | None, step: ErrandStep) -> timedelta | None:
    """Do one object and note the outcome. A pause, and nothing noted, when Mercado Pago wants to be left alone."""
    ErrandStep.objects.filter(pk=step.pk).update(attempts=F("attempts") + 1)
    if work is None:
        _note(errand, step, Outcome(_("This version does not know how to do this. Ask for it again."), is_good=False))
    elif step.attempts >= _ATTEMPTS:
        text = _("It was begun %(count)s times and never came to an end. Tell your administrator.")
        _note(errand, step, Outcome(text, {"count": step.attempts}, is_good=False))
    elif work.is_local:
        _do_locally(errand, work, step)
    else:
        try:
            outcome = _do(errand, work, step)
        except TemporaryError as error:
            is_left_alone = isinstance(error, NotAsked) and error.since  # who waits is told at once
            if not is_left_alone and error.retry_after and step.attempts + 1 < _ATTEMPTS:
                return timedelta(seconds=min(error.retry_after, _LONGEST_PAUSE))
            outcome = _of_error(error)
        _note(errand, step, outcome)
    return None


@transaction.atomic
def _do_locally(errand: Errand, work: Work, step: ErrandStep) -> None:
    locked = ErrandStep.objects.select_for_update().filter(pk=step.pk, state=State.WAITING).first()
    if locked is not None:
        _note(errand, locked, _do(errand, work, locked))


def _do(errand: Errand, work: Work, step: ErrandStep) -> Outcome:
    row = work.rows().filter(pk=step.object_id).first()
    if row is None:
        return work.gone
    step.label = work.called(row)[:200]
    try:
        with transaction.atomic() if work.is_local else nullcontext():
            return work.do(row, errand)
    except TemporaryError:
        raise
    except (GatewayError, Unreadable) as error:
        return _of_error(error)
    except work.refusals as refusal:
        return Outcome("%(reason)s", {"reason": str(refusal)}, is_good=False)
    except Exception as error:
        logger.exception("errand %s: %s", errand, step)
        text = _("Something went wrong here: this is a fault of ours. Tell your administrator: %(error)s.")
        return Outcome(text, {"error": type(error).__name__}, is_good=False)


def _of_error(error: Exception) -> Outcome:
    said = {"error": str(error)[:300]}
    if isinstance(error, NotAsked):
        text, said = breaker.sentence(error)
    elif isinstance(error, TemporaryError):
        text = _("Mercado Pago did not do it now (%(error)s). Try it again in a few minutes.")
    elif isinstance(error, Unauthorized):
        text = _("Mercado Pago refuses the account's access token: renew it on the account's page, then try again.")
    elif isinstance(error, GatewayError):
        text = _("Mercado Pago refuses it: %(error)s")
    else:
        text = "%(error)s"
    return Outcome(text, said, is_good=False)


@transaction.atomic
def _note(errand: Errand, step: ErrandStep, outcome: Outcome) -> None:
    """Once: who comes later, because it had lost its lease, finds it noted."""
    news = {
        "state": State.DONE if outcome.is_good else State.FAILED,
        "label": step.label,
        "text": outcome.text,
        "values": {name: str(value) for name, value in outcome.values.items()},
        "url": outcome.url,
    }
    if ErrandStep.objects.filter(pk=step.pk, state__in=(State.WAITING, State.SKIPPED)).update(**news):
        bad = 0 if outcome.is_good else 1
        Errand.objects.filter(pk=errand.pk).update(done=F("done") + 1, failed=F("failed") + bad)


def _finish(errand: Errand, work: Work | None, lease: Lease) -> None:
    news: dict[str, Any] = {}
    good = errand.steps.filter(state=State.DONE).values_list("object_id", flat=True)
    if work and work.finish and good and lease.renew():
        try:
            name, content = work.finish(errand, work.rows().filter(pk__in=list(good)))
            news["file"] = errand.file.storage.save(f"errands/{errand.pk}/{name}", ContentFile(content))
        except Exception as error:
            logger.exception("errand %s: its file", errand)
            news["file_problem"] = f"{type(error).__name__}: {error}"[:300]
    if not lease.end(**news, finished_at=timezone.now()) and "file" in news:
        errand.file.storage.delete(news["file"])
