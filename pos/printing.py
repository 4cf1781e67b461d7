"""Posters of points of sale as files: singly, or a whole store in one document."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from gateway import qr
from pos import official
from pos.models import PointOfSale
from pos.posters.page import Page
from pos.posters.sizes import SIZES
from pos.posters.words import words_of

FORMATS: Final = {"pdf": "application/pdf", "png": "image/png", "svg": "image/svg+xml"}


class Unprintable(ValueError):
    """There is no code to print yet. Says what to do."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A file, and whose posters are in it."""

    name: str
    content: bytes
    points: Sequence[PointOfSale]


def why_not(pos: PointOfSale) -> str:
    """Why its poster cannot be printed, and what to do; empty when it can."""
    if pos.remote_id is None:
        return str(pos.outcome)
    if official.has_code(pos):
        return ""
    if pos.qr_problem:
        return _("Its code could not be fetched: %(problem)s") % {"problem": pos.qr_problem}
    return _("Its code was not fetched from Mercado Pago yet. It is fetched within a minute.")


def page(pos: PointOfSale, size: str) -> Page:
    """Its poster; Unprintable when there is no code yet."""
    if reason := why_not(pos):
        raise Unprintable(reason)
    from pos.posters.drawing import lay_out

    encoding = qr.parse(pos.qr_payload).encoding
    return lay_out(words_of(pos, encoding=encoding), SIZES[size])


def poster(pos: PointOfSale, *, size: str, format: str) -> bytes:
    from pos.posters.drawing import OF_ONE

    return OF_ONE[format](page(pos, size))


def booklet(points: Iterable[PointOfSale], *, size: str, on_sheets: bool = False) -> bytes:
    """All of them in one PDF: a page each, or as many as fit on sheets of A4."""
    from pos.posters import drawing

    return drawing.booklet([page(pos, size) for pos in points], on_sheets=on_sheets)


def each(points: Sequence[PointOfSale], *, size: str, format: str) -> Iterator[Printed]:
    """A file for each."""
    for pos in points:
        name = _name(points, pos, pos.store.external_id, pos.external_id, size)
        yield Printed(f"{name}.{format}", poster(pos, size=size, format=format), [pos])


def by_store(points: Sequence[PointOfSale], *, size: str, on_sheets: bool = False) -> Iterator[Printed]:
    """A PDF for each store."""
    for _store, group in groupby(sorted(points, key=lambda pos: (pos.store_id, pos.external_id)), _store_of):
        of_store = list(group)
        name = _name(points, of_store[0], of_store[0].store.external_id, f"{size}s" if on_sheets else size)
        yield Printed(f"{name}.pdf", booklet(of_store, size=size, on_sheets=on_sheets), of_store)


def _store_of(pos: PointOfSale) -> int:
    return pos.store_id


def _name(points: Sequence[PointOfSale], pos: PointOfSale, *parts: str) -> str:
    """External ids are unique within an account: the account is named where there are several."""
    accounts = {point.account_id for point in points}
    parts = (str(pos.store.account.user_id), *parts) if len(accounts) > 1 else parts
    return "-".join(re.sub(r"[^A-Za-z0-9]+", "_", part) for part in parts)
