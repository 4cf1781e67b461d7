"""Mercado Pago's HTTP API. Calls are slow: never inside a transaction (protocol.md §2, §3, §5-§7)."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from gateway.asking import PAGE, Asking, rows_of, total_of
from gateway.errors import Conflict, NotUnderstood, PermanentError
from gateway.loyalty import RemoteLoyalty
from gateway.remote import RemoteMerchantOrder, RemotePayment, RemotePos, RemoteRefund, RemoteStore, RemoteUser


class Client(Asking):
    """What is asked of Mercado Pago, in its words, and understood in ours."""

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
            for pos in map(RemotePos.parse, rows_of(found, "results")):
                if pos.external_id == body["external_id"]:
                    changes = {name: value for name, value in body.items() if name != "external_id"}
                    return RemotePos.parse(self._call("PUT", f"/pos/{pos.id}", body=changes))
            raise

    @property
    def _stores(self) -> str:
        return f"/users/{self._user_id}/stores"

    def _update_store(self, body: Mapping[str, Any]) -> RemoteStore | None:
        found = self._call("GET", f"{self._stores}/search", query={"external_id": body["external_id"]})
        for store in map(RemoteStore.parse, rows_of(found, "results")):
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
            query = {**wanted, "limit": PAGE, "offset": str(offset)}
            page = self._call("GET", "/merchant_orders/search", query=query)
            elements = rows_of(page, "elements")
            for element in elements:
                try:
                    remote = RemoteMerchantOrder.parse(element, asked_at=asked_at)
                    found[remote.id] = remote
                except NotUnderstood as error:
                    not_understood.append(error)
            offset += len(elements)
            if not elements or offset >= total_of(page):
                return list(found.values()), not_understood


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
