"""Writing down what was asked of Mercado Pago: failures always, successes when they are about one thing."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Model
from django.utils import timezone

from gateway.calls import Call
from stores import metrics, rows
from stores.models import Account, ApiCall
from stores.models.call import subject

logger = logging.getLogger(__name__)


def recorder(account: Account, about: Model | None) -> Callable[[Call], None]:
    """What a client tells of each of its calls. Raises nothing: what fails is only missing on the timeline."""

    def record(call: Call) -> None:
        _count(account, call)
        is_told = about is not None or bool(call.error)  # a sweep asks about thousands
        logger.log(
            logging.INFO if is_told else logging.DEBUG,
            "%s %s: %s in %s ms (%s)",
            call.method, call.path, call.error or call.status, call.milliseconds, call.request_id or "no id",
        )  # fmt: skip
        if not is_told:
            return
        try:
            # Calls are made outside transactions; should one not be, it is left whole.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                _write(account, about, call)
        except Exception:
            logger.exception("a call to Mercado Pago could not be written down: %s %s", call.method, call.path)

    return record


def purge(*, older_than: timedelta, batch: int) -> int:
    """Delete the oldest; how many."""
    over = ApiCall.objects.filter(at__lt=timezone.now() - older_than).order_by("at")
    deleted, _rows = ApiCall.objects.filter(pk__in=over.values_list("pk")[:batch]).delete()
    return deleted


def _count(account: Account, call: Call) -> None:
    seller = str(account.user_id)
    metrics.mercado_pago_calls.labels(seller).observe(call.milliseconds / 1000)
    if call.error:
        metrics.mercado_pago_errors.labels(seller, call.error).inc()


def _write(account: Account, about: Model | None, call: Call) -> None:
    row = ApiCall(
        account=account,
        about=subject(about) if about else "",
        at=call.at,
        method=call.method,
        path=call.path[:200],
        status=call.status,
        milliseconds=call.milliseconds,
        error=call.error[:40],
        request_id=call.request_id[:100],
    )
    rows.insert([row])
