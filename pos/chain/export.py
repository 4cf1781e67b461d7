"""What is here as a table: edited, it can be imported again."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import Prefetch, QuerySet

from pos.chain import sheets
from pos.chain.columns import COLUMNS, NAMES, Column
from pos.models import PointOfSale
from stores.models import Store


def stores_file(chosen: QuerySet[Store], name: str) -> bytes:
    """The stores with all of their points of sale; `name` is csv or xlsx."""
    points = Prefetch("points_of_sale", PointOfSale.objects.order_by("external_id"))
    rows = chosen.order_by("account__user_id", "external_id").select_related("account").prefetch_related(points)
    pairs = ((store, pos) for store in rows for pos in store.points_of_sale.all() or (None,))
    return sheets.write(NAMES, _rows(pairs), name=name)


def points_file(chosen: QuerySet[PointOfSale], name: str) -> bytes:
    """These points of sale, each with its store."""
    rows = chosen.order_by("account__user_id", "store__external_id", "external_id").select_related("store__account")
    return sheets.write(NAMES, _rows((pos.store, pos) for pos in rows), name=name)


def _rows(pairs: Iterable[tuple[Store, PointOfSale | None]]) -> Iterator[list[Any]]:
    for store, pos in pairs:
        yield [_cell(column, store, pos) for column in COLUMNS]


def _cell(column: Column, store: Store, pos: PointOfSale | None) -> Any:
    if column.of == "account":
        return store.account.user_id
    row = store if column.of == "store" else pos
    return column.write(getattr(row, column.field or "external_id")) if row else ""
