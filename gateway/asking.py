"""One question to Mercado Pago, and what holds for every one: the breaker, what is understood, who is told of it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from time import monotonic
from typing import Any

import requests
import simplejson
from requests.utils import default_headers

from gateway.answers import understand
from gateway.breaker import Breaker, Process
from gateway.calls import Call, Observer, ignore
from gateway.connections import TIMEOUT, session
from gateway.errors import GatewayError, NotUnderstood, TemporaryError

PAGE = "50"
_HEADERS = {**default_headers(), "Accept": "application/json"}


class Asking:
    """Asks Mercado Pago on behalf of one account. `observe` is told of every call; it must not raise.

    Calls that its `breaker` does not let pass raise NotAsked, and nobody is told of them: they are not made.
    """

    def __init__(
        self,
        *,
        base_url: str,
        access_token: str,
        user_id: int,
        observe: Observer = ignore,
        breaker: Breaker | None = None,
    ) -> None:
        self._observe = observe
        self._breaker = breaker or Process().of(user_id)
        self._base_url = base_url
        self._access_token = access_token
        self._user_id = user_id

    def _pages(self, path: str, **wanted: str) -> list[Mapping[str, Any]]:
        """All of a list that comes as {paging, results}."""
        found: list[Mapping[str, Any]] = []
        while True:
            page = self._call("GET", path, query={**wanted, "limit": PAGE, "offset": str(len(found))})
            results = rows_of(page, "results")
            found += results
            if not results or len(found) >= total_of(page.get("paging") or {}):
                return found

    def _call(self, method: str, path: str, **options: Any) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = self._ask(method, path, said=dict, **options)
        return answer

    def _ask(self, method: str, path: str, *, said: type, **options: Any) -> Any:
        """Ask, and tell the observer: also of what fails, as an answer does that is no dict or no list."""
        taken = self._breaker.enter()
        at, begin = datetime.now(UTC), monotonic()
        answer: requests.Response | None = None
        error: GatewayError | None = None
        try:
            answer = self._send(method, path, **options)
            return understand(f"{method} {path}", answer, said)
        except GatewayError as raised:
            error = raised
            raise
        finally:
            taken.leave(answered=answer is not None, error=error)
            self._observe(
                Call(
                    at=at,
                    method=method,
                    path=path,
                    status=0 if answer is None else answer.status_code,
                    milliseconds=round((monotonic() - begin) * 1000),
                    error=type(error).__name__ if error else "",
                    request_id="" if answer is None else answer.headers.get("X-Request-Id", ""),
                )
            )

    def _send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        key: str = "",
    ) -> requests.Response:
        headers = {**_HEADERS, "Authorization": f"Bearer {self._access_token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if key:
            headers["X-Idempotency-Key"] = key
        data = None if body is None else simplejson.dumps(body, use_decimal=True)
        request = requests.Request(method, f"{self._base_url}{path}", params=query, data=data, headers=headers)
        try:
            # Prepared by itself: merging in what a session keeps takes as long as all else of a call, and we keep none.
            return session().send(request.prepare(), timeout=TIMEOUT, allow_redirects=False)
        except requests.RequestException as error:
            raise TemporaryError(f"{method} {path}: no answer from Mercado Pago ({type(error).__name__})") from error


def rows_of(page: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """What of a list is on this page."""
    rows = page.get(name) or []
    if not isinstance(rows, list):
        raise NotUnderstood(f"Mercado Pago's {name} are no list")
    return rows


def total_of(paging: Any) -> int:
    """How long the list is; 0 where that is not said, or not in a number."""
    total = str(paging.get("total")) if isinstance(paging, dict) else ""
    return int(total) if total.isdecimal() else 0
