"""The polled URL ahead of Django: what most polls hear costs one prepared statement and no more.

A waiting customer's phone asks every second or two, and nearly always hears what it heard before. Those polls are
answered here; whatever is more than that (something to be written, an order not shown yet, a rest, an unknown token,
trouble of any kind, another database) goes on to `orders.views.PollView`, which stays the reference.
"""

import logging
from collections.abc import Iterable
from datetime import UTC, datetime
from http import HTTPStatus
from threading import local
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.db import DEFAULT_DB_ALIAS, connections
from psycopg.pq import ExecStatus
from psycopg.pq.abc import PGresult

from gateway import dialects
from gateway.dialects import Answer, Dialect
from orders import offered, spells
from orders.models import Order
from orders.models.poll import ORDER
from orders.offered import Versions
from orders.polling import POLL_RESOLUTION, TOKEN, situation_of, words
from orders.states import PaymentStatus, Status
from pos.models import PointOfSale
from stores import metrics
from stores.models import Account, Application, Store

logger = logging.getLogger(__name__)

_PREFIX = "/mp/orders/"
_STATEMENT = b"poll"
_TRUE = b"t"
# States stand in it as literals: a generic plan cannot use a partial index by a parameter. Each LIMIT keeps the planner
# at one look into one index: without it, it reads small tables whole, again for each poll.
_PAID = f"('{PaymentStatus.PAID}', '{PaymentStatus.OVERPAID}')"
_QUESTION = f"""
SELECT pos.id, COALESCE(NULLIF(pos.dialect, ''), account.dialect),
       pos.is_active AND store.is_active AND account.is_active,
       pos.heartbeat > 0 AND COALESCE(pos.status_at + pos.heartbeat * interval '1 second' < $2, true),
       pos.status, pos.last_polled_at > $2 - interval '{POLL_RESOLUTION.total_seconds()} seconds',
       o.id, o.xmin, account.xmin,
       (SELECT xmin FROM {Application._meta.db_table} WHERE id = account.application_id),
       o.first_served_at IS NOT NULL AND o.paid_amount = 0,
       CASE WHEN o.id IS NULL AND COALESCE(NULLIF(pos.dialect, ''), account.dialect) = '{Dialect.V2}' THEN (
           SELECT status = '{Status.CLOSED}' AND payment_status IN {_PAID}
           FROM {Order._meta.db_table} WHERE pos_id = pos.id ORDER BY id DESC LIMIT 1) END
FROM {PointOfSale._meta.db_table} pos
CROSS JOIN LATERAL (
    SELECT is_active, dialect, xmin, application_id FROM {Account._meta.db_table} WHERE id = pos.account_id LIMIT 1
) account
CROSS JOIN LATERAL (SELECT is_active FROM {Store._meta.db_table} WHERE id = pos.store_id LIMIT 1) store
LEFT JOIN LATERAL (
    SELECT id, xmin, first_served_at, paid_amount FROM {Order._meta.db_table}
    WHERE pos_id = pos.id AND status = '{Status.OPEN}' AND payment_status NOT IN {_PAID} AND expires_at > $2 LIMIT 1
) o ON true
WHERE pos.poll_token = $1
""".encode()  # noqa: S608 - nothing from outside


class _Here(local):
    """This thread's way to the database: Django's own connection, so that there are no more of them."""

    def __init__(self) -> None:
        self.django = connections[DEFAULT_DB_ALIAS]
        self.prepared: Any = None  # the connection that knows the statement


_here = _Here()


def ahead_of(application: WSGIApplication) -> WSGIApplication:
    """The same application, with most polls answered before it."""
    if connections[DEFAULT_DB_ALIAS].vendor != "postgresql":
        return application

    def express(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith(_PREFIX) and environ["REQUEST_METHOD"] == "GET":
            try:
                answer = _answer(path[len(_PREFIX) :])
            except Exception:  # whatever it is, the long way says what is to be said
                logger.exception("a poll could not be answered at once")
                answer = None
            if answer is not None:
                start_response(*_head(answer))
                return (answer.body,)
        return application(environ, start_response)

    return express


def _answer(token: str) -> Answer | None:
    """What is to be said, if it is said every second; None otherwise."""
    if not TOKEN.fullmatch(token):  # the view's own rule; libpq would end a text at a NUL and find what stands before
        return None
    row = _ask(token, datetime.now(UTC).isoformat())
    if row is None or row.ntuples != 1:
        return None
    values = [row.get_value(0, column) or b"" for column in range(row.nfields)]
    pos_id, spoken, in_service, is_silent, status, polled_lately, *of_order, paid = values
    if polled_lately != _TRUE:
        return None
    dialect = Dialect(spoken.decode())
    order_id, order, account, application, is_shown = of_order
    if order_id and in_service == _TRUE:
        if is_shown != _TRUE:
            return None
        heard, answer = ORDER, offered.find(Versions(order_id, order, account, application, dialect))
    else:
        said = situation_of(
            in_service=in_service == _TRUE,
            is_silent=is_silent == _TRUE,
            status=status.decode(),
            was_paid=lambda: paid == _TRUE,
            dialect=dialect,
        )
        heard, answer = said, dialects.wait(said, dialect, words())
    if answer is not None:
        spells.count(int(pos_id))
        metrics.polls.count(heard)
    return answer


def _ask(token: str, now: str) -> PGresult | None:
    """The row; None when there is no way to ask: Django opens, mends and closes connections, nobody else."""
    connection = _here.django.connection
    if connection is None:
        return None
    if connection is not _here.prepared:
        _here.prepared = None
        if connection.pgconn.prepare(_STATEMENT, _QUESTION).status != ExecStatus.COMMAND_OK:
            return None
        _here.prepared = connection
    row: PGresult = connection.pgconn.exec_prepared(_STATEMENT, [token.encode(), now.encode()])
    if row.status != ExecStatus.TUPLES_OK:
        _here.prepared = None
        return None
    return row


def _head(answer: Answer) -> tuple[str, list[tuple[str, str]]]:
    """What `PollView` sends to machines; what Django adds for browsers only is left out."""
    return f"{answer.status} {HTTPStatus(answer.status).phrase}", [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(answer.body))),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
        *answer.headers.items(),
    ]
