"""What the tile of a point of sale says. No queries, no clock: the same facts make the same tile."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import TextChoices
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django_stubs_ext import StrOrPromise

from backoffice.board.writing import Writing, lapse
from orders.models import Order
from orders.states import Attention, PaymentStatus, Status
from pos.models import ControllerStatus, PointOfSale

JUST_NOW: Final = timedelta(minutes=2)  # so long a tile shows that it was paid
_UNPAID_IS_NEWS: Final = timedelta(minutes=10)


class State(TextChoices):
    """How a point of sale stands, for people."""

    IDLE = "idle", gettext_lazy("idle")
    DISPENSING = "dispensing", gettext_lazy("dispensing")
    WAITING = "waiting", gettext_lazy("waiting for payment")
    PAID = "paid", gettext_lazy("paid")
    SILENT = "silent", gettext_lazy("silent")
    OUT = "out", gettext_lazy("out of order")


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that a tile is made of. Of orders only the newest, the last one that was paid, and what needs a look."""

    pos: PointOfSale  # with its store and account
    newest: Order | None = None
    sold: Order | None = None
    marked: Order | None = None  # the newest that needs a look
    marks: int = 0  # how many do
    receipt: str = ""  # number of the receipt of `sold`
    paper: StrOrPromise = ""  # how its printing stands
    is_not_on_paper: bool = False

    @property
    def open(self) -> Order | None:
        """There is at most one, and nothing is made after it."""
        return self.newest if self.newest and self.newest.status == Status.OPEN else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """Words ready to be read, in `Writing`; `since` and `until` are seconds since 1970, for the page to count."""

    id: int
    name: str
    code: str
    url: str
    state: str
    word: str
    amount: str = ""
    note: str = ""
    detail: str = ""
    mark: str = ""
    since: int | None = None
    until: int | None = None
    waited: str = ""  # what `since` and `until` come to now, where no script counts
    left: str = ""

    def for_script(self) -> dict[str, Any]:
        """All that does not change from second to second by itself."""
        return {name: getattr(self, name) for name in _FOR_SCRIPT}


_FOR_SCRIPT: Final = tuple(field.name for field in fields(Tile) if field.name not in ("waited", "left"))


def tile_of(facts: Facts, now: datetime, writing: Writing) -> Tile:
    """The tile; `now` decides what is overdue, silent or paid just now."""
    state, pos = state_of(facts, now), facts.pos
    said = _SAID[state](facts, now, writing)
    since, until = said.pop("since", None), said.pop("until", None)
    return Tile(
        id=pos.pk,
        name=pos.name,
        code=pos.external_id,
        url=url_of(facts, state),
        state=state.value,
        word=str(state.label),
        mark=_mark(facts, state, now, writing),
        since=int(since.timestamp()) if since else None,
        until=int(until.timestamp()) if until else None,
        waited=lapse(now - since) if since else "",
        left=lapse(until - now) if until else "",
        **said,
    )


def state_of(facts: Facts, now: datetime) -> State:
    """The first that holds. As for the customer: what is to be paid comes before a controller that says nothing."""
    pos, sold = facts.pos, facts.sold
    rules = (
        (not pos.is_in_service, State.OUT),
        (facts.open is not None, State.WAITING),
        (pos.remote_id is None, State.OUT),
        (pos.is_unreachable(now), State.SILENT),
        (pos.status == ControllerStatus.IN_PROCESS, State.DISPENSING),
        (bool(sold and sold.closed_at and now - sold.closed_at < JUST_NOW), State.PAID),
    )
    return next((state for holds, state in rules if holds), State.IDLE)


def url_of(facts: Facts, state: State) -> str:
    """Where a tile leads: to the order it is about, else to the point of sale."""
    order = facts.open or facts.marked or (facts.sold if state is State.PAID else None)
    if order:
        return reverse("admin:orders_order_change", args=[order.pk])
    return reverse("admin:pos_pointofsale_change", args=[facts.pos.pk])


def _mark(facts: Facts, state: State, now: datetime, writing: Writing) -> str:
    """What a person must see to, whatever the point of sale does. No code: the tile leads to the order."""
    marked = facts.marked
    if marked:
        values = {"amount": writing.money(marked.total_amount), "time": writing.moment(marked.created_at, now)}
        if facts.marks > 1:
            values["count"] = str(facts.marks)
            return _("%(count)s orders need a look, the newest: %(amount)s, %(time)s") % values
        reason = str(Attention(marked.attention or "").label)  # `get_…_display` hashes all words each time
        if state is State.DISPENSING or marked is not facts.newest:
            return _("Another order needs a look (%(amount)s, %(time)s): %(reason)s") % (values | {"reason": reason})
        return reason
    if state is State.PAID and facts.is_not_on_paper:
        return str(facts.paper)
    if state is not State.OUT and facts.pos.refusal:
        return _("Mercado Pago refuses a change of it")
    return ""


def _out(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    pos = facts.pos
    if not pos.is_active:
        return {"note": _("It is switched off.")}
    if not pos.store.is_active:
        return {"note": _("The store is switched off.")}
    if not pos.store.account.is_active:
        return {"note": _("The account is switched off.")}
    return {"note": _("At Mercado Pago: %(state)s") % {"state": pos.get_registration_display()}}


def _waiting(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    order = facts.open
    assert order is not None  # noqa: S101 - that is what waiting means
    kept = order.kept_amount
    said = {"amount": writing.money(order.left_to_pay or order.total_amount), "since": order.created_at}
    if facts.pos.is_unreachable(now):
        said["detail"] = _("Its controller is silent.")
    if order.is_paid_but_not_closed:
        return said | {"note": _("Paid, but Mercado Pago has not confirmed it yet.")}
    values = {"paid": writing.money(kept), "total": writing.money(order.total_amount)}
    if kept and order.is_held_open:  # what it expires at means nothing any more
        return said | {"note": _("Held open, a part is paid: %(paid)s of %(total)s.") % values}
    if order.expires_at <= now:
        return said | {"note": _("Its time is over; Mercado Pago is being asked.")}
    said["until"] = order.expires_at
    if kept:
        return said | {"note": _("%(paid)s of %(total)s are paid.") % values}
    seen = order.first_served_at is not None
    return said | {"note": _("A customer sees the amount.") if seen else _("Nobody has scanned the code yet.")}


def _silent(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    pos = facts.pos
    if pos.status == ControllerStatus.OFFLINE:
        return {"note": _("Its controller says: offline."), "since": pos.status_since or pos.status_at}
    if pos.status_at is None:
        return {"note": _("Its controller was never heard of.")}
    heard = writing.moment(pos.status_at, now)
    return {"note": _("Last heard of: %(time)s") % {"time": heard}, "since": pos.status_at}


def _dispensing(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    pos = facts.pos
    amount = "" if pos.amount_so_far is None else writing.money(pos.amount_so_far)
    return {"amount": amount, "since": pos.status_since or pos.status_at}


def _paid(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    order = facts.sold
    assert order is not None  # noqa: S101 - that is what paid means
    said = {"amount": writing.money(order.total_amount), "since": order.closed_at}
    if order.payment_status != PaymentStatus.PAID:
        said["note"] = str(order.get_payment_status_display())
    if facts.receipt:
        paper = f" · {facts.paper}" if facts.paper and not facts.is_not_on_paper else ""
        said["detail"] = _("Receipt %(number)s") % {"number": facts.receipt} + paper
    return said


def _idle(facts: Facts, now: datetime, writing: Writing) -> dict[str, Any]:
    newest, sold = facts.newest, facts.sold
    if newest and newest.status == Status.EXPIRED and now - newest.expires_at < _UNPAID_IS_NEWS:
        values = {"amount": writing.money(newest.total_amount), "time": writing.moment(newest.expires_at, now)}
        return {"note": _("Not paid: %(amount)s, expired %(time)s") % values}
    if sold is None or sold.closed_at is None:
        return {"note": _("Nothing sold yet.")}
    values = {"amount": writing.money(sold.total_amount), "time": writing.moment(sold.closed_at, now)}
    return {"note": _("Last sale: %(amount)s, %(time)s") % values}


_SAID: Final[dict[State, Callable[[Facts, datetime, Writing], dict[str, Any]]]] = {
    State.OUT: _out,
    State.WAITING: _waiting,
    State.SILENT: _silent,
    State.DISPENSING: _dispensing,
    State.PAID: _paid,
    State.IDLE: _idle,
}
