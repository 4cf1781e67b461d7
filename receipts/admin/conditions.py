"""How printers are, in words."""

from django.utils.html import format_html
from django.utils.translation import gettext as _

from receipts.models import Printer
from receipts.states import PrinterState, Trouble

_SIGNS = {PrinterState.READY: "●", PrinterState.PAPER_OUT: "▲", PrinterState.OFFLINE: "✕", PrinterState.UNKNOWN: "○"}


def condition(printer: Printer) -> str:
    """As far as it says. Of one that says nothing only what it did is known."""
    state, trouble = PrinterState(printer.state), printer.trouble
    if not printer.is_active:
        return _("switched off")
    if trouble == Trouble.SILENT and state == PrinterState.READY:
        return _("took the last print without an error; it does not say how it is")
    if trouble == Trouble.SILENT and state == PrinterState.UNKNOWN:
        return _("does not say how it is; a test page shows whether it prints")
    if not trouble or state == PrinterState.PAPER_OUT:
        return str(state.label)
    return f"{state.label}: {printer.get_trouble_display()}"


def condition_with_sign(printer: Printer) -> str:
    """The same, seen at a glance."""
    state = PrinterState(printer.state) if printer.is_active else PrinterState.UNKNOWN
    sign = format_html('<span class="printer-sign" aria-hidden="true">{}</span>', _SIGNS[state])
    return format_html('<span class="printer-{}">{} {}</span>', state, sign, condition(printer))
