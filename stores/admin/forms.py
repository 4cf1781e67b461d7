"""The form of a store: what Mercado Pago would refuse is refused here, at its field."""

from typing import Any

from babel.core import get_global
from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from gateway.sites import SITES
from stores import hours, logos, places
from stores.admin.seen import SeenForm
from stores.models import Store


def _zones() -> list[tuple[str, str]]:
    """The time zones of the seven countries."""
    territories: Any = get_global("territory_zones")
    return [(zone, zone) for site in SITES.values() for zone in sorted(territories[site.country])]


class StoreForm(SeenForm):
    """A store, with a line of business hours for each weekday, and a file that becomes its logo."""

    time_zone = forms.ChoiceField(
        label=capfirst(_("time zone")), required=False, help_text=_("Empty: that of the country's capital.")
    )

    logo_file = forms.FileField(
        label=capfirst(_("new logo")), required=False, widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text=_("PNG or JPEG, at most 200 KiB. Printed in black on white, at most 384 points wide."),
    )  # fmt: skip
    remove_logo = forms.BooleanField(label=capfirst(_("print no logo any more")), required=False)

    class Meta:
        model = Store
        fields = (
            "account", "external_id", "name", "street", "number", "city", "state", "reference", "latitude",
            "longitude", "time_zone", "day_starts", "managers", "surplus_refunds", "late_refunds", "refund_limit",
            "tax", "tax_percentage", "is_active", "receipt_language", "receipt_paper", "receipt_columns",
            "receipt_codepage",
        )  # fmt: skip
        labels = {"state": _("Province or state")}  # beside a status of the same name in other languages

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if "time_zone" in self.fields:
            zones = _zones()
            kept = self.instance.time_zone
            own = [(kept, kept)] if kept and (kept, kept) not in zones else []
            self.fields["time_zone"].choices = [("", "—"), *own, *zones]  # type: ignore[attr-defined]
        for name in ("receipt_paper", "receipt_columns", "receipt_codepage", "day_starts"):
            if name in self.fields:
                self.fields[name].required = False  # they have defaults
        for day in hours.DAYS:
            if day in self.fields:
                self.fields[day].initial = hours.write_slots((self.instance.business_hours or {}).get(day, []))

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        account = self.cleaned_data.get("account") or (self.instance.account if self.instance.account_id else None)
        return zone or (account.site.time_zone if account else "")

    def clean_day_starts(self) -> int:
        hour: int | None = self.cleaned_data["day_starts"]
        return self.instance.day_starts if hour is None else hour

    def clean_logo_file(self) -> Any:
        file = self.cleaned_data["logo_file"]
        if file:
            self.instance.logo = logos.keep(file)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("remove_logo") and not cleaned.get("logo_file"):
            self.instance.logo = None
        self.instance.business_hours = self._hours(cleaned)
        account = cleaned.get("account") or (self.instance.account if self.instance.account_id else None)
        if account and cleaned.get("state") and cleaned.get("city"):
            state, city = places.spell(account.site, cleaned["state"], cleaned["city"])
            cleaned |= {"state": state, "city": city}
        return cleaned

    def _hours(self, cleaned: dict[str, Any]) -> hours.Hours:
        found: hours.Hours = {}
        for day in hours.DAYS:
            try:
                slots = hours.read_slots(cleaned.get(day) or "")
                hours.validate({day: slots})
            except ValidationError as error:
                self.add_error(day, error)
            else:
                found |= {day: slots} if slots else {}
        return found


# One field for each weekday; declared in a loop because they differ in the label only.
for _day, _label in hours.DAYS.items():
    StoreForm.base_fields[_day] = StoreForm.declared_fields[_day] = forms.CharField(
        label=_label,
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"placeholder": "08:00-13:00, 15:00-18:00"}),
    )
