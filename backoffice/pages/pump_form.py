"""The form in which the pump totals of a day or of a shift are handed in."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext as _

from backoffice.closing import pumps
from backoffice.closing.figures import HandedIn
from backoffice.models import Shift
from pos.models import PointOfSale
from stores.models import Store


class PumpForm(forms.Form):
    """An amount and a volume for each active point of sale; an empty amount is none."""

    def __init__(self, store: Store, day: date, shift: Shift | None, data: Any = None) -> None:
        super().__init__(data)
        known = pumps.totals(store, day, shift)
        self.points = list(store.points_of_sale.filter(is_active=True).order_by("name", "external_id"))
        decimals = store.account.site.decimals
        for pos in self.points:
            now = known.get(pos.pk)
            amount, volume = (now.amount, now.volume) if now else (None, None)
            texts = (_("Pump total of %(pos)s"), _("Volume of %(pos)s"))
            self.fields[f"amount-{pos.pk}"] = _number(texts[0] % {"pos": pos}, 14, decimals, amount)
            self.fields[f"volume-{pos.pk}"] = _number(texts[1] % {"pos": pos}, 12, 3, volume)

    def rows(self) -> Iterator[tuple[PointOfSale, BoundField, BoundField]]:
        for pos in self.points:
            yield pos, self[f"amount-{pos.pk}"], self[f"volume-{pos.pk}"]

    def pumps(self) -> dict[int, HandedIn | None]:
        """As they are to be kept."""
        values = self.cleaned_data
        return {
            pos.pk: None if (amount := values[f"amount-{pos.pk}"]) is None
            else HandedIn(amount, values[f"volume-{pos.pk}"])
            for pos in self.points
        }  # fmt: skip


def _number(label: str, digits: int, decimals: int, value: Decimal | None) -> forms.DecimalField:
    widget = forms.NumberInput(attrs={"aria-label": label, "class": "pump"})
    shown = None if value is None else f"{value.quantize(Decimal(1).scaleb(-decimals)):f}"
    return forms.DecimalField(
        label=label, required=False, min_value=0, max_digits=digits, decimal_places=decimals, widget=widget,
        initial=shown,
    )  # fmt: skip
