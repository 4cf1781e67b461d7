"""Judging the cells of a row: readable, of one mind with the other rows, good by the rules of the models."""

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from pos.chain.columns import OF_STORE, Cells, Column, read
from pos.chain.verdicts import Verdict
from pos.models import PointOfSale
from stores import places
from stores.models import Account, Store

Fields = dict[str, Any]


def read_cells(columns: Iterable[Column], cells: Cells, verdict: Verdict) -> Fields:
    """The cells as values; those that cannot be read are refused and left out."""
    fields: Fields = {}
    for column in columns:
        if column.name not in cells:
            continue
        cell = cells[column.name]
        if not cell and (column.is_required or column.name == "pos_name"):
            verdict.refuse(column.name, _("This cell is empty: fill it in."))
            continue
        try:
            fields[column.field] = read(column, cell)
        except ValidationError as error:
            verdict.refuse(column.name, " ".join(error.messages))
    return fields


def refuse_another_description(described: Sequence[tuple[Verdict, Cells]]) -> None:
    """One store must not be described in two ways."""
    first, first_cells = described[0]
    meant = _values(first_cells)
    for verdict, cells in described[1:]:
        others = _values(cells)
        for name, value in others.items():
            if value != meant[name]:
                text = _(
                    "Rows %(first)s and %(second)s describe store %(store)s differently: “%(one)s” and “%(other)s”."
                )
                names = {"first": first.number, "second": verdict.number, "store": verdict.store}
                sentence = text % (names | {"one": first_cells[name], "other": cells[name]})
                for one in (first, verdict):
                    one.refuse(name, sentence)


def _values(cells: Cells) -> Fields:
    """What the cells mean, so that -34.6 and -34,60 are the same; unreadable ones as they are."""
    values: Fields = {}
    for column in OF_STORE:
        if column.name in cells:
            try:
                values[column.name] = read(column, cells[column.name])
            except ValidationError:
                values[column.name] = cells[column.name]
    return values


def located(account: Account, fields: Fields, verdict: Verdict) -> Fields:
    """In the time zone of its country when none is given, with state and city as Mercado Pago spells them."""
    if fields.get("time_zone") == "":
        fields["time_zone"] = account.site.time_zone
    if "state" in fields and "city" in fields:
        try:
            state, city = places.spell(account.site, fields["state"], fields["city"])
            fields |= {"state": state, "city": city}
        except ValidationError as error:
            verdict.refuse_all("store", error)
    return fields


def validate(row: Store | PointOfSale, fields: Fields, verdict: Verdict, *, part: str) -> None:
    """By the rules of the model. Unique it is by the way it was found."""
    for name, value in fields.items():
        setattr(row, name, value)
    judged = {*fields, "external_id"}
    others = {one.name for one in row._meta.fields if one.name not in judged}
    for check in (partial(row.clean_fields, exclude=others), row.clean):
        try:
            check()
        except ValidationError as error:
            verdict.refuse_all(part, error)
