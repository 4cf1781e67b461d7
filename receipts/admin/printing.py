from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from receipts import printing
from receipts.admin.conditions import condition
from receipts.errors import Refused
from receipts.models import Printer, Receipt
from receipts.states import IN_TROUBLE
from receipts.tasks import wake_printer
from stores.admin import ReadOnlyAdmin


class PrinterField(forms.ModelChoiceField[Printer]):
    """Each with how it is."""

    def label_from_instance(self, obj: Printer) -> str:
        return f"{obj} – {condition(obj)}"


class PrinterForm(forms.Form):
    """On which printer: those that are ready first, the dead ones last."""

    printer = PrinterField(label=_("printer"), queryset=Printer.objects.none(), empty_label=None)

    def __init__(self, receipt: Receipt, data: Any = None) -> None:
        super().__init__(data)
        printers = Printer.objects.active().filter(store=receipt.store_id).select_related("store", "pos")
        printers = printers.readiest_first()
        well = printers.exclude(state__in=IN_TROUBLE)
        near = [p.filter(pos=pos).first() for p in (well, printers) for pos in (receipt.sale.pos_id, None)]
        self.fields["printer"].queryset = printers  # type: ignore[attr-defined]
        self.fields["printer"].initial = next(filter(None, near), None)


class PrintsReceipts(ReadOnlyAdmin):
    """A page with a button that prints."""

    actions: tuple[str, ...] = ("print",)
    object_actions: tuple[str, ...] = ("print",)

    def has_print_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("receipts.add_printjob")

    @admin.action(description=_("Print"), permissions=["print"])
    def print(self, request: HttpRequest, chosen: QuerySet[Receipt]) -> HttpResponse | None:
        receipt = chosen.select_related("order", "of__order", "store").first()
        if receipt is None or chosen.count() > 1:
            self.message_user(request, _("Choose one receipt."), messages.ERROR)
            return None
        form = PrinterForm(receipt, request.POST if "apply" in request.POST else None)
        if not form.fields["printer"].queryset.exists():  # type: ignore[attr-defined]
            self._say_how_to_add_one(request, receipt)
            return self.back_to(chosen)
        if form.is_valid():
            self._print(request, receipt, form.cleaned_data["printer"])
            return self.back_to(chosen)
        lead = _("What was printed before, or may have been, is printed as a copy.")
        return self.ask(request, chosen, "print", title=_("Print"), lead=lead, form=form, submit=_("Print"))

    def _print(self, request: HttpRequest, receipt: Receipt, printer: Printer) -> None:
        try:
            job = printing.print_receipt(receipt, printer, actor=str(request.user))
        except Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return
        wake_printer(printer)
        url = reverse("admin:receipts_printjob_change", args=[job.pk])
        text = _("%(job)s is on its way to the printer.") % {"job": job}
        self.message_user(request, format_html('<a href="{}">{}</a>', url, text))

    def _say_how_to_add_one(self, request: HttpRequest, receipt: Receipt) -> None:
        place = {"store": receipt.store}
        if not request.user.has_perm("receipts.add_printer"):
            ask = _("%(store)s has no printer yet. A station manager adds it: ask yours, or an administrator.")
            self.message_user(request, ask % place, messages.ERROR)
            return
        text = _("%(store)s has no printer yet. Add one first.") % place
        link = format_html('<a href="{}">{}</a>', reverse("admin:receipts_printer_add"), text)
        self.message_user(request, link, messages.ERROR)
