"""The form in which the pump totals of a day or of a shift are handed in."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.closing import pumps
from backoffice.closing.figures import HandedIn
from backoffice.models import Shift
from pos.models import PointOfSale
from stores.models import Store

_VOLUME_DECIMALS: Final = 3


_BOX: Final = (
    '{errors}<input type="number" name="{name}" id="id_{name}" value="{value}" min="0" step="{step}" '
    'aria-label="{label}"{wrong} class="pump">'
)
_WRONG: Final = ' aria-invalid="true" aria-describedby="id_{}_error"'


class PumpForm(forms.Form):
    """An amount and a volume for each active point of sale; an empty amount is none.

    Its page draws the boxes itself: hundreds of fields and widgets of Django's take longer than all the rest of it.
    """

    def __init__(self, store: Store, day: date, shift: Shift | None, data: Any = None) -> None:
        super().__init__(data)
        self._known = pumps.totals(store, day, shift)
        self._decimals = store.account.site.decimals
        active = store.points_of_sale.filter(is_active=True).order_by("name", "external_id")
        self.points = list(active.only("store", "name", "external_id"))
        for pos in self.points if self.is_bound else ():
            self.fields[f"amount-{pos.pk}"] = _number(14, self._decimals)
            self.fields[f"volume-{pos.pk}"] = _number(12, _VOLUME_DECIMALS)

    def rows(self) -> Iterator[tuple[PointOfSale, SafeString, SafeString]]:
        amount, volume = _("Pump total of %(pos)s"), _("Volume of %(pos)s")
        for pos in self.points:
            now = self._known.get(pos.pk)
            yield (
                pos,
                self._box(f"amount-{pos.pk}", amount % {"pos": pos}, self._decimals, now.amount if now else None),
                self._box(f"volume-{pos.pk}", volume % {"pos": pos}, _VOLUME_DECIMALS, now.volume if now else None),
            )

    def pumps(self) -> dict[int, HandedIn | None]:
        """As they are to be kept."""
        values = self.cleaned_data
        return {
            pos.pk: None if (amount := values[f"amount-{pos.pk}"]) is None
            else HandedIn(amount, values[f"volume-{pos.pk}"])
            for pos in self.points
        }  # fmt: skip

    def _box(self, name: str, label: str, decimals: int, kept: Decimal | None) -> SafeString:
        """With what was typed, or else what is known."""
        step = Decimal(1).scaleb(-decimals)
        known = "" if kept is None else f"{kept.quantize(step):f}"
        errors = self.errors.get(name, "")
        return format_html(
            _BOX, name=name, label=label, value=self.data.get(name, known), step=f"{step:f}", errors=errors,
            wrong=format_html(_WRONG, name) if errors else "",
        )  # fmt: skip


def _number(digits: int, decimals: int) -> forms.DecimalField:
    return forms.DecimalField(required=False, min_value=0, max_digits=digits, decimal_places=decimals)
