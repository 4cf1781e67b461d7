"""API keys in the back-office: the library's page, in words that people of any language can read."""

from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework_api_key.admin import APIKeyModelAdmin

from stores.admin.asked import AskedAdmin
from stores.admin.base import HintingAdmin
from stores.admin.scope import ScopedAdmin

_YEARS: Final = 20


class _KeyForm(forms.ModelForm[Any]):
    def clean_expiry_date(self) -> datetime | None:
        end: datetime | None = self.cleaned_data["expiry_date"]
        now = timezone.now()
        if end and "expiry_date" in self.changed_data and not (end.year <= now.year + _YEARS and end > now):
            raise forms.ValidationError(
                _("A key can end from now on, within %(years)d years. Leave it empty for one that does not.")
                % {"years": _YEARS}
            )
        return end


class KeyAdmin(AskedAdmin, ScopedAdmin, APIKeyModelAdmin):
    """A key is shown when it is made, and never again."""

    form = _KeyForm
    show_facets = admin.ShowFacets.NEVER
    list_per_page = HintingAdmin.list_per_page

    def save_model(self, request: HttpRequest, obj: Any, form: Any = None, change: bool = False) -> None:
        if obj.pk:
            obj.save()
            return
        key = self.model.objects.assign_key(obj)
        obj.save()
        text = _("The key “%(name)s” is: %(key)s. Copy it now: it is not shown again.")
        self.message_user(request, text % {"name": obj.name, "key": key}, messages.WARNING)
