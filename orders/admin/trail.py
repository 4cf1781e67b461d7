from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from django_stubs_ext import StrOrPromise

from gateway.sites import BY_CURRENCY
from orders import words
from orders.models import MoneyEntry, MoneyEvent
from stores.admin import ReadOnlyAdmin

_STATES = {MoneyEvent.PAYMENT: words.status, MoneyEvent.REFUND_ANSWERED: words.refund_status}


@admin.register(MoneyEntry)
class MoneyEntryAdmin(ReadOnlyAdmin):
    help_line = _("Whatever was learnt of money, or decided about it, in order. Nobody can edit this.")
    empty_hint = _("None yet. Whatever is learnt of money, or decided about it, is written down here and stays.")
    counted = (_("movement of money"), _("movements of money"))  # its name is of all of them
    store_path = "order__pos__store"
    worded = {"actor": words.who}
    amounts = ("amount",)
    currency = "order.currency"
    list_display = ("at", "order", "event", "amount", "was", "became", "actor", "because")
    fields = ("at", "order", "event", "amount", "was", "became", "remote_id", "actor", "because")
    readonly_fields = ("was", "became", "because")
    list_filter = ("event",)
    sortable_by = ()
    list_select_related = ("order",)
    search_fields = ("^order__external_reference", "=order__merchant_orders__payments__remote_id")
    ordering = ("-pk",)

    @admin.display(description=_("before"))
    def was(self, entry: MoneyEntry) -> StrOrPromise:
        return _state(entry, entry.before)

    @admin.display(description=_("after"))
    def became(self, entry: MoneyEntry) -> StrOrPromise:
        return _state(entry, entry.after)

    @admin.display(description=_("why"))
    def because(self, entry: MoneyEntry) -> StrOrPromise:
        is_of_payment = entry.event == MoneyEvent.PAYMENT
        return (words.detail(entry.reason) if is_of_payment else words.why(entry.reason)) or "-"


def _state(entry: MoneyEntry, text: str) -> StrOrPromise:
    """What a word means goes by what it is about; of what went back there is an amount."""
    if entry.event == MoneyEvent.PAID_BACK:
        return words.money(text, BY_CURRENCY[entry.order.currency])
    write = _STATES.get(MoneyEvent(entry.event), words.request_status)
    return write(text) if text else "-"
