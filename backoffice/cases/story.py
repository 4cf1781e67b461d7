"""What a case tells a person, and what can be done about it. Each kind of row that can wait is a `Source`."""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, Generic, TypeVar
from zoneinfo import ZoneInfo

from django.contrib.auth.models import AbstractUser
from django.db.models import Expression, F, Model, QuerySet, Value
from django.utils import timezone
from django_stubs_ext import StrOrPromise

from gateway.sites import Site
from stores.amounts import with_currency
from stores.times import written

RANK_MONEY, RANK_DOUBT, RANK_BLOCKED, RANK_PAPER = range(4)  # money first

Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True, slots=True)
class Action:
    """One button. `do` is called in the transaction that writes the decision: no HTTP in it."""

    name: str
    label: StrOrPromise
    permissions: tuple[str, ...]  # beside the one to decide at all
    do: Callable[..., object]  # with `person` and `reason`
    leaves: bool = True  # False: the case stays until its cause is really gone; no reason is asked for
    amount: Decimal | None = None
    not_by: int | None = None  # the person who has done their part: it takes another one


def by_name(service: Callable[..., object], *about: Any) -> Callable[..., object]:
    """A button for a service that only writes down the name of who acts."""

    def do(*, person: AbstractUser, reason: str) -> object:
        return service(*about, actor=person.get_username(), reason=reason)

    return do


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, in plain words; the proposal; the buttons. `facts` changes when something new happens."""

    url: str
    sentences: list[StrOrPromise]
    proposal: StrOrPromise
    facts: str
    actions: list[Action] = field(default_factory=list)
    currency: str = ""


class Source(ABC, Generic[Row]):
    """Rows of one model that can wait for a person."""

    name: ClassVar[str]
    permission: ClassVar[str]  # without it nobody sees these cases
    kinds: ClassVar[dict[str, tuple[StrOrPromise, int]]]  # label and rank
    set_aside_permissions: ClassVar[tuple[str, ...]] = ()

    @abstractmethod
    def live(self) -> "QuerySet[Row]":
        """What waits now, by an index."""

    @abstractmethod
    def story(self, row: Row) -> Story: ...

    @abstractmethod
    def place(self, row: Row) -> tuple[int | None, int]:
        """Its store, None when it is of an account as a whole; its account."""

    def label(self, row: Row) -> str:
        """What it is called beside its store. It is kept: no amount, which each language writes in its own way."""
        return str(row)

    def since(self, row: Row) -> datetime:
        return timezone.now()

    def kind_of(self) -> Expression | F:
        """The kind of a row, for the database."""
        return Value(next(iter(self.kinds)))

    def rows(self, keys: Iterable[int]) -> dict[int, Row]:
        """With all that a story needs."""
        return {row.pk: row for row in self.live().filter(pk__in=list(keys))}

    def lock(self, object_id: int) -> None:
        """Before a person's decision: what it rests on must not change under it."""

    def set_aside(self, row: Row, *, actor: str, reason: str) -> None:
        """Tell the row's own app. Without that the decision alone keeps it away, as long as the facts are the same."""

    def who(self, object_id: int, kind: str) -> tuple[str, str] | None:
        """Who had a row leave without the queue, and why, if the row says so."""
        return None


def fingerprint(*facts: Any) -> str:
    return hashlib.sha256("\n".join(map(str, facts)).encode()).hexdigest()


def money(amount: Decimal, site: Site) -> str:
    """As people write it."""
    return with_currency(amount, site)


def moment(at: datetime, zone: ZoneInfo | str) -> str:
    """The time at the station."""
    return written(at, ZoneInfo(zone) if isinstance(zone, str) else zone)
