"""Mercado Pago's HTTP API. Calls are slow: never inside a transaction (protocol.md §2, §3, §5-§7)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from time import monotonic
from typing import Any, Self

import requests
import simplejson
from requests.adapters import HTTPAdapter
from requests.utils import default_headers
from urllib3 import BaseHTTPResponse
from urllib3.exceptions import ReadTimeoutError
from urllib3.util import Retry

from gateway.answers import understand
from gateway.breaker import Breaker, Process
from gateway.calls import Call, Observer, ignore
from gateway.errors import Conflict, GatewayError, NotUnderstood, PermanentError, TemporaryError
from gateway.loyalty import RemoteLoyalty
from gateway.remote import RemoteMerchantOrder, RemotePayment, RemotePos, RemoteRefund, RemoteStore, RemoteUser

_PAGE = "50"
TIMEOUT = (3.05, 10.0)  # seconds to connect, then between bytes
_HEADERS = {**default_headers(), "Accept": "application/json"}


class _Retry(Retry):
    """Who did not answer in time is not asked again at once: a thread would wait for three times as long."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: BaseHTTPResponse | None = None,
        error: Exception | None = None,
        *context: Any,
        **more: Any,
    ) -> Self:
        if isinstance(error, ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, *context, **more)


_GET_RETRIES = _Retry(
    total=2,
    backoff_factor=0.2,
    status_forcelist=(500, 502, 503, 504),  # "502 is routine"; 429 goes back to the caller, who can wait longer
    allowed_methods=("GET",),
    raise_on_status=False,
    respect_retry_after_header=False,
)


@cache
def session() -> requests.Session:
    """One pool of kept-alive connections for all accounts; nothing of an account is kept on it."""
    session = requests.Session()
    session.trust_env = False  # no .netrc may replace our Authorization header
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=_GET_RETRIES, pool_maxsize=32))
    return session


class Client:
    """Mercado Pago on behalf of one account. `observe` is told of every call; it must not raise.

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

    def me(self) -> RemoteUser:
        """Whose access token this is."""
        return RemoteUser.parse(self._call("GET", "/users/me"))

    def get_merchant_order(self, merchant_order_id: int) -> RemoteMerchantOrder:
        asked_at = datetime.now(UTC)
        return RemoteMerchantOrder.parse(self._call("GET", f"/merchant_orders/{merchant_order_id}"), asked_at=asked_at)

    def search_merchant_orders(self, *, external_reference: str) -> list[RemoteMerchantOrder]:
        """All merchant orders of one of our orders, of the last 90 days. `elements` may be null (protocol.md §5)."""
        found, not_understood = self._search_merchant_orders({"external_reference": external_reference})
        if not_understood:
            raise not_understood[0]
        return found

    def merchant_orders_between(
        self, kind: str, begin: datetime, end: datetime
    ) -> tuple[list[RemoteMerchantOrder], list[NotUnderstood]]:
        """All of the account's that were made or changed then; `kind` is date_created or last_updated (§5).

        Beside them what is not understood: one of them must not hide all others.
        """
        return self._search_merchant_orders({f"{kind}_from": _stamp(begin), f"{kind}_to": _stamp(end)})

    def get_payment(self, payment_id: int) -> RemotePayment:
        return RemotePayment.parse(self._call("GET", f"/v1/payments/{payment_id}"))

    def search_payments(self, *, external_reference: str) -> list[RemotePayment]:
        """All payments of one of our orders (protocol.md §6)."""
        found = self._pages("/v1/payments/search", external_reference=external_reference)
        return [RemotePayment.parse(data) for data in found]

    def refund(self, payment_id: int, *, amount: Decimal | None, key: str) -> RemoteRefund:
        """Give back `amount` of a payment, all of it when None. The same key never gives back twice (§6)."""
        body = {} if amount is None else {"amount": amount}
        answer = self._call("POST", f"/v1/payments/{payment_id}/refunds", body=body, key=key)
        return RemoteRefund.parse(answer)

    def list_refunds(self, payment_id: int) -> list[RemoteRefund]:
        answer = self._ask("GET", f"/v1/payments/{payment_id}/refunds", said=list)
        return [RemoteRefund.parse(refund) for refund in answer]

    def list_stores(self) -> list[RemoteStore]:
        """All stores of the account."""
        return [RemoteStore.parse(data) for data in self._pages(f"{self._stores}/search")]

    def list_points_of_sale(self) -> list[RemotePos]:
        """All points of sale of the account."""
        return [RemotePos.parse(data) for data in self._pages("/pos")]

    def get_loyalty(self, merchant_order_id: int) -> RemoteLoyalty:
        """What became of the points of a sale. NotFound: no program knows this merchant order, or not yet (§1.2)."""
        return RemoteLoyalty.parse(self._call("GET", f"/instore/loyalty/{merchant_order_id}"))

    def upsert_store(self, body: Mapping[str, Any]) -> RemoteStore:
        """Create the store, or update the one that has its `external_id`."""
        if store := self._update_store(body):
            return store
        try:
            return RemoteStore.parse(self._call("POST", self._stores, body=body))
        except PermanentError as error:
            # "External_id-already-used": perhaps somebody made it in this very moment (protocol.md §2).
            if error.code == "VALIDATION_ERROR" and (store := self._update_store(body)):
                return store
            raise

    def upsert_pos(self, body: Mapping[str, Any]) -> RemotePos:
        """Create the point of sale; 409 means that it exists: adopt and update it (protocol.md §3)."""
        try:
            return RemotePos.parse(self._call("POST", "/pos", body=body))
        except Conflict:
            found = self._call("GET", "/pos", query={"external_id": body["external_id"]})
            for pos in map(RemotePos.parse, _rows(found, "results")):
                if pos.external_id == body["external_id"]:
                    changes = {name: value for name, value in body.items() if name != "external_id"}
                    return RemotePos.parse(self._call("PUT", f"/pos/{pos.id}", body=changes))
            raise

    @property
    def _stores(self) -> str:
        return f"/users/{self._user_id}/stores"

    def _update_store(self, body: Mapping[str, Any]) -> RemoteStore | None:
        found = self._call("GET", f"{self._stores}/search", query={"external_id": body["external_id"]})
        for store in map(RemoteStore.parse, _rows(found, "results")):
            if store.external_id == body["external_id"]:
                self._call("PUT", f"{self._stores}/{store.id}", body=body)
                return store
        return None

    def _search_merchant_orders(
        self, wanted: Mapping[str, str]
    ) -> tuple[list[RemoteMerchantOrder], list[NotUnderstood]]:
        found: dict[int, RemoteMerchantOrder] = {}  # by id: pages shift while they are read
        not_understood: list[NotUnderstood] = []
        offset = 0
        while True:
            asked_at = datetime.now(UTC)
            query = {**wanted, "limit": _PAGE, "offset": str(offset)}
            page = self._call("GET", "/merchant_orders/search", query=query)
            elements = _rows(page, "elements")
            for element in elements:
                try:
                    remote = RemoteMerchantOrder.parse(element, asked_at=asked_at)
                    found[remote.id] = remote
                except NotUnderstood as error:
                    not_understood.append(error)
            offset += len(elements)
            if not elements or offset >= _total(page):
                return list(found.values()), not_understood

    def _pages(self, path: str, **wanted: str) -> list[Mapping[str, Any]]:
        """All of a list that comes as {paging, results}."""
        found: list[Mapping[str, Any]] = []
        while True:
            page = self._call("GET", path, query={**wanted, "limit": _PAGE, "offset": str(len(found))})
            results = _rows(page, "results")
            found += results
            if not results or len(found) >= _total(page.get("paging") or {}):
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


def _rows(page: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    """What of a list is on this page."""
    rows = page.get(name) or []
    if not isinstance(rows, list):
        raise NotUnderstood(f"Mercado Pago's {name} are no list")
    return rows


def _total(paging: Any) -> int:
    """How long the list is; 0 where that is not said, or not in a number."""
    total = str(paging.get("total")) if isinstance(paging, dict) else ""
    return int(total) if total.isdecimal() else 0


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
