"""Ahead of everything: one token is not asked for more often than Mercado Pago would, and each body has its length."""

import json
import math
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

from stores.bodies import read_chunks
from stores.rates import Rates

_OF_MERCADO_PAGO: Final = "/mp/"
_NEWS: Final = "/mp/notifications/"


def gate(application: WSGIApplication) -> WSGIApplication:
    """The same application, that answers 429 to a flood: before the database is asked."""
    rates = Rates()
    of_one_pos, of_an_account = settings.MERCADO_PAGO_CALLS_PER_SECOND, settings.MERCADO_PAGO_NOTIFICATIONS_PER_SECOND

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        # Compared and not called: this is on the way of every poll.
        if path[:4] == _OF_MERCADO_PAGO:
            per_second = of_an_account if path[:18] == _NEWS else of_one_pos  # an account hears of all its POS
            if wait := rates.wait(path, per_second=per_second):
                return _refuse("429 Too Many Requests", start_response, [("Retry-After", str(math.ceil(wait)))])
        if "HTTP_TRANSFER_ENCODING" in environ and (refused := read_chunks(environ)):
            return _refuse(refused, start_response)
        return application(environ, start_response)

    return guarded


def _refuse(status: str, start_response: StartResponse, more: Iterable[tuple[str, str]] = ()) -> Iterable[bytes]:
    body = json.dumps({"status": int(status[:3]), "title": status[4:]}).encode()
    head = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response(status, [*head, ("Cache-Control", "no-store"), ("X-Content-Type-Options", "nosniff"), *more])
    return (body,)
