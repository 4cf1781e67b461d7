"""How talking to Mercado Pago fails: again, or never.

GatewayError
├── TemporaryError      worth another try: time-outs, dropped connections, 429 and 5xx
│   └── NotAsked        the call was not made: see gateway.breaker
└── PermanentError      trying again cannot help: a 4xx, or a body we do not understand
    ├── NotFound        404: no such thing, or not this account's
    ├── Conflict        409: it exists already
    ├── Forbidden       403: not this account's, or (points of sale) our host is not enabled yet
    ├── Unauthorized    401: the access token is wrong or expired
    └── NotUnderstood   an answer that misses what it must say, or says what cannot be
"""

from datetime import datetime


class GatewayError(Exception):
    """Mercado Pago did not do what was asked. `status` is 0 when there was no answer at all.

    `retry_after` is how many seconds it wants to be left alone; 0 when it does not say.
    """

    def __init__(self, message: str, *, status: int = 0, code: str = "", retry_after: int = 0) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.retry_after = retry_after


class TemporaryError(GatewayError):
    """Worth another try: time-outs, dropped connections, 429 and 5xx."""


class NotAsked(TemporaryError):
    """The call was not made, so nothing happened there: it is no failed try, and whatever wanted it is put off.

    There are no answers since `since`; None when there are only too many calls, for us or for Mercado Pago. Tried again
    at `until`. Both by the clocks of the account's country.
    """

    def __init__(self, *, since: datetime | None, until: datetime, retry_after: int) -> None:
        why = f"no answers since {since:%Y-%m-%d %H:%M:%S %Z}" if since else "too many calls at once"
        super().__init__(f"not asked: {why}, tried again at {until:%H:%M:%S}", retry_after=retry_after)
        self.since = since
        self.until = until


class PermanentError(GatewayError):
    """Trying again cannot help: a 4xx, or a body we do not understand."""


class NotFound(PermanentError):
    """404: no such thing, or not this account's."""


class Conflict(PermanentError):
    """409: it exists already."""


class Forbidden(PermanentError):
    """403: the token is another user's, or our host is not enabled for `url` of a point of sale (protocol.md §1.1)."""


class Unauthorized(PermanentError):
    """401: the access token is wrong or expired."""


class NotUnderstood(PermanentError):
    """An answer that misses what it must say, or says what cannot be: never guessed at."""


def from_answer(status: int, message: str, code: str, *, retry_after: int = 0) -> GatewayError:
    """The error that an answer with this HTTP status means (protocol.md §7)."""
    # 423 "idempotency key locked" and 424 are documented as retryable.
    if status in (423, 424, 429) or status >= 500:
        kind: type[GatewayError] = TemporaryError
    else:
        kind = {401: Unauthorized, 403: Forbidden, 404: NotFound, 409: Conflict}.get(status, PermanentError)
    return kind(message, status=status, code=code, retry_after=retry_after)
