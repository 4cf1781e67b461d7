"""Accounts that Mercado Pago does not answer for: asked less, shown to people, and what was put off goes on by itself.

This process decides by what it heard itself (`gateway.breaker`): another machine may have lost its way to Mercado Pago
alone. An account's row says it to people, and is written only when a silence begins or ends.
"""

import logging
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Q, QuerySet
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from gateway.breaker import Breaker, Process
from gateway.errors import NotAsked
from stores.models import Account, Application
from stores.models.account import AccountQuerySet

logger = logging.getLogger(__name__)

_PROCESS: Final = Process()


def of(account: Account) -> Breaker:
    breaker = _PROCESS.of(account.pk, zone=ZoneInfo(account.site.time_zone), tell=partial(_mark, account.pk))
    if account.unanswered_since is not None:
        breaker.is_told = True
    return breaker


def may_ask(account: Account) -> bool:
    """Whether a call that begins now would be made."""
    return _PROCESS.may_enter(of(account))


def of_application(application: Application) -> Breaker:
    """Its tokens are renewed with calls of its own."""
    return _PROCESS.of(f"application {application.pk}", zone=ZoneInfo(application.site.time_zone))


def askable(due: QuerySet[Any], *, account: str, limit: int, asked: Q | None = None) -> list[int]:
    """The keys of due rows to wake now. `account` is the way to the account; rows that are not `asked` ask nobody.

    Of an account that is left alone they stay due: until its pause is over, then one of them tries for all.
    """
    rations = {key: most for key, most in _PROCESS.rations().items() if isinstance(key, int)}
    if not rations:
        return list(due.values_list("pk", flat=True)[:limit])
    asked = asked or Q()
    keys = list(due.exclude(asked, **{f"{account}__in": [*rations]}).values_list("pk", flat=True)[:limit])
    for key, most in rations.items():
        if most:
            keys += due.filter(asked, **{account: key}).values_list("pk", flat=True)[:most]
    return keys


def sentence(error: NotAsked) -> tuple[str, dict[str, str]]:
    """What to tell a person who waits: the sentence before its translation, and its values."""
    until = date_format(error.until, "TIME_FORMAT")
    if error.since is None:
        text = _("Too many calls to Mercado Pago for this account just now: it is asked again at %(until)s.")
        return text, {"until": until}
    text = _("Mercado Pago has not answered for this account since %(since)s; it is asked again at %(until)s.")
    return text, {"since": date_format(error.since, "DATETIME_FORMAT"), "until": until}


def said(error: NotAsked) -> str:
    text, values = sentence(error)
    return gettext(text) % values


def _mark(account_id: int, silent_since: datetime | None) -> None:
    """Raises nothing: what cannot be written is only not shown."""
    try:
        # Calls are made outside transactions; should one not be, it is left whole.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            _write(Account.objects.filter(pk=account_id), silent_since)
    except Exception:
        logger.exception("account %s: whether Mercado Pago answers could not be written down", account_id)


def _write(account: AccountQuerySet, silent_since: datetime | None) -> None:
    """Who is first, of all processes, says it in the log."""
    if silent_since is None:
        if account.exclude(unanswered_since=None).update(unanswered_since=None):
            logger.warning("account %s: Mercado Pago answers again", account.get())
    elif account.filter(unanswered_since=None).update(unanswered_since=silent_since):
        since = silent_since.isoformat(" ", "seconds")
        logger.error("account %s: Mercado Pago has not answered since %s", account.get(), since)
