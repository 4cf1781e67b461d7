"""The forms of alarm recipients: people choose for themselves; where a webhook may hear of, depends on who makes it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib.admin.widgets import AdminRadioSelect
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.models import AlarmRecipient

_MAIL, _WEBHOOK = "mail", "webhook"


class RecipientForm(forms.ModelForm[AlarmRecipient]):
    """One that is there already. Which fields it has, the admin class says."""

    by: Any = None  # who fills it in

    def clean(self) -> dict[str, Any]:
        """A webhook of no store hears of all stores: that is for those only who see all of them."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "url" in self.fields and not self._is_mail() and not cleaned.get("url") and "url" not in self.errors:
            self.add_error("url", _("Give the address that is to be told."))
        if not self._is_mail() and not cleaned.get("store") and not self.by.has_perm("stores.see_all_stores"):
            self.add_error("store", _("Choose the store that it is told about."))
        return cleaned

    def _is_mail(self) -> bool:
        return self.instance.user_id is not None


class NewRecipientForm(RecipientForm):
    """One's own e-mail address, or a webhook."""

    how = forms.ChoiceField(label=_("How"), widget=AdminRadioSelect(attrs={"class": "radiolist"}), initial=_MAIL)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        mine = self.by.email or _("no address yet")
        label = _("E-mail to me (%(address)s)") % {"address": mine}
        self.fields["how"].choices = [(_MAIL, label), (_WEBHOOK, _("Webhook"))]  # type: ignore[attr-defined]
        self.fields["language"].initial = get_language()
        self.fields["url"].help_text = _("For a webhook: it gets a POST with JSON, signed (Standard Webhooks).")

    def clean(self) -> dict[str, Any]:
        if self.data.get("how") == _MAIL:
            self.instance.user = self.by
            self.cleaned_data["url"] = ""
            if not settings.SENDS_EMAIL:
                self.add_error("how", _("This installation sends no e-mail: EMAIL_URL is not set."))
            elif not self.by.email:
                self.add_error("how", _("Your log-in has no e-mail address: an administrator adds it under “Users”."))
        return super().clean()
