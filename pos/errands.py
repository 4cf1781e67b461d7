"""What a worker does for people to points of sale: telling, fetching, comparing, drawing."""

from time import monotonic, sleep
from typing import Any, Final

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.utils.translation import gettext_noop as _

import stores.services
from pos import delivery, doctor, hooks, official, printing, services
from pos.models import Finding, Hook, HookDelivery, PointOfSale
from stores import credentials
from stores.errands import registered
from stores.models import Account, Credentials, Errand, Store
from stores.services import connect
from stores.working import Outcome, Work

PATIENCE: Final = 20.0  # seconds that a test event has before it is said that there is no answer
SHEETS: Final = "sheets"


def booklet(points: list[PointOfSale], size: str) -> tuple[str, bytes]:
    """One PDF of all of them, in the order of the list, and its name."""
    on_sheets = size == SHEETS
    document = printing.booklet(points, size="sticker" if on_sheets else size, on_sheets=on_sheets)
    return f"qr-{size}.pdf", document


def _register(pos: PointOfSale, errand: Errand) -> Outcome:
    pos.tell_again()
    return registered(services.register(pos))


def _fetch(pos: PointOfSale, errand: Errand) -> Outcome:
    if pos.remote_id is not None:
        official.fetch(pos)
    if reason := printing.why_not(pos) or pos.qr_problem:
        return Outcome("%(reason)s", {"reason": reason}, is_good=False)
    return Outcome(_("The QR code and Mercado Pago's files are here."))


def _has_code(pos: PointOfSale, errand: Errand) -> Outcome:
    if reason := printing.why_not(pos):
        return Outcome("%(reason)s", {"reason": reason}, is_good=False)
    return Outcome(_("Its poster is in the file."))


def _print(errand: Errand, rows: QuerySet[Any]) -> tuple[str, bytes]:
    return booklet(list(rows.order_by("store__name", "name", "pk")), errand.args["size"])


def _compare(account: Account, errand: Errand) -> Outcome:
    verdict = credentials.check(account)
    if verdict.credentials is not Credentials.GOOD:
        return Outcome(verdict.text, verdict.values, is_good=False)
    found = doctor.compare(account, client=connect(account))
    return Outcome(_("Compared with Mercado Pago. Differences on the list now: %(count)s."), {"count": len(found)})


def _heal(finding: Finding, errand: Errand) -> Outcome:
    if not doctor.heal([finding]):
        return Outcome("%(remedy)s", {"remedy": finding.remedy}, is_good=False)
    row = finding.store or finding.pos
    if row is None:
        return Outcome(_("It is not there any more."), is_good=False)
    row = stores.services.register(row) if isinstance(row, Store) else services.register(row)
    finding.delete()
    return registered(row)


def _ping(hook: Hook, errand: Errand) -> Outcome:
    """Made once, also when a worker is killed over it; then it is seen whether it is taken."""
    if not hook.is_active:
        return Outcome(_("It is switched off: nothing is sent."), is_good=False)
    mine = hook.deliveries.filter(event="ping", created_at__gte=errand.created_at)
    event, end = mine.first() or hooks.ping(hook), monotonic() + PATIENCE
    delivery.send_due(hook.pk)
    event.refresh_from_db()
    while event.due_at and not event.answer and monotonic() < end:  # another worker is sending
        if hook.deliveries.filter(pk__lt=event.pk, due_at__isnull=False).exclude(answer="").exists():
            return Outcome(_("It waits: an event before it was not taken. See the deliveries."), is_good=False)
        sleep(0.2)
        event.refresh_from_db()
    return _of_event(event)


def _of_event(event: HookDelivery) -> Outcome:
    url = reverse("admin:pos_hookdelivery_change", args=[event.pk])
    if event.delivered_at:
        return Outcome(_("The test event was taken: %(answer)s"), {"answer": event.answer}, url=url)
    if event.answer:
        text = _("The test event was not taken: %(answer)s. It is sent again by itself.")
        return Outcome(text, {"answer": event.answer}, False, url)
    return Outcome(_("The test event is on its way; there is no answer yet."), is_good=False, url=url)


_POINTS: Final = PointOfSale.objects.select_related("store__account")

REGISTER: Final = Work(
    name="pos.register", label=gettext_lazy("Register now at Mercado Pago"), rows=_POINTS.all, do=_register
)
FETCH: Final = Work(
    name="pos.fetch", label=gettext_lazy("Fetch the QR code again"), rows=_POINTS.all, do=_fetch
)  # fmt: skip
PRINT: Final = Work(
    name="pos.print", label=gettext_lazy("Print QR posters"), rows=_POINTS.all, do=_has_code, is_local=True,
    finish=_print,
)  # fmt: skip
COMPARE: Final = Work(
    name="pos.compare", label=gettext_lazy("Look again now"), rows=Account.objects.all, do=_compare
)  # fmt: skip
PING: Final = Work(
    name="pos.ping", label=gettext_lazy("Send a test event"), rows=Hook.objects.all, do=_ping
)  # fmt: skip
HEAL: Final = Work(
    name="pos.heal",
    label=gettext_lazy("Heal: tell Mercado Pago again"),
    rows=Finding.objects.select_related("store__account", "pos__store__account").all,
    do=_heal,
    gone=Outcome(_("It is not on the list any more.")),
)
