"""The limit: a WSGI application that asks nobody anything and says the same each time (BENCH_BODY)."""

import os
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

_BODY = os.environ["BENCH_BODY"].encode()
_HEADERS = [
    ("Content-Type", "application/json"),
    ("Content-Length", str(len(_BODY))),
    ("Cache-Control", "no-store"),
    ("X-Content-Type-Options", "nosniff"),
]


def application(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", _HEADERS)
    return (_BODY,)
