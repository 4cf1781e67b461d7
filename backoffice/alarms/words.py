"""An alarm in plain words, in the reader's language: what is wrong, what to do about it, and where."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from backoffice.cases.sources import label_of
from backoffice.models import Alarm, AlarmKind
from receipts.states import PrinterState
from stores.amounts import in_currency
from stores.times import written


@dataclass(frozen=True, slots=True)
class Words:
    """`told` may name the alarm's label as `about`, and its values. `page`: where it is seen to."""

    told: StrOrPromise
    advice: StrOrPromise
    page: Callable[[Alarm], str]


def _row(name: str) -> Callable[[Alarm], str]:
    """The page of the row that the alarm is about."""
    return lambda alarm: reverse(f"admin:{name}", args=[alarm.subject.split()[1]])


def _list(name: str, **query: str) -> Callable[[Alarm], str]:
    return lambda alarm: reverse(f"admin:{name}") + (f"?{urlencode(query)}" if query else "")


def _of_kind(alarm: Alarm) -> str:
    return f"{reverse('admin:attention')}?{urlencode({'kind': alarm.values['case']})}"


def _of_store(alarm: Alarm) -> str:
    return reverse("admin:attention") + (f"?{urlencode({'store': alarm.store_id})}" if alarm.store_id else "")


_WORDS: Final[Mapping[AlarmKind, Words]] = {
    AlarmKind.PAID_NOT_CLOSED: Words(
        _("%(pos)s: Mercado Pago reports %(amount)s as paid, and the order is not closed here."),
        _("Mercado Pago is asked again by itself. Press “Check now” on the order; if it stays so, look it up there."),
        _row("timeline_order"),
    ),
    AlarmKind.REFUND_FAILED: Words(
        _("Money was to go back to a customer and did not (%(case)s): %(about)s."),
        _("The list of what waits says what Mercado Pago answered, and has the button to try again."),
        _of_kind,
    ),
    AlarmKind.DISPUTED: Words(
        _("A customer's bank or Mercado Pago takes a payment back (%(case)s): %(about)s."),
        _("Answer it in Mercado Pago in time, with the receipt as a proof."),
        _of_kind,
    ),
    AlarmKind.WAITS: Words(
        _("Waiting for a person for more than half an hour at %(about)s: %(count)s."),
        _("Open the list of what waits: each case says what is proposed."),
        _of_store,
    ),
    AlarmKind.NO_NEWS: Words(
        _("Mercado Pago sent no notification about the last sale of account %(about)s."),
        _("Sales close all the same, but later. Compare the address at Mercado Pago with that on the account's page."),
        _row("stores_account_change"),
    ),
    AlarmKind.NEWS_FAILS: Words(
        _("Account %(about)s: Mercado Pago could not be asked about %(count)s notifications."),
        _("They are tried again by themselves. If it lasts, test the access token on the account's page."),
        _row("stores_account_change"),
    ),
    AlarmKind.BEHIND: Words(
        _("Notifications that no worker has come to: %(count)s."),
        _("The worker does too much, or fails: see its log, start it anew, or start more of them."),
        _list("notifications_notification_changelist", outcome__exact="received"),
    ),
    AlarmKind.TOKEN: Words(
        _("The access token of account %(about)s does not work, or ends soon. %(note)s"),
        _("Give the account a new access token, or connect it again, on its page: until then no payment is seen here."),
        _row("stores_account_change"),
    ),
    AlarmKind.POS_SILENT: Words(
        _("%(about)s does not report: nobody can pay there."),
        _("Look at the controller's power and network."),
        _row("timeline_pos"),
    ),
    AlarmKind.PRINTER: Words(
        _("Printer %(about)s: %(state)s. Receipts are not printed."),
        _("Look at it at the station. What waits is printed by itself then."),
        _row("receipts_printer_change"),
    ),
    AlarmKind.NOT_PRINTED: Words(
        _("Receipts that printer %(about)s does not print: %(count)s."),
        _("See on its page why; ask it for a test page."),
        _row("receipts_printer_change"),
    ),
    AlarmKind.NOT_DRAWN: Words(
        _("Paid orders of %(about)s without a receipt: %(count)s."),
        _("The worker draws them as soon as it can. If it lasts, see its log: the disk may be full."),
        _list("receipts_receipt_changelist"),
    ),
}


def sentence(alarm: Alarm) -> str:
    """What is wrong."""
    return str(_of(alarm).told % _values(alarm)).strip()


def advice(alarm: Alarm) -> str:
    return str(_of(alarm).advice)


def page(alarm: Alarm) -> str:
    return _of(alarm).page(alarm)


def place(alarm: Alarm) -> str:
    """The store, else the account. Select both with it."""
    return alarm.store.name if alarm.store else str(alarm.account or gettext("the whole system"))


def clock(alarm: Alarm) -> ZoneInfo:
    """That of its place."""
    account = alarm.account
    return alarm.store.tz if alarm.store else ZoneInfo(account.site.time_zone if account else "UTC")


def since(alarm: Alarm) -> str:
    return written(alarm.since, clock(alarm))


def snoozed(alarm: Alarm) -> str:
    """Until when, and by whom; empty when it is not."""
    if alarm.snoozed_until is None:
        return ""
    values = {"until": written(alarm.snoozed_until, clock(alarm)), "name": alarm.snoozed_by}
    return gettext("snoozed until %(until)s by %(name)s") % values


def _of(alarm: Alarm) -> Words:
    return _WORDS[AlarmKind(alarm.kind)]


def _values(alarm: Alarm) -> dict[str, Any]:
    values = {"about": alarm.label, **alarm.values}
    if "amount" in values:
        amount, currency = Decimal(values["amount"]), values["currency"]
        values["amount"] = f"{in_currency(amount, currency)} {currency}"
    if "case" in values:
        values["case"] = label_of(values["case"])
    if "state" in values:
        values["state"] = PrinterState(values["state"]).label
    if "note" in values:
        note = values["note"]
        text: str = note.get("text", "")
        values["note"] = gettext(text) % note["values"] if text else ""
    return values
