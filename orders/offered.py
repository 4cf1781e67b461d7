"""Answers with an order to pay, kept by the versions of the rows that they were made of: same rows, same bytes.

None of them can be stale: whoever asks has just read the versions, and a row that changes gets another one. Only
PostgreSQL tells versions (`xmin`); elsewhere nothing is kept.
"""

from typing import Any, NamedTuple

from django.db.models import F, Func, TextField

from gateway.dialects import Answer, Dialect
from orders.models import Order
from pos.models import PointOfSale

_MOST = 2000  # of about 500 bytes; a chain has fewer orders waiting at a time
_kept: dict["Versions", Answer] = {}


class Versions(NamedTuple):
    """All that an answer with a whole order depends on."""

    order_id: bytes
    order: bytes
    account: bytes
    application: bytes  # empty: none
    dialect: Dialect


class RowVersion(Func):
    """The version of the row that has this column, no key: joins end before those. Empty where there is none."""

    output_field = TextField()

    def __init__(self, column: str) -> None:
        super().__init__(F(column))

    def as_sql(self, *_arguments: Any, **_options: Any) -> tuple[str, tuple[str | int, ...]]:
        return "''", ()

    def as_postgresql(self, _compiler: Any, connection: Any, **_options: Any) -> tuple[str, tuple[str | int, ...]]:
        table = connection.ops.quote_name(self.get_source_expressions()[0].alias)
        return f"COALESCE({table}.xmin::text, '')", ()


POS_VERSIONS = {
    "account_version": RowVersion("store__account__user_id"),
    "application_version": RowVersion("store__account__application__owner_id"),
}
ORDER_VERSION = {"version": RowVersion("external_reference")}


def find(versions: Versions) -> Answer | None:
    return _kept.get(versions)


def keep(pos: PointOfSale, order: Order, answer: Answer) -> None:
    """Both as they were read, with their versions. A rest is not kept: it depends on payments too."""
    versions = Versions(
        str(order.pk).encode(),
        order.version.encode(),  # type: ignore[attr-defined]  # annotated, as the next two are
        pos.account_version.encode(),  # type: ignore[attr-defined]
        pos.application_version.encode(),  # type: ignore[attr-defined]
        pos.wire_dialect,
    )
    if not versions.order or not versions.account or order.paid_amount:
        return
    if len(_kept) >= _MOST:
        _kept.clear()
    _kept[versions] = answer
