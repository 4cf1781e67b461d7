"""Ahead of everything: one token is not asked for more often than Mercado Pago would, whoever knows it."""

import json
import math
from collections.abc import Iterable
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from django.conf import settings

from stores.rates import Rates

_OF_MERCADO_PAGO: Final = "/mp/"
_NEWS: Final = "/mp/notifications/"
_BODY: Final = json.dumps({"status": 429, "title": "Too Many Requests"}).encode()


def gate(application: WSGIApplication) -> WSGIApplication:
    """The same application, that answers 429 to a flood: before a body is read or the database is asked."""
    rates = Rates()
    of_one_pos, of_an_account = settings.MERCADO_PAGO_CALLS_PER_SECOND, settings.MERCADO_PAGO_NOTIFICATIONS_PER_SECOND

    def guarded(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        # Compared and not called: this is on the way of every poll.
        if path[:4] == _OF_MERCADO_PAGO:
            per_second = of_an_account if path[:18] == _NEWS else of_one_pos  # an account hears of all its POS
            if wait := rates.wait(path, per_second=per_second):
                start_response("429 Too Many Requests", _head(wait))
                return (_BODY,)
        return application(environ, start_response)

    return guarded


def _head(wait: float) -> list[tuple[str, str]]:
    return [
        ("Content-Type", "application/json"),
        ("Content-Length", str(len(_BODY))),
        ("Retry-After", str(math.ceil(wait))),
        ("X-Content-Type-Options", "nosniff"),
    ]
